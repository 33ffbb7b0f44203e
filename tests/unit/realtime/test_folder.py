"""The folder: when it begins a generation, when it folds the older ones, and that two of them do each other no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from persistence.contract import Source, StoreUnavailable
from persistence.memory_states import MemoryStates
from realtime.apart import ApartFailed
from realtime.core.document import ListDocument
from realtime.core.folding import FoldBase, Step, fold
from realtime.core.writes import AddRow, SetCell, Upkeep
from realtime.folder import Folder, Rules
from realtime.folding import fold_apart
from realtime.hub import Hub
from realtime.runner import Runner
from tests.hub_scenes import SlowStore, hub_of
from tests.property_list import LIST, NAME, NOW, OLGA, QUAY, opened

SMALL = Rules(edits=5, urgent=50, grace=timedelta(hours=1))
LATER = NOW + 2 * SMALL.grace
_ids = count(1)


async def at_once(base: FoldBase) -> Sequence[Step]:
    """Work it out without a process."""
    document = ListDocument(base.epoch)
    document.apply([base.state])
    document.scan()
    steps = fold(document, base.upto, lambda: f"segment-{next(_ids):07}")
    return [replace(step, as_of=base.as_of) for step in steps]


class Place:
    """A list in memory with nodes on it."""

    def __init__(self) -> None:
        self.store = SlowStore()
        self.hub = hub_of(self.store)
        self.now = NOW

    def folder(self, rules: Rules = SMALL, hub: Hub | None = None) -> Folder:
        """The folder of a node."""
        return Folder(hub or self.hub, MemoryStates(self.store), at_once, lambda: self.now, rules)

    async def edit(self, times: int, hub: Hub | None = None) -> None:
        """Write into one cell so often."""
        for number in range(times):
            await (hub or self.hub).write(LIST, OLGA, [SetCell(QUAY, NAME, f"Name {number}")], source=Source.API)

    async def runner(self) -> Runner:
        """The live list of the first node."""
        return await self.hub.open(LIST)

    async def generations(self) -> list[int]:
        """The generations that the live list has."""
        return (await self.runner()).overlay()[0]

    def name(self) -> object:
        """What the stored document says of the cell."""
        found = opened(self.store)
        document = ListDocument(found.epoch)
        document.apply([entry.update for entry in found.log])
        document.scan()
        return document.cell(QUAY, NAME)


@pytest.fixture
def place() -> Place:
    """A place."""
    return Place()


async def furnished(place: Place, edits: int) -> None:
    """A row, edited so often."""
    await place.hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    await place.edit(edits)


async def due(place: Place) -> Runner:
    """A list with an older generation whose grace is over."""
    await furnished(place, 6)
    await place.folder().look()
    assert await place.generations() == [2, 1]
    place.now = LATER
    return await place.runner()


@pytest.mark.rule("DATA-100")
async def test_many_edits_begin_a_generation_and_few_do_not(place: Place) -> None:
    """What was written over counts too: it is what costs."""
    await furnished(place, 3)
    await place.folder().look()
    assert await place.generations() == [1]
    await place.edit(1)
    await place.folder().look()
    assert await place.generations() == [2, 1]


@pytest.mark.rule("DATA-100")
async def test_the_older_generation_is_folded_after_the_grace_and_not_before(place: Place) -> None:
    """It waits for edits made offline; then what it said stands in a segment, and the list is small again."""
    await furnished(place, 6)
    await place.folder().look()
    assert place.store.lists[LIST].generation_at == NOW
    place.now = NOW + SMALL.grace
    await place.folder().look()
    assert await place.generations() == [2, 1]
    place.now += timedelta(seconds=1)
    await place.folder().look()
    assert (await place.runner()).overlay() == ([2], 0)
    assert place.store.lists[LIST].generation_at is None
    assert place.name() == "Name 5"


@pytest.mark.rule("DATA-100")
async def test_so_many_edits_wait_for_nobody(place: Place) -> None:
    """Where both generations hold very many, the older one is folded within its grace."""
    await furnished(place, 6)
    folder = place.folder(replace(SMALL, urgent=7))
    await folder.look()
    assert await place.generations() == [2, 1]
    await folder.look()
    assert await place.generations() == [2]


@pytest.mark.rule("DATA-100")
async def test_a_list_that_nobody_has_open_is_folded_too(place: Place) -> None:
    """The folder of another node opens it, whenever it is due."""
    await due(place)
    await place.hub.close()
    other = hub_of(place.store)
    await place.folder(hub=other).look()
    assert (await other.open(LIST)).overlay() == ([2], 0)
    assert place.name() == "Name 5"


@pytest.mark.rule("DATA-62")
async def test_two_folders_at_once_fold_a_list_once(place: Place) -> None:
    """What one has done the other one's room finds done; what is left over the next look does."""
    await due(place)
    other = hub_of(place.store)
    await other.open(LIST)
    folders = place.folder(), place.folder(hub=other)
    for _ in range(3):
        await asyncio.gather(*(folder.look() for folder in folders))
    assert place.store.lists[LIST].generation_at is None
    assert place.name() == "Name 5"


@pytest.mark.rule("DATA-62")
async def test_a_node_that_dies_between_two_steps_leaves_a_list_that_is_folded_later(place: Place) -> None:
    """Each step is whole; the next look, on whatever node, goes on from there."""
    runner = await due(place)
    first, *_ = await at_once(runner.fold_base())
    assert await place.folder().keep_up(runner, [first])
    await place.hub.close()
    other = hub_of(place.store)
    assert place.name() == "Name 5"
    await place.folder(hub=other).look()
    assert (await other.open(LIST)).overlay() == ([2], 0)
    assert place.name() == "Name 5"


async def test_what_cannot_be_worked_out_stays_as_it_is(place: Place) -> None:
    """The list goes on with two generations, and the others are folded."""
    await due(place)

    async def fails(_base: FoldBase) -> Sequence[Upkeep]:
        raise ApartFailed("status 1")

    folder = Folder(place.hub, MemoryStates(place.store), fails, lambda: LATER, SMALL)
    await folder.look()
    assert await place.generations() == [2, 1]
    await place.edit(1)
    assert place.name() == "Name 0"


async def test_a_process_of_its_own_works_out_the_same(place: Place) -> None:
    """The steps are those that are worked out here, but for the random names of segments."""
    runner = await due(place)
    base = runner.fold_base()
    apart, here = await fold_apart(base), await at_once(base)
    assert [type(step) for step in apart] == [type(step) for step in here]
    assert await place.folder().keep_up(runner, apart)
    assert await place.generations() == [2]
    assert place.name() == "Name 5"


async def test_the_folder_looks_again_when_the_store_was_away(place: Place) -> None:
    """An outage costs a look, not the task."""
    await furnished(place, 6)
    looked = asyncio.Event()
    looks = count(1)

    class Away(MemoryStates):
        async def unfolded(self, before: datetime) -> Sequence[str]:
            if next(looks) == 1:
                raise StoreUnavailable
            looked.set()
            return await super().unfolded(before)

    folder = Folder(place.hub, Away(place.store), at_once, lambda: LATER, replace(SMALL, look_seconds=0.01))
    folder.start()
    async with asyncio.timeout(20):
        await looked.wait()
    await folder.close()
    assert await place.generations() in ([2, 1], [2])
