"""Storing a sheet as a list: its document with the rows as segments, and the same rows as records, in one commit."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from api.demo.sheets import Sheet
from persistence.contract import BulkRecord, Committed, Json, ListStore, NewList
from realtime.core.new_list import new_list
from snapshots.values import normalise


async def store_sheet(store: ListStore, workspace_id: str, sheet: Sheet, *, actor: str, now: datetime) -> None:
    """Make the list with all its rows, or nothing. Raises `StoreUnavailable`."""
    batch = new_list(sheet.id, sheet.name, sheet.columns, sheet.segments, actor=actor, now=now, batch_id=uuid4())
    new = NewList(sheet.id, workspace_id, sheet.name, actor, now)
    made = await store.create_list(new, batch, records_of(sheet))
    assert isinstance(made, Committed), "a fresh id is free, and nobody's membership was asked for"


def records_of(sheet: Sheet) -> Iterator[BulkRecord]:
    """The rows of a sheet as they stand in the relational snapshot."""
    targets = [column.target_list for column in sheet.columns]
    for row, position, *values in sheet.rows():
        cells: dict[str, Json] = {}
        links: list[tuple[str, str, str]] = []
        for column, target, value in zip(sheet.columns, targets, values, strict=True):
            if value is None or value == []:
                continue
            cells[column.id] = normalise(column, value) if isinstance(value, float) else value  # the rest is in form
            if target is not None and isinstance(value, list):
                links += [(column.id, target, str(linked)) for linked in value]
        yield BulkRecord(str(row), str(position), cells, links)
