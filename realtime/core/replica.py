"""The live document: exactly what is committed, and so what people are shown.

Newcomers without a state share one encoded frame and the updates since, so that one pending edit never makes
anyone pay for the whole document again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from persistence.contract import Json, OpenedList
from realtime.core import messages
from realtime.core.bare import bared
from realtime.core.document import ListDocument
from realtime.core.soundness import Outcome

UNAPPLIED_MAX: Final = 100
_EMPTY = (b"", b"\x00")
_ALL = messages.sync_step_2(b"\x00\x00")
"""A SyncStep2 without content: what was shown before it is all that there is."""


class Replica:
    """The live document of one list at its head."""

    def __init__(self, opened: OpenedList, tail_bytes_max: int) -> None:
        self.epoch = opened.epoch
        self.head = opened.head
        self._document = ListDocument(opened.epoch)
        self._tail_bytes_max = tail_bytes_max
        self._join: bytes | None = None
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        state = [] if opened.state is None else [opened.state]
        stored = [*state, *(entry.update for entry in opened.log)]
        self.size_bytes = sum(map(len, stored))
        """About how large the document is: as it was encoded last, and the updates since."""
        self._document.apply(stored)
        self._bare: ListDocument | None = None
        """The same without the bytes of segments, where there are any: every draft is a copy of it."""
        self._unapplied: list[bytes] = []
        """What it does not have yet."""

    def advance(self, updates: Sequence[bytes], head: int) -> bytes | None:
        """Apply committed updates in log order; returns the message that shows them all at once."""
        merged = self._document.apply(updates) if updates else None
        if self._bare is not None:
            self._unapplied += map(bared, updates)
            if len(self._unapplied) >= UNAPPLIED_MAX:
                self._catch_up(self._bare)
        self.head = head
        self.size_bytes += sum(map(len, updates))
        if merged is None:
            return None
        message = messages.update_message(merged)
        if self._join is not None:
            self._tail.append(message)
            self._tail_bytes += len(message)
            if self._tail_bytes > self._tail_bytes_max:
                self._join = None
        return message

    def welcome(self, state_vector: bytes) -> list[bytes]:
        """The messages that bring a client with this state vector up to the head.

        The SyncStep2 comes last: clients hold themselves for synced from it on, and who writes on less than all
        loses to edits that were committed before.
        """
        if state_vector not in _EMPTY:
            return [messages.sync_step_2(self._document.difference(state_vector))]
        if self._join is None:
            self._join = messages.update_message(self._whole())
            self._tail = []
            self._tail_bytes = 0
        return [self._join, *self._tail, _ALL]

    def read(self, path: str) -> Outcome:
        """What stands at a key of a flat root, or `ABSENT`."""
        return self._document.read(path)

    def entries(self, root: str) -> Mapping[str, Json]:
        """The keys of a flat root with their values."""
        return self._document.entries(root)

    def state_vector(self) -> bytes:
        """The encoded state vector at the head."""
        return self._document.state_vector()

    def copy(self) -> ListDocument:
        """A new document to draft on, with the same state but for the bytes of segments: those are asked of this one."""
        if self._bare is None and self._document.segments():
            self._bare = ListDocument(self.epoch)
            self._bare.apply([bared(self._whole())])
        document = ListDocument(self.epoch, self._document.segment)
        if self._bare is None:
            document.apply([self._whole()])
        else:
            self._catch_up(self._bare)
            document.apply([self._bare.difference()])
        return document

    def _catch_up(self, bare: ListDocument) -> None:
        if self._unapplied:
            bare.apply(self._unapplied)
            self._unapplied = []

    def _whole(self) -> bytes:
        whole = self._document.difference()
        self.size_bytes = len(whole)
        return whole
