"""The watch: within a second this node acts on what any node has done to rights (ROOM-17) and to its open lists (BUS-3).

PostgreSQL is the only source. What this node does itself is told to its rooms at once; for everything else it asks the
database every `INTERVAL_SECONDS`, in one statement for all its open rooms, whether what they believe still holds. A
database that does not answer is asked again; meanwhile the commit of an edit checks memberships by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from persistence.contract import StoreUnavailable
from persistence.rights import RightsStore
from realtime.hub import Hub

INTERVAL_SECONDS: Final = 0.4

_log = structlog.get_logger(__name__)


class Watch:
    """Keeps the rooms of one node to the rights that are committed. `clock` gives the time in UTC."""

    def __init__(self, hub: Hub, rights: RightsStore, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._rights = rights
        self._clock = clock
        self._blind = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.get_running_loop().create_task(self._ask_forever())

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Ask once, and tell the rooms what is not as they believe. Raises `StoreUnavailable`."""
        beliefs = self._hub.beliefs()
        if not beliefs.lists:
            return
        found = await self._rights.differences(beliefs, self._clock())
        for list_id in found.gone:
            await self._hub.list_trashed(list_id)
        for grant in found.ended:
            await self._hub.grant_ended(grant)
        for held in found.memberships:
            await self._hub.rights_changed(held.workspace_id, held.user_id, held.role, held.version)
        for workspace in found.workspaces:
            self._hub.workspace_known(workspace)
        for moved in found.heads:
            self._hub.head_known(moved.list_id, moved.epoch, moved.head)

    async def _ask_forever(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                await self.look()
                self._blind = False
            except StoreUnavailable as unavailable:
                self._note_blind(str(unavailable))
            except Exception:  # noqa: BLE001 - the root of a task: the rooms go on, and the next round asks again
                _log.exception("rights could not be compared")

    def _note_blind(self, why: str) -> None:
        if not self._blind:
            _log.warning("rights cannot be read", why=why)
        self._blind = True
