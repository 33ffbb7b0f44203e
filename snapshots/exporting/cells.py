"""What the cells of a column hold in an export, whatever the format: the one place that decides it.

Options are named by label, people by e-mail address, linked rows by their primary value; what has no such name is named by its id.
Whatever else is there is given as the snapshot has it, stamps as times of ISO 8601. Columns whose values nobody computes yet
are empty, as in the HTTP API.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from persistence.contract import Json
from snapshots.column_types import NUMBER_TYPES, SET_VALUED_TYPES, ColumnType
from snapshots.columns import Column
from snapshots.record import Record


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: people's e-mail addresses by user id, and for each link column the rows' primary values by row id."""

    people: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Page = tuple[Sequence[Record], Names]
"""Some records in order, with the names that they need."""


class Shape(StrEnum):
    """What kind of values `cells` gives for a column, beside `None` for an empty cell."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    OBJECT = "object"


def shape_of(column: Column) -> Shape:
    """Tell the shape of a column's values. Days and moments are texts of ISO 8601; moments are in UTC and end in `Z`."""
    return _SHAPES.get(column.type, Shape.TEXT)


def heads(columns: Iterable[Column]) -> list[str]:
    """The names of columns; of equal ones the later get a number: `Price`, `Price (2)`."""
    named = [column.name for column in columns]
    taken, seen = set(named), set[str]()
    found = []
    for first in named:
        name, number = first, 2
        while name in seen or (name != first and name in taken):
            name, number = f"{first} ({number})", number + 1
        seen.add(name)
        found.append(name)
    return found


def cells(column: Column, records: Sequence[Record], names: Names) -> list[Json]:
    """The values of a column in these records, in order; `None` where a cell is empty."""
    if column.type in _STAMPS:
        stamp = _STAMPS[column.type]
        return [stamp(record, names) for record in records]
    key = column.id
    held = [record.cells.get(key) for record in records]
    labels = _labels(column, names)
    if labels is None:
        return held
    if column.set_valued:
        return [
            [labels.get(element, element) for element in map(str, value)] if isinstance(value, list) else None
            for value in held
        ]
    return [labels.get(value, value) if isinstance(value, str) else None for value in held]


def _labels(column: Column, names: Names) -> Mapping[str, str] | None:
    """What a column's ids are called; `None` if it holds none."""
    match column.type:
        case ColumnType.SELECT | ColumnType.MULTI_SELECT:
            return {option.id: option.label for option in column.options.values()}
        case ColumnType.USER | ColumnType.USERS:
            return names.people
        case ColumnType.LINK:
            return names.rows.get(column.id, {})
    return None


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


_SHAPES: Final[Mapping[ColumnType, Shape]] = {
    **dict.fromkeys(NUMBER_TYPES, Shape.NUMBER),
    **dict.fromkeys(SET_VALUED_TYPES, Shape.TEXTS),
    **dict.fromkeys((ColumnType.DATETIME, ColumnType.CREATED_AT, ColumnType.UPDATED_AT), Shape.MOMENT),
    ColumnType.CHECKBOX: Shape.FLAG,
    ColumnType.DATE: Shape.DAY,
    ColumnType.ADDRESS: Shape.OBJECT,
}
_STAMPS: Final[Mapping[ColumnType, Callable[[Record, Names], str]]] = {
    ColumnType.CREATED_AT: lambda record, _names: _moment(record.created_at),
    ColumnType.UPDATED_AT: lambda record, _names: _moment(record.updated_at),
    ColumnType.CREATED_BY: lambda record, names: names.people.get(record.created_by, record.created_by),
    ColumnType.UPDATED_BY: lambda record, names: names.people.get(record.updated_by, record.updated_by),
}
