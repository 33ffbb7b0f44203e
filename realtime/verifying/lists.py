"""One list: its state and its log make the document; the audit is compared on the way, the tables at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

from persistence.contract import Fact
from persistence.inspection import Snapshot, StoredHead
from realtime.core.change import DocumentBroken
from realtime.core.condense import view
from realtime.core.document import ListDocument
from realtime.core.reasons import Unsound
from realtime.core.retelling import Retelling
from realtime.verifying.audit import AuditCheck
from realtime.verifying.difference import Difference
from realtime.verifying.tables import verify_tables
from snapshots.segments import SegmentBroken


class Verification:
    """What is stored of one list, compared; `document` is what the differences were found by, once they have been."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.document: ListDocument | None = None

    async def differences(self) -> AsyncIterator[Difference]:
        """Every difference in what is stored of the list; none at all where it is as it should be."""
        head = await self._snapshot.head()
        if head is None:
            yield Difference(self._snapshot.list_id, "there is no such list")
            return
        replay = Replay(self._snapshot, head)
        async for difference in replay.run():
            yield difference
        self.document = replay.document
        if self.document is not None:
            async for difference in verify_tables(self._snapshot, head, self.document):
                yield difference


class Replay:
    """The log of a list, told again from its beginning where it is whole, else from its state."""

    def __init__(self, snapshot: Snapshot, head: StoredHead) -> None:
        self._list_id = snapshot.list_id
        self._snapshot = snapshot
        self._head = head
        self._whole = head.log_from == 1
        self._retelling: Retelling | None = None
        self._next = head.log_from

    @property
    def document(self) -> ListDocument | None:
        """The document at the head; `None` where it could not be rebuilt."""
        return None if self._retelling is None else self._retelling.document

    async def run(self) -> AsyncIterator[Difference]:
        """Rebuild the document and compare the audit."""
        for difference in self._begin():
            yield difference
        audit = AuditCheck(self._list_id, self._head, self._snapshot.facts())
        async for seq, update in self._snapshot.log():
            if seq < self._head.log_from:
                continue
            for difference in self._number(seq):
                yield difference
            told, why = self._tell(seq, update)
            if why is not None:
                yield self._about(why, seq)
            async for difference in audit.compare(seq, told):
                yield difference
            if seq == self._head.state_seq and self._whole and not self._state_agrees():
                yield self._about("the state says something else than the log", seq, mendable=True)
        for difference in self._number(self._head.head + 1):
            yield difference
        async for difference in audit.end():
            yield difference

    def _begin(self) -> list[Difference]:
        head = self._head
        if head.state_seq < head.log_from - 1:
            return [self._about("the log begins after the state ends", head.log_from)]
        wrong = _wrong(head)
        if wrong is not None:
            self._retelling = Retelling(head.epoch, None) if self._whole else None
            return [self._about(wrong, head.state_seq, mendable=self._whole)]
        try:
            self._retelling = Retelling(head.epoch, None if self._whole else head.state)
        except (Unsound, DocumentBroken):
            return [self._about("the state cannot be read", head.state_seq)]
        return []

    def _number(self, seq: int) -> list[Difference]:
        expected, self._next = self._next, seq + 1
        if seq == expected:
            return []
        self._retelling = None
        what = "the log lacks numbers up to here" if seq > expected else "the log goes on after the head"
        return [self._about(what, seq - 1 if seq > expected else expected)]

    def _tell(self, seq: int, update: bytes) -> tuple[list[Fact] | None, str | None]:
        if self._retelling is None or not (self._whole or seq > self._head.state_seq):
            return None, None
        try:
            return self._retelling.tell(update), None
        except (Unsound, DocumentBroken, SegmentBroken) as error:
            self._retelling = None
            return None, f"an update of the log cannot be read: {type(error).__name__}"

    def _state_agrees(self) -> bool:
        if self._retelling is None or self._head.state is None:
            return True
        if sha256(self._head.state).digest() != self._head.state_digest:
            return True  # it was told at the beginning
        held = ListDocument(self._head.epoch)
        try:
            held.apply([self._head.state])
        except DocumentBroken:
            return False
        return view(held) == view(self._retelling.document)

    def _about(self, what: str, seq: int, *, mendable: bool = False) -> Difference:
        return Difference(self._list_id, what, seq=seq, mendable=mendable)


def _wrong(head: StoredHead) -> str | None:
    """Why a state is not even read."""
    if head.state_seq > head.head:
        return "the state is ahead of the head"
    if head.state is not None and sha256(head.state).digest() != head.state_digest:
        return "the bytes of the state have changed"
    return None
