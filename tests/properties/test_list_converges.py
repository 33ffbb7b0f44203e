"""Honest people of every role edit one list through two nodes: in the end everything that was kept agrees.

One seed is one run: `ROWHOUSE_CONVERGENCE_SEEDS` sets how many (default 40), `ROWHOUSE_FUZZ_SEED` the first.
"""

import os
from typing import Any

import pytest

from persistence.contract import FactKind, Json
from persistence.memory import MemoryListStore
from realtime.core import keys
from realtime.core.document import ListDocument, plain
from realtime.core.effects import Close
from realtime.core.index import Index
from realtime.core.update import decode
from tests.property_list import (
    LIST,
    LOCKED,
    NAME,
    OPEN,
    RENT,
    SOLD,
    STATE,
    TAGS,
)
from tests.room_scenes import Peer
from tests.town import Town

SEEDS = int(os.environ.get("ROWHOUSE_CONVERGENCE_SEEDS", "40"))
FIRST = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
STEPS = 120


def facts_replayed(store: MemoryListStore) -> dict[tuple[Any, ...], Json]:
    """What the audit's visible facts, replayed in order, say is there now."""
    said: dict[tuple[Any, ...], Json] = {}
    for kept in sorted(store.lists[LIST].facts, key=lambda fact: (fact.seq, fact.ordinal)):
        fact = kept.entry.fact
        if kept.entry.reason is None:
            identity = (fact.kind, fact.row, fact.column, fact.attribute, fact.entity)
            assert said.get(identity) == fact.old, (identity, said.get(identity), fact)
            said[identity] = fact.new
    return said


def check_store(store: MemoryListStore, document: ListDocument) -> None:
    """The document, the replayed facts and the rows of the snapshot say the same."""
    kept, said = store.lists[LIST], facts_replayed(store)
    assert set(kept.rows) == set(document.rows())
    for row, stored in kept.rows.items():
        assert stored.position == document.position(row) == said[FactKind.ROW, row, None, None, None]
        assert (stored.trashed_at is not None) == (document.trashed(row) is not None)
        for column in (NAME, RENT, LOCKED, STATE):
            assert stored.cells.get(column) == document.cell(row, column)
            assert said.get((FactKind.CELL, row, column, None, None)) == document.cell(row, column)
        members = document.members(row, TAGS)
        assert stored.cells.get(TAGS, []) == members
        assert [option for option in (OPEN, SOLD) if said.get((FactKind.ELEMENT, row, TAGS, option, None))] == members
    comments = {name for name in document.entries(keys.COMMENTS) if ":" not in name}
    assert set(kept.comments) == comments


@pytest.mark.rule("ROOM-12", "ROOM-13", "GATE-8")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_everything_that_is_kept_agrees(seed: int) -> None:
    """Replicas, live documents, the log, the audit's facts and the rows agree; refused values are nowhere."""
    town = Town(seed)
    for _ in range(STEPS):
        town.step()
    town.end()
    last, other = town.nodes
    kept = last.kept
    log = ListDocument(1)
    log.apply([entry.update for entry in kept.log])
    log.scan()
    assert last.room.standing[1] == kept.head
    check_store(town.store, log)
    whole = {path: plain(value) for path, value in _values(log).items()}
    for node, seat in town.seats:
        assert seat.closed is None, (seed, seat.closed, seat.principal)
        if node is last:
            assert {path: plain(value) for path, value in seat.peer.values().items()} == whole
    theirs = ListDocument(1)
    theirs.apply([entry.update for entry in kept.log[: other.room.standing[1]]])
    theirs.scan()
    assert all(seat.peer.values() == _values(theirs) for node, seat in town.seats if node is other)
    for node in town.nodes:
        ledger = node.room._ledger
        assert _values(ledger.draft.document) == _values(ledger.live._document)
        rebuilt = Index()
        rebuilt.add(decode(ledger.draft.document.difference()))
        for client in (1, *range(5000, 5006)):
            known = rebuilt.known(client)
            assert known == ledger.draft._index.known(client)
            assert rebuilt.living(client, 0, known) == ledger.draft._index.living(client, 0, known)
    assert not any(b"refuse-me" in frame for frame in town.frames)
    assert not any(b"refuse-me" in entry.update for entry in kept.log)
    assert not any(isinstance(effect, Close) for node in town.nodes for effect in node.effects)


def _values(document: ListDocument) -> dict[str, Any]:
    """A document as a replica shows it."""
    peer = Peer(1 << 40)
    peer.apply(document.difference())
    return peer.values()
