"""The states of lists in memory, beside the list store in memory."""

from collections.abc import Sequence
from datetime import datetime

from persistence.contract import LogEntry
from persistence.memory import MemoryListStore, StoredList, StoredState, document_of
from persistence.states import StoredDocument


class MemoryStates:
    """`StateStore` on the lists of a `MemoryListStore`."""

    def __init__(self, store: MemoryListStore) -> None:
        self._store = store

    async def read_document(self, list_id: str) -> StoredDocument | None:
        """Read a list's document, in the trash or not; `None` when there is no such list."""
        kept = self._store.lists.get(list_id)
        return None if kept is None else document_of(list_id, kept)

    async def keep_state(self, list_id: str, epoch: int, seq: int, state: bytes) -> bool:
        """Keep a full state, unless it is no progress."""
        kept = self._store.lists.get(list_id)
        if kept is None or epoch != kept.epoch or seq > kept.head:
            return False
        if kept.state is not None and (kept.state.epoch, kept.state.seq) >= (epoch, seq):
            return False
        kept.state = StoredState(epoch, seq, state)
        return True

    async def long_tails(self, entries_min: int, bytes_min: int) -> Sequence[str]:
        """The lists whose log after their last state has so many entries, or so many bytes."""
        tails = {list_id: _tail(kept) for list_id, kept in self._store.lists.items()}
        return [
            list_id
            for list_id, tail in tails.items()
            if len(tail) >= entries_min or sum(len(entry.update) for entry in tail) >= bytes_min
        ]

    async def unfolded(self, before: datetime) -> Sequence[str]:
        """The lists that have an older generation beside one that was begun before this time."""
        lists = self._store.lists.items()
        return [
            list_id
            for list_id, kept in lists
            if not kept.trashed and kept.generation_at is not None and kept.generation_at < before
        ]

    async def old_tails(self, before: datetime) -> Sequence[str]:
        """The lists whose log after their last state begins before this time."""
        return [
            list_id
            for list_id, kept in self._store.lists.items()
            if any(kept.logged_at[entry.seq] < before for entry in _tail(kept)[:1])
        ]


def _tail(kept: StoredList) -> list[LogEntry]:
    held = 0 if kept.state is None or kept.state.epoch != kept.epoch else kept.state.seq
    return [entry for entry in kept.log if entry.seq > held]
