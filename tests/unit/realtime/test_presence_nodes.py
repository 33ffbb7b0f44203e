"""Presence between nodes: people elsewhere are shown as people here are, and go when their node says so or falls silent."""

from datetime import timedelta

import pytest

from realtime.core import events, messages
from realtime.core.effects import Announce
from realtime.core.messages import PresenceEntry
from realtime.core.presence import NODE_SILENT
from tests.property_list import EDDA, EMIL, QUAY, update_frame
from tests.room_scenes import Seat, Stage, stage_with_rows

HEARTBEAT = 15.0


@pytest.fixture
def here() -> Stage:
    """A node whose list has one row."""
    return stage_with_rows(QUAY)


@pytest.fixture
def there(here: Stage) -> Stage:
    """Another node on the same store."""
    return Stage(here.store)


def announced(node: Stage) -> list[Announce]:
    """What a node has told the others of its people since the last call."""
    told = [effect for effect in node.effects if isinstance(effect, Announce)]
    node.effects.clear()
    return told


def tell(node: Stage, *told: Announce, name: str = "there") -> None:
    """Another node's words arrive."""
    for word in told:
        node.handle(events.Overheard(name, word.entries, word.asking))
    node.pass_time(0.2)


def move(node: Stage, seat: Seat, clock: int, place: str = "a1") -> None:
    """A client shows where its cursor is."""
    entry = PresenceEntry(seat.peer.client, clock, f'{{"cell":"{place}"}}')
    node.pass_time(0.2)
    node.send(seat, messages.presence_message([entry]))


def seen(seat: Seat) -> dict[int, str]:
    """The newest state of each client among the messages of the inbox."""
    shown: dict[int, str] = {}
    for message in seat.take():
        if message[:1] == b"\x01":
            decoded = messages.decode(message)
            assert isinstance(decoded, messages.Presence)
            shown |= {entry.client: entry.state for entry in decoded.entries}
    return shown


@pytest.mark.rule("PRES-13")
def test_people_elsewhere_are_shown(here: Stage, there: Stage) -> None:
    """With the identity that their own node has verified; newcomers see them too."""
    edda, emil = here.join(EDDA, 5001), there.join(EMIL, 5002)
    move(there, emil, 1)
    tell(here, *announced(there))
    assert EMIL.name in seen(edda)[5002]
    assert 5002 in seen(here.join(EMIL, 5003))


@pytest.mark.rule("PRES-13")
def test_a_node_that_opens_a_list_asks_who_is_there(here: Stage, there: Stage) -> None:
    """Its first word asks; the answer names everybody, however long ago they moved; what it knows is not said back."""
    edda = here.join(EDDA, 5001)
    move(here, edda, 1)
    announced(here)
    emil = there.join(EMIL, 5002)
    (question,) = announced(there)
    assert question.asking
    tell(here, question)
    answers = announced(here)
    assert [entry.client for word in answers for entry in word.entries] == [5001]
    tell(there, *answers, name="here")
    assert 5001 in seen(emil)
    there.pass_time(HEARTBEAT)
    assert [entry.client for word in announced(there) for entry in word.entries] == []


@pytest.mark.rule("PRES-13")
def test_everybody_is_told_again_with_the_heartbeat(here: Stage) -> None:
    """Whoever missed it the first time hears it now."""
    edda = here.join(EDDA, 5001)
    move(here, edda, 1)
    announced(here)
    here.pass_time(HEARTBEAT)
    assert [entry.client for word in announced(here) for entry in word.entries] == [5001]


@pytest.mark.rule("PRES-13")
def test_the_people_of_a_silent_node_are_gone(here: Stage, there: Stage) -> None:
    """It has crashed: after 40 seconds nobody is shown of it; who spoke meanwhile stays."""
    edda, emil = here.join(EDDA, 5001), there.join(EMIL, 5002)
    move(there, emil, 1)
    tell(here, *announced(there))
    seen(edda)
    here.pass_time(NODE_SILENT.total_seconds() - 1)
    assert "null" not in seen(edda).values()
    tell(here, Announce(()))
    here.pass_time(NODE_SILENT.total_seconds() - 1)
    assert "null" not in seen(edda).values()
    here.pass_time(HEARTBEAT)
    here.pass_time(0.2)
    assert seen(edda)[5002] == "null"


@pytest.mark.rule("PRES-14")
def test_only_the_node_of_a_client_says_that_it_has_gone(here: Stage, there: Stage) -> None:
    """A tab that has moved here stays, though the node that it left says that it has gone."""
    edda, emil = here.join(EDDA, 5001), there.join(EMIL, 5002)
    move(there, emil, 1)
    tell(here, *announced(there))
    moved = here.join(EMIL, 5002)
    move(here, moved, 2)
    here.pass_time(0.2)
    seen(edda)
    there.leave(emil)
    there.pass_time(0.2)
    tell(here, *announced(there))
    assert "null" not in seen(edda).values()
    tell(here, Announce((PresenceEntry(5001, 9, "null"),)), name="elsewhere")
    assert "null" not in seen(moved).values()


@pytest.mark.rule("PRES-14")
def test_who_leaves_elsewhere_goes_here(here: Stage, there: Stage) -> None:
    """At once, and does not come back with an old word."""
    edda, emil = here.join(EDDA, 5001), there.join(EMIL, 5002)
    move(there, emil, 1)
    words = announced(there)
    tell(here, *words)
    there.leave(emil)
    there.pass_time(0.2)
    tell(here, *announced(there))
    assert seen(edda)[5002] == "null"
    tell(here, *words)
    assert seen(edda) == {}


@pytest.mark.rule("PRES-14")
def test_a_client_id_shown_elsewhere_is_taken(here: Stage, there: Stage) -> None:
    """Nobody else may write under it here."""
    edda, emil = here.join(EDDA, 5002), there.join(EMIL, 5002)
    move(there, emil, 1)
    tell(here, *announced(there))
    here.send(edda, update_frame(edda.peer.set({f"c:{QUAY}:col-name0001": "x"})))
    here.settle()
    assert edda.closed == 4400


@pytest.mark.rule("PRES-13")
def test_a_node_is_not_told_back_what_it_said(here: Stage, there: Stage) -> None:
    """Two nodes that repeat each other would never be silent."""
    emil = there.join(EMIL, 5002)
    move(there, emil, 1)
    here.join(EDDA, 5001)
    announced(here)
    tell(here, *announced(there))
    here.now += timedelta(seconds=1)
    here.pass_time(0.2)
    assert announced(here) == []
