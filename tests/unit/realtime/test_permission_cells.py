"""Every cell of the permission table that a list document knows, at the gate: each kind of key and of write, each role.

What is expected is computed from the table alone (`tests/key_rules.py` says which action a key needs). A refused edit
must leave nothing but its refusal.
"""

from typing import Any

import pytest

from auth.permissions import Action, allows
from auth.principals import Principal
from persistence.memory import StoredList
from realtime.core import events
from realtime.core.effects import Commit
from realtime.core.keys import Key
from realtime.core.writes import AddComment, SetKey
from tests.judged_list import ALL
from tests.key_rules import RULES, SERVER_ALONE, KeyRule, key_of, path_of, value_for
from tests.property_list import EDDA, EMIL, GONE, MIA, OLGA, QUAY, item, update_frame, update_of
from tests.room_scenes import Seat, Stage, refusals, replies, stage_with_rows
from tests.write_rules import BEING_FILLED, EMILS, MINE, WriteRule, kinds_of_writes
from tests.write_rules import RULES as WRITES

BUILT_BY_SERVER = ("segments", "overlays/2")


def named(rule: KeyRule) -> str:
    """A rule in the report."""
    return f"{rule.shape} {rule.what}".replace(" ", "-")


@pytest.fixture
def stage() -> Stage:
    """A row, a comment of Emil's, a shared and a locked view, and a deleted column that a conversion fills."""
    made = stage_with_rows(QUAY)
    views = {"view-shared1:name": "All", "view-locked1:name": "Locked", "view-locked1:locked": True}
    made.request(OLGA, *(SetKey("views", key, value) for key, value in views.items()))
    made.request(EMIL, AddComment(EMILS, QUAY, None, None, "Emil's."))
    made.request(OLGA, SetKey("columns", f"{GONE}:config", BEING_FILLED))
    made.settle()
    made.effects.clear()
    return made


def kept(stage: Stage) -> tuple[Any, ...]:
    """What the store has of the list, beside the log and the refusals."""
    stored: StoredList = stage.kept
    visible = [fact for fact in stored.facts if fact.entry.reason is None]
    return (stored.name, stored.schema, dict(stored.rows), dict(stored.links), dict(stored.comments), visible)


def allowed(rule: KeyRule | WriteRule, person: Principal) -> bool:
    """What the table says."""
    return isinstance(rule.action, Action) and allows(person.role, rule.action, own=bool(rule.own))


def attempt(stage: Stage, seat: Seat, rule: KeyRule) -> list[Any]:
    """A client writes the rule's value, with what belongs beside it; returns the effects."""
    path, value = path_of(rule), value_for(rule.value, seat.principal)
    if path.startswith(BUILT_BY_SERVER):
        effects = stage.send(seat, update_frame(update_of(item(seat.peer.client, 0, value, path))))
    else:
        beside = {name: value_for(said, seat.principal) for name, said in rule.with_values}
        effects = stage.write(seat, {**beside, rule.path: value})
    stage.settle()
    return effects


def refusals_of(stage: Stage, key: Key) -> list[tuple[str, Any, str | None]]:
    """(actor, attempted value, reason) of every refusal of a key in the audit."""
    entries = [fact.entry for fact in stage.kept.facts if fact.entry.reason is not None]
    place = (key.kind, key.row, key.column, key.entity, key.attribute)
    return [
        (entry.actor, entry.fact.new, entry.reason)
        for entry in entries
        if (entry.fact.kind, _row(entry.fact, key), entry.fact.column, entry.fact.entity, entry.fact.attribute) == place
    ]


def _row(fact: Any, key: Key) -> str | None:
    """A comment's fact names its row, which its key does not."""
    return key.row if key.entity is not None else fact.row


@pytest.mark.rule("GATE-37", "GATE-10")
@pytest.mark.parametrize("person", ALL, ids=lambda person: person.role.value)
@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_cell_at_the_socket(stage: Stage, rule: KeyRule, person: Principal) -> None:
    """Whoever the table allows writes it; anybody else leaves a refusal with the attempt, and nothing else anywhere."""
    witness, seat = stage.join(EMIL, 5001), stage.join(person, 5002)
    shown, before, log = witness.peer.values(), kept(stage), len(stage.kept.log)
    attempt(stage, seat, rule)
    if allowed(rule, person):
        assert (seat.denials(), seat.closed) == ([], None)
        facts = [fact.entry for fact in stage.kept.facts if fact.entry.actor == person.user_id]
        assert key_of(rule).kind in {entry.fact.kind for entry in facts if entry.reason is None}
        path = path_of(rule).removeprefix("overlays/")
        assert witness.peer.values()[path] == value_for(rule.value, person)
        return
    assert witness.peer.values() == shown
    assert kept(stage) == before
    assert Stage(stage.store).join(EMIL, 5003).peer.values() == shown
    if path_of(rule).startswith(BUILT_BY_SERVER):
        assert (seat.closed, len(stage.kept.log)) == (4400, log)
        return
    told = seat.denials()[0]["refused"]
    reason = next(said["reason"] for said in told if said["key"] == rule.path)
    assert refusals_of(stage, key_of(rule)) == [(person.user_id, value_for(rule.value, person), reason)]
    assert seat.peer.values() == shown
    text = value_for(rule.value, person)
    assert not isinstance(text, str) or len(text) < 5 or _said(stage, text) == 0


def _said(stage: Stage, text: str) -> int:
    """How many updates of the log after the scene's own hold a text as a value."""
    value = b"w" + bytes((len(text),)) + text.encode()
    return sum(value in entry.update for entry in stage.kept.log[4:])


SHARED = [rule for rule in RULES if isinstance(rule.action, Action) and not rule.own]


@pytest.mark.rule("GATE-37", "GATE-10")
@pytest.mark.parametrize("person", ALL, ids=lambda person: person.role.value)
@pytest.mark.parametrize("rule", SHARED, ids=named)
def test_nobody_takes_away_what_they_may_not_write(stage: Stage, rule: KeyRule, person: Principal) -> None:
    """Deleting a key needs what writing it needs: otherwise it is there again, on every screen, and the refusal is kept."""
    writer = stage.join(OLGA if rule.own is None else EMIL, 5001)
    attempt(stage, writer, rule)
    assert writer.denials() == []
    seat = stage.join(person, 5002)
    shown, before = writer.peer.values(), kept(stage)
    stage.write(seat, {rule.path: ...})
    stage.settle()
    assert seat.closed is None
    if allowed(rule, person):
        return
    assert [said["key"] for said in seat.denials()[0]["refused"]] == [rule.path]
    assert seat.peer.values() == writer.peer.values() == shown
    assert kept(stage) == before
    assert [actor for actor, _, _ in refusals_of(stage, key_of(rule))] == [person.user_id]


@pytest.mark.rule("GATE-37", "ROOM-8")
@pytest.mark.parametrize("rule", RULES, ids=named)
def test_who_was_removed_writes_nothing(stage: Stage, rule: KeyRule) -> None:
    """Told or not: an admin's frames after the removal are ignored, and those that cross it are not committed."""
    told, crossing = stage.join(OLGA, 5001), stage.join(OLGA, 5002)
    before = kept(stage)
    version = stage.set_role(OLGA, None)
    attempt(stage, crossing, rule)
    assert kept(stage) == before
    assert crossing.closed in (4400, 4403)
    stage.handle(events.RightsChanged(OLGA.user_id, None, version))
    assert told.closed == 4403
    log = len(stage.kept.log)
    assert attempt(stage, told, rule) == []
    assert (kept(stage), len(stage.kept.log)) == (before, log)


@pytest.mark.rule("GATE-37")
@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_stranger_is_not_heard(stage: Stage, rule: KeyRule) -> None:
    """Frames of a socket that was not let in do nothing, not even an answer."""
    stranger = stage.join(MIA, 5001)
    stage.handle(events.Left(stranger.session))
    before, log = kept(stage), len(stage.kept.log)
    assert attempt(stage, stranger, rule) == []
    assert (kept(stage), len(stage.kept.log)) == (before, log)


@pytest.mark.rule("GATE-37", "GATE-19")
@pytest.mark.parametrize("person", ALL, ids=lambda person: person.role.value)
@pytest.mark.parametrize("rule", WRITES, ids=lambda rule: f"{type(rule.write(OLGA)).__name__}-{rule.action}-{rule.own}")
def test_every_cell_at_the_servers_own_doors(stage: Stage, rule: WriteRule, person: Principal) -> None:
    """The same table for what calls ask: written and answered, or refused with nothing begun."""
    stage.request(person, AddComment(MINE, QUAY, None, None, "Mine."))
    stage.settle()
    before, log = kept(stage), len(stage.kept.log)
    effects = stage.request(person, rule.write(person))
    if allowed(rule, person):
        assert refusals(effects) == []
        _, answered = stage.commit()
        assert len(replies(answered)) == 1
        return
    assert len(refusals(effects)) == 1
    assert not any(isinstance(effect, Commit) for effect in effects)
    assert (kept(stage), len(stage.kept.log)) == (before, log)


@pytest.mark.rule("AUTH-22")
def test_every_kind_of_write_has_a_rule() -> None:
    """A new kind of write needs a row in `tests/write_rules.py`."""
    assert {type(rule.write(EDDA)) for rule in WRITES} == kinds_of_writes()


@pytest.mark.rule("AUTH-22")
def test_both_outcomes_are_tried_for_every_action() -> None:
    """Each action of the table that keys ask for is both allowed and refused to somebody, unless the table knows no refusal."""
    outcomes: dict[Action | str, set[bool]] = {}
    for rule in (*RULES, *WRITES):
        outcomes.setdefault(rule.action, set()).update(allowed(rule, person) for person in ALL)
    everybody = {Action.COMMENTS_WRITE, Action.VIEWS_PRIVATE}
    assert outcomes.pop(SERVER_ALONE) == {False}
    assert {action for action, seen in outcomes.items() if seen != {True, False}} == everybody
