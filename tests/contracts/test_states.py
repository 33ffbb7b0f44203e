"""The contract of full states: one suite for PostgreSQL and for memory."""

from dataclasses import replace

import pytest

from persistence.contract import Committed, ListBroken
from tests.list_scenes import LIST, Scene, batch, kept, moment

STATE = b"the state"


async def grow(scene: Scene, updates: int) -> None:
    """Let the list's log grow to this head."""
    while (head := (await kept(scene)).head) < updates:
        assert await scene.store.commit(batch(head)) == Committed(head + 1)


@pytest.mark.rule("LOG-14")
async def test_a_list_opens_from_its_last_state_and_the_log_after_it(scene: Scene) -> None:
    """State and number are given as kept, with exactly the entries after it."""
    await grow(scene, 4)
    assert await scene.states.keep_state(LIST, 1, 3, STATE)
    opened, document = await scene.store.open_list(LIST), await scene.states.read_document(LIST)
    assert opened is not None
    assert document is not None
    assert (opened.state, opened.state_seq, opened.head) == (STATE, 3, 4)
    assert [entry.seq for entry in opened.log] == [4]
    assert (document.state, document.state_seq, document.log) == (STATE, 3, opened.log)
    assert await scene.states.read_document("nowhere") is None


@pytest.mark.rule("LOG-14")
async def test_a_list_in_the_trash_has_a_document(scene: Scene) -> None:
    """Its log is condensed as any other's, though nobody can open it."""
    await scene.set_trashed(LIST)
    document = await scene.states.read_document(LIST)
    assert document is not None
    assert [entry.seq for entry in document.log] == [1]


@pytest.mark.rule("LOG-16")
@pytest.mark.parametrize(
    ("epoch", "seq"),
    [(1, 3), (1, 2), (1, 99), (0, 4), (2, 4)],
    ids=["same number", "older number", "ahead of the head", "older epoch", "epoch that is not the list's"],
)
async def test_no_state_takes_the_place_of_a_newer_one(scene: Scene, epoch: int, seq: int) -> None:
    """What is no progress is not kept, and what was kept stays."""
    await grow(scene, 4)
    assert await scene.states.keep_state(LIST, 1, 3, STATE)
    assert not await scene.states.keep_state(LIST, epoch, seq, b"another")
    assert not await scene.states.keep_state("nowhere", 1, 1, b"another")
    document = await scene.states.read_document(LIST)
    assert document is not None
    assert (document.state, document.state_seq) == (STATE, 3)
    assert await scene.states.keep_state(LIST, 1, 4, b"the next one")


@pytest.mark.rule("LOG-14")
async def test_long_tails_are_found_by_entries_and_by_bytes(scene: Scene) -> None:
    """A list is named when its log since the last state has so many entries or so many bytes, and no more once it is kept."""
    await grow(scene, 5)
    assert await scene.states.long_tails(5, 10**9) == [LIST]
    assert await scene.states.long_tails(6, 10**9) == []
    assert await scene.states.long_tails(10**9, 5) == [LIST]
    assert await scene.states.long_tails(10**9, 6) == []
    assert await scene.states.keep_state(LIST, 1, 4, STATE)
    assert await scene.states.long_tails(1, 10**9) == [LIST]
    assert await scene.states.long_tails(2, 1) == [LIST]
    assert await scene.states.long_tails(2, 2) == []
    assert await scene.states.keep_state(LIST, 1, 5, STATE)
    assert await scene.states.long_tails(1, 1) == []


@pytest.mark.rule("LOG-18")
async def test_old_tails_begin_before_a_time(scene: Scene) -> None:
    """A list is named while the first entry after its state is older than the time that is asked for."""
    await grow(scene, 3)
    assert await scene.states.old_tails(moment(1)) == [LIST]
    assert await scene.states.old_tails(moment(0)) == []
    assert await scene.states.keep_state(LIST, 1, 2, STATE)
    assert await scene.states.old_tails(moment(2)) == []
    assert await scene.states.old_tails(moment(9)) == [LIST]
    assert await scene.states.keep_state(LIST, 1, 3, STATE)
    assert await scene.states.old_tails(moment(9)) == []


@pytest.mark.rule("LOG-17")
@pytest.mark.parametrize("lost", [1, 2, 4], ids=["the first entry", "one in the middle", "the last entry"])
async def test_a_log_with_a_hole_opens_for_nobody(scene: Scene, lost: int) -> None:
    """Nothing is served of a list whose log does not lead from its state to its head, and nothing is changed."""
    await grow(scene, 4)
    await scene.lose_entry(LIST, lost)
    before = await kept(scene)
    with pytest.raises(ListBroken):
        await scene.store.open_list(LIST)
    with pytest.raises(ListBroken):
        await scene.states.read_document(LIST)
    with pytest.raises(ListBroken):
        await scene.store.updates_after(LIST, lost - 1)
    assert await kept(scene) == before


@pytest.mark.rule("LOG-17")
async def test_what_the_state_holds_may_be_missing_from_the_log(scene: Scene) -> None:
    """A list whose log was pruned up to its state opens; who asks for what is gone is told so."""
    await grow(scene, 4)
    assert await scene.states.keep_state(LIST, 1, 3, STATE)
    for seq in (1, 2, 3):
        await scene.lose_entry(LIST, seq)
    opened = await scene.store.open_list(LIST)
    assert opened is not None
    assert [entry.seq for entry in opened.log] == [4]
    assert [entry.seq for entry in await scene.store.updates_after(LIST, 3)] == [4]
    with pytest.raises(ListBroken):
        await scene.store.updates_after(LIST, 1)


@pytest.mark.rule("DATA-100")
async def test_lists_with_an_older_generation_are_found_by_its_time(scene: Scene) -> None:
    """From the beginning of the second generation until the first is gone; later batches leave the time alone."""
    assert await scene.states.unfolded(moment(99)) == []
    assert await scene.store.commit(replace(batch(1), opened_at=moment(5))) == Committed(2)
    assert await scene.store.commit(batch(2)) == Committed(3)
    assert await scene.states.unfolded(moment(5)) == []
    assert await scene.states.unfolded(moment(6)) == [LIST]
    await scene.set_trashed(LIST)
    assert await scene.states.unfolded(moment(6)) == []


@pytest.mark.rule("DATA-100")
async def test_a_list_whose_older_generation_is_gone_is_found_no_more(scene: Scene) -> None:
    """The batch that drops it says so."""
    assert await scene.store.commit(replace(batch(1), opened_at=moment(5))) == Committed(2)
    assert await scene.store.commit(replace(batch(2), folded=True)) == Committed(3)
    assert await scene.states.unfolded(moment(99)) == []
