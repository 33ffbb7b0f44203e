"""The permission table: complete, and each role may do at least what the next lower one may."""

import pytest

from auth.permissions import PERMISSIONS, Action, Credential, allows, reads
from auth.principals import Principal
from auth.roles import Role

RANK = [Role.MEMBER, Role.EDITOR, Role.ADMIN, Role.OWNER]


@pytest.mark.rule("AUTH-9")
def test_every_action_has_a_row() -> None:
    """No action is left to a default."""
    assert set(PERMISSIONS) == set(Action)


@pytest.mark.rule("AUTH-9")
@pytest.mark.parametrize("action", list(Action))
def test_rights_grow_with_the_role(action: Action) -> None:
    """Whoever stands higher may do everything that those below may; the owner may do everything."""
    allowed = [allows(role, action) for role in RANK]
    assert allowed == sorted(allowed)
    assert allows(Role.OWNER, action)


@pytest.mark.rule("AUTH-15")
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_a_key_is_never_worth_more_than_its_owner(role: Role, action: Action) -> None:
    """A sign-in allows all that a key allows, a key all that a read-only one allows, which is to read."""
    by = [allows(role, action, one) for one in (Credential.READ_ONLY_KEY, Credential.KEY, Credential.SIGN_IN)]
    assert by == sorted(by)
    assert allows(role, action, Credential.READ_ONLY_KEY) == (reads(action) and allows(role, action))
    assert Principal("user-id", "Ana", role, 1, Credential.KEY).may(action) == by[1]


@pytest.mark.rule("AUTH-15")
@pytest.mark.parametrize("action", list(Action))
def test_a_members_key_only_reads(action: Action) -> None:
    """A member may comment in person, and not by a key."""
    assert allows(Role.MEMBER, action, Credential.KEY) == (reads(action) and allows(Role.MEMBER, action))


@pytest.mark.rule("API-20")
@pytest.mark.parametrize("role", list(Role))
def test_no_key_manages_keys(role: Role) -> None:
    """Whoever makes and revokes keys is there in person."""
    assert not allows(role, Action.KEYS_MANAGE, Credential.KEY)
