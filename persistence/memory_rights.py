"""The rights store in memory: the reference that the PostgreSQL one is compared with, and the one of simulations."""

from datetime import datetime

from auth.grants import Grant
from auth.roles import Role
from persistence.memory import MemoryListStore
from persistence.rights import Beliefs, Differences, HeadNow, MembershipNow, WorkspaceBelief, WorkspaceNow


class MemoryRights:
    """`RightsStore` on the list store in memory; `grants` maps each grant that was ever given to its end (`None`: none)."""

    def __init__(self, store: MemoryListStore) -> None:
        self.store = store
        self.grants: dict[Grant, datetime | None] = {}

    async def differences(self, beliefs: Beliefs, now: datetime) -> Differences:
        """Compare belief by belief."""
        return Differences(
            [
                self._membership(*place)
                for place, version in beliefs.memberships.items()
                if self._membership(*place).version != version
            ],
            [grant for grant in beliefs.grants if not self._stands(grant, now)],
            [list_id for list_id in beliefs.lists if not self._open(list_id)],
            [
                current
                for current in map(self._workspace, beliefs.workspaces)
                if WorkspaceBelief(current.lists, current.members_version) != beliefs.workspaces[current.workspace_id]
            ],
            [
                HeadNow(list_id, kept.epoch, kept.head)
                for list_id, (epoch, head) in beliefs.heads.items()
                if (kept := self.store.lists.get(list_id)) is not None and (kept.epoch != epoch or kept.head > head)
            ],
        )

    def _membership(self, workspace: str, user: str) -> MembershipNow:
        held = self.store.members.get(workspace, {}).get(user)
        if held is None:
            return MembershipNow(workspace, user, None, 0)
        return MembershipNow(workspace, user, Role(held.role) if held.active else None, held.version)

    def _stands(self, grant: Grant, now: datetime) -> bool:
        end = self.grants.get(grant, now)
        return end is None or end > now

    def _open(self, list_id: str) -> bool:
        kept = self.store.lists.get(list_id)
        return kept is not None and not kept.trashed and kept.workspace_id not in self.store.trashed_workspaces

    def _workspace(self, workspace: str) -> WorkspaceNow:
        held, members = self.store.lists.items(), self.store.members.get(workspace, {})
        return WorkspaceNow(
            workspace,
            frozenset(name for name, kept in held if kept.workspace_id == workspace and not kept.trashed),
            frozenset(user for user, membership in members.items() if membership.active),
            sum(membership.version for membership in members.values()),
        )
