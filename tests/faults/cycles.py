"""Cycles of a fault and the recovery from it, on one installation that lives on, with people at work all the while."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.e2e.people import List, person
from tests.faults.callers import Caller
from tests.faults.checker import Checker
from tests.faults.installation import Installation, installation
from tests.faults.strikes import STRIKES, Kind
from tests.faults.writers import Writer

NODES = 2
WRITERS = 4
ROWS = 100
CALM_SECONDS_MAX = 0.5
STUCK_SECONDS = 1.5
RECOVERED_SECONDS_MAX = 5.0
TEXTS = "Made by a program"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one cycle: how long until everybody's edits were saved again, and how many promises were checked."""

    kind: Kind
    recovered_seconds: float
    promised: int


class Work:
    """People at work in one list, on every node of an installation."""

    def __init__(self, whole: Installation, target: List, writers: Sequence[Writer], caller: Caller) -> None:
        self.whole = whole
        self.writers = writers
        self.caller = caller
        self.checker = Checker(target.id)

    async def cycle(self, kind: Kind, random: Random) -> Outcome:
        """Let one fault happen, wait until everybody is served again, and check that everything promised is kept."""
        await asyncio.sleep(random.uniform(0, CALM_SECONDS_MAX))
        await self._until_served(asyncio.get_running_loop().time())
        async with STRIKES[kind](self.whole, random, self._stuck) as ended:
            recovered = await self._until_served(ended) - ended
        await self.check()
        return Outcome(kind, recovered, self.promised)

    @property
    def promised(self) -> int:
        """How many edits and records were acknowledged, and how many were shown to somebody else."""
        return len(self.caller.made) + sum(len(one.acknowledged) + len(one.shown) for one in self.writers)

    async def check(self) -> None:
        """Let everything under way come to its end, and check it."""
        self._pause(paused=True)
        await self.caller.until_idle()
        for writer in self.writers:
            await writer.until_quiet()
        await self.checker.check(self.whole.database.url(), self.writers, self.caller)
        await self.checker.converged(self.writers)
        self._pause(paused=False)

    def _pause(self, *, paused: bool) -> None:
        for one in (*self.writers, self.caller):
            one.paused = paused

    async def _stuck(self) -> bool:
        oldest = asyncio.get_running_loop().time() - STUCK_SECONDS
        return all(writer.waiting and writer.waiting[0].made_at < oldest for writer in self.writers)

    async def _until_served(self, moment: float) -> float:
        """Wait until an edit of everybody that was made at that time or later is saved; returns when that was."""
        served = [asyncio.create_task(writer.until_saved_since(moment)) for writer in self.writers]
        try:
            saved = await asyncio.gather(*served)
            await self.caller.until_made_since(moment)
        except TimeoutError as error:
            error.add_note("\n".join(writer.describe() for writer in self.writers))
            raise
        finally:
            for waiting in served:
                waiting.cancel()
            for one in (*self.writers, self.caller):
                one.require_well()
        return max(saved)


@asynccontextmanager
async def at_work(folder: Path, random: Random, *, nodes: int = NODES, spread: bool = False) -> AsyncIterator[Work]:
    """Start an installation, and let people work in it: all at one node as long as it runs, or (`spread`) at any."""
    async with installation(folder, nodes) as whole:
        work = await _begin(whole, random, spread=spread)
        try:
            yield work
        finally:
            await asyncio.gather(*(one.stop() for one in (*work.writers, work.caller)))


async def _begin(whole: Installation, random: Random, *, spread: bool) -> Work:
    """Let people come to the first node, make a list, and begin to work in it."""
    ana = await person(whole.nodes[0].url, "Ana").register()
    others = [await person(whole.nodes[0].url, f"Ben-{number}").register() for number in range(1, WRITERS)]
    people = [ana, *others]
    columns = [*(one.name for one in people), "Everybody", TEXTS]
    grid = await ana.make_list("Grid", [{"name": name, "type": "text"} for name in columns])
    await ana.add_rows(grid, [{}] * ROWS)
    for other in others:
        await ana.admit(other, "editor")
    contested = [grid.cell(row, "Everybody") for row in range(5)]
    writers = []
    doors = whole.everywhere if spread else whole.addresses
    for one in people:
        own = [grid.cell(row, one.name) for row in range(ROWS)]
        writers.append(Writer(one, grid, doors, own, contested, Random(random.random())))
    caller = Caller(ana, grid, TEXTS, doors, Random(random.random()))
    for writer in writers:
        await writer.person.http.aclose()
        await writer.start()
    caller.start()
    return Work(whole, grid, writers, caller)
