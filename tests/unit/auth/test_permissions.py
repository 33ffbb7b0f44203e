"""The permission table: complete, and each role may do at least what the next lower one may."""

import pytest

from auth.permissions import PERMISSIONS, Action, allows
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
