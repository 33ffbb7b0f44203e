"""The converter of a node: it gives a column of a live list another type, while people edit.

A new column is filled where nobody sees it, in steps that each cost the room some milliseconds; then it takes the old one's place, in one
transaction. What was edited meanwhile is worked out again, and the last of it converted in that transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol
from uuid import uuid4

import structlog

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.converting import Aim, Asked, WorkedOut
from realtime.core import events, keys
from realtime.core.converting import ConversionBase
from realtime.core.reasons import Reason, WritesRefused
from realtime.core.writes import FillColumn, SetKey, SwapColumns, Write
from realtime.folder import SYSTEM
from realtime.runner import Runner
from snapshots.column_attributes import OPTION
from snapshots.conversion_marks import CONVERTED, reading_json, unmarked

ROUNDS_MAX: Final = 10
"""How often what was edited meanwhile is worked out again before a conversion is given up: people edit it too fast."""
AT_ONCE_MAX: Final = 2

_log: Final = structlog.get_logger(__name__)

WorkOut = Callable[[ConversionBase, Asked, Aim], Awaitable[WorkedOut]]


class Opening(Protocol):
    """What opens live lists: the hub."""

    async def open(self, list_id: str) -> Runner:
        """The live list. Raises `ListMissing`, `Busy`, `Quarantined`, `StoreUnavailable`."""


class Unsettled(Exception):
    """The column is being converted already, or edited faster than it can be converted: try again."""


class Converter:
    """Previews and carries out conversions, two at a time: each needs a process that holds the whole list."""

    def __init__(self, rooms: Opening, work_out: WorkOut) -> None:
        self._rooms = rooms
        self._work_out = work_out
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._under_way: set[tuple[str, str]] = set()

    async def look(self, list_id: str, asked: Asked, aim: Aim = Aim.PREVIEW) -> WorkedOut:
        """Work a conversion out and change nothing. Raises what opening a list does, `ApartFailed`."""
        runner = await self._rooms.open(list_id)
        async with self._turns:
            return await self._work_out(_base(runner), asked, aim)

    async def convert(self, list_id: str, principal: Principal, asked: Asked) -> WorkedOut:
        """Fill the new column, which the list has as a deleted one, and let it take the old one's place.

        Raises what writing does, `ApartFailed`, `Unsettled`.
        """
        if (list_id, asked.source) in self._under_way:
            raise Unsettled
        self._under_way.add((list_id, asked.source))
        runner: Runner | None = None
        try:
            for _ in range(ROUNDS_MAX):
                runner = await self._rooms.open(list_id)
                async with self._turns:
                    runner.draft.document.watch(asked.source)
                    worked_out = await self._work_out(_base(runner), asked, Aim.FILL)
                if await self._filled(runner, principal, worked_out) and await self._swapped(
                    runner, principal, worked_out
                ):
                    return worked_out
        finally:
            self._under_way.discard((list_id, asked.source))
            if runner is not None:
                runner.draft.document.unwatch(asked.source)
        raise Unsettled

    async def _filled(self, runner: Runner, principal: Principal, worked_out: WorkedOut) -> bool:
        """Write the options and the values; false where something else had become of a segment."""
        options = [
            SetKey(keys.COLUMNS, key, value)
            for key, value in worked_out.conversion.target.entries().items()
            if key.partition(":")[2].startswith(OPTION)
        ]
        if options:
            await self._ask(runner, principal, Source.API, options)
        whole = True
        for step in worked_out.filling.steps:
            whole &= await self._filled_by(runner, step)
        return whole

    async def _filled_by(self, runner: Runner, step: FillColumn) -> bool:
        try:
            await self._ask(runner, SYSTEM, Source.SYSTEM, [step])
        except WritesRefused:
            return False
        return True

    async def _swapped(self, runner: Runner, principal: Principal, worked_out: WorkedOut) -> bool:
        """Let the new column take the old one's place; false where too much was edited meanwhile."""
        conversion, survey = worked_out.conversion, worked_out.survey
        mark: dict[str, Json] = {
            "from": conversion.source.id,
            "filled": survey.filled,
            "lost": survey.losses,
            "reading": dict(reading_json(conversion.reading)),
        }
        config: dict[str, Json] = {**unmarked(conversion.target.config), CONVERTED: mark}
        left = frozenset(worked_out.filling.left)
        swap = SwapColumns(conversion.source.id, conversion.target.id, config, conversion, left)
        try:
            await self._ask(runner, principal, Source.API, [swap])
        except WritesRefused as refused:
            if any(reason is not Reason.STALE_GENERATION for _, reason in refused.refusals):
                raise
            _log.info("a column is converted again", list_id=runner.list_id)
            return False
        return True

    @staticmethod
    async def _ask(runner: Runner, principal: Principal, source: Source, writes: Sequence[Write]) -> None:
        await runner.request(events.Requested(str(uuid4()), principal, source, tuple(writes)))


def _base(runner: Runner) -> ConversionBase:
    return ConversionBase(runner.live.epoch, runner.draft.document.whole())
