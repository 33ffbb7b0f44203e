"""The contract of full states: what a list's document is made of, when it is whole, and how states are kept.

A full state spares the opening of a list its whole log; the log up to it may be pruned. It is derived: only what has been
compared with state and log before is ever kept, and an older one never takes the place of a newer one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from persistence.contract import ListBroken, LogEntry, OpenedList


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What a list's document is made of: the last full state (if any), which holds the log up to `state_seq`, and the log after it."""

    list_id: str
    epoch: int
    head: int
    state: bytes | None
    state_seq: int
    log: Sequence[LogEntry]


def check_whole(document: StoredDocument | OpenedList) -> None:
    """Raise `ListBroken` unless state and log lead to the head without a gap: half a document must never be served or saved."""
    if document.state is None and document.state_seq:
        raise ListBroken(document.list_id, "a state is missing")
    if document.state_seq > document.head:
        raise ListBroken(document.list_id, f"its state ({document.state_seq}) is ahead of its head ({document.head})")
    check_log(document.list_id, document.state_seq, document.head, document.log)


def check_log(list_id: str, after: int, head: int, log: Sequence[LogEntry]) -> None:
    """Raise `ListBroken` unless `log` holds exactly the numbers above `after` up to `head`, in order."""
    if [entry.seq for entry in log] != list(range(after + 1, head + 1)):
        raise ListBroken(list_id, f"its log after {after} does not lead to its head ({head})")


class OtherEpoch(Exception):
    """The list is not in the epoch that was asked for: its document was made anew, and its log speaks of that one."""


class StateStore(Protocol):
    """The full states of lists, which spare the opening of a list its whole log.

    Any method may raise `StoreUnavailable`.
    """

    async def read_document(self, list_id: str) -> StoredDocument | None:
        """Read a list's document, in the trash or not; `None` when there is no such list. Raises `ListBroken`."""

    async def keep_state(self, list_id: str, epoch: int, seq: int, state: bytes) -> bool:
        """Keep the full state that holds the log up to `seq`; false where that is no progress.

        A state of an older number or epoch never takes the place of a newer one, whenever it comes.
        """

    async def long_tails(self, entries_min: int, bytes_min: int) -> Sequence[str]:
        """The lists whose log after their last state has so many entries, or so many bytes."""

    async def unfolded(self, before: datetime) -> Sequence[str]:
        """The lists that have an older generation beside one that was begun before this time."""

    async def old_tails(self, before: datetime) -> Sequence[str]:
        """The lists whose log after their last state begins before this time."""
