"""The folder of a node: the task that begins generations of live edits where there are many, and folds the older ones in time.

Every node has one, and they need not know of each other: what one has done another one's room finds done, and refuses to do again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source, StoreUnavailable
from persistence.quarantine import ACTOR
from persistence.states import StateStore
from realtime.apart import ApartFailed
from realtime.core import events
from realtime.core.folding import FoldBase
from realtime.core.reasons import WritesRefused
from realtime.core.writes import OpenGeneration, Upkeep
from realtime.hub import Busy, Hub, ListMissing, Quarantined
from realtime.runner import Runner

SYSTEM: Final = Principal(ACTOR, "Rowhouse", Role.OWNER, 0)

_log: Final = structlog.get_logger(__name__)

WorkOut = Callable[[FoldBase], Awaitable[Sequence[Upkeep]]]


@dataclass(frozen=True, slots=True)
class Rules:
    """How many edits make a generation large; how long edits made offline may come home to it; how often that is looked at.

    Where there are `urgent` edits, nobody is waited for.
    """

    edits: int = 20_000
    urgent: int = 200_000
    grace: timedelta = timedelta(hours=24)
    look_seconds: float = 60.0


class Folder:
    """Folds the lists of a store, one after another. `clock` gives the time in UTC."""

    def __init__(
        self, hub: Hub, states: StateStore, work_out: WorkOut, clock: Callable[[], datetime], rules: Rules
    ) -> None:
        self._hub = hub
        self._states = states
        self._work_out = work_out
        self._clock = clock
        self._rules = rules
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.get_running_loop().create_task(self._repeat())

    async def close(self) -> None:
        """Stop at once; what was under way is worked out again by whoever looks next."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Begin generations beside those that have grown large here, and fold what is due. Raises `StoreUnavailable`."""
        for runner in self._hub.live.values():
            generations, edits = runner.overlay()
            if len(generations) > 1 and edits >= self._rules.urgent:
                await self.fold(runner)
            elif len(generations) == 1 and edits >= self._rules.edits:
                await self.keep_up(runner, [OpenGeneration(generations[0])])
        for list_id in await self._states.unfolded(self._clock() - self._rules.grace):
            with suppress(Busy, ListMissing, Quarantined):
                await self.fold(await self._hub.open(list_id))

    async def fold(self, runner: Runner) -> bool:
        """Fold the older generations of a list; true if it was done. Where they were edited meanwhile, the next look does it."""
        if len(runner.overlay()[0]) == 1:
            return False
        try:
            steps = await self._work_out(runner.fold_base())
        except ApartFailed as failed:
            _log.error("a list cannot be folded", list_id=runner.list_id, error=type(failed).__name__)
            return False
        return await self.keep_up(runner, steps)

    async def keep_up(self, runner: Runner, steps: Sequence[Upkeep]) -> bool:
        """Ask the room for steps, one after another; true if it took them all. The first that it refuses ends it."""
        for step in steps:
            try:
                await runner.request(events.Requested(str(uuid4()), SYSTEM, Source.SYSTEM, (step,)))
            except (WritesRefused, Busy):
                _log.info("a list is folded another time", list_id=runner.list_id)
                return False
        _log.info("a list was kept up", list_id=runner.list_id, count=len(steps))
        return True

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._rules.look_seconds)
            try:
                await self.look()
            except StoreUnavailable as unavailable:
                _log.warning("folding waits for the store", error=type(unavailable.__cause__ or unavailable).__name__)
            except Exception:  # noqa: BLE001 - the root of a task: the next look begins anew, and each step was whole
                _log.exception("folding failed")
