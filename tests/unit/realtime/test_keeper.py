"""The keeper: which states it keeps, what it leaves alone, and that two of them do each other no harm."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from persistence.contract import StoreUnavailable
from persistence.memory import MemoryListStore
from persistence.memory_states import MemoryStates
from realtime.apart import ApartFailed
from realtime.condensing import condense_apart
from realtime.core import condense as condense_module
from realtime.core.change import DocumentBroken
from realtime.core.condense import StateDiffers, condense, view
from realtime.core.document import ListDocument
from realtime.core.writes import AddRow, SetCell
from realtime.keeper import Keeper, Thresholds
from tests.property_list import LIST, NAME, OLGA, QUAY, finish, opened
from tests.room_scenes import Stage

Condense = Callable[[int, bytes | None, Sequence[bytes]], Awaitable[bytes]]


async def at_once(epoch: int, state: bytes | None, updates: Sequence[bytes]) -> bytes:
    """Condense without a process."""
    return condense(epoch, state, updates)


class Idle:
    """A retention that has nothing to do; it notes that it was asked."""

    def __init__(self, *due: str) -> None:
        self.lists = due
        self.runs = 0

    async def due(self) -> Sequence[str]:
        """The lists that the test names."""
        return self.lists

    async def run(self) -> None:
        """Count."""
        self.runs += 1


def written(commits: int) -> Stage:
    """A list with a row that was edited so often."""
    stage = Stage()
    stage.request(OLGA, AddRow(QUAY))
    stage.settle()
    for number in range(commits):
        stage.request(OLGA, SetCell(QUAY, NAME, f"Name {number}"))
        stage.settle()
    return stage


def keeper_of(
    store: MemoryListStore, condense_with: Condense = at_once, retention: Idle | None = None, tail_entries: int = 10
) -> Keeper:
    """A keeper of the lists of this store."""
    thresholds = Thresholds(tail_entries=tail_entries, tail_bytes=10**9, look_seconds=0.01, prune_seconds=0.01)
    return Keeper(MemoryStates(store), retention or Idle(), condense_with, thresholds)


@pytest.mark.rule("LOG-14")
async def test_a_state_is_kept_when_the_log_has_grown_past_the_threshold() -> None:
    """Not before, at the head, and the next one only after as many entries more."""
    stage = written(5)
    keeper = keeper_of(stage.store)
    await keeper.keep_long()
    assert stage.kept.state is None
    for number in range(4):
        stage.request(OLGA, SetCell(QUAY, NAME, number))
        stage.request(OLGA, SetCell(QUAY, NAME, f"More {number}"))
        stage.settle()
    await keeper.keep_long()
    first = stage.kept.state
    assert first is not None
    assert first.seq == stage.kept.head
    await keeper.keep_long()
    assert stage.kept.state is first
    log = ListDocument(1)
    log.apply([entry.update for entry in stage.kept.log])
    state = ListDocument(1)
    state.apply([first.state])
    assert view(state) == view(log)


@pytest.mark.rule("LOG-18")
async def test_states_that_the_log_waits_for_come_before_it_is_pruned() -> None:
    """A list that is due gets its state however short its log is; then retention runs."""
    stage = written(1)
    retention = Idle(LIST)
    await keeper_of(stage.store, retention=retention).prune()
    assert stage.kept.state is not None
    assert retention.runs == 1


@pytest.mark.rule("LOG-15")
@pytest.mark.parametrize("failure", [ApartFailed("status -11"), ApartFailed("it took longer than 1 s")])
async def test_without_a_new_state_the_last_one_stays(failure: Exception) -> None:
    """A process that crashed, hung or found a difference changes nothing."""
    stage = written(3)
    assert await keeper_of(stage.store).keep(LIST)
    kept = stage.kept.state
    stage.request(OLGA, SetCell(QUAY, NAME, "Later"))
    stage.settle()

    async def fail(_epoch: int, _state: bytes | None, _updates: Sequence[bytes]) -> bytes:
        raise failure

    assert not await keeper_of(stage.store, fail).keep(LIST)
    assert stage.kept.state is kept


@pytest.mark.rule("LOG-17")
async def test_of_a_broken_list_nothing_is_kept() -> None:
    """A log with a hole makes no state, and no document is made of what is left."""
    stage = written(3)
    stage.kept.log = [entry for entry in stage.kept.log if entry.seq != 2]

    async def never(_epoch: int, _state: bytes | None, _updates: Sequence[bytes]) -> bytes:
        raise AssertionError("half a log was condensed")

    assert not await keeper_of(stage.store, never).keep(LIST)
    assert stage.kept.state is None


@pytest.mark.rule("LOG-16")
async def test_a_keeper_that_slept_for_an_hour_does_no_harm() -> None:
    """It wakes with the state of long ago, after another keeper has kept newer ones: those stay."""
    stage = written(3)
    gate, begun = asyncio.Event(), asyncio.Event()

    async def sleepy(epoch: int, state: bytes | None, updates: Sequence[bytes]) -> bytes:
        begun.set()
        await gate.wait()
        return condense(epoch, state, updates)

    sleeper = asyncio.create_task(keeper_of(stage.store, sleepy).keep(LIST))
    await begun.wait()
    stage.request(OLGA, SetCell(QUAY, NAME, "An hour later"))
    stage.settle()
    assert await keeper_of(stage.store).keep(LIST)
    newest = stage.kept.state
    gate.set()
    assert not await sleeper
    assert stage.kept.state is newest


@pytest.mark.rule("LOG-16")
async def test_two_keepers_at_once_leave_one_state() -> None:
    """They make the same one; the second is no progress."""
    stage = written(20)
    both = await asyncio.gather(*(keeper_of(stage.store).keep(LIST) for _ in range(2)))
    assert sorted(both) == [False, True]


@pytest.mark.rule("LOG-14")
async def test_a_keeper_goes_on_after_a_store_that_was_away() -> None:
    """Whatever one round meets, the next one begins anew."""
    stage = written(20)
    states, failures = MemoryStates(stage.store), [StoreUnavailable(), RuntimeError("a bug")]
    kept = asyncio.Event()

    class Flaky(MemoryStates):
        async def long_tails(self, entries_min: int, bytes_min: int) -> Sequence[str]:
            if failures:
                raise failures.pop()
            return await super().long_tails(entries_min, bytes_min)

        async def keep_state(self, list_id: str, epoch: int, seq: int, state: bytes) -> bool:
            kept.set()
            return await super().keep_state(list_id, epoch, seq, state)

    keeper = Keeper(Flaky(stage.store), Idle(), at_once, Thresholds(10, 10**9, 0.01, 0.01))
    keeper.start()
    async with asyncio.timeout(20):
        await kept.wait()
    await keeper.close()
    document = await states.read_document(LIST)
    assert document is not None
    assert document.state_seq == stage.kept.head


# In a process of its own


@pytest.mark.rule("LOG-15")
async def test_a_process_of_its_own_makes_the_same_state() -> None:
    """Asked for state and log, it answers what is made here."""
    stage = written(6)
    updates = [entry.update for entry in stage.kept.log]
    first = await condense_apart(1, None, updates[:4])
    whole, apart = ListDocument(1), ListDocument(1)
    whole.apply(updates)
    apart.apply([await condense_apart(1, first, updates[4:])])
    assert view(apart) == view(whole)


@pytest.mark.rule("LOG-15")
@pytest.mark.parametrize(
    ("state", "seconds", "why"), [(b"\xff\xff", 60.0, "status 1"), (None, 0.0, "longer")], ids=["bad bytes", "too slow"]
)
async def test_a_process_that_fails_is_an_error_of_its_own(state: bytes | None, seconds: float, why: str) -> None:
    """Bytes that are no document and a process that takes too long give no state, and the node goes on."""
    with pytest.raises(ApartFailed, match=why):
        await condense_apart(1, state, [b"\x00\x00"], seconds_max=seconds)


@pytest.mark.rule("LOG-15")
def test_a_state_that_reads_otherwise_is_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back from the new state is compared with state and log before anybody may keep it."""
    stage = written(2)

    class Forgetful(ListDocument):
        def difference(self, state_vector: bytes | None = None) -> bytes:
            return stage.kept.log[0].update

    monkeypatch.setattr(condense_module, "ListDocument", Forgetful)
    with pytest.raises(StateDiffers):
        condense(1, None, [entry.update for entry in stage.kept.log])


@pytest.mark.rule("LOG-17")
def test_bytes_that_are_no_state_are_an_error() -> None:
    """They neither condense nor open as an empty list."""
    stage = written(2)
    with pytest.raises(DocumentBroken):
        condense(1, b"\xff\xff", [entry.update for entry in stage.kept.log])
    assert finish(MemoryStates(stage.store).keep_state(LIST, 1, stage.kept.head, b"\xff\xff"))
    with pytest.raises(DocumentBroken):
        Stage(stage.store)
    assert opened(stage.store).state == b"\xff\xff"
