"""The room as a pure function: what happens in which order from a frame to the teammates' screens."""

from typing import Any

import pytest

from auth.roles import Role
from persistence.contract import Committed, Conflict, FactKind, RightsMoved
from realtime.core import events
from realtime.core.effects import Abandon, Broadcast, Commit, Fetch, Publish, Send
from realtime.core.limits import Limits
from realtime.core.messages import presence_message
from realtime.core.reasons import Reason
from realtime.core.writes import SetCell
from tests.property_list import (
    EDDA,
    EMIL,
    LOCKED,
    NAME,
    OLGA,
    PIER,
    QUAY,
    RENT,
    finish,
    step_2_frame,
    update_frame,
)
from tests.room_scenes import Seat, Stage, body_of, refusals, stage_with_rows

CELL, RENT_CELL, LOCKED_CELL = f"c:{QUAY}:{NAME}", f"c:{QUAY}:{RENT}", f"c:{QUAY}:{LOCKED}"


@pytest.fixture
def stage() -> Stage:
    """A list with two rows."""
    return stage_with_rows(QUAY, PIER)


def shown(seat: Seat, key: str) -> Any:
    """What a client shows at a key of generation 1."""
    return seat.peer.values().get(f"1/{key}")


@pytest.mark.rule("ROOM-1")
def test_nothing_is_shown_before_it_is_committed(stage: Stage) -> None:
    """A frame leads to a commit and to nothing else; the answer leads to the broadcast, then the acknowledgement."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    before = [type(effect) for effect in stage.write(edda, {CELL: "Quay 1"})]
    assert before == [Commit]
    assert shown(emil, CELL) is None
    assert edda.controls()[-1]["type"] == "welcome"
    _, after = stage.commit()
    assert [type(effect) for effect in after] == [Broadcast, Publish, Send]
    assert shown(emil, CELL) == "Quay 1"
    assert edda.controls()[-1] == {"type": "saved", "frames": 1, "head": 3}


@pytest.mark.rule("ROOM-1")
def test_a_newcomer_sees_only_what_is_committed(stage: Stage) -> None:
    """Who joins while a commit is under way is synced from the live document, and shown the edit like everybody."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "Quay 1"})
    emil = stage.join(EMIL, 5002)
    assert shown(emil, CELL) is None
    stage.commit()
    assert shown(emil, CELL) == "Quay 1"


@pytest.mark.rule("ROOM-2")
def test_one_commit_is_under_way(stage: Stage) -> None:
    """What comes meanwhile gathers into one next commit, and is shown in one frame."""
    edda, emil, olga = stage.join(EDDA, 5001), stage.join(EMIL, 5002), stage.join(OLGA, 5003)
    stage.write(edda, {CELL: "one"})
    assert stage.write(edda, {CELL: "two"}) == []
    assert stage.write(emil, {RENT_CELL: 900}) == []
    _, effects = stage.commit()
    (commit,) = [effect for effect in effects if isinstance(effect, Commit)]
    assert [update.actor for update in commit.batch.updates] == [EDDA.user_id, EMIL.user_id]
    assert commit.batch.expected_head == 3
    olga.take()
    stage.commit()
    assert len(olga.updates()) == 1
    assert (shown(olga, CELL), shown(olga, RENT_CELL)) == ("two", 900)


@pytest.mark.rule("ROOM-3")
def test_authors_are_not_echoed(stage: Stage) -> None:
    """Nobody gets back what they alone have written; others do."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    edda.take()
    stage.write(edda, {CELL: "Quay 1"})
    stage.settle()
    assert edda.updates() == []
    assert len(emil.updates()) == 2


@pytest.mark.rule("ROOM-5")
def test_a_conflict_is_fetched_and_judged_again(stage: Stage) -> None:
    """Another node committed first: its edit is shown, ours is judged on top, with its facts as they are now."""
    other = Stage(stage.store)
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    other.request(OLGA, SetCell(QUAY, NAME, "Theirs"))
    other.settle()
    stage.write(edda, {CELL: "Ours"})
    result, effects = stage.commit()
    assert result == Conflict()
    assert [type(effect) for effect in effects] == [Fetch]
    effects = stage.fetch()
    assert [type(effect) for effect in effects] == [Broadcast, Commit]
    result, _ = stage.commit()
    assert result == Committed(4)
    said = [kept.entry.fact for kept in stage.kept.facts if kept.entry.fact.kind is FactKind.CELL]
    assert [(fact.old, fact.new) for fact in said] == [(None, "Theirs"), (said[1].old, said[1].new)]
    assert shown(emil, CELL) == shown(edda, CELL)


@pytest.mark.rule("ROOM-14")
def test_while_the_log_is_read_edits_wait(stage: Stage) -> None:
    """They are judged afterwards, in their order; too many of them close the room."""
    other = Stage(stage.store)
    other.request(OLGA, SetCell(QUAY, NAME, "Theirs"))
    other.settle()
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {RENT_CELL: 1})
    stage.commit()
    assert stage.write(edda, {RENT_CELL: 2}) == []
    stage.request(OLGA, SetCell(QUAY, RENT, 3))
    stage.settle()
    assert stage.kept.rows[QUAY].cells[RENT] == 3
    assert edda.controls()[-1]["frames"] == 2


@pytest.mark.rule("ROOM-14")
@pytest.mark.parametrize("limits", [Limits(waiting_edits_max=1), Limits(waiting_bytes_max=100)], ids=["edits", "bytes"])
def test_too_much_waiting_closes_the_room(limits: Limits) -> None:
    """With 1013: come back later."""
    stage = stage_with_rows(QUAY, limits=limits)
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "x"})
    stage.handle(events.Unanswered())
    stage.write(edda, {CELL: "y" * 60})
    effects = stage.write(edda, {CELL: "z" * 60})
    assert [type(effect) for effect in effects] == [Abandon], "nothing is begun that nobody waits for"
    assert edda.closed == 1013


@pytest.mark.rule("ROOM-6")
@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_answer_is_looked_up_in_the_log(stage: Stage, *, happened: bool) -> None:
    """The batch is there, or it is committed again: either way the edit counts exactly once."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "Quay 1"})
    if happened:
        finish(stage.store.commit(stage.commits[0]))
    stage.commits.clear()
    assert [type(effect) for effect in stage.handle(events.Unanswered())] == [Fetch]
    assert edda.controls()[-1]["type"] == "welcome"
    stage.settle()
    assert shown(emil, CELL) == "Quay 1"
    assert edda.controls()[-1]["frames"] == 1
    assert [kept.entry.fact.new for kept in stage.kept.facts if kept.entry.fact.kind is FactKind.CELL] == ["Quay 1"]


@pytest.mark.rule("ROOM-6")
def test_a_store_out_of_reach_is_asked_again(stage: Stage) -> None:
    """The log is fetched again when the room wakes."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "Quay 1"})
    stage.commits.clear()
    stage.handle(events.Unanswered())
    stage.fetches.clear()
    stage.handle(events.Unanswered())
    assert stage.fetches == []
    stage.pass_time(0.3)
    assert stage.fetches == [2]
    stage.settle()
    assert stage.kept.rows[QUAY].cells[NAME] == "Quay 1"


@pytest.mark.rule("ROOM-7")
def test_edits_are_judged_by_the_rights_of_their_commit(stage: Stage) -> None:
    """A role that fell after the judging: the edit is judged again and neutralised; a member who left is closed."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "too late"})
    stage.write(emil, {RENT_CELL: 5})
    stage.set_role(EDDA, Role.MEMBER)
    result, _ = stage.commit()
    assert isinstance(result, RightsMoved)
    stage.set_role(EMIL, None)
    stage.settle()
    assert shown(edda, CELL) is None
    assert edda.denials()[0]["refused"] == [{"key": CELL, "reason": "role"}]
    assert {"type": "role", "role": "member"} in edda.controls()
    assert emil.closed == 4403
    assert stage.kept.rows[QUAY].cells == {}
    assert not any(b"too late" in entry.update for entry in stage.kept.log)


@pytest.mark.rule("ROOM-7")
def test_a_request_of_someone_who_left_is_refused(stage: Stage) -> None:
    """Its writes are not committed, and the door is told."""
    stage.request(EMIL, SetCell(QUAY, NAME, "x"))
    stage.set_role(EMIL, None)
    stage.commit()
    effects = stage.fetch()
    assert [effect.refusals for effect in refusals(effects)] == [[(0, Reason.ROLE)]]
    assert stage.kept.head == 2


@pytest.mark.rule("ROOM-10")
def test_frames_without_news_are_acknowledged(stage: Stage) -> None:
    """An empty answer to SyncStep1, a repeated update: saved at once, and without a commit."""
    edda = stage.join(EDDA, 5001)
    edda.take()
    assert [type(effect) for effect in stage.send(edda, step_2_frame(b"\x00\x00"))] == [Send]
    update = edda.peer.set({CELL: "Quay 1"})
    stage.send(edda, update_frame(update))
    assert stage.send(edda, update_frame(update)) == []
    stage.settle()
    assert [said["frames"] for said in edda.controls()] == [1, 2, 3]
    stage.send(edda, update_frame(update))
    assert stage.commits == []
    assert edda.controls()[-1]["frames"] == 4


@pytest.mark.rule("WIRE-7")
def test_stock_clients_get_no_control_messages(stage: Stage) -> None:
    """Neither greeting nor acknowledgement."""
    edda = stage.join(EDDA, 5001, control=False)
    stage.write(edda, {CELL: "Quay 1"})
    stage.settle()
    assert edda.controls() == []


@pytest.mark.rule("ROOM-15")
def test_a_list_that_is_gone_or_rebuilt_closes_its_people(stage: Stage) -> None:
    """4404 for the trash; 4409 where the epoch has moved."""
    edda = stage.join(EDDA, 5001)
    assert [type(effect) for effect in stage.handle(events.Removed())] == [Abandon]
    assert edda.closed == 4404
    rebuilt = stage_with_rows(QUAY)
    emil = rebuilt.join(EMIL, 5002)
    rebuilt.write(emil, {CELL: "x"})
    rebuilt.kept.epoch = 2
    rebuilt.settle()
    assert emil.closed == 4409


@pytest.mark.rule("WIRE-6", "ROOM-47")
def test_newcomers_share_one_frame(stage: Stage) -> None:
    """The frame of a full state, the updates since and at last a SyncStep2; who has a state gets the difference only."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "Quay 1"})
    stage.settle()
    olga = stage.join(OLGA, 5003)
    assert emil.inbox[2] == olga.inbox[2]
    assert len(olga.updates()) == 2
    assert [message[1] for message in olga.inbox if message[:1] == b"\x00"] == [0, 2, 2, 1]
    assert olga.peer.values() == edda.peer.values()
    stage.leave(emil)
    stage.rejoin(emil)
    (difference,) = [body_of(message) for message in emil.inbox if message[:2] == b"\x00\x01"]
    assert len(difference) < 10
    assert presence_message(()) not in emil.inbox


@pytest.mark.rule("ROOM-7")
def test_an_edit_of_what_was_refused_counts_if_the_refusal_falls(stage: Stage) -> None:
    """Deleting what is neutralised brings nothing new; judged again under better rights, both edits count."""
    emil, olga = stage.join(EMIL, 5001), stage.join(OLGA, 5002)
    stage.write(emil, {CELL: "Quay 1"})
    stage.set_role(EMIL, Role.MEMBER)
    assert isinstance(stage.commit()[0], RightsMoved)
    stage.write(emil, {CELL: ...})
    stage.set_role(EMIL, Role.ADMIN)
    stage.settle()
    assert emil.peer.values() == olga.peer.values()
    assert f"1/{CELL}" not in olga.peer.values()


@pytest.mark.rule("ROOM-14")
@pytest.mark.parametrize("limits", [Limits(waiting_edits_max=3), Limits(waiting_bytes_max=100)], ids=["edits", "bytes"])
def test_too_much_behind_a_commit_that_hangs_closes_the_room(limits: Limits) -> None:
    """With 1013: nothing was said to be saved, and clients bring it again; after a commit as much may wait again."""
    stage = stage_with_rows(QUAY, limits=limits)
    edda = stage.join(EDDA, 5001)
    for number in range(12):
        stage.write(edda, {CELL: str(number)})
        stage.settle()
    assert not stage.abandoned
    stage.write(edda, {CELL: "at the store"})
    for number in range(8):
        stage.write(edda, {CELL: f"waits {number}"})
    assert edda.closed == 1013
