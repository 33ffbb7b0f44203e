"""The permission table: complete, closed, and each role may do at least what the next lower one may."""

import pytest

from auth.permissions import PERMISSIONS, Action, Cell, allows
from auth.roles import Role

RANK = [Role.MEMBER, Role.EDITOR, Role.ADMIN, Role.OWNER]
CONDITIONS = [(own, switched_on) for own in (False, True) for switched_on in (False, True)]


@pytest.mark.rule("AUTH-9")
def test_every_action_has_a_row() -> None:
    """No action and no role is left to a default, and every kind of cell is in use."""
    assert set(PERMISSIONS) == set(Action)
    assert all(set(row) == set(Role) for row in PERMISSIONS.values())
    assert {cell for row in PERMISSIONS.values() for cell in row.values()} == set(Cell)


@pytest.mark.rule("AUTH-9")
@pytest.mark.parametrize("action", list(Action))
def test_rights_grow_with_the_role(action: Action) -> None:
    """Whoever stands higher may do everything that those below may; the owner may do everything."""
    for own, switched_on in CONDITIONS:
        allowed = [allows(role, action, own=own, switched_on=switched_on) for role in RANK]
        assert allowed == sorted(allowed)
    assert allows(Role.OWNER, action, own=True)


@pytest.mark.rule("AUTH-20")
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_a_cell_says_when_it_allows(role: Role, action: Action) -> None:
    """Yes always, no never, own and switched only then; what is bounded is allowed, and bounded by who carries it out."""
    expected = {
        Cell.YES: [True, True, True, True],
        Cell.AT_OR_BELOW: [True, True, True, True],
        Cell.READ_ONLY: [True, True, True, True],
        Cell.NO: [False, False, False, False],
        Cell.OWN: [False, False, True, True],
        Cell.SWITCH: [False, True, False, True],
    }
    asked = [allows(role, action, own=own, switched_on=switched_on) for own, switched_on in CONDITIONS]
    assert asked == expected[PERMISSIONS[action][role]]


@pytest.mark.rule("AUTH-20")
def test_the_cells_with_conditions_are_these() -> None:
    """Widening a condition to a plain yes changes this list."""
    found = {
        (action, role): cell
        for action, row in PERMISSIONS.items()
        for role, cell in row.items()
        if cell not in (Cell.YES, Cell.NO)
    }
    own = {(action, role) for action in (Action.MEMBERSHIP_LOWER, Action.COMMENTS_EDIT) for role in Role}
    own |= {(Action.COMMENTS_RESOLVE, Role.MEMBER)}
    own |= {(Action.COMMENTS_DELETE, role) for role in (Role.EDITOR, Role.MEMBER)}
    assert found == dict.fromkeys(own, Cell.OWN) | {
        (Action.MEMBERS_MANAGE, Role.OWNER): Cell.AT_OR_BELOW,
        (Action.MEMBERS_MANAGE, Role.ADMIN): Cell.AT_OR_BELOW,
        (Action.EXPORT, Role.MEMBER): Cell.SWITCH,
        (Action.KEYS_MANAGE, Role.MEMBER): Cell.READ_ONLY,
    }
