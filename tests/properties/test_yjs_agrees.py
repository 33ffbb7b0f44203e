"""Stock yjs clients in Node: all that they send honestly passes the gate, and they show what pycrdt shows.

`ROWHOUSE_YJS_SEEDS` sets how many runs (default 6).
"""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from auth.principals import Principal
from realtime.core import codec
from realtime.core.keyed import plain
from realtime.core.limits import Limits
from tests.property_list import (
    AT,
    EDDA,
    EMIL,
    LOCKED,
    MIA,
    NAME,
    PIER,
    QUAY,
    RENT,
    SOLD,
    STATE,
    TAGS,
    step_2_frame,
    update_frame,
)
from tests.room_scenes import Peer, Seat, Stage, body_of, stage_with_rows
from tests.yjs_replicas import Node, YjsPeer

SEEDS = int(os.environ.get("ROWHOUSE_YJS_SEEDS", "6"))
STEPS = 80
CELL = f"c:{QUAY}:{NAME}"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """One process for all runs."""
    with Node() as process:
        yield process


def join(stage: Stage, node: Node, principal: Principal, client: int, capture: int = 0) -> Seat:
    """A yjs client joins the list."""
    return stage.rejoin(Seat(f"session-{client}", principal, YjsPeer(node, client, capture)))  # type: ignore[arg-type]


def come_back(stage: Stage, seat: Seat) -> None:
    """It reconnects: it answers the server's SyncStep1, and asks for what it lacks."""
    stage.rejoin(seat, sync=False)
    question = next(message for message in seat.inbox if message[:2] == b"\x00\x00")
    stage.send(seat, step_2_frame(seat.peer.doc.get_update(body_of(question))))
    stage.send(seat, b"\x00\x00" + codec.buffer(seat.peer.doc.get_state()))


def server_values(stage: Stage) -> dict[str, Any]:
    """What the live document shows, through a fresh pycrdt replica."""
    peer = Peer(1 << 40)
    peer.apply(stage.room.ledger.live.copy().difference())
    return {path: plain(value) for path, value in peer.values().items()}


def agree(stage: Stage, *seats: Seat) -> None:
    """Every client is still here and shows what the server shows."""
    stage.settle()
    expected = server_values(stage)
    for seat in seats:
        assert seat.closed is None
        assert seat.peer.values() == expected


@pytest.mark.rule("ROOM-12", "GATE-8")
def test_refused_and_allowed_edits_look_the_same_in_yjs(node: Node) -> None:
    """Set, overwrite, clear, delete, several keys: of a member, of editors, of both."""
    stage = stage_with_rows(QUAY, PIER)
    edda, mia = join(stage, node, EDDA, 100_001), join(stage, node, MIA, 100_002)
    attempts: list[dict[str, Any]] = [{CELL: "one"}, {CELL: "two", f"c:{PIER}:{NAME}": "x"}, {CELL: None}, {CELL: ...}]
    for attempt in attempts:
        stage.write(edda, attempt if attempt[CELL] is not ... else {CELL: "three"})
        stage.settle()
        stage.write(mia, {**attempt, "meta/name": "Mine"})
        agree(stage, edda, mia)
    stage.write(edda, {CELL: "kept", f"c:{QUAY}:{LOCKED}": 5, f"c:{QUAY}:{RENT}": "no number"})
    agree(stage, edda, mia)
    assert edda.peer.values()[f"1/{CELL}"] == "kept"
    assert f"1/c:{QUAY}:{LOCKED}" not in edda.peer.values()


@pytest.mark.rule("GATE-6")
def test_an_undo_history_may_come_along(node: Node) -> None:
    """What an undo manager keeps of overwritten values is a deleted run; undo and redo are edits like any."""
    stage = stage_with_rows(QUAY)
    edda, emil = join(stage, node, EDDA, 100_003, capture=10_000), join(stage, node, EMIL, 100_004)
    stage.leave(edda)
    for value in ("first", "second", "third"):
        edda.peer.set({CELL: value})
    come_back(stage, edda)
    agree(stage, edda, emil)
    assert emil.peer.values()[f"1/{CELL}"] == "third"
    assert not any(b"first" in entry.update or b"second" in entry.update for entry in stage.kept.log)
    for step in (edda.peer.undo, edda.peer.redo, edda.peer.undo):  # type: ignore[attr-defined]
        stage.send(edda, update_frame(step()))
        agree(stage, edda, emil)
    assert f"1/{CELL}" not in emil.peer.values()


def act(random: Random, stage: Stage, seat: Seat, away: set[str]) -> None:
    """One thing that a person does."""
    online, roll = seat.session not in away, random.random()
    if roll < 0.1:
        if online:
            away.add(seat.session)
            stage.leave(seat)
        else:
            away.discard(seat.session)
            come_back(stage, seat)
        return
    steps = (seat.peer.undo, seat.peer.redo)  # type: ignore[attr-defined]
    update = random.choice(steps)() if roll < 0.3 else seat.peer.set(values(random, seat))
    if online and update is not None:
        stage.send(seat, update_frame(update))


def values(random: Random, seat: Seat) -> dict[str, Any]:
    """One or two keys, allowed or not."""
    row, person = random.choice((QUAY, PIER)), seat.principal.user_id
    written = {"row": row, "author": person, "at": AT, "body": "Seen.", "mentions": []}
    choices: list[dict[str, Any]] = [
        *({f"c:{row}:{NAME}": random.choice(("a", "ü🏠", "", None, 5))}, {f"c:{row}:{NAME}": ...}),
        *(
            {f"c:{row}:{RENT}": random.choice((1, -2.5, 2**40, 0.1, "x", 2**31, -(2**31), 3.25))},
            {f"c:{row}:{LOCKED}": 1},
        ),
        *(
            {f"e:{row}:{TAGS}:{SOLD}": random.choice((True, False))},
            {f"e:{row}:{TAGS}:{SOLD}": ...},
            {f"c:{row}:{STATE}": SOLD},
        ),
        *({f"t:{row}": random.choice((None, {"by": person, "at": AT}))}, {f"r:{row}": random.choice(("a5", "zz"))}),
        {f"comments/comment-{random.randrange(9999):06}": written},
    ]
    return {key: value for chosen in random.sample(choices, random.choice((1, 1, 2))) for key, value in chosen.items()}


@pytest.mark.rule("ROOM-12", "GATE-8")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_yjs_clients_do_they_agree_with_the_server(node: Node, seed: int) -> None:
    """Three people edit, undo, redo, go offline and come back, while commits are slow."""
    random = Random(seed)
    stage = stage_with_rows(QUAY, PIER, limits=Limits(refusals_burst_max=1e9))
    people = [EDDA, EDDA, MIA, EMIL]
    random.shuffle(people)
    seats = [
        join(stage, node, person, 200_000 + seed * 100 + n, random.choice((0, 10_000)))
        for n, person in enumerate(people)
    ]
    away: set[str] = set()
    for _ in range(STEPS):
        act(random, stage, random.choice(seats), away)
        if stage.commits and random.random() < 0.5:
            stage.commit()
    for seat in seats:
        if seat.session in away:
            come_back(stage, seat)
    agree(stage, *seats)
