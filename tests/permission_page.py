"""Writes docs/PERMISSIONS.md from the permission table and from what doors need: `python -m tests.permission_page`."""

from pathlib import Path

from auth.permissions import PERMISSIONS, Action, Cell
from auth.roles import Role
from tests.doors import SOCKETS, WITHIN, WITHOUT_DOOR
from tests.integration.api.test_access import ROUTES
from tests.key_rules import RULES, SERVER_ALONE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "PERMISSIONS.md"

SENTENCES: dict[Action, str] = {
    Action.WORKSPACE_DELETE: "delete the workspace",
    Action.OWNERS_MANAGE: "make, demote or remove an owner, never the last one",
    Action.WORKSPACE_UPDATE: "rename the workspace, change its settings",
    Action.MEMBERS_MANAGE: "add and remove members, change roles",
    Action.MEMBERSHIP_LOWER: "lower the own role, leave; never the last owner",
    Action.LISTS_MANAGE: "make, rename, delete and restore lists",
    Action.COLUMNS_MANAGE: "add, change, lock and delete columns and options",
    Action.LOCKED_COLUMNS_EDIT: "edit cells of a locked column",
    Action.AUDIT_READ: "read the workspace's audit",
    Action.WEBHOOKS_MANAGE: "webhooks",
    Action.REPORTING_MANAGE: "access for reporting tools",
    Action.TRASH_PURGE: "empty the trash for good",
    Action.STATE_RESTORE: "restore an earlier state",
    Action.ROWS_EDIT: "edit cells, add, move, trash and restore rows",
    Action.IMPORT: "import",
    Action.FILES_ATTACH: "upload files",
    Action.VIEWS_SHARE: "make, change and delete shared views",
    Action.LOCKED_VIEWS_EDIT: "lock views, change locked ones",
    Action.VIEWS_PRIVATE: "views of one's own",
    Action.COMMENTS_WRITE: "comment, answer, mention",
    Action.COMMENTS_EDIT: "change the text of a comment",
    Action.COMMENTS_RESOLVE: "resolve and reopen a thread",
    Action.COMMENTS_DELETE: "delete a comment",
    Action.LISTS_READ: "read lists, rows, their history and comments",
    Action.PRESENCE: "see who is here, and be seen",
    Action.EXPORT: "export",
    Action.KEYS_MANAGE: "API keys, never above the own role",
}

INTRODUCTION = """# Who may do what

<!-- Written by `python -m tests.permission_page` from `auth/permissions.py`. Do not edit: a test compares. -->

A person has one of four roles in a workspace. One table says what each may do; the HTTP API, the sockets and the web client ask it or are
checked against it, and every cell of it is tried by the tests through every door. An empty cell is a no.

Whoever may read a list has all of it on their screen: nobody can be kept from reading one of its columns. What not everyone may see
belongs into a list of its own.
"""

AFTER_TABLE = """
*own*: what the person wrote or began themselves; a thread belongs to who began it. *at or below the own role*: nobody gives, changes or takes
a role above their own. *read only*: what comes of it may read and nothing else. *workspace switch*: for the whole workspace, off unless
an owner or admin turns it on.
"""

DOCUMENT = """
## Keys of the list document

Every edit, from a socket or a call, is judged key by key by what stands here; beside it the value must fit its place.

| key | what it is | needs |
|---|---|---|
"""

CALLS = """
## Calls and sockets

| call | needs |
|---|---|
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION, "\n", *_table(), AFTER_TABLE, DOCUMENT]
    parts += [f"| `{rule.shape}` | {rule.what} | {_need(rule.action)} |\n" for rule in RULES]
    parts += [CALLS]
    parts += [f"| `{method} {path}` | {_need(action)} |\n" for (method, path), action in ROUTES.items()]
    parts += [f"| socket `{path}` | {_need(action)} |\n" for path, action in SOCKETS.items()]
    parts += ["\nAsked for within others:\n\n"]
    parts += [f"- {_need(action)}: {where}\n" for action, where in WITHIN.items()]
    unbuilt = ", ".join(f"`{action}`" for action in Action if action in WITHOUT_DOOR)
    parts += [f"\nNo call needs these yet: {unbuilt}.\n"]
    return "".join(parts)


def _table() -> list[str]:
    head = " | ".join(("action", "", *Role))
    lines = [f"| {head} |\n", f"|{'---|' * (len(Role) + 2)}\n"]
    for action, row in PERMISSIONS.items():
        cells = " | ".join("" if row[role] is Cell.NO else row[role].value for role in Role)
        lines.append(f"| `{action}` | {SENTENCES[action]} | {cells} |\n")
    return lines


def _need(action: Action | str) -> str:
    if isinstance(action, Action):
        return f"`{action}`"
    return "*the server alone*" if action == SERVER_ALONE else action


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
