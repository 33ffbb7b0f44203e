"""What must hold of conversions, read from the log alone: at the head at which a column takes another's place, and at each undoing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from persistence.contract import Batch, FactKind, Json
from persistence.fills import ColumnFill
from persistence.memory import MemoryListStore, document_of
from realtime.core.document import ListDocument
from realtime.core.reasons import Reason
from snapshots.columns import Column
from snapshots.conversion import Conversion, Converted, Names
from snapshots.conversion_marks import CONVERTED, reading_of, source_of
from snapshots.reading import Reading
from tests.property_list import LIST
from tests.simulation.world import Violation

Values = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Swap:
    """An update in which one column takes the place of another."""

    update: int
    old: str
    new: str


class Conversions:
    """The conversions that are committed, and what the columns held that they replaced."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.fills: list[tuple[int, ColumnFill]] = []
        """What was put into columns that nobody sees, with the number before that of its update."""
        self._held: dict[tuple[str, str], Values] = {}

    @staticmethod
    def swaps(batch: Batch) -> list[Swap]:
        """The swaps of a batch."""
        return [Swap(*found) for found in _swaps(batch)]

    def committed(self, batch: Batch, store: MemoryListStore) -> None:
        """A batch is committed. Raises `Violation`."""
        self.counts["edits.of_replaced"] += sum(entry.reason == Reason.UNKNOWN_COLUMN for entry in batch.audit)
        self.fills += [(batch.expected_head, fill) for fill in batch.fills]
        for swap in self.swaps(batch):
            document = _document_at(store, batch.expected_head + 1 + swap.update)
            columns = document.schema().columns
            if source_of(columns[swap.new]) == swap.old and (swap.new, swap.old) not in self._held:
                self._converted(batch, swap, document)
            else:
                self._undone(swap, document)

    def _converted(self, batch: Batch, swap: Swap, document: ListDocument) -> None:
        """Each value is there in the new column, or counted among those that the person is told are lost."""
        columns = document.schema().columns
        old, new = columns[swap.old], columns[swap.new]
        mark = new.config[CONVERTED]
        assert isinstance(mark, dict), "what is converted says from what"
        conversion = Conversion(old, new, reading_of(mark["reading"]) or Reading(), Names())
        held, found = _values(document, old), _values(document, new)
        read = document.value(old)
        lost = 0
        for row, value in held.items():
            outcome = conversion.convert(read(row))
            lost += not isinstance(outcome, Converted)
            wanted = _plain(outcome.value) if isinstance(outcome, Converted) else None
            if found[row] != wanted:
                raise Violation(f"{row}: {value} became {found[row]}, not {wanted}, when {old.id} became {new.id}")
        told = mark["lost"]
        assert isinstance(told, int), "how many are lost is a number"
        if told < lost:
            raise Violation(f"{lost} values of {old.id} were lost, and {told} told")
        self._held[swap.old, swap.new] = held
        late = [
            entry for entry in batch.audit if entry.update == swap.update and entry.fact.kind is not FactKind.COLUMN
        ]
        self.counts["convert.done"] += 1
        self.counts["convert.lost"] += lost
        self.counts["convert.late"] += sum(entry.fact.column == swap.new for entry in late)

    def _undone(self, swap: Swap, document: ListDocument) -> None:
        """The old column shows what it held; rows that came since have nothing in it."""
        before = self._held.pop((swap.new, swap.old))
        columns = document.schema().columns
        back = _values(document, columns[swap.new])
        different = {row for row in back if back[row] != before.get(row)}
        if different or before.keys() - back.keys():
            raise Violation(f"an undone conversion shows something else in {swap.new} of {sorted(different)}")
        self.counts["convert.undone"] += 1


def _swaps(batch: Batch) -> Iterator[tuple[int, str, str]]:
    deleted: dict[int, dict[Json, str]] = {}
    for entry in batch.audit:
        fact = entry.fact
        if entry.reason is None and fact.kind is FactKind.COLUMN and fact.attribute == "deleted":
            assert fact.column is not None, "it is said of a column"
            deleted.setdefault(entry.update, {})[bool(fact.new)] = fact.column
    for update, said in deleted.items():
        if said.keys() == {True, False}:
            yield update, said[True], said[False]


def _document_at(store: MemoryListStore, seq: int) -> ListDocument:
    found = document_of(LIST, store.lists[LIST])
    document = ListDocument(found.epoch)
    states = [] if found.state is None else [found.state]
    document.apply([*states, *(entry.update for entry in found.log if entry.seq <= seq)])
    document.scan()
    return document


def _values(document: ListDocument, column: Column) -> Values:
    read = document.value(column)
    return {row: _plain(read(row)) for row in document.rows()}


def _plain(value: Json) -> Json:
    """A value that compares: what is held in no order is put into one."""
    if not isinstance(value, list):
        return value
    return sorted(map(str, value)) or None
