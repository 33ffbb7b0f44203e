"""The pace of commits: the more people are shown them, the more edits each takes."""

import pytest

from realtime.core import events
from realtime.core.effects import Commit, Effect, Rest
from realtime.core.limits import Limits
from realtime.core.writes import SetCell
from tests.property_list import EDDA, EMIL, NAME, OLGA, PIER, QUAY
from tests.room_scenes import Stage, stage_with_rows

CELL = f"c:{QUAY}:{NAME}"
EACH, MOST = 0.002, 0.005


@pytest.fixture
def stage() -> Stage:
    """A list of which people see a commit at most every few milliseconds."""
    stage = stage_with_rows(QUAY, PIER, limits=Limits(commit_seconds_apart_each=EACH), apart=MOST)
    stage.pass_time(MOST)
    return stage


def kinds(effects: list[Effect]) -> list[type[Effect]]:
    """What happens between the store and the room."""
    return [type(effect) for effect in effects if isinstance(effect, Commit | Rest)]


@pytest.mark.rule("ROOM-58")
def test_an_edit_right_after_a_commit_waits_with_all_that_come_meanwhile(stage: Stage) -> None:
    """They are committed together once the rest is over; it is asked for once."""
    edda, _ = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    assert kinds(stage.write(edda, {CELL: "one"})) == [Commit]
    stage.commit()
    (rest,) = [effect for effect in stage.write(edda, {CELL: "two"}) if isinstance(effect, Rest)]
    assert rest.seconds == pytest.approx(2 * EACH)
    assert kinds(stage.write(edda, {CELL: "three"})) == []
    (commit,) = [effect for effect in stage.handle(events.Rested()) if isinstance(effect, Commit)]
    assert len(commit.batch.updates) == 2


@pytest.mark.rule("ROOM-58")
def test_a_rest_is_as_long_as_what_is_left_of_it(stage: Stage) -> None:
    """It counts from the beginning of the last commit; a clock that has gone back makes it no longer."""
    edda, _ = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.write(edda, {CELL: "one"})
    stage.pass_time(EACH)
    stage.write(edda, {CELL: "two"})
    (rest,) = [effect for effect in stage.commit()[1] if isinstance(effect, Rest)]
    assert rest.seconds == pytest.approx(EACH)
    stage.handle(events.Rested())
    stage.pass_time(-60.0)
    stage.write(edda, {CELL: "three"})
    (rest,) = [effect for effect in stage.commit()[1] if isinstance(effect, Rest)]
    assert rest.seconds == pytest.approx(2 * EACH)


@pytest.mark.rule("ROOM-58")
def test_a_rest_has_a_limit_however_many_people_there_are(stage: Stage) -> None:
    """And after it there is none."""
    edda, *_ = [stage.join(EDDA, 5001 + number) for number in range(10)]
    stage.write(edda, {CELL: "one"})
    stage.commit()
    (rest,) = [effect for effect in stage.write(edda, {CELL: "two"}) if isinstance(effect, Rest)]
    assert rest.seconds == pytest.approx(MOST)
    stage.handle(events.Rested())
    stage.commit()
    stage.pass_time(MOST)
    assert kinds(stage.write(edda, {CELL: "three"})) == [Commit]


@pytest.mark.rule("ROOM-58")
def test_where_nobody_looks_nothing_waits(stage: Stage) -> None:
    """A program that writes into a closed list is not slowed down."""
    stage.request(OLGA, SetCell(QUAY, NAME, "one"))
    stage.commit()
    assert kinds(stage.request(OLGA, SetCell(QUAY, NAME, "two"))) == [Commit]


@pytest.mark.rule("ROOM-58", "BUS-5")
def test_who_has_lost_a_race_tries_again_at_once(stage: Stage) -> None:
    """Another node has written first: what waits is committed as soon as the log is known."""
    edda, _ = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    other = stage_with_rows_of(stage)
    stage.write(edda, {CELL: "one"})
    other.request(OLGA, SetCell(PIER, NAME, "first"))
    other.commit()
    stage.commit()
    assert kinds(stage.fetch()) == [Commit]


def stage_with_rows_of(stage: Stage) -> Stage:
    """Another node on the same store."""
    return Stage(stage.store)
