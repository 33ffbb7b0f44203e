"""A draft that is made anew while a commit is under way: what is at the store may still come back."""

import pytest

from persistence.contract import Committed, Conflict
from realtime.core import events
from realtime.core.draft import Draft
from realtime.core.effects import Broadcast, Commit, Fetch
from realtime.core.outcome import Diverged
from realtime.core.writes import SetCell
from tests.property_list import EDDA, EMIL, NAME, OLGA, PIER, QUAY, finish
from tests.room_scenes import Seat, Stage, closes, stage_with_rows

CELL, OTHER = f"c:{QUAY}:{NAME}", f"c:{PIER}:{NAME}"


@pytest.fixture
def stage() -> Stage:
    """A list with two rows."""
    return stage_with_rows(QUAY, PIER)


def diverge(stage: Stage, seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's edit does what the judgement had not foreseen."""

    def diverged(*_: object) -> None:
        raise Diverged("as planned")

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "receive", diverged)
        stage.write(seat, {OTHER: "unforeseen"})
    assert closes(stage.effects)[-1][0] == seat.session


@pytest.mark.rule("ROOM-1", "ROOM-5")
def test_what_comes_back_from_the_store_is_committed_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another node was first: the edit is judged again and acknowledged when it is durable, not before."""
    edda, emil, other = stage.join(EDDA, 5001), stage.join(EMIL, 5002), Stage(stage.store)
    other.request(OLGA, SetCell(PIER, NAME, "Theirs"))
    other.settle()
    stage.write(edda, {CELL: "Mine"})
    diverge(stage, emil, monkeypatch)
    result, effects = stage.commit()
    assert result == Conflict()
    assert [type(effect) for effect in effects] == [Fetch]
    assert [type(effect) for effect in stage.fetch()] == [Broadcast, Commit]
    assert edda.controls()[-1].get("frames", 0) == 0
    assert stage.commit()[0] == Committed(4)
    assert edda.controls()[-1]["frames"] == 1
    assert stage.kept.rows[QUAY].cells == {NAME: "Mine"}


@pytest.mark.rule("ROOM-5", "ROOM-6")
@pytest.mark.parametrize("happened", [True, False])
def test_what_was_not_answered_counts_once(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, happened: bool) -> None:
    """Whether the commit under way has taken effect or not."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "Mine"})
    diverge(stage, emil, monkeypatch)
    batch = stage.commits.pop()
    if happened:
        assert finish(stage.store.commit(batch)) == Committed(3)
    stage.handle(events.Unanswered())
    stage.settle()
    said = [kept.entry.fact.new for kept in stage.kept.facts if kept.entry.fact.row == QUAY]
    assert said.count("Mine") == 1
    assert edda.controls()[-1]["frames"] == 1
