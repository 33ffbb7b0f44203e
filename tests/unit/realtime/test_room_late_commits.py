"""A commit without an answer that happens after all, later than the log was read: it counts once all the same."""

import pytest

from persistence.contract import Committed, Conflict, FactKind
from realtime.core import events
from realtime.core.effects import Fetch, Reply
from realtime.core.flight import DOUBTS_MAX
from realtime.core.writes import AddRow, SetCell
from tests.property_list import EDDA, EMIL, NAME, OLGA, QUAY, finish
from tests.room_scenes import Stage, refusals, replies, stage_with_rows

OAK, ELM, ASH = "row-oak00001", "row-elm00001", "row-ash00001"
CELL = f"c:{QUAY}:{NAME}"


@pytest.fixture
def stage() -> Stage:
    """A list with one row."""
    return stage_with_rows(QUAY)


def let_it_be_late(stage: Stage) -> None:
    """The commit under way is not answered, the log does not show it, what waits is tried again: then it happens."""
    late = stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.fetch()
    assert isinstance(finish(stage.store.commit(late)), Committed)
    assert isinstance(stage.commit()[0], Conflict)


@pytest.mark.rule("ROOM-60")
def test_a_request_that_was_committed_late_is_answered_and_not_done_again(stage: Stage) -> None:
    """A new record and its value: one row, one fact of each, one reply, no refusal."""
    stage.request(OLGA, AddRow(OAK), SetCell(OAK, NAME, "Oak Lane 12"))
    let_it_be_late(stage)
    stage.settle()
    assert [type(reply) for reply in replies(stage.effects)] == [Reply]
    assert refusals(stage.effects) == []
    said = [kept.entry.fact for kept in stage.kept.facts if kept.entry.fact.row == OAK]
    assert [fact.kind for fact in said] == [FactKind.ROW, FactKind.CELL]
    assert len(stage.kept.log) == stage.kept.head == 3


@pytest.mark.rule("ROOM-60")
def test_an_edit_that_was_committed_late_is_acknowledged_once(stage: Stage) -> None:
    """The author is told that it is saved, everybody is shown it, and what came meanwhile follows it."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "one"})
    late = stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.write(edda, {CELL: "two"})
    stage.fetch()
    finish(stage.store.commit(late))
    stage.commit()
    edda.take()
    stage.fetch()
    assert edda.controls()[-1]["frames"] == 1
    assert edda.updates() == []
    stage.settle()
    assert edda.controls()[-1]["frames"] == 2
    said = [kept.entry.fact for kept in stage.kept.facts if kept.entry.fact.kind is FactKind.CELL]
    assert [(fact.old, fact.new) for fact in said] == [(None, "one"), ("one", "two")]
    assert emil.peer.values() == edda.peer.values()


@pytest.mark.rule("ROOM-60")
def test_of_several_tries_that_were_not_answered_any_may_be_the_one(stage: Stage) -> None:
    """The second of three tries happens: a request that was in it is answered, a later one is committed after it."""
    stage.request(OLGA, AddRow(OAK))
    stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.request(OLGA, AddRow(ELM))
    stage.fetch()
    late = stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.request(OLGA, AddRow(ASH))
    stage.pass_time(0.3)
    stage.fetch()
    finish(stage.store.commit(late))
    stage.settle()
    assert len(replies(stage.effects)) == 3
    rows = [kept.entry.fact.row for kept in stage.kept.facts if kept.entry.fact.kind is FactKind.ROW]
    assert rows == [QUAY, OAK, ELM, ASH]


@pytest.mark.rule("ROOM-61")
def test_doubts_are_bounded(stage: Stage) -> None:
    """A store that takes nothing for an hour costs no memory."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "one"})
    for _ in range(DOUBTS_MAX + 5):
        stage.commits.clear()
        stage.handle(events.Unanswered())
        if not stage.fetches:
            stage.pass_time(0.3)
        stage.fetch()
    assert len(stage.room.ledger._doubts) == DOUBTS_MAX


@pytest.mark.rule("ROOM-61")
def test_a_store_that_reads_but_does_not_commit_is_not_besieged(stage: Stage) -> None:
    """After the second try without an answer the log is read a while later, not at once: a full disk does not busy a node."""
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "one"})
    stage.commits.clear()
    assert [type(effect) for effect in stage.handle(events.Unanswered())] == [Fetch]
    stage.fetch()
    for _ in range(3):
        stage.commits.clear()
        assert not [effect for effect in stage.handle(events.Unanswered()) if isinstance(effect, Fetch)]
        assert Fetch in [type(effect) for effect in stage.pass_time(0.3)]
        stage.fetch()
    stage.settle()
    assert edda.controls()[-1]["frames"] == 1
