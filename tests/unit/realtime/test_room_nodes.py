"""A room among nodes: what others have committed is taken in by its numbers, and everybody gets a turn."""

import pytest

from persistence.contract import Committed, Conflict, FactKind
from realtime.core import events
from realtime.core.effects import Abandon, AskTurn, Broadcast, Commit, Fetch, Publish
from realtime.core.turns import PATIENCE
from realtime.core.writes import AddRow, SetCell
from tests.property_list import EDDA, EMIL, NAME, OLGA, QUAY, RENT, finish, update_frame
from tests.room_scenes import Seat, Stage, stage_with_rows

CELL = f"c:{QUAY}:{NAME}"
RENT_CELL = f"c:{QUAY}:{RENT}"


@pytest.fixture
def here() -> Stage:
    """A node whose list has one row."""
    return stage_with_rows(QUAY)


@pytest.fixture
def there(here: Stage) -> Stage:
    """Another node on the same store."""
    return Stage(here.store)


def published(node: Stage) -> list[Publish]:
    """What a node has told the others is durable."""
    return [effect for effect in node.effects if isinstance(effect, Publish)]


def heard(publish: Publish) -> events.Heard:
    """As the other nodes hear it."""
    return events.Heard(publish.epoch, publish.head, publish.entries)


def shown(seat: Seat, path: str) -> object:
    """What a replica shows at a key of generation 1."""
    return seat.peer.values().get(f"1/{path}")


def commit_there(there: Stage, value: str) -> events.Heard:
    """The other node commits a value of the row's name; returns what it tells of it."""
    there.request(OLGA, SetCell(QUAY, NAME, value))
    there.settle()
    return heard(published(there)[-1])


@pytest.mark.rule("BUS-1")
def test_a_commit_is_published_with_its_numbers(here: Stage) -> None:
    """As it stands in the log: numbers, actors, batch and updates."""
    edda = here.join(EDDA, 5001)
    here.write(edda, {CELL: "one"})
    here.commit()
    (told,) = published(here)[-1:]
    assert list(told.entries) == here.kept.log[-1:]
    assert (told.epoch, told.head) == (here.kept.epoch, here.kept.head)


@pytest.mark.rule("BUS-2")
def test_what_follows_the_head_is_shown_without_asking_the_database(here: Stage, there: Stage) -> None:
    """One merged message to everybody here, and the next edit is judged on top of it."""
    edda = here.join(EDDA, 5001)
    told = commit_there(there, "Theirs")
    effects = here.handle(told)
    assert [type(effect) for effect in effects] == [Broadcast]
    assert shown(edda, CELL) == "Theirs"
    here.write(edda, {CELL: "Ours"})
    result, _ = here.commit()
    assert result == Committed(told.head + 1)
    facts = [kept.entry.fact for kept in here.kept.facts if kept.entry.fact.kind is FactKind.CELL]
    assert [(fact.old, fact.new) for fact in facts] == [(None, "Theirs"), ("Theirs", "Ours")]


@pytest.mark.rule("BUS-2")
def test_what_is_heard_twice_or_late_changes_nothing(here: Stage, there: Stage) -> None:
    """Doubled words, old words, and words of an older epoch."""
    edda = here.join(EDDA, 5001)
    first, second = commit_there(there, "one"), commit_there(there, "two")
    here.handle(first)
    here.handle(second)
    edda.take()
    for word in (first, second, events.Heard(0, 99, second.entries)):
        assert here.handle(word) == []
    assert edda.take() == []


@pytest.mark.rule("BUS-2")
def test_a_gap_is_read_from_the_log(here: Stage, there: Stage) -> None:
    """A lost word shows in the numbers of the next one; so does a head that is only named."""
    edda = here.join(EDDA, 5001)
    commit_there(there, "lost")
    told = commit_there(there, "came")
    assert [type(effect) for effect in here.handle(told)] == [Fetch]
    here.settle()
    assert shown(edda, CELL) == "came"
    named = commit_there(there, "named")
    here.handle(events.Heard(named.epoch, named.head))
    here.settle()
    assert shown(edda, CELL) == "named"
    assert here.room.standing == (1, here.kept.head)


@pytest.mark.rule("BUS-2")
def test_a_head_that_nobody_has_is_asked_for_once(here: Stage) -> None:
    """The log has nothing after our head: whoever said otherwise was wrong, and nothing is asked again."""
    here.handle(events.Heard(1, 99))
    assert here.fetch() == []
    assert here.fetches == []


@pytest.mark.rule("BUS-2")
def test_words_heard_during_a_commit_save_the_reading(here: Stage, there: Stage) -> None:
    """Our batch is refused, and what came before it is known already: it is shown, and ours is judged on top."""
    edda = here.join(EDDA, 5001)
    here.write(edda, {RENT_CELL: 7})
    first, second = commit_there(there, "one"), commit_there(there, "two")
    for word in (first, first, second):
        assert here.handle(word) == []
    result, effects = here.commit()
    assert result == Conflict()
    assert [type(effect) for effect in effects] == [AskTurn, Broadcast, Commit]
    here.settle()
    assert (shown(edda, CELL), here.kept.rows[QUAY].cells) == ("two", {NAME: "two", RENT: 7})
    assert here.fetches == []


@pytest.mark.rule("BUS-2")
def test_words_that_do_not_follow_during_a_commit_lead_to_the_log(here: Stage, there: Stage) -> None:
    """One of them was lost."""
    edda = here.join(EDDA, 5001)
    here.write(edda, {RENT_CELL: 7})
    commit_there(there, "lost")
    here.handle(commit_there(there, "came"))
    here.settle()
    assert shown(edda, CELL) == "came"
    assert here.kept.rows[QUAY].cells == {NAME: "came", RENT: 7}


@pytest.mark.rule("BUS-3")
def test_our_own_head_in_the_database_is_no_news(here: Stage) -> None:
    """The comparison sees our commit before its answer comes."""
    edda = here.join(EDDA, 5001)
    here.write(edda, {CELL: "x"})
    here.handle(events.Heard(1, here.kept.head + 1))
    _, effects = here.commit()
    assert not [effect for effect in effects if isinstance(effect, Fetch)]


@pytest.mark.rule("BUS-3")
def test_a_new_epoch_ends_the_room(here: Stage) -> None:
    """The list was rebuilt elsewhere: people load it again."""
    edda = here.join(EDDA, 5001)
    (effect,) = here.handle(events.Heard(2, 1))
    assert isinstance(effect, Abandon)
    assert edda.closed == 4409


@pytest.mark.rule("BUS-5")
def test_who_loses_the_race_gets_the_next_turn(here: Stage, there: Stage) -> None:
    """A node that commits without a pause holds back when it is asked, until the other one has committed."""
    edda = there.join(EDDA, 5001)
    writer = here.join(EMIL, 5002)
    there.write(edda, {RENT_CELL: 7})
    here.write(writer, {CELL: "one"})
    here.write(writer, {CELL: "two"})
    here.commit()
    _, effects = there.commit()
    assert AskTurn() in effects
    here.handle(events.TurnAsked())
    here.commit()
    here.write(writer, {CELL: "three"})
    assert here.commits == [], "it was asked during its commit, and holds back"
    there.fetch()
    result, _ = there.commit()
    assert isinstance(result, Committed)
    here.handle(heard(published(there)[-1]))
    assert len(here.commits) == 1
    here.settle()
    assert here.kept.rows[QUAY].cells == {NAME: "three", RENT: 7}


@pytest.mark.rule("BUS-5")
def test_nobody_is_waited_for_for_long(here: Stage) -> None:
    """Whoever asked may be gone; and who waits for a turn of its own gives none."""
    edda = here.join(EDDA, 5001)
    here.handle(events.TurnAsked())
    here.write(edda, {CELL: "x"})
    assert here.commits == []
    here.pass_time(PATIENCE.total_seconds())
    assert len(here.commits) == 1
    other = Stage(here.store)
    other.request(OLGA, AddRow("row-before01"))
    other.settle()
    here.commit()
    here.handle(events.TurnAsked())
    here.fetch()
    assert len(here.commits) == 1, "it has lost a race itself"


@pytest.mark.rule("ROOM-6")
def test_a_statement_may_still_take_effect_after_the_log_was_read(here: Stage) -> None:
    """The batch in doubt is not in the log, so it is tried again; then the first try turns up after all: it counts once."""
    edda, emil = here.join(EDDA, 5001), here.join(EMIL, 5002)
    here.write(edda, {CELL: "x"})
    late = here.commits.pop()
    here.handle(events.Unanswered())
    here.fetch()
    request = here.request(OLGA, AddRow("row-after001"))
    assert request == []
    finish(here.store.commit(late))
    result, _ = here.commit()
    assert result == Conflict()
    here.settle()
    assert shown(emil, CELL) == "x"
    assert edda.controls()[-1]["frames"] == 1
    facts = [kept.entry.fact.new for kept in here.kept.facts if kept.entry.fact.kind is FactKind.CELL]
    assert facts == ["x"]
    assert "row-after001" in here.kept.rows


@pytest.mark.rule("ROOM-6")
def test_a_request_whose_first_try_turns_up_late_is_answered_once(here: Stage) -> None:
    """It is not written a second time."""
    here.request(OLGA, AddRow("row-once0001"))
    late = here.commits.pop()
    here.handle(events.Unanswered())
    here.fetch()
    finish(here.store.commit(late))
    here.effects.clear()
    here.settle()
    rows = [kept for kept in here.kept.facts if kept.entry.fact.row == "row-once0001"]
    assert len(rows) == 1
    assert [type(effect).__name__ for effect in here.effects if type(effect).__name__ in {"Reply", "Refuse"}] == [
        "Reply"
    ]


@pytest.mark.rule("GATE-21")
def test_an_accepted_edit_wins_over_what_another_nodes_server_wrote(here: Stage, there: Stage) -> None:
    """A refused value was written over there; an honest edit that has not met that writing takes effect here."""
    edda, emil = here.join(EDDA, 5001), there.join(EMIL, 5002)
    here.write(edda, {CELL: "first"})
    here.settle()
    there.handle(heard(published(here)[-1]))
    there.write(emil, {CELL: "x" * 20_000})
    honest = edda.peer.set({CELL: "honest"})
    there.settle()
    here.handle(heard(published(there)[-1]))
    here.send(edda, update_frame(honest))
    here.settle()
    assert here.kept.rows[QUAY].cells[NAME] == "honest"
    assert shown(edda, CELL) == "honest"
