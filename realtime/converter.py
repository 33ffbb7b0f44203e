"""The converter of a node: it gives a column of a live list another type, while people edit.

A new column is filled where nobody sees it, in steps that each cost the room some milliseconds; then it takes the old one's place, in one
transaction. What was edited meanwhile is worked out again, and the last of it converted in that transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol
from uuid import uuid4

import structlog

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.converting import Aim, Asked, WorkedOut
from realtime.core import events
from realtime.core.converting import ConversionBase
from realtime.core.reasons import Reason, WritesRefused
from realtime.core.writes import BeginFilling, MakeOptions, SwapColumns, Write
from realtime.folder import SYSTEM
from realtime.runner import Runner
from snapshots.column_attributes import OPTION
from snapshots.conversion_marks import CONVERTED, reading_json, run_of, unmarked

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
    """The column is being converted already, by somebody else too, or edited faster than it can be converted: try again."""


class Converter:
    """Previews and carries out conversions, two at a time: each needs a process that holds the whole list."""

    def __init__(self, rooms: Opening, work_out: WorkOut, new_run: Callable[[], str] = lambda: uuid4().hex) -> None:
        self._rooms = rooms
        self._new_run = new_run
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
        run = self._new_run()
        try:
            runner = await self._rooms.open(list_id)
            begin = BeginFilling(asked.source, asked.target.id, run)  # whoever else fills it writes nothing more of it
            if not await self._taken(runner, principal, begin):
                raise Unsettled
            for _ in range(ROUNDS_MAX):
                runner = await self._rooms.open(list_id)
                if not _fills(runner, asked, run):
                    break
                async with self._turns:
                    runner.draft.document.watch(asked.source)
                    worked_out = await self._work_out(_base(runner), asked, Aim.FILL)
                if await self._filled(runner, principal, worked_out, run) and await self._swapped(
                    runner, principal, worked_out, run
                ):
                    return worked_out
        finally:
            self._under_way.discard((list_id, asked.source))
            if runner is not None:
                runner.draft.document.unwatch(asked.source)
        raise Unsettled

    async def _filled(self, runner: Runner, principal: Principal, worked_out: WorkedOut, run: str) -> bool:
        """Write the options and the values; false where something else had become of a segment."""
        target = worked_out.conversion.target
        options = {key: said for key, said in target.entries().items() if key.partition(":")[2].startswith(OPTION)}
        whole = not options or await self._taken(runner, principal, MakeOptions(target.id, run, options))
        for step in worked_out.filling.steps if whole else ():
            whole &= await self._taken(runner, SYSTEM, replace(step, run=run), Source.SYSTEM)
        return whole

    async def _swapped(self, runner: Runner, principal: Principal, worked_out: WorkedOut, run: str) -> bool:
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
        swap = SwapColumns(conversion.source.id, conversion.target.id, config, conversion, left, run)
        taken = await self._taken(runner, principal, swap)
        if not taken:
            _log.info("a column is converted again", list_id=runner.list_id)
        return taken

    @staticmethod
    async def _taken(runner: Runner, principal: Principal, write: Write, source: Source = Source.API) -> bool:
        """Ask the room for a write; false where it does not hold any more. Raises what else it is refused for."""
        try:
            await runner.request(events.Requested(str(uuid4()), principal, source, (write,)))
        except WritesRefused as refused:
            if any(reason is not Reason.STALE_GENERATION for _, reason in refused.refusals):
                raise
            return False
        return True


def _fills(runner: Runner, asked: Asked, run: str) -> bool:
    """Tell whether this conversion is still the one that fills the column."""
    column = runner.draft.schema().columns.get(asked.target.id)
    return column is not None and run_of(column) == run


def _base(runner: Runner) -> ConversionBase:
    return ConversionBase(runner.live.epoch, runner.draft.document.whole())
