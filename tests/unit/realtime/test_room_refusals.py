"""The room as a pure function: what is refused, neutralised or closed, and what goes on."""

from typing import Any

import pytest

from persistence.contract import Source
from realtime.core.effects import Broadcast, Close, Publish, Reply
from realtime.core.limits import Limits
from realtime.core.reasons import Reason
from realtime.core.update import Content, Struct
from realtime.core.writes import AddRow, SetCell
from tests.property_list import (
    ADAM,
    EDDA,
    EMIL,
    LOCKED,
    MIA,
    NAME,
    OLGA,
    PIER,
    QUAY,
    RENT,
    item,
    step_2_frame,
    update_frame,
    update_of,
)
from tests.room_scenes import Seat, Stage, closes, refusals, replies, stage_with_rows

CELL, RENT_CELL, LOCKED_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}", f"c:{QUAY}:{LOCKED}"


@pytest.fixture
def stage() -> Stage:
    """A list with two rows."""
    return stage_with_rows(QUAY, PIER)


def shown(seat: Seat, key: str) -> Any:
    """What a client shows at a key of generation 1."""
    return seat.peer.values().get(f"1/{key}")


@pytest.mark.rule("GATE-8", "ROOM-4")
@pytest.mark.parametrize(
    ("before", "attempt"),
    [
        ({}, {CELL: "refused-1"}),
        ({CELL: "Old"}, {CELL: "refused-1"}),
        ({CELL: "Old"}, {CELL: ...}),
        ({CELL: "Old"}, {CELL: None}),
        ({CELL: "Old", RENT_CELL: 5}, {CELL: "refused-1", RENT_CELL: 6, f"c:{PIER}:{NAME}": "refused-2"}),
        ({}, {"meta/name": "refused-1", "r:row-new00001": "a5"}),
    ],
)
def test_a_refused_edit_is_neutralised(stage: Stage, before: dict[str, Any], attempt: dict[str, Any]) -> None:
    """The old values stand everywhere, the refused ones are in no frame and not in the log, and the author can go on."""
    edda, mia = stage.join(EDDA, 5001), stage.join(MIA, 5002)
    if before:
        stage.write(edda, before)
        stage.settle()
    standing = edda.peer.values()
    edda.take()
    stage.write(mia, attempt)
    frame = update_frame(mia.peer.doc.get_update())
    stage.settle()
    assert mia.peer.values() == edda.peer.values() == standing
    assert not any(b"refused-" in message for message in edda.inbox + mia.inbox)
    assert not any(b"refused-" in entry.update for entry in stage.kept.log)
    assert frame
    told = mia.denials()[-1]["refused"]
    assert {said["key"] for said in told} == set(attempt)
    assert {said["reason"] for said in told} == {"role"}
    audit = [kept.entry for kept in stage.kept.facts if kept.entry.reason == "role"]
    assert {entry.actor for entry in audit} == {MIA.user_id}
    comment = {"row": QUAY, "author": MIA.user_id, "at": "2026-03-01T12:00:00.000Z", "body": "Why?", "mentions": []}
    stage.write(mia, {"comments/comment-0001": comment})
    stage.settle()
    assert edda.peer.values()["comments/comment-0001"] == comment
    assert mia.closed is None


@pytest.mark.rule("GATE-8")
def test_what_is_allowed_of_an_update_takes_effect(stage: Stage) -> None:
    """One key of two is refused; the author gets their screen corrected."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "Quay 1", LOCKED_CELL: 5})
    stage.settle()
    for seat in (edda, emil):
        assert (shown(seat, CELL), shown(seat, LOCKED_CELL)) == ("Quay 1", None)
    assert edda.denials() == [{"refused": [{"key": LOCKED_CELL, "reason": "locked_column"}], "id": "session-5001:1"}]


@pytest.mark.rule("GATE-9")
def test_what_is_committed_is_what_our_document_emitted(stage: Stage) -> None:
    """An undo history's deleted values are not even in the log."""
    edda = stage.join(EDDA, 5001)
    run = item(5001, 0, "kept-by-undo", CELL)
    run.length, run.values = 2, ("kept-by-undo", "kept-too")
    stage.send(edda, update_frame(update_of(run, item(5001, 2, "Quay", (5001, 1)), deletions=((5001, 0, 2),))))
    stage.settle()
    assert not any(b"kept-" in entry.update for entry in stage.kept.log)
    assert stage.join(EMIL, 5002).peer.values()[f"1/{CELL}"] == "Quay"


@pytest.mark.rule("GATE-19")
def test_a_request_is_written_whole_or_not_at_all(stage: Stage) -> None:
    """The writes that are wrong are named by their number; the reply comes after the commit."""
    effects = stage.request(
        EDDA, SetCell(QUAY, NAME, "x"), SetCell(QUAY, RENT, "five"), SetCell("row-nobody01", NAME, "y")
    )
    assert refusals(effects)[0].refusals == [(1, Reason.INVALID_VALUE), (2, Reason.UNKNOWN_ROW)]
    assert stage.commits == []
    effects = stage.request(EDDA, AddRow("row-new00001"), SetCell("row-new00001", NAME, "x"))
    assert replies(effects) == []
    _, effects = stage.commit()
    assert [type(effect) for effect in effects] == [Broadcast, Publish, Reply]
    assert replies(effects)[0].head == 3
    assert stage.kept.log[-1].seq == 3
    assert {kept.entry.source for kept in stage.kept.facts if kept.seq == 3} == {Source.API}


@pytest.mark.rule("GATE-2")
def test_one_answer_may_bring_edits_of_several_own_clients(stage: Stage) -> None:
    """A tab uploads what a sibling tab of the same person wrote offline; the ids become theirs with the commit."""
    edda = stage.join(EDDA, 5001)
    sibling = stage.join(EDDA, 5002)
    stage.leave(sibling)
    sibling_update = sibling.peer.set({CELL: "from the sibling"})
    edda.peer.apply(sibling_update)
    edda.peer.set({RENT_CELL: 7})
    stage.send(edda, step_2_frame(edda.peer.doc.get_update()))
    stage.settle()
    assert stage.kept.rows[QUAY].cells == {NAME: "from the sibling", RENT: 7}
    assert stage.kept.client_owners == {5001: EDDA.user_id, 5002: EDDA.user_id}
    emil = stage.join(EMIL, 5003)
    stage.send(emil, update_frame(update_of(item(5002, 1, "x", CELL))))
    stage.settle()
    assert emil.closed == 4400


@pytest.mark.rule("GATE-7")
@pytest.mark.parametrize(
    "frame", [b"\xff", update_frame(b"\x00"), update_frame(update_of(item(5001, 0, "x", CELL)) + b"\0")]
)
def test_an_unsound_frame_closes_its_connection(stage: Stage, frame: bytes) -> None:
    """With 4400, and nothing else happens."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    before = emil.peer.values()
    effects = stage.send(edda, frame)
    assert [type(effect) for effect in effects] == [Close]
    assert edda.closed == 4400
    assert stage.commits == []
    assert stage.send(edda, update_frame(b"\x00\x00")) == []
    assert stage.join(OLGA, 5009).peer.values() == before


@pytest.mark.rule("GATE-7")
def test_a_new_row_that_loses_to_a_deletion_is_not_half_kept(stage: Stage) -> None:
    """Its cells would lie in no row: the author starts again, and the room goes on."""
    row, cell = "r:row-new00001", f"c:row-new00001:{NAME}"
    stage.send(stage.join(ADAM, 9001), update_frame(update_of(item(9001, 0, "zz", row))))
    stage.settle()
    later = Stage(stage.store)
    edda, emil = later.join(EDDA, 5001), later.join(EMIL, 5002)
    effects = later.send(edda, update_frame(update_of(item(5001, 0, "a5", row), item(5001, 1, "x", cell))))
    assert closes(effects) == [("session-5001", 4400)]
    later.write(emil, {CELL: "goes on"})
    later.settle()
    assert set(later.kept.rows) == {QUAY, PIER}
    assert shown(emil, CELL) == "goes on"


@pytest.mark.rule("ROOM-11")
def test_too_many_refusals_close_the_connection() -> None:
    """With 4429; what was refused is still neutralised."""
    stage = stage_with_rows(
        QUAY, limits=Limits(refusals_burst_max=2, refusals_per_update_max=2, refusals_per_second_max=1)
    )
    mia = stage.join(MIA, 5001)
    for attempt in range(3):
        stage.write(mia, {CELL: f"attempt {attempt}"})
    assert mia.closed == 4429
    stage.settle()
    assert stage.kept.rows[QUAY].cells == {}


@pytest.mark.rule("ROOM-11")
def test_each_refused_key_counts() -> None:
    """Two keys of one update are two refusals."""
    stage = stage_with_rows(
        QUAY, limits=Limits(refusals_burst_max=3, refusals_per_update_max=3, refusals_per_second_max=1)
    )
    mia = stage.join(MIA, 5001)
    stage.write(mia, {CELL: "x", RENT_CELL: 1})
    assert mia.closed is None
    stage.write(mia, {CELL: "y", RENT_CELL: 2})
    assert mia.closed == 4429


@pytest.mark.rule("ROOM-26")
def test_what_would_be_refused_in_masses_is_not_applied() -> None:
    """Beyond the limit of one update its connection is closed with 4429, and nothing of it is in the log."""
    stage = stage_with_rows(QUAY, limits=Limits(refusals_per_update_max=2))
    mia, edda = stage.join(MIA, 5001), stage.join(EDDA, 5002)
    head = stage.kept.head
    stage.write(mia, {CELL: "x", RENT_CELL: 1, LOCKED_CELL: 2})
    assert mia.closed == 4429
    stage.write(edda, {CELL: "goes on", RENT_CELL: "no number"})
    stage.settle()
    assert stage.kept.head == head + 1
    assert shown(edda, CELL) == "goes on"


@pytest.mark.rule("ROOM-26")
def test_a_member_cannot_have_a_large_update_read() -> None:
    """Nothing that a member writes is that large: the count alone closes the connection, for an upload as well."""
    stage = stage_with_rows(QUAY, limits=Limits(refusals_per_update_max=2))
    structs = [item(5001, 0, "a", CELL), *(item(5001, n, "b", (5001, n - 1)) for n in range(1, 3))]
    for frame in (update_frame(update_of(*structs)), step_2_frame(update_of(*structs))):
        mia = stage.join(MIA, 5001)
        stage.send(mia, frame[:-12])
        assert mia.closed == 4400, "cut off, it is malformed"
        mia = stage.join(MIA, 5001)
        stage.send(mia, frame)
        assert mia.closed == 4429


@pytest.mark.rule("GATE-1")
def test_only_the_first_answer_may_be_large() -> None:
    """A second SyncStep2 is held to the bounds of a live edit: structs, deletions and bytes."""
    bounds = {
        "structs_per_update_max": 1,
        "structs_per_upload_max": 2,
        "frame_bytes_max": 5_000,
        "sync_bytes_max": 9_000,
    }
    stage = stage_with_rows(QUAY, limits=Limits(**bounds))  # type: ignore[arg-type] - whole numbers all
    two = update_of(item(5001, 0, "a", CELL), item(5001, 1, "b", (5001, 0)))
    for frames, code in (
        ([step_2_frame(two)], None),
        ([step_2_frame(b"\x00\x00"), step_2_frame(two)], 4400),
        ([update_frame(two)], 4400),
        ([step_2_frame(b"\x00\x00"), step_2_frame(b"\x00" * 5_001)], 4400),
    ):
        edda = stage.join(EDDA, 5001)
        for frame in frames:
            stage.send(edda, frame)
        assert edda.closed == code


@pytest.mark.rule("GATE-13")
def test_rows_leave_by_the_trash(stage: Stage) -> None:
    """Deleting a row's key is refused, and the row is back on the author's screen."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {f"r:{QUAY}": ...})
    stage.settle()
    assert shown(edda, f"r:{QUAY}") == "a0"
    assert edda.denials()[0]["refused"] == [{"key": f"r:{QUAY}", "reason": "role"}]


@pytest.mark.rule("GATE-20")
def test_an_update_that_shows_nothing_needs_the_right_to_edit(stage: Stage) -> None:
    """A member who only fills clocks is told so."""
    mia = stage.join(MIA, 5001)
    stage.send(mia, update_frame(update_of(Struct(5001, 0, 3, Content.GC))))
    stage.settle()
    assert mia.denials()[0]["refused"] == [{"key": "", "reason": "role"}]
    assert mia.closed is None
