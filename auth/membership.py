"""Who may change whose role: at or below one's own, and never the last owner.

The permission table says who may manage members at all; this module adds the rules that compare two people.
"""

from enum import StrEnum
from typing import Final

from auth.permissions import Action, allows
from auth.roles import Role

_RANK: Final = {Role.OWNER: 3, Role.ADMIN: 2, Role.EDITOR: 1, Role.MEMBER: 0}


class MembershipRefusal(StrEnum):
    """Why a change of membership is refused."""

    ROLE = "role"
    ABOVE_OWN_ROLE = "above_own_role"
    LAST_OWNER = "last_owner"


def judge_membership(
    actor: Role, *, current: Role | None, wanted: Role | None, owners: int, own: bool = False
) -> MembershipRefusal | None:
    """Judge a change of someone's role from `current` (`None` = not a member) to `wanted` (`None` = removed).

    `owners` counts the workspace's owners before the change; `own` says that the person changes themselves.
    Everyone may step down or leave; everything else needs the right to manage members.
    """
    steps_down = own and current is not None and (wanted is None or _RANK[wanted] <= _RANK[current])
    if not (steps_down and allows(actor, Action.MEMBERSHIP_LOWER, own=own)):
        if not allows(actor, Action.MEMBERS_MANAGE):
            return MembershipRefusal.ROLE
        if any(role is not None and not _may_handle(actor, role) for role in (current, wanted)):
            return MembershipRefusal.ABOVE_OWN_ROLE
    if current is Role.OWNER and wanted is not Role.OWNER and owners <= 1:
        return MembershipRefusal.LAST_OWNER
    return None


def _may_handle(actor: Role, role: Role) -> bool:
    if role is Role.OWNER:
        return allows(actor, Action.OWNERS_MANAGE)
    return _RANK[role] <= _RANK[actor]
