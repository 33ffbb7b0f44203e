"""The six rules of soundness, one by one, with updates made by hand."""

from typing import Any

import pytest
from pycrdt import Doc, Map

from realtime.core.document import ListDocument
from realtime.core.index import Index
from realtime.core.reasons import Flaw, Unsound
from realtime.core.soundness import (
    ABSENT,
    CLIENT_RESERVED_MAX,
    CLIENTS_PER_UPDATE_MAX,
    STRUCTS_PER_KEY_MAX,
    Attempt,
    examine,
)
from realtime.core.update import Content, Struct, decode
from tests.property_list import GENERATION, NAME, PIER, QUAY, RENT, first_batch, item, update_of

MINE, OTHER_MINE, FOREIGN = 5001, 5002, 6001
CELL, RENT_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}"
PATH, RENT_PATH = f"overlays/1/{CELL}", f"overlays/1/{RENT_CELL}"


@pytest.fixture
def index() -> Index:
    """A new list, to which a colleague has written one cell twice and a name."""
    document = ListDocument(1)
    document.apply([first_batch().updates[0].update])
    document.apply([update_of(item(FOREIGN, 0, "a", CELL), item(FOREIGN, 1, "b", (FOREIGN, 0)))])
    known = Index()
    known.add(decode(document.difference()))
    return known


def judged(index: Index, *structs: Struct, deletions: tuple[tuple[int, int, int], ...] = ()) -> Attempt:
    """The attempt of an update by someone who owns two client ids."""
    payload = update_of(*structs, deletions=deletions)
    return examine(payload, decode(payload), index, lambda client: client in (MINE, OTHER_MINE))


def flaw_of(index: Index, *structs: Struct, deletions: tuple[tuple[int, int, int], ...] = ()) -> Flaw:
    """Why an update is unsound."""
    with pytest.raises(Unsound) as refused:
        judged(index, *structs, deletions=deletions)
    return refused.value.flaw


def test_an_honest_update_says_what_it_attempts(index: Index) -> None:
    """The path, the outcome and the clock that the client has reached; the bytes are as they came."""
    attempt = judged(index, item(MINE, 0, "Quay", CELL), item(OTHER_MINE, 0, 5, RENT_CELL))
    assert attempt.outcomes == {PATH: ["Quay"], RENT_PATH: [5]}
    assert attempt.clocks == {MINE: 1, OTHER_MINE: 1}
    assert attempt.payload == update_of(item(MINE, 0, "Quay", CELL), item(OTHER_MINE, 0, 5, RENT_CELL))


def test_origins_are_followed_to_the_key(index: Index) -> None:
    """An item after a known one, and a second after the first: only the last of a chain is an outcome."""
    attempt = judged(index, item(MINE, 0, "c", (FOREIGN, 1)), item(MINE, 1, "d", (MINE, 0)))
    assert attempt.outcomes == {PATH: ["d"]}


def test_both_of_two_concurrent_values_are_judged(index: Index) -> None:
    """Whichever wins, it has been judged."""
    attempt = judged(index, item(MINE, 0, "x", (FOREIGN, 1)), item(OTHER_MINE, 0, "y", (FOREIGN, 1)))
    assert attempt.outcomes == {PATH: ["x", "y"]}


@pytest.mark.rule("GATE-2")
@pytest.mark.parametrize("client", [FOREIGN, 1, 0, CLIENT_RESERVED_MAX])
def test_client_ids_belong_to_people(index: Index, client: int) -> None:
    """Nobody writes under a colleague's id, or under one of the server's."""
    assert flaw_of(index, item(client, index.known(client), "x", CELL)) is Flaw.FOREIGN_CLIENT


@pytest.mark.rule("GATE-2")
def test_what_is_known_already_may_be_repeated_by_anyone(index: Index) -> None:
    """A client that answers SyncStep1 may hold others' structs; nothing of them is new."""
    assert judged(index, item(FOREIGN, 0, "forged", CELL)).idle


@pytest.mark.rule("GATE-3")
def test_no_run_leaves_a_gap(index: Index) -> None:
    """A run starts at the known clock, or before it."""
    assert flaw_of(index, item(MINE, 1, "x", CELL)) is Flaw.CLOCK_GAP


@pytest.mark.rule("GATE-3")
def test_only_what_is_new_counts() -> None:
    """The known part of a run is cut off; the rest goes on where that part lies, wherever the update puts it."""
    known = Index()
    known.add(decode(first_batch().updates[0].update))
    known.add(decode(update_of(item(MINE, 0, "x", CELL))))
    run = Struct(MINE, 0, 3, Content.DELETED, parent="comments", sub="comment-0001")
    attempt = judged(known, run, item(MINE, 3, 5, RENT_CELL))
    assert attempt.outcomes == {PATH: [ABSENT], RENT_PATH: [5]}
    assert decode(attempt.payload).blocks[0][:2] == (MINE, 1)
    gone = judged(known, Struct(MINE, 0, 3, Content.GC))
    assert decode(gone.payload).blocks == [(MINE, 1, [Struct(MINE, 1, 2, Content.GC)])]


@pytest.mark.rule("GATE-4")
@pytest.mark.parametrize("origin", [(FOREIGN, 2), (7777, 0), (MINE, 0), (MINE, 1), (1, 10_000)])
def test_every_reference_is_known_or_inside(index: Index, origin: tuple[int, int]) -> None:
    """Nobody's future, nothing unheard of, not itself."""
    assert flaw_of(index, item(MINE, 0, "x", origin)) is Flaw.UNKNOWN_REFERENCE


@pytest.mark.rule("GATE-4")
def test_items_do_not_wait_for_each_other(index: Index) -> None:
    """Circles are refused, also where they close through the order of a client's own clocks."""
    assert (
        flaw_of(index, item(MINE, 0, "x", (OTHER_MINE, 0)), item(OTHER_MINE, 0, "y", (MINE, 0)))
        is Flaw.UNKNOWN_REFERENCE
    )
    through_order = (item(MINE, 0, "x", (OTHER_MINE, 0)), item(MINE, 1, "z", CELL), item(OTHER_MINE, 0, "y", (MINE, 1)))
    assert flaw_of(index, *through_order) is Flaw.UNKNOWN_REFERENCE


def test_blocks_may_lean_on_each_other_without_a_circle(index: Index) -> None:
    """Back and forth between two clients, and a long chain, in any order of the blocks."""
    chain = [item(MINE, 0, 0, (OTHER_MINE, 0)), *(item(MINE, n, n, (OTHER_MINE, n)) for n in range(1, 900))]
    back = [item(OTHER_MINE, 0, 0, CELL), *(item(OTHER_MINE, n, n, (MINE, n - 1)) for n in range(1, 900))]
    assert judged(index, *chain, *back).outcomes == {PATH: [899]}


@pytest.mark.rule("GATE-1")
def test_an_update_crowds_no_key(index: Index) -> None:
    """Siblings without end on one key would hold the native library for as long as their square."""
    crowd = [item(MINE, n, n, RENT_CELL) for n in range(STRUCTS_PER_KEY_MAX + 1)]
    assert flaw_of(index, *crowd) is Flaw.TOO_LARGE
    assert judged(index, *crowd[:-1]).clocks == {MINE: STRUCTS_PER_KEY_MAX}


@pytest.mark.rule("GATE-1", "GATE-2")
def test_an_update_writes_under_few_client_ids(index: Index) -> None:
    """However many belong to its author."""
    payload = update_of(*(item(6_100 + n, 0, n, RENT_CELL) for n in range(CLIENTS_PER_UPDATE_MAX + 1)))
    with pytest.raises(Unsound) as refused:
        examine(payload, decode(payload), index, lambda _: True)
    assert refused.value.flaw is Flaw.TOO_LARGE


@pytest.mark.rule("GATE-5")
@pytest.mark.parametrize("deletion", [(FOREIGN, 2, 1), (FOREIGN, 1, 2), (7777, 0, 1), (MINE, 0, 2), (1, 0, 10_000)])
def test_nothing_is_deleted_in_advance(index: Index, deletion: tuple[int, int, int]) -> None:
    """A deletion lies below the known clock, or inside the update."""
    assert flaw_of(index, item(MINE, 0, "x", RENT_CELL), deletions=(deletion,)) is Flaw.FUTURE_DELETE


@pytest.mark.rule("GATE-5")
def test_deletions_are_attempts_where_something_lives(index: Index) -> None:
    """What is deleted already is no attempt; a deletion inside the update ends what it made."""
    assert judged(index, deletions=((FOREIGN, 0, 1),)).idle
    assert judged(index, deletions=((FOREIGN, 0, 2),)).outcomes == {PATH: [ABSENT]}
    assert judged(index, item(MINE, 0, 5, RENT_CELL), deletions=((MINE, 0, 1),)).outcomes == {RENT_PATH: [ABSENT]}


@pytest.mark.rule("GATE-6")
@pytest.mark.parametrize(
    "path", ["meta/other", "elsewhere/name", "columns/short:name", "c:x", f"c:{QUAY}", "views/view-0000001"]
)
def test_keys_are_those_of_list_documents(index: Index, path: str) -> None:
    """Unknown roots and keys are malformed."""
    assert flaw_of(index, item(MINE, 0, "x", path)) is Flaw.MALFORMED


@pytest.mark.rule("GATE-6")
@pytest.mark.parametrize("path", ["segments/segment-001", "overlays/1", "overlays/2"])
def test_segments_and_generations_are_the_servers(index: Index, path: str) -> None:
    """Nobody writes them, not even as JSON."""
    assert flaw_of(index, item(MINE, 0, "x", path)) is Flaw.NESTED_TYPE


@pytest.mark.rule("GATE-6")
def test_nested_maps_and_binary_content_are_the_servers(index: Index) -> None:
    """Even at a key that a client may write; and nobody deletes a generation."""
    binary = Struct(MINE, 0, 1, Content.BINARY, parent=GENERATION, sub=CELL, binary=b"x")
    nested = Struct(MINE, 0, 1, Content.MAP, parent=GENERATION, sub=CELL)
    assert flaw_of(index, binary) is Flaw.NESTED_TYPE
    assert flaw_of(index, nested) is Flaw.NESTED_TYPE
    assert flaw_of(index, deletions=((*GENERATION, 1),)) is Flaw.NESTED_TYPE


@pytest.mark.rule("GATE-6")
def test_entries_are_one_value_long() -> None:
    """Of a longer run, as an undo history leaves it, only the last value counts; the others are never applied."""
    known = Index()
    known.add(decode(first_batch().updates[0].update))
    run = Struct(MINE, 0, 3, Content.ANY, parent=GENERATION, sub=CELL, values=("one", "two", "three"))
    attempt = judged(known, run)
    assert attempt.outcomes == {PATH: ["three"]}
    assert decode(attempt.payload).blocks[0][2] == [
        Struct(MINE, 0, 2, Content.DELETED, parent=GENERATION, sub=CELL),
        Struct(MINE, 2, 1, Content.ANY, origin=(MINE, 1), values=("three",)),
    ]
    assert judged(known, run, deletions=((MINE, 0, 2),)).outcomes == {PATH: ["three"]}
    assert judged(known, run, deletions=((MINE, 0, 3),)).outcomes == {PATH: [ABSENT]}


def test_runs_without_a_key_touch_nothing(index: Index) -> None:
    """A garbage-collected run fills clocks; an item after it went into what is gone."""
    assert judged(index, Struct(MINE, 0, 3, Content.GC)).outcomes == {}
    late = judged(index, Struct(MINE, 0, 3, Content.GC), item(MINE, 3, "x", (MINE, 2)))
    assert late.stale
    assert late.outcomes == {}


@pytest.mark.rule("GATE-33")
@pytest.mark.parametrize("reload", [False, True])
def test_a_first_write_into_a_generation_that_is_gone_is_stale(*, reload: bool) -> None:
    """A client that was offline while rows were folded is no attacker: its edit has no effect, and it is told so."""
    document = ListDocument(1)
    document.apply([first_batch().updates[0].update])
    known = Index()
    known.add(decode(document.difference()))
    folded = Doc[Map[Any]](client_id=1)
    folded.apply_update(document.difference())
    vector = folded.get_state()
    with folded.transaction():
        overlays = folded.get("overlays", type=Map)
        overlays["2"] = Map()
        del overlays["1"]
    known.add(decode(folded.get_update(vector)))
    if reload:
        known = Index()
        known.add(decode(folded.get_update()))
    late = judged(known, item(MINE, 0, "x", CELL))
    assert (late.stale, late.outcomes, late.clocks) == (True, {}, {MINE: 1})
    with pytest.raises(Unsound):
        judged(known, Struct(MINE, 0, 1, Content.ANY, parent=(1, 1), sub="name", values=("x",)))


def test_the_row_of_another_list_is_a_key_like_any(index: Index) -> None:
    """Soundness is about structure; whether a row exists is for the judge."""
    assert judged(index, item(MINE, 0, 1, f"c:{PIER}:{NAME}")).keys[f"overlays/1/c:{PIER}:{NAME}"].row == PIER
