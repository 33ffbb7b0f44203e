"""Scenes that the simulation found: several faults at once, each of which was thought of, together."""

from datetime import timedelta

import pytest

from auth.roles import Role
from persistence.contract import Committed, RightsMoved
from realtime.core import events
from realtime.core.effects import Broadcast, Fetch, Send
from realtime.core.messages import presence_message
from realtime.core.writes import SetCell
from tests.property_list import EDDA, EMIL, NAME, OLGA, PIER, QUAY, finish, step_2_frame
from tests.room_scenes import Stage, body_of, closes, refusals, replies, stage_with_rows

CELL, OTHER = f"c:{QUAY}:{NAME}", f"c:{PIER}:{NAME}"


@pytest.fixture
def stage() -> Stage:
    """A list with two rows."""
    return stage_with_rows(QUAY, PIER)


def test_each_edit_is_vouched_for_by_the_rights_it_was_judged_by(stage: Stage) -> None:
    """An edit that waits since before a role change is judged again, though a later edit knows of the change."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(emil, {CELL: "Emil's"})
    stage.write(edda, {OTHER: "too late"})
    version = stage.set_role(EDDA, Role.MEMBER)
    stage.handle(events.RightsChanged(EDDA.user_id, Role.MEMBER, version))
    stage.write(edda, {CELL: "refused anyway"})
    stage.commit()
    result, _ = stage.commit()
    assert isinstance(result, RightsMoved)
    stage.settle()
    assert {refused["key"] for told in edda.denials() for refused in told["refused"]} == {CELL, OTHER}
    assert all(fact.entry.actor != EDDA.user_id or fact.entry.reason for fact in stage.kept.facts)


def test_who_knows_more_than_this_node_is_let_in(stage: Stage) -> None:
    """An upload with somebody else's edits from another node makes this one read the log, and is taken after that."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(emil, {CELL: "from this node"})
    stage.settle()
    other = Stage(stage.store)
    other.rejoin(emil)
    other.write(emil, {CELL: "from the other node"})
    other.settle()
    edda.peer.apply(emil.peer.doc.get_update(edda.peer.doc.get_state()))
    edda.peer.set({OTHER: "offline"})
    stage.rejoin(edda, sync=False)
    question = body_of(edda.inbox[1])
    effects = stage.send(edda, step_2_frame(edda.peer.doc.get_update(question)))
    assert [type(effect) for effect in effects] == [Fetch]
    stage.settle()
    assert closes(stage.effects) == []
    assert stage.kept.rows[PIER].cells[NAME] == "offline"


def test_what_nobody_has_ends_the_connection_after_one_look(stage: Stage) -> None:
    """If the log knows nothing of an upload's missing edits either, it is unsound."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(emil, {CELL: "sent"})
    stage.settle()
    emil.peer.set({CELL: "never sent"})
    edda.peer.apply(emil.peer.doc.get_update(edda.peer.doc.get_state()))
    stage.rejoin(edda, sync=False)
    stage.send(edda, step_2_frame(edda.peer.doc.get_update(body_of(edda.inbox[1]))))
    stage.settle()
    assert closes(stage.effects) == [(edda.session, 4400)]


def test_a_batch_in_doubt_is_looked_for_before_rights_decide(stage: Stage) -> None:
    """A request whose commit was late, not lost, is answered, though its author was removed before the second try."""
    stage.request(EDDA, SetCell(QUAY, NAME, "late"))
    late = stage.commits.pop()
    stage.handle(events.Unanswered())
    stage.fetch()
    assert finish(stage.store.commit(late)) == Committed(3)
    stage.set_role(EDDA, None)
    result, _ = stage.commit()
    assert isinstance(result, RightsMoved)
    stage.settle()
    assert len(replies(stage.effects)) == 1
    assert refusals(stage.effects) == []
    assert sum(fact.entry.fact.new == "late" for fact in stage.kept.facts) == 1


@pytest.mark.parametrize("hours", [-1, 0], ids=["went back", "stands still"])
def test_a_log_that_could_not_be_read_is_read_again_whatever_the_clock_says(stage: Stage, hours: int) -> None:
    """The next try comes when the room is woken, not when its clock has come to some time."""
    stage.request(OLGA, SetCell(QUAY, NAME, "x"))
    stage.handle(events.Unanswered())
    stage.handle(events.Unanswered())
    stage.now += timedelta(hours=hours)
    assert [effect for effect in stage.handle(events.Woken()) if isinstance(effect, Fetch)] == [Fetch(2)]


def test_what_is_due_first_hides_nothing_that_is_due_later_while_the_clock_stands_still(stage: Stage) -> None:
    """The heartbeat comes, and then the log is read again, though it is never time for either by the clock."""
    stage.now += timedelta(seconds=14.9)
    stage.join(EDDA, 5001)
    stage.request(OLGA, SetCell(QUAY, NAME, "x"))
    stage.handle(events.Unanswered())
    stage.handle(events.Unanswered())
    first = stage.handle(events.Woken())
    assert [effect.message for effect in first if isinstance(effect, Broadcast)] == [presence_message(())]
    assert [effect for effect in stage.handle(events.Woken()) if isinstance(effect, Fetch)] == [Fetch(2)]


def test_the_heartbeat_goes_on_when_the_clock_goes_back(stage: Stage) -> None:
    """Fifteen seconds later it comes, and not an hour."""
    stage.join(EDDA, 5001)
    stage.now -= timedelta(hours=1)
    stage.handle(events.Woken())
    beats = [effect for effect in stage.pass_time(15.0) if isinstance(effect, Broadcast)]
    assert [beat.message for beat in beats] == [presence_message(())]


def test_authors_are_answered_in_the_order_of_their_edits(stage: Stage) -> None:
    """The order of effects does not depend on the hashes of names: the same events give the same effects everywhere."""
    stage.request(OLGA, SetCell(QUAY, NAME, "first"))
    people = [stage.join(EDDA, 5010 + number) for number in range(5)]
    for number, person in enumerate(people):
        stage.write(person, {CELL: f"by {number}"})
    stage.commit()
    before = len(stage.effects)
    stage.commit()
    told = [effect.session for effect in stage.effects[before:] if isinstance(effect, Send)]
    assert told == [person.session for person in people]
