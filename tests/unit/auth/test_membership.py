"""Changing roles: at or below one's own, never the last owner; checked over every combination."""

import itertools

import pytest

from auth.membership import MembershipRefusal, judge_membership
from auth.permissions import Action, allows
from auth.roles import Role

RANK = [Role.MEMBER, Role.EDITOR, Role.ADMIN, Role.OWNER]
ROLES: list[Role | None] = [None, *RANK]


@pytest.mark.rule("AUTH-7")
@pytest.mark.parametrize(("actor", "current", "wanted"), list(itertools.product(RANK, ROLES, ROLES)))
def test_nobody_handles_a_role_above_their_own(actor: Role, current: Role | None, wanted: Role | None) -> None:
    """Among other people the change is allowed exactly when the actor manages members and stands at or above both roles."""
    refusal = judge_membership(actor, current=current, wanted=wanted, owners=2)
    touched = [role for role in (current, wanted) if role is not None]
    if not allows(actor, Action.MEMBERS_MANAGE):
        assert refusal is MembershipRefusal.ROLE
    elif any(RANK.index(role) > RANK.index(actor) for role in touched):
        assert refusal is MembershipRefusal.ABOVE_OWN_ROLE
    else:
        assert refusal is None


@pytest.mark.rule("AUTH-8")
@pytest.mark.parametrize("wanted", [None, Role.ADMIN, Role.EDITOR, Role.MEMBER])
@pytest.mark.parametrize("own", [True, False])
def test_the_last_owner_stays(wanted: Role | None, *, own: bool) -> None:
    """Neither themselves nor anyone else can take the last owner away."""
    refusal = judge_membership(Role.OWNER, current=Role.OWNER, wanted=wanted, owners=1, own=own)
    assert refusal is MembershipRefusal.LAST_OWNER


@pytest.mark.rule("AUTH-7")
@pytest.mark.parametrize("role", RANK)
def test_everyone_may_leave_or_step_down_but_not_up(role: Role) -> None:
    """A person may always leave and lower themselves; raising themselves is refused."""
    assert judge_membership(role, current=role, wanted=None, owners=2, own=True) is None
    assert judge_membership(role, current=role, wanted=Role.MEMBER, owners=2, own=True) is None
    if role is not Role.OWNER:
        assert judge_membership(role, current=role, wanted=Role.OWNER, owners=2, own=True) is not None
