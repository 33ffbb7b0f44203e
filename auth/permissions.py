"""The permission table: the only place that knows which role may do what.

The REST API, the gate, the client and the documentation read this table or are checked against it.
"""

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
    COMMENTS_RESOLVE_ANY = "comments.resolve_any"
    COMMENTS_RESOLVE_OWN = "comments.resolve_own"
    COMMENTS_DELETE_ANY = "comments.delete_any"
    LISTS_READ = "lists.read"
    PRESENCE = "presence"
    EXPORT = "export"
    KEYS_MANAGE = "keys.manage"


class Credential(StrEnum):
    """What somebody acts by: their own sign-in, or a personal API key, which may be for reading alone."""

    SIGN_IN = "sign_in"
    KEY = "key"
    READ_ONLY_KEY = "read_only_key"


_OWNER: Final = frozenset({Role.OWNER})
_ADMINS: Final = frozenset({Role.OWNER, Role.ADMIN})
_EDITORS: Final = frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR})
_EVERYONE: Final = frozenset(Role)

PERMISSIONS: Final = MappingProxyType(
    {
        Action.WORKSPACE_DELETE: _OWNER,
        Action.OWNERS_MANAGE: _OWNER,
        Action.WORKSPACE_UPDATE: _ADMINS,
        Action.MEMBERS_MANAGE: _ADMINS,
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
        Action.COMMENTS_RESOLVE_ANY: _EDITORS,
        Action.COMMENTS_RESOLVE_OWN: _EVERYONE,
        Action.COMMENTS_DELETE_ANY: _ADMINS,
        Action.LISTS_READ: _EVERYONE,
        Action.PRESENCE: _EVERYONE,
        Action.EXPORT: _EDITORS,
        Action.KEYS_MANAGE: _EVERYONE,
    }
)

_READING: Final = frozenset({Action.LISTS_READ, Action.PRESENCE, Action.AUDIT_READ, Action.EXPORT})
_IN_PERSON: Final = frozenset({Action.KEYS_MANAGE})


def allows(role: Role, action: Action, credential: Credential = Credential.SIGN_IN) -> bool:
    """Tell whether `role` may do `action` by this credential. Total: every action has a row in the table.

    A key is never worth more than its owner's sign-in; a member's key, and a read-only one, only read.
    """
    if role not in PERMISSIONS[action]:
        return False
    if credential is Credential.SIGN_IN:
        return True
    reading = credential is Credential.READ_ONLY_KEY or role is Role.MEMBER
    return reads(action) if reading else action not in _IN_PERSON


def reads(action: Action) -> bool:
    """Tell whether an action changes nothing but who is seen to be there."""
    return action in _READING
