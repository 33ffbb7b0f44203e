"""Whole rows of a list, as they stand in the relational snapshot when they come in bulk."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from persistence.contract import BulkRecord, Json
from snapshots.column_types import NUMBER_TYPES
from snapshots.columns import Column
from snapshots.values import normalise

_HEAD: Final = 2


def bulk_records(columns: Sequence[Column], rows: Iterable[Sequence[Json]], update: int = 0) -> Iterator[BulkRecord]:
    """The records of checked rows `[row, position, value, ...]`, values in the order of `columns`, brought by this update of a batch."""
    places = [
        (place, column, column.type in NUMBER_TYPES, column.target_list) for place, column in enumerate(columns, _HEAD)
    ]
    for row in rows:
        cells: dict[str, Json] = {}
        links: list[tuple[str, str, str]] = []
        for place, column, is_number, target in places:
            value = row[place]
            if value is None or value == []:
                continue
            cells[column.id] = normalise(column, value) if is_number and type(value) is float else value
            if target is not None and isinstance(value, list):
                links += [(column.id, target, str(linked)) for linked in value]
        yield BulkRecord(str(row[0]), str(row[1]), cells, links, update)
