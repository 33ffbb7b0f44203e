"""JSON lines: one object on each line, by the columns' names; an empty cell is `null`, an empty set `[]`, as in the HTTP API."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import orjson

from persistence.contract import Json
from snapshots.columns import Column
from snapshots.exporting.cells import Names, Page, cells, heads
from snapshots.record import Record


def write_json(columns: Sequence[Column], pages: Iterable[Page], target: BinaryIO) -> None:
    """Write pages of records. What has been written is not held any more: memory depends on the size of a page."""
    keys = heads(columns)
    for records, names in pages:
        rows = zip(*(_values(column, records, names) for column in columns), strict=True)
        target.write(
            b"".join(orjson.dumps(dict(zip(keys, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        )


def _values(column: Column, records: Sequence[Record], names: Names) -> list[Json]:
    values = cells(column, records, names)
    return [[] if value is None else value for value in values] if column.set_valued else values
