"""The list store with a watch in hand: what it takes, how often it is out of reach, and how large open documents are."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from time import perf_counter

from api.metrics import Metrics
from persistence.contract import (
    Batch,
    BulkRecord,
    CommitResult,
    Conflict,
    ListStore,
    LogEntry,
    NewList,
    OpenedList,
    StoreUnavailable,
)


class MeasuredStore:
    """A `ListStore` that passes every call on. `calls` is how many are under way.

    `document_bytes` holds for each list that was opened the bytes of its state and log and of what was committed here since:
    an estimate of what its room keeps in memory. `keep` forgets those of other lists.
    """

    def __init__(self, store: ListStore, metrics: Metrics) -> None:
        self.calls = 0
        self.document_bytes: dict[str, int] = {}
        self._store = store
        self._metrics = metrics

    def keep(self, open_lists: AbstractSet[str]) -> None:
        """Forget the sizes of all lists but these."""
        for list_id in self.document_bytes.keys() - open_lists:
            del self.document_bytes[list_id]

    @contextmanager
    def _watched(self, call: str) -> Iterator[None]:
        self.calls += 1
        try:
            yield
        except StoreUnavailable:
            self._metrics.unavailable(call)
            raise
        finally:
            self.calls -= 1

    async def open_list(self, list_id: str) -> OpenedList | None:
        """Pass on, and note how large the list is."""
        with self._watched("open"):
            opened = await self._store.open_list(list_id)
        if opened is not None:
            logged = sum(len(entry.update) for entry in opened.log)
            self.document_bytes[list_id] = logged + len(opened.state or b"")
        return opened

    async def updates_after(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Pass on; only a room that may lack something asks."""
        self._metrics.resync()
        with self._watched("read"):
            return await self._store.updates_after(list_id, seq, epoch)

    async def hold(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Pass on; only a room that has lost the race again and again asks."""
        self._metrics.resync()
        with self._watched("read"):
            return await self._store.hold(list_id, seq, epoch)

    async def commit(self, batch: Batch) -> CommitResult:
        """Pass on; note the time, the size, and the refusals that the batch records."""
        begun = perf_counter()
        with self._watched("commit"):
            result = await self._store.commit(batch)
        self._note(batch, result, begun)
        return result

    async def create_list(self, new: NewList, batch: Batch, records: Iterable[BulkRecord] = ()) -> CommitResult:
        """Pass on."""
        with self._watched("commit"):
            return await self._store.create_list(new, batch, records)

    async def create_lists(self, lists: Sequence[tuple[NewList, Batch]]) -> CommitResult:
        """Pass on."""
        with self._watched("commit"):
            return await self._store.create_lists(lists)

    def _note(self, batch: Batch, result: CommitResult, begun: float) -> None:
        self._metrics.committed(perf_counter() - begun, len(batch.updates))
        if isinstance(result, Conflict):
            self._metrics.conflict()
            return
        if batch.list_id in self.document_bytes:
            self.document_bytes[batch.list_id] += sum(len(logged.update) for logged in batch.updates)
        for entry in batch.audit:
            if entry.reason is not None:
                self._metrics.refused(entry.reason)
