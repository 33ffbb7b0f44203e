"""Columns of a simulation that take each other's places: which one of a family stands, and what people write into it."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from persistence.contract import Json
from realtime.core import keys
from snapshots.columns import Column, ColumnType, ListSchema
from tests.property_list import LOCKED, NAME, RENT, STATE, TAGS
from tests.room_scenes import Peer

FIRSTS: Final = (NAME, RENT, TAGS, STATE)
"""The columns that a simulation begins with and that people convert."""
BELOW: Final = {NAME: 0.4, RENT: 0.52, LOCKED: 0.56, TAGS: 0.66, STATE: 0.71}
"""Which column a client writes into, by what is thrown."""
ADDED: Final = 0.6
_SURNAME: Final = len("col-rent")
LABELS: Final = "Sold, Open"
"""A text that converts into options."""
TARGETS: Final = {
    ColumnType.TEXT: (ColumnType.NUMBER, ColumnType.LONG_TEXT, ColumnType.MULTI_SELECT),
    ColumnType.LONG_TEXT: (ColumnType.TEXT, ColumnType.NUMBER, ColumnType.SELECT),
    ColumnType.NUMBER: (ColumnType.TEXT, ColumnType.LONG_TEXT),
    ColumnType.SELECT: (ColumnType.TEXT, ColumnType.MULTI_SELECT),
    ColumnType.MULTI_SELECT: (ColumnType.TEXT, ColumnType.SELECT),
}


def heir_of(column: str, number: int) -> str:
    """The id of another column of the same family."""
    return f"{column[:_SURNAME]}{number:04}"


def standing(columns: Mapping[str, Column], first: str) -> Column:
    """The column that stands where the first of its family stood; that one, where none does."""
    family = (column for column in columns.values() if column.id[:_SURNAME] == first[:_SURNAME])
    return next((column for column in family if not column.deleted), columns[first])


def written(column: Column, unique: int, marker: str, random: Random) -> Json:
    """What somebody writes into a column that was converted; texts of digits and of labels convert on."""
    match column.type:
        case ColumnType.NUMBER:
            return unique
        case ColumnType.SELECT:
            return random.choice((None, *sorted(column.options)))
        case ColumnType.MULTI_SELECT:
            return [*random.sample(sorted(column.options), min(2, len(column.options)))]
        case _:
            return random.choice((marker, marker, f"{unique}", LABELS))


def keys_of_converted(
    peer: Peer, row: str, kind: float, unique: int, marker: str, random: Random
) -> dict[str, Json] | None:
    """The keys that a client writes into a row where its column has been converted; `None` where it has not."""
    first = next((column for column, below in BELOW.items() if kind < below), None)
    said = peer.held(keys.COLUMNS).to_py()
    if first is None or said is None:
        return None
    family = {name: value for name, value in said.items() if name.startswith(first[:_SURNAME])}
    column = standing(ListSchema.from_columns_root(family, None).columns, first)
    if column.id == first:
        return None
    value = written(column, unique, marker, random)
    if isinstance(value, list):
        return {f"e:{row}:{column.id}:{option}": random.random() < ADDED for option in value}
    return {f"c:{row}:{column.id}": value}
