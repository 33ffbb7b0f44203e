"""Whole rows by COPY, for imports and generators: the rows, their links, and one audit fact for each row.

Runs inside the transaction whose commit statement has just taken the list's head.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import asyncpg

from persistence.contract import Batch, BulkRecord, FactKind
from persistence.payload import json_text

_CHUNK_ROWS: Final = 2_000
"""Rows encoded and sent at once: bounds the memory, whatever the size of the import."""

_COLUMNS: Final = {
    "records": (
        *("list_id", "row_id", "workspace_id", "data", "position", "seq"),
        *("created_at", "created_by", "updated_at", "updated_by"),
    ),
    "links": ("list_id", "row_id", "column_id", "target_list_id", "target_row_id"),
    "facts": ("list_id", "seq", "ordinal", "kind", "row_id", "new", "actor", "source", "at"),
}


async def copy_records(
    connection: asyncpg.Connection, workspace_id: str, batch: Batch, records: Iterable[BulkRecord]
) -> None:
    """Write every record as a row, its links, and a `row` fact numbered after the batch's own entries."""
    ordinals = Counter(entry.update for entry in batch.audit)
    remaining = iter(records)
    while chunk := list(islice(remaining, _CHUNK_ROWS)):
        await _copy(connection, "records", (_row(batch, workspace_id, record) for record in chunk))
        await _copy(connection, "links", (link for record in chunk for link in _links(batch, record)))
        await _copy(connection, "facts", [_fact(batch, record, ordinals) for record in chunk])


async def _copy(connection: asyncpg.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=_COLUMNS[table])


def _row(batch: Batch, workspace_id: str, record: BulkRecord) -> tuple[Any, ...]:
    update = batch.updates[record.update]
    cells = json_text({column: value for column, value in record.cells.items() if value is not None})
    seq = batch.expected_head + 1 + record.update
    return (
        *(batch.list_id, record.row, workspace_id, cells, record.position, seq),
        *(update.at, update.actor, update.at, update.actor),
    )


def _links(batch: Batch, record: BulkRecord) -> Iterator[tuple[str, ...]]:
    for column, target_list, target_row in record.links:
        yield batch.list_id, record.row, column, target_list, target_row


def _fact(batch: Batch, record: BulkRecord, ordinals: Counter[int]) -> tuple[Any, ...]:
    update = batch.updates[record.update]
    ordinal = ordinals[record.update]
    ordinals[record.update] = ordinal + 1
    seq = batch.expected_head + 1 + record.update
    position = json_text(record.position)
    return batch.list_id, seq, ordinal, FactKind.ROW, record.row, position, update.actor, update.source, update.at
