"""What must hold at every step of a simulation, found out without the code that is tested.

1. What a commit writes is new: each struct stands in the log once, and a value becomes visible once.
2. Who may not edit has written nothing at the moment of the commit; what must be refused is in no log.
3. What is shown is committed, with the content that the log has; what is deleted on screens is deleted in the log.
4. What is acknowledged is committed, and a head that a node shows is that of the log.
5. Nothing is committed under an epoch that is over, and each epoch's people see the document of that epoch alone.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from struct import pack
from typing import TYPE_CHECKING, Any

from auth.roles import Role
from persistence.contract import AuditEntry, Batch, CommitResult, Committed, FactKind, Json, LoggedUpdate, Source
from persistence.memory import MemoryListStore
from realtime.core.codec import Reader
from realtime.core.update import Content
from tests.property_list import LIST, LOCKED, NOW, WORKSPACE
from tests.simulation.converted import Conversions
from tests.simulation.history import History, decode
from tests.simulation.world import Violation

if TYPE_CHECKING:
    from realtime.core.room import Room

Identity = tuple[Any, ...]
"""What a fact is about: its kind, row, column, attribute and entity."""
MUST_BE_REFUSED = "refuse-me"
UNIQUE_MIN = 1_000_000
_EDITORS = frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})


class Checks:
    """What is committed, kept apart from the store, and the checks of every step against it."""

    def __init__(self) -> None:
        self.epoch = 1
        self.became: Counter[Json] = Counter()
        """How often each unique value became visible."""
        self.refused: dict[Json, str] = {}
        self.times_back = 0
        """How often the log's times went back while its numbers went on."""
        self.imported: dict[Identity, Json] = {}
        """The cells of rows that came in bulk, of which no fact speaks, and the elements of those cells."""
        self.edited_at_once = 0
        """How many imported rows were edited in the commit that brought them."""
        self.conversions = Conversions()
        self._histories = {1: History(0)}
        self._logged_at = NOW

    # Commits

    def begin(self, store: MemoryListStore) -> None:
        """Take in the log that a simulation begins with."""
        for entry in store.lists[LIST].log:
            self._take(entry.update)

    def rebuilt(self, epoch: int, head: int, state: bytes) -> None:
        """The document was made anew, with this in it, after this number of the log."""
        self.epoch = epoch
        self._histories[epoch] = History(head)
        self._histories[epoch].begin(state)

    def committed(self, batch: Batch, result: CommitResult, store: MemoryListStore) -> None:
        """The store has answered a commit."""
        if not isinstance(result, Committed):
            return
        head = self._histories[self.epoch].head
        if (batch.epoch, batch.expected_head) != (self.epoch, head) or result.head != head + len(batch.updates):
            raise Violation(
                f"a commit on head {batch.expected_head} of epoch {batch.epoch} was written at {head} of {self.epoch}"
            )
        for logged in batch.updates:
            self._take(logged.update)
            self.times_back += logged.at < self._logged_at
            self._logged_at = logged.at
        swaps = {swap.update for swap in self.conversions.swaps(batch)}
        refused = {(entry.update, entry.fact.row) for entry in batch.audit if entry.reason is not None}
        for entry in batch.audit:
            # Over a refused value in an older generation, or in a column that has been converted, the server writes
            # the one that a deletion in the same row may uncover.
            uncovered = is_unique(entry.fact.new) and self.became[entry.fact.new] > 0
            restored = uncovered and (entry.update, entry.fact.row) in refused
            brought = b"" if entry.update in swaps or restored else batch.updates[entry.update].update
            self._audited(entry, brought, store)
        for logged in batch.updates:
            if logged.source is Source.IMPORT:
                self._imported(logged, batch, store)
        self.conversions.committed(batch, store)
        kept = store.lists[LIST]
        if not kept.head == len(kept.log) == self._histories[self.epoch].head:
            raise Violation("the head of the list is not that of its log")

    def _take(self, update: bytes) -> None:
        if MUST_BE_REFUSED.encode() in update:
            raise Violation("a refused value is in the log")
        self._histories[self.epoch].take(update)

    def _audited(self, entry: AuditEntry, update: bytes, store: MemoryListStore) -> None:
        """A fact is committed with its update; a swap of columns brings no value of anybody's, so it comes without."""
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
        if fact.kind in (FactKind.CELL, FactKind.ROW) and is_unique(fact.new) and _brings(update, fact.new):
            self.became[fact.new] += 1
            if self.became[fact.new] > 1:
                raise Violation(f"{fact.new} became visible twice")

    def _imported(self, logged: LoggedUpdate, batch: Batch, store: MemoryListStore) -> None:
        """Rows have come in bulk: each is new, is written once, and by somebody who may."""
        held = store.members[WORKSPACE][logged.actor]
        if not (held.active and held.role in _EDITORS):
            raise Violation(f"{logged.actor} has imported rows as {held}")
        whole, patched = ({row.row for row in rows} for rows in (batch.records, batch.rows))
        for columns, rows in segments_of(logged.update):
            for row, _, *values in rows:
                if (row in whole) is (row in patched):
                    raise Violation(f"the imported row {row} is not written once")
                self.edited_at_once += row in patched
                for column, value in zip(columns, values, strict=True):
                    self._became(row, column, value)

    def _became(self, row: str, column: str, value: Json) -> None:
        if isinstance(value, list):
            self.imported |= {(FactKind.ELEMENT, row, column, element, None): True for element in value}
            return
        if value is None:
            return
        self.imported[FactKind.CELL, row, column, None, None] = value
        if not is_unique(value):
            return
        self.became[value] += 1
        if self.became[value] > 1:
            raise Violation(f"the imported {value} became visible twice")

    # What is shown

    def shown(self, epoch: int, message: bytes) -> None:
        """A node shows a sync message to somebody who has joined it in this epoch."""
        self._histories[epoch].shown(message)

    @staticmethod
    def told(message: bytes) -> None:
        """A node writes any message to anybody."""
        if MUST_BE_REFUSED.encode() in message:
            raise Violation("a refused value is in a message")

    def acknowledged(self, epoch: int, frames: Iterable[bytes]) -> None:
        """A node has acknowledged these edits."""
        self._histories[epoch].acknowledged(frames)

    @staticmethod
    def frames_saved(message: bytes) -> int | None:
        """How many edits a control message acknowledges; `None` if it says something else."""
        reader = Reader(message)
        reader.uint()
        said = json.loads(reader.string())
        return int(said["frames"]) if said["type"] == "saved" else None

    def at_head(self, room: Room) -> None:
        """A node has gone on to another head."""
        epoch, head = room.standing
        self._histories[epoch].at_head(head, room.ledger.live.state_vector())


def segments_of(update: bytes) -> Iterator[tuple[list[str], list[Any]]]:
    """The columns and rows of the segments that an update writes, read without the code that is tested."""
    for _, _, structs in decode(update).blocks:
        for struct in structs:
            if struct.content is Content.BINARY:
                said = json.loads(gzip.decompress(struct.binary))
                yield said["columns"], said["rows"]


def _brings(update: bytes, value: Json) -> bool:
    """Tell whether an update says a value: where a key is deleted, the one below shows again, which it does not say."""
    if isinstance(value, str):
        return value.encode() in update
    assert isinstance(value, int | float), "unique values are texts and numbers"
    return any(pack(form, value) in update for form in (">f", ">d"))


def is_unique(value: Json) -> bool:
    """Tell whether a value is one that only one edit of the simulation writes."""
    return (isinstance(value, str) and value.startswith("v")) or (isinstance(value, int) and value >= UNIQUE_MIN)
