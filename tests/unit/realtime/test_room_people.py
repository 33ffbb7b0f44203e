"""The room's people: roles that change, presence, slow readers, and the pulse."""

import json
from typing import Any

import pytest

from auth.roles import Role
from realtime.core import codec, events, messages
from realtime.core.limits import Limits
from realtime.core.messages import Presence, PresenceEntry
from tests.property_list import EDDA, EMIL, MIA, NAME, PIER, QUAY, RENT, item, update_frame, update_of
from tests.room_scenes import Seat, Stage, closes, stage_with_rows

CELL = f"c:{QUAY}:{NAME}"


@pytest.fixture
def stage() -> Stage:
    """A list with two rows."""
    return stage_with_rows(QUAY, PIER)


def states(seat: Seat) -> list[tuple[int, Any]]:
    """(client, state) of the presence messages in an inbox, heartbeats left out."""
    found = [messages.decode(message) for message in seat.inbox if message[0] == 1]
    entries = [entry for message in found if isinstance(message, Presence) for entry in message.entries]
    return [(entry.client, json.loads(entry.state)) for entry in entries]


def say(stage: Stage, seat: Seat, clock: int, state: Any, client: int | None = None) -> None:
    """A client says where it is."""
    entry = PresenceEntry(client or seat.peer.client, clock, json.dumps(state))
    stage.send(seat, messages.presence_message([entry]))


@pytest.mark.rule("ROOM-8")
def test_a_role_holds_from_the_next_frame_on(stage: Stage) -> None:
    """Without a reconnect, up and down; an older version changes nothing."""
    edda = stage.join(EDDA, 5001)
    stage.handle(events.RightsChanged(EDDA.user_id, Role.MEMBER, stage.set_role(EDDA, Role.MEMBER)))
    stage.handle(events.RightsChanged(EDDA.user_id, Role.OWNER, 1))
    assert edda.controls()[-1] == {"type": "role", "role": "member"}
    stage.write(edda, {CELL: "refused"})
    stage.settle()
    assert edda.denials()[0]["refused"][0]["reason"] == "role"
    stage.handle(events.RightsChanged(EDDA.user_id, Role.EDITOR, stage.set_role(EDDA, Role.EDITOR)))
    stage.write(edda, {CELL: "allowed"})
    stage.settle()
    assert stage.kept.rows[QUAY].cells == {NAME: "allowed"}


@pytest.mark.rule("ROOM-8")
def test_who_has_no_access_any_more_is_closed(stage: Stage) -> None:
    """Every socket of theirs, with 4403, and nobody else's."""
    first, second, emil = stage.join(EDDA, 5001), stage.join(EDDA, 5002), stage.join(EMIL, 5003)
    effects = stage.handle(events.RightsChanged(EDDA.user_id, None, 2))
    assert closes(effects) == [("session-5001", 4403), ("session-5002", 4403)]
    assert (first.closed, second.closed, emil.closed) == (4403, 4403, None)


@pytest.mark.rule("PRES-1", "PRES-5", "PRES-6")
def test_presence_is_stamped_shown_and_taken_back(stage: Stage) -> None:
    """The server writes who it is; newcomers see everybody at once; a socket that goes is gone at once."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    say(stage, edda, 1, {"cursor": CELL, "user": {"name": "Olga"}})
    ((client, state),) = states(emil)
    assert client == 5001
    assert state == {
        "cursor": CELL,
        "user": {"id": EDDA.user_id, "name": "Edda", "hue": 200, "color": "hsl(200, 60%, 42%)"},
    }
    mia = stage.join(MIA, 5003)
    assert states(mia) == [(5001, state)]
    emil.take()
    stage.leave(edda)
    stage.pass_time(0.1)
    assert states(emil) == [(5001, None)]


@pytest.mark.rule("PRES-4")
def test_presence_is_merged(stage: Stage) -> None:
    """At most ten times a second, the newest state of each."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    for clock in range(1, 6):
        say(stage, edda, clock, {"at": clock})
    assert [state["at"] for _, state in states(emil)] == [1]
    stage.pass_time(0.1)
    assert [state["at"] for _, state in states(emil)] == [1, 5]


def test_a_query_is_answered_with_everybody(stage: Stage) -> None:
    """Only to who asked."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    say(stage, edda, 1, {"at": 1})
    emil.take()
    edda.take()
    stage.send(emil, b"\x03")
    assert [client for client, _ in states(emil)] == [5001]
    assert edda.inbox == []


@pytest.mark.rule("WIRE-9")
def test_the_heartbeat_is_an_empty_presence_message(stage: Stage) -> None:
    """Every 15 seconds."""
    edda = stage.join(EDDA, 5001)
    edda.take()
    stage.pass_time(14)
    assert edda.inbox == []
    stage.pass_time(1)
    stage.pass_time(15)
    assert edda.inbox == [messages.presence_message(())] * 2


@pytest.mark.rule("ROOM-9")
def test_a_slow_reader_gets_one_difference(stage: Stage) -> None:
    """Nothing is written to it while it is congested; then everything at once, and its acknowledgement."""
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    stage.handle(events.Congested(emil.session))
    emil.take()
    for value in ("one", "two"):
        stage.write(edda, {CELL: value})
        stage.settle()
    stage.write(emil, {f"c:{QUAY}:{RENT}": 5})
    stage.settle()
    assert emil.inbox == []
    stage.handle(events.Drained(emil.session))
    assert len(emil.updates()) == 1
    assert emil.controls()[-1]["frames"] == 1
    assert emil.peer.values() == edda.peer.values()
    stage.handle(events.Drained(emil.session))
    stage.handle(events.Drained("session-gone"))


@pytest.mark.rule("ROOM-9", "ROOM-47")
def test_a_first_sync_asked_for_while_congested_is_made_up_for(stage: Stage) -> None:
    """The client asked before its socket had drained; the answer that comes then makes it synced."""
    edda = stage.join(EDDA, 5001, sync=False)
    stage.handle(events.Congested(edda.session))
    stage.send(edda, b"\x00\x00" + codec.buffer(edda.peer.doc.get_state()))
    edda.take()
    stage.handle(events.Drained(edda.session))
    assert [message for message in edda.inbox if message[:1] == b"\x00"][-1][:2] == b"\x00\x01"
    assert edda.peer.values() == stage.join(EMIL, 5002).peer.values()


@pytest.mark.rule("ROOM-9")
def test_a_reader_that_does_not_drain_is_closed(stage: Stage) -> None:
    """After 30 seconds, with 1013."""
    edda = stage.join(EDDA, 5001)
    stage.handle(events.Congested(edda.session))
    stage.pass_time(29)
    assert edda.closed is None
    stage.pass_time(1)
    assert edda.closed == 1013


def test_a_quiet_room_is_idle(stage: Stage) -> None:
    """Nobody here and nothing under way."""
    assert stage.room.idle
    edda = stage.join(EDDA, 5001)
    stage.write(edda, {CELL: "x"})
    stage.leave(edda)
    assert not stage.room.idle
    stage.settle()
    assert stage.room.idle


@pytest.mark.rule("WIRE-10")
def test_frames_are_bounded() -> None:
    """A live edit has at most a megabyte or what is set; an answer to SyncStep1 may be longer."""
    stage = stage_with_rows(QUAY, limits=Limits(frame_bytes_max=5000, sync_bytes_max=9000))
    edda, emil = stage.join(EDDA, 5001), stage.join(EMIL, 5002)
    update = edda.peer.set({CELL: "x" * 6000})
    stage.send(edda, b"\x00\x01" + codec.buffer(update))
    assert edda.closed is None
    stage.write(emil, {CELL: "y" * 6000})
    assert emil.closed == 4400


@pytest.mark.rule("GATE-2")
def test_a_client_id_that_another_node_has_seen_is_its_persons_here_too() -> None:
    """Whoever forges it is closed; its own person comes over from the other node and goes on."""
    here = stage_with_rows(QUAY)
    there = Stage(here.store)
    edda = there.join(EDDA, 5001)
    there.write(edda, {CELL: "from there"})
    there.settle()
    mia = here.join(MIA, 5002)
    emil = here.join(EMIL, 5003)
    here.send(mia, update_frame(update_of(item(5001, 0, "forged", CELL), item(5001, 1, "too", (5001, 0)))))
    here.settle()
    assert mia.closed == 4400
    here.rejoin(edda)
    here.write(edda, {CELL: "from here"})
    here.settle()
    assert edda.closed is None
    assert emil.peer.values()[f"1/{CELL}"] == "from here"


@pytest.mark.rule("WIRE-5")
def test_a_state_vector_names_few_clients_that_the_list_does_not_know() -> None:
    """A client may be ahead of the server by some tabs of its own; thousands are made up."""
    stage = stage_with_rows(QUAY, limits=Limits(clients_unknown_max=2))
    for unknown, code in ((2, None), (3, 4400)):
        emil = stage.join(EMIL, 5003, sync=False)
        vector = b"".join(codec.uint(client) + codec.uint(1) for client in range(5001, 5002 + unknown))
        stage.send(emil, b"\x00\x00" + codec.buffer(codec.uint(unknown + 1) + vector))
        assert emil.closed == code
