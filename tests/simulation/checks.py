"""What must hold at every step of a simulation, found out without the code that is tested.

1. What a commit writes is new: each struct stands in the log once, and a value becomes visible once.
2. Who may not edit has written nothing at the moment of the commit; what must be refused is in no log.
3. What is shown is committed, with the content that the log has; what is deleted on screens is deleted in the log.
4. What is acknowledged is committed, and a head that a node shows is that of the log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from auth.roles import Role
from persistence.contract import AuditEntry, Batch, CommitResult, Committed, FactKind, Json
from persistence.memory import MemoryListStore
from realtime.core import codec
from realtime.core.codec import Reader
from realtime.core.update import Content, Struct, Update
from realtime.core.update import decode as decode_once
from tests.property_list import LIST, LOCKED, NOW, WORKSPACE
from tests.simulation.world import Violation

if TYPE_CHECKING:
    from realtime.core.room import Room

MUST_BE_REFUSED = "refuse-me"
UNIQUE_MIN = 1_000_000
_DEAD = (Content.GC, Content.DELETED)
_EDITORS = frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})
_ROWS = frozenset({FactKind.ROW, FactKind.CELL, FactKind.ELEMENT, FactKind.TRASH})


decode = lru_cache(1_024)(decode_once)


class Checks:
    """What is committed, kept apart from the store, and the checks of every step against it."""

    def __init__(self) -> None:
        self.head = 0
        self.vectors: list[dict[int, int]] = [{}]
        """By head: the clocks that the log knows up to it."""
        self.became: Counter[Json] = Counter()
        """How often each unique value became visible."""
        self.refused: dict[Json, str] = {}
        self._contents: dict[int, list[object]] = {}
        """By client: what each clock holds in the log, `None` for what was written dead."""
        self._dead: dict[int, set[int]] = {}
        self._shown: dict[bytes, int] = {}
        self.times_back = 0
        """How often the log's times went back while its numbers went on."""
        self._logged_at = NOW

    # Commits

    def begin(self, store: MemoryListStore) -> None:
        """Take in the log that a simulation begins with."""
        for entry in store.lists[LIST].log:
            self._take(entry.update)

    def committed(self, batch: Batch, result: CommitResult, store: MemoryListStore) -> None:
        """The store has answered a commit."""
        if not isinstance(result, Committed):
            return
        if (batch.expected_head, result.head) != (self.head, self.head + len(batch.updates)):
            raise Violation(f"a commit on head {batch.expected_head} was written at {self.head}")
        for logged in batch.updates:
            self._take(logged.update)
            self.times_back += logged.at < self._logged_at
            self._logged_at = logged.at
        for entry in batch.audit:
            self._audited(entry, store)
        if store.lists[LIST].head != self.head or len(store.lists[LIST].log) != self.head:
            raise Violation("the head of the list is not that of its log")

    def _take(self, payload: bytes) -> None:
        if MUST_BE_REFUSED.encode() in payload:
            raise Violation("a refused value is in the log")
        update, vector = decode(payload), dict(self.vectors[-1])
        for client, start, structs in update.blocks:
            if start != vector.get(client, 0):
                raise Violation(f"the log has structs of client {client} twice, or lacks some")
            contents = self._contents.setdefault(client, [])
            for struct in structs:
                contents += _contents(struct)
                if struct.content in _DEAD:
                    self._dead.setdefault(client, set()).update(range(struct.clock, struct.clock + struct.length))
            vector[client] = len(contents)
        for client, clock, length in update.deletions:
            if clock + length > vector.get(client, 0):
                raise Violation("the log deletes what it does not have")
            self._dead.setdefault(client, set()).update(range(clock, clock + length))
        self.vectors.append(vector)
        self.head += 1

    def _audited(self, entry: AuditEntry, store: MemoryListStore) -> None:
        fact = entry.fact
        if entry.reason is not None:
            if isinstance(fact.new, str | int | float):
                self.refused[fact.new] = entry.reason
            return
        held = store.members[WORKSPACE][entry.actor]
        allowed = held.active and (
            held.role in (_ADMINS if fact.column == LOCKED or fact.kind is FactKind.COLUMN else _EDITORS)
            or fact.kind is FactKind.COMMENT
        )
        if not allowed:
            raise Violation(f"{entry.actor} has written {fact.kind} as {held}")
        if fact.kind in (FactKind.CELL, FactKind.ROW) and fact.new is not None and is_unique(fact.new):
            self.became[fact.new] += 1
            if self.became[fact.new] > 1:
                raise Violation(f"{fact.new} became visible twice")

    # What is shown

    def shown(self, message: bytes) -> None:
        """A node shows a sync message to somebody."""
        if message in self._shown:
            return
        update = decode(body_of(message))
        self._structs_shown(update)
        known = self.vectors[-1]
        for client, clock, length in update.deletions:
            dead = self._dead.get(client, ())
            if clock + length > known.get(client, 0) or any(c not in dead for c in range(clock, clock + length)):
                raise Violation("a deletion was shown that is not committed")
        self._shown[message] = self.head

    @staticmethod
    def told(message: bytes) -> None:
        """A node writes any message to anybody."""
        if MUST_BE_REFUSED.encode() in message:
            raise Violation("a refused value is in a message")

    def _structs_shown(self, update: Update) -> None:
        known = self.vectors[-1]
        for client, _, structs in update.blocks:
            contents = self._contents.get(client, [])
            for struct in structs:
                end = struct.clock + struct.length
                if end > known.get(client, 0):
                    raise Violation(f"{client}:{struct.clock} was shown and is not committed")
                if struct.content in _DEAD:
                    dead = self._dead.get(client, ())
                    if any(clock not in dead for clock in range(struct.clock, end)):
                        raise Violation("something is shown as deleted that is not")
                elif _contents(struct) != contents[struct.clock : end]:
                    raise Violation(f"{client}:{struct.clock} was shown with another content than the log has")

    def acknowledged(self, frames: Iterable[bytes]) -> None:
        """A node has acknowledged these edits."""
        for frame in frames:
            update = decode(body_of(frame))
            for client, start, structs in update.blocks:
                end = start if not structs else structs[-1].clock + structs[-1].length
                if end > self.vectors[-1].get(client, 0):
                    raise Violation(f"an edit of client {client} was acknowledged and is not committed")
            for client, clock, length in update.deletions:
                if any(c not in self._dead.get(client, ()) for c in range(clock, clock + length)):
                    raise Violation("a deletion was acknowledged and is not committed")

    @staticmethod
    def frames_saved(message: bytes) -> int | None:
        """How many edits a control message acknowledges; `None` if it says something else."""
        reader = Reader(message)
        reader.uint()
        said = json.loads(reader.string())
        return int(said["frames"]) if said["type"] == "saved" else None

    def at_head(self, room: Room, head: int) -> None:
        """A node has gone on to this head."""
        if head > self.head:
            raise Violation("a node is ahead of the log")
        if vector_of(room._ledger.live.state_vector()) != self.vectors[head]:
            raise Violation(f"the live document is not the log up to {head}")


def _contents(struct: Struct) -> list[object]:
    if struct.content is Content.ANY:
        return list(struct.values)
    return [None if struct.content in _DEAD else struct.content.name] * struct.length


def is_unique(value: Json) -> bool:
    """Tell whether a value is one that only one edit of the simulation writes."""
    return (isinstance(value, str) and value.startswith("v")) or (isinstance(value, int) and value >= UNIQUE_MIN)


def body_of(message: bytes) -> bytes:
    """The state vector or update in a sync message."""
    reader = Reader(message)
    reader.position = 2
    return reader.buffer()


def vector_of(encoded: bytes) -> dict[int, int]:
    """A state vector, decoded."""
    reader = codec.Reader(encoded)
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}
