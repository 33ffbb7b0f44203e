"""Lists in which thousands have written: every transaction of the native library costs something for each of their client ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc

from persistence.contract import Batch, Conflict, LogEntry, Source
from realtime.core.effects import Commit
from realtime.core.ledger import Ledger
from realtime.core.limits import Limits
from realtime.core.update import UNBOUNDED
from realtime.core.writes import AddRow, SetCell, Write
from tests.property_list import LIST, NAME, NOW, OLGA, finish, furnished_store, item, opened, update_of

FEW, MANY = 5, 200


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[Doc[Any]]:
    """Every transaction that is begun, by its document."""
    begun: list[Doc[Any]] = []
    begin = Doc.transaction

    def counted(doc: Doc[Any], *rest: Any) -> Any:
        if doc._txn is None:
            begun.append(doc)
        return begin(doc, *rest)

    monkeypatch.setattr(Doc, "transaction", counted)
    return begun


class Counts:
    """How many transactions each step took, in a list of so many rows."""

    def __init__(self, transactions: list[Doc[Any]], rows: int) -> None:
        self._transactions = transactions
        self.steps: dict[str, int] = {}
        store = furnished_store()
        first = Ledger(opened(store), Limits(), uuid4)
        first.write(OLGA, Source.API, _rows("old", rows), NOW)
        finish(store.commit(_next(first)))
        with self.counting("open"):
            ledger = Ledger(opened(store), Limits(), uuid4)
        assert sum(map(ledger.draft.has_row, (f"row-old{number:05}" for number in range(rows)))) == rows
        with self.counting("write"):
            ledger.write(OLGA, Source.API, _rows("new", rows), NOW)
        with self.counting("gather a batch"):
            batch = _next(ledger)
        assert len(batch.rows) == rows
        ledger.conflicted()
        theirs = update_of(item(5001, 0, "Theirs", f"c:row-old00000:{NAME}"))
        ledger.fetched([LogEntry(ledger.live.head + 1, theirs, uuid4(), OLGA.user_id)])
        ledger._pending.clear()
        with self.counting("begin again on another document"):
            ledger.replay()
        assert not ledger.draft.has_row("row-new00000")
        with self.counting("make the draft anew"):
            ledger.rebuild()
        cells = [item(5002, at, "Mine", f"c:row-old{at:05}:{NAME}") for at in range(rows)]
        with self.counting("take an upload"):
            assert ledger.receive(OLGA, update_of(*cells), UNBOUNDED, rows, NOW) is not None
        assert finish(store.commit(batch)) != Conflict()
        assert len(store.lists[LIST].rows) == 2 * rows

    @contextmanager
    def counting(self, step: str) -> Iterator[None]:
        """Count those of a step."""
        before = len(self._transactions)
        yield
        self.steps[step] = len(self._transactions) - before


def _next(ledger: Ledger) -> Batch:
    commit = ledger.next(people=1, now=NOW)
    assert isinstance(commit, Commit)
    return commit.batch


def _rows(name: str, count: int) -> list[Write]:
    names = [f"row-{name}{number:05}" for number in range(count)]
    return [write for row in names for write in (AddRow(row), SetCell(row, NAME, row))]


@pytest.mark.rule("ROOM-57")
def test_a_list_costs_no_transaction_for_a_row(transactions: list[Doc[Any]]) -> None:
    """To open it, to judge edits, to gather a batch, to go on after a conflict and to make the draft anew take as many for few rows as for many."""
    few, many = Counts(transactions, FEW), Counts(transactions, MANY)
    assert few.steps == many.steps
    assert len(few.steps) == 6
