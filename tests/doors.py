"""Through which doors each action of the permission table can be done, and which have none yet.

Whoever adds a route or a key moves its action on: an action stands under its doors or in `WITHOUT_DOOR`, never in both.
"""

from auth.permissions import Action
from tests.integration.api.test_access import ROUTES
from tests.key_rules import RULES

SOCKETS: dict[str, Action] = {"/ws/lists/{list_id}": Action.LISTS_READ}

WITHIN: dict[Action, str] = {
    Action.OWNERS_MANAGE: "changing the members of a workspace, where an owner is touched or made",
    Action.MEMBERSHIP_LOWER: "changing the members of a workspace, where the person is oneself",
    Action.KEYS_MANAGE: "making a personal API key, which names its workspace",
    Action.PRESENCE: "presence messages on a list's socket, which everybody has who may open it",
}
"""Actions that are asked for within a call or a socket that itself needs another one."""

WITHOUT_DOOR = frozenset(
    {
        Action.WEBHOOKS_MANAGE,
        Action.REPORTING_MANAGE,
        Action.TRASH_PURGE,
        Action.STATE_RESTORE,
        Action.FILES_ATTACH,
    }
)


def doors() -> dict[Action, list[str]]:
    """The doors of every action that has one."""
    found: dict[Action, list[str]] = {}
    for (method, path), action in ROUTES.items():
        if isinstance(action, Action):
            found.setdefault(action, []).append(f"{method} {path}")
    for path, action in SOCKETS.items():
        found.setdefault(action, []).append(f"socket {path}")
    for rule in RULES:
        if isinstance(rule.action, Action):
            found.setdefault(rule.action, []).append(f"key {rule.shape}")
    for action, where in WITHIN.items():
        found.setdefault(action, []).append(where)
    return found
