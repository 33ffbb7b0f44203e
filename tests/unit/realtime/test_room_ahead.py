"""Honest edits that refer to what nobody has sent: their client has it from elsewhere, and brings it when it is asked."""

from datetime import timedelta

import pytest

from persistence.contract import Conflict
from realtime.core import events
from realtime.core.effects import Publish
from realtime.core.limits import Limits
from tests.property_list import EDDA, EMIL, NAME, OLGA, QUAY, RENT, step_2_frame, update_frame
from tests.room_scenes import Seat, Stage, body_of, stage_with_rows
from tests.simulation.history import vector_of

CELL, RENT_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}"


@pytest.fixture
def stage() -> Stage:
    """A list with one row."""
    return stage_with_rows(QUAY)


def asked(seat: Seat) -> list[bytes]:
    """The state vectors with which a client was asked for what it has."""
    return [body_of(message) for message in seat.inbox if message[:2] == b"\x00\x00"]


def answer(stage: Stage, seat: Seat) -> None:
    """The client says everything that the newest question lacks, as stock clients do."""
    stage.send(seat, step_2_frame(seat.peer.doc.get_update(asked(seat)[-1])))
    stage.settle()


def told_saved(seat: Seat) -> int:
    """How many of its edits a client was told are durable."""
    return max((control["frames"] for control in seat.controls() if control["type"] == "saved"), default=0)


def write_on_top(stage: Stage, here: Seat, there: Seat) -> None:
    """A client writes over what it has from another tab, which has not sent it."""
    here.peer.apply(there.peer.set({CELL: "by the other tab"}))
    stage.write(here, {CELL: "on top of it"})
    stage.settle()


@pytest.mark.rule("ROOM-48")
def test_live_edits_may_come_before_the_upload_that_they_build_on(stage: Stage) -> None:
    """A client that comes home types on before it has heard our question: all of it is taken, in order, and once."""
    edda, olga = stage.join(EDDA, 5001), stage.join(OLGA, 5009)
    stage.leave(edda)
    edda.peer.set({CELL: "written offline"})
    stage.rejoin(edda)
    stage.write(edda, {CELL: "typed at once"})
    stage.settle()
    assert edda.closed is None
    assert len(asked(edda)) == 1, "it was asked when it came"
    assert told_saved(edda) == 0
    answer(stage, edda)
    assert olga.peer.values()[f"1/{CELL}"] == "typed at once"
    assert told_saved(edda) == 2
    news = [
        fact.entry.fact.new
        for fact in stage.kept.facts
        if fact.entry.fact.row == QUAY and fact.entry.fact.column == NAME
    ]
    assert news == ["typed at once"]


@pytest.mark.rule("ROOM-48", "ROOM-49")
@pytest.mark.parametrize("control", [True, False])
def test_what_a_sibling_tab_has_not_sent_is_asked_for(stage: Stage, *, control: bool) -> None:
    """The other tab's connection is broken; this one has its edit, builds on it, and brings both when it is asked."""
    here, olga = stage.join(EDDA, 5001, control=control), stage.join(OLGA, 5009)
    there = stage.join(EDDA, 5002)
    answer(stage, here)
    write_on_top(stage, here, there)
    assert here.closed is None
    assert len(asked(here)) == 2
    assert vector_of(asked(here)[-1]) == vector_of(olga.peer.doc.get_state())
    answer(stage, here)
    assert olga.peer.values()[f"1/{CELL}"] == "on top of it"
    stage.write(here, {RENT_CELL: 7})
    stage.settle()
    assert stage.kept.rows[QUAY].cells == {NAME: "on top of it", RENT: 7}
    assert told_saved(here) == (4 if control else 0)


@pytest.mark.rule("ROOM-49")
def test_nothing_is_called_saved_over_an_edit_that_waits(stage: Stage) -> None:
    """What can be taken meanwhile is taken and shown, but acknowledged only after what was sent before it."""
    here, there = stage.join(EDDA, 5001), stage.join(EDDA, 5002)
    write_on_top(stage, here, there)
    other = here.peer
    here.peer = there.peer
    stage.write(here, {RENT_CELL: 9})
    stage.settle()
    assert told_saved(here) == 0
    here.peer = other
    answer(stage, here)
    assert told_saved(here) == 3


@pytest.mark.rule("ROOM-50")
def test_who_has_been_asked_and_does_not_know_either_is_closed(stage: Stage) -> None:
    """An answer that does not bring what the edit refers to shows that it refers to nothing."""
    here, there = stage.join(EDDA, 5001), stage.join(EDDA, 5002)
    upload = step_2_frame(here.peer.doc.get_update(here.peer.doc.get_state()))
    write_on_top(stage, here, there)
    stage.send(here, upload)
    stage.settle()
    assert here.closed == 4400
    assert f"1/{CELL}" not in stage.join(OLGA, 5009).peer.values()


@pytest.mark.rule("ROOM-50")
def test_who_does_not_answer_is_closed(stage: Stage) -> None:
    """Half a minute is enough; nobody else is bothered meanwhile."""
    here, there, emil = stage.join(EDDA, 5001), stage.join(EDDA, 5002), stage.join(EMIL, 5003)
    write_on_top(stage, here, there)
    stage.write(emil, {RENT_CELL: 5})
    stage.settle()
    assert stage.kept.rows[QUAY].cells == {RENT: 5}
    stage.pass_time(29)
    assert here.closed is None
    stage.pass_time(1)
    assert here.closed == 4400
    assert emil.closed is None


@pytest.mark.rule("ROOM-50")
def test_questions_are_bounded() -> None:
    """Each question counts as a refusal, and only so much may wait for an answer."""
    stage = stage_with_rows(
        QUAY, limits=Limits(refusals_burst_max=1, refusals_per_update_max=1, refusals_per_second_max=0.001)
    )
    here, there = stage.join(EDDA, 5001), stage.join(EDDA, 5002)
    answer(stage, here)
    for text, closed in (("first", None), ("second", 4400)):
        here.peer.apply(there.peer.set({CELL: text}))
        stage.write(here, {CELL: f"on top of the {text}"})
        stage.settle()
        assert here.closed == closed
        if closed is None:
            answer(stage, here)
    large = stage_with_rows(QUAY, limits=Limits(frame_bytes_max=5_000))
    here, there = large.join(EDDA, 5001), large.join(EDDA, 5002)
    here.peer.apply(there.peer.set({CELL: "by the other tab"}))
    for _ in range(3):
        large.write(here, {CELL: "x" * 2_000})
        large.settle()
    assert here.closed == 1013


@pytest.mark.rule("ROOM-51")
def test_who_was_taken_for_the_author_of_what_they_had_seen_does_not_drive_out_its_author(stage: Stage) -> None:
    """Adam brings an edit of Emil's that another node has committed; before this node hears of it, Emil writes on here."""
    edda, elsewhere = stage.join(EDDA, 5001), Stage(stage.store)
    emil = elsewhere.join(EMIL, 5002)
    first = emil.peer.set({CELL: "Emil's first"})
    elsewhere.send(emil, update_frame(first))
    elsewhere.settle()
    edda.peer.apply(first)
    edda.peer.set({RENT_CELL: 7})
    stage.send(edda, step_2_frame(edda.peer.doc.get_update(asked(edda)[-1])))
    stage.rejoin(emil)
    stage.write(emil, {CELL: "Emil's second"})
    stage.settle()
    assert (emil.closed, edda.closed) == (None, None)
    assert stage.kept.rows[QUAY].cells == {NAME: "Emil's second", RENT: 7}
    assert stage.kept.client_owners[5002] == EMIL.user_id


@pytest.mark.rule("ROOM-51", "BUS-5")
@pytest.mark.parametrize("told_meanwhile", [False, True])
def test_who_has_seen_more_than_this_node_has_heard_of_is_not_closed(stage: Stage, told_meanwhile: bool) -> None:  # noqa: FBT001 - a case
    """A commit that loses is judged again by what the bus has brought; where somebody seems a forger by that, the log is read first.

    What the bus brings while it is read waits for it.
    """
    edda, elsewhere = stage.join(EDDA, 5001), Stage(stage.store)
    emil = elsewhere.join(EMIL, 5002)
    for value in ("Emil's first", "Emil's second"):
        update = emil.peer.set({CELL: value})
        elsewhere.send(emil, update_frame(update))
        elsewhere.settle()
        edda.peer.apply(update)
    first = next(effect for effect in elsewhere.effects if isinstance(effect, Publish) and effect.entries)
    edda.peer.set({RENT_CELL: 7})
    stage.send(edda, step_2_frame(edda.peer.doc.get_update(asked(edda)[-1])))
    stage.handle(events.Heard(first.epoch, first.head, first.entries))
    assert stage.commit()[0] == Conflict()
    assert edda.closed is None
    if told_meanwhile:
        stage.handle(events.Heard(first.epoch, stage.kept.head))
    stage.settle()
    assert edda.closed is None
    assert stage.kept.rows[QUAY].cells == {NAME: "Emil's second", RENT: 7}
    assert stage.kept.client_owners[5002] == EMIL.user_id


@pytest.mark.rule("ROOM-50")
def test_what_waits_is_forgotten_with_its_session(stage: Stage) -> None:
    """Who comes back starts with an upload, and nothing of the old connection is left."""
    here, there = stage.join(EDDA, 5001), stage.join(EDDA, 5002)
    write_on_top(stage, here, there)
    stage.leave(here)
    stage.now += timedelta(seconds=60)
    stage.rejoin(here)
    answer(stage, here)
    assert here.closed is None
    assert stage.kept.rows[QUAY].cells == {NAME: "on top of it"}
