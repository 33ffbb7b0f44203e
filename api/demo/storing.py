"""Storing a sheet as a list: its document with the rows as segments, and the same rows as records, in one commit."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from api.demo.sheets import Sheet
from persistence.contract import BulkRecord, Committed, ListStore, NewList
from realtime.core.new_list import new_list
from snapshots.bulk_records import bulk_records


async def store_sheet(store: ListStore, workspace_id: str, sheet: Sheet, *, actor: str, now: datetime) -> None:
    """Make the list with all its rows, or nothing. Raises `StoreUnavailable`."""
    batch = new_list(sheet.id, sheet.name, sheet.columns, sheet.segments, actor=actor, now=now, batch_id=uuid4())
    new = NewList(sheet.id, workspace_id, sheet.name, actor, now)
    made = await store.create_list(new, batch, records_of(sheet))
    assert isinstance(made, Committed), "a fresh id is free, and nobody's membership was asked for"


def records_of(sheet: Sheet) -> Iterator[BulkRecord]:
    """The rows of a sheet as they stand in the relational snapshot."""
    return bulk_records(sheet.columns, sheet.rows())
