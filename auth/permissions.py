"""The permission table: the only place that knows which role may do what.

The REST API, the gate, the client and the documentation read this table or are checked against it. A cell is one of
a closed set: besides yes and no, what holds for one's own only, for those at or below the own role, where the
workspace has switched it on, or for reading only. docs/PERMISSIONS.md is generated from it.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from auth.roles import Role


class Action(StrEnum):
    """Everything in a workspace that a role may or may not do."""

    WORKSPACE_DELETE = "workspace.delete"
    OWNERS_MANAGE = "owners.manage"
    WORKSPACE_UPDATE = "workspace.update"
    MEMBERS_MANAGE = "members.manage"
    MEMBERSHIP_LOWER = "membership.lower"
    LISTS_MANAGE = "lists.manage"
    COLUMNS_MANAGE = "columns.manage"
    LOCKED_COLUMNS_EDIT = "locked_columns.edit"
    AUDIT_READ = "audit.read"
    WEBHOOKS_MANAGE = "webhooks.manage"
    REPORTING_MANAGE = "reporting.manage"
    TRASH_PURGE = "trash.purge"
    STATE_RESTORE = "state.restore"
    ROWS_EDIT = "rows.edit"
    IMPORT = "import"
    FILES_ATTACH = "files.attach"
    VIEWS_SHARE = "views.share"
    LOCKED_VIEWS_EDIT = "locked_views.edit"
    VIEWS_PRIVATE = "views.private"
    COMMENTS_WRITE = "comments.write"
    COMMENTS_EDIT = "comments.edit"
    COMMENTS_RESOLVE = "comments.resolve"
    COMMENTS_DELETE = "comments.delete"
    LISTS_READ = "lists.read"
    PRESENCE = "presence"
    EXPORT = "export"
    KEYS_MANAGE = "keys.manage"


class Cell(StrEnum):
    """What the table says of one role and one action."""

    YES = "yes"
    NO = "no"
    OWN = "own"
    """What the person began or wrote themselves; of memberships, their own."""
    AT_OR_BELOW = "at or below the own role"
    """`auth.membership` compares the two people; it keeps the last owner, too."""
    SWITCH = "workspace switch, off by default"
    READ_ONLY = "read only"
    """Allowed, and what comes of it may read and nothing else."""


Row = Mapping[Role, Cell]


def _row(owner: Cell, admin: Cell, editor: Cell, member: Cell) -> Row:
    return MappingProxyType({Role.OWNER: owner, Role.ADMIN: admin, Role.EDITOR: editor, Role.MEMBER: member})


_OWNER: Final = _row(Cell.YES, Cell.NO, Cell.NO, Cell.NO)
_ADMINS: Final = _row(Cell.YES, Cell.YES, Cell.NO, Cell.NO)
_EDITORS: Final = _row(Cell.YES, Cell.YES, Cell.YES, Cell.NO)
_EVERYONE: Final = _row(Cell.YES, Cell.YES, Cell.YES, Cell.YES)
_OWN: Final = _row(Cell.OWN, Cell.OWN, Cell.OWN, Cell.OWN)

PERMISSIONS: Final[Mapping[Action, Row]] = MappingProxyType(
    {
        Action.WORKSPACE_DELETE: _OWNER,
        Action.OWNERS_MANAGE: _OWNER,
        Action.WORKSPACE_UPDATE: _ADMINS,
        Action.MEMBERS_MANAGE: _row(Cell.AT_OR_BELOW, Cell.AT_OR_BELOW, Cell.NO, Cell.NO),
        Action.MEMBERSHIP_LOWER: _OWN,
        Action.LISTS_MANAGE: _ADMINS,
        Action.COLUMNS_MANAGE: _ADMINS,
        Action.LOCKED_COLUMNS_EDIT: _ADMINS,
        Action.AUDIT_READ: _ADMINS,
        Action.WEBHOOKS_MANAGE: _ADMINS,
        Action.REPORTING_MANAGE: _ADMINS,
        Action.TRASH_PURGE: _ADMINS,
        Action.STATE_RESTORE: _ADMINS,
        Action.ROWS_EDIT: _EDITORS,
        Action.IMPORT: _EDITORS,
        Action.FILES_ATTACH: _EDITORS,
        Action.VIEWS_SHARE: _EDITORS,
        Action.LOCKED_VIEWS_EDIT: _ADMINS,
        Action.VIEWS_PRIVATE: _EVERYONE,
        Action.COMMENTS_WRITE: _EVERYONE,
        Action.COMMENTS_EDIT: _OWN,
        Action.COMMENTS_RESOLVE: _row(Cell.YES, Cell.YES, Cell.YES, Cell.OWN),
        Action.COMMENTS_DELETE: _row(Cell.YES, Cell.YES, Cell.OWN, Cell.OWN),
        Action.LISTS_READ: _EVERYONE,
        Action.PRESENCE: _EVERYONE,
        Action.EXPORT: _row(Cell.YES, Cell.YES, Cell.YES, Cell.SWITCH),
        Action.KEYS_MANAGE: _row(Cell.YES, Cell.YES, Cell.YES, Cell.READ_ONLY),
    }
)


def _roles(*cells: Cell) -> Mapping[Action, frozenset[Role]]:
    return {action: frozenset(_holding(row, cells)) for action, row in PERMISSIONS.items()}


def _holding(row: Row, cells: tuple[Cell, ...]) -> Iterator[Role]:
    return (role for role, cell in row.items() if cell in cells)


# The table turned around, for the gate: one look-up for nearly every edit.
_ALLOWED: Final = _roles(Cell.YES, Cell.AT_OR_BELOW, Cell.READ_ONLY)
_IF_OWN: Final = _roles(Cell.OWN)
_IF_SWITCHED: Final = _roles(Cell.SWITCH)


def allows(role: Role, action: Action, *, own: bool = False, switched_on: bool = False) -> bool:
    """Tell whether `role` may do `action`. Total: every action has a row in the table.

    `own` says that it concerns what is the person's own, `switched_on` that the workspace's switch for it is on. Where a
    cell allows within bounds (`AT_OR_BELOW`, `READ_ONLY`), who carries the action out keeps them.
    """
    if role in _ALLOWED[action]:
        return True
    return (own and role in _IF_OWN[action]) or (switched_on and role in _IF_SWITCHED[action])
