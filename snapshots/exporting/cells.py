"""How each type of column is written as text: the one place that decides it.

Options are written by label, people by e-mail address, linked rows by their primary value; what has no such name is written by
its id. The elements of a set are joined by commas; one that holds a comma, a quote or a line break, or blanks at an end, stands in
double quotes, with those inside doubled. Addresses are JSON. Numbers are plain, times ISO 8601. Columns whose values nobody computes
yet are empty, as in the HTTP API.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.element_texts import joined
from snapshots.exporting.injection import escaped
from snapshots.record import Record


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: people's e-mail addresses by user id, and for each link column the rows' primary values by row id."""

    people: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Writer = Callable[[Record], str]


def heads(schema: ListSchema) -> list[str]:
    """The names of the standing columns, in order; of equal ones the later get a number: `Price`, `Price (2)`."""
    taken = {column.name for column in schema.standing()}
    seen: set[str] = set()
    found = []
    for column in schema.standing():
        name, number = column.name, 2
        while name in seen or (name != column.name and name in taken):
            name, number = f"{column.name} ({number})", number + 1
        seen.add(name)
        found.append(name)
    return found


def writers(schema: ListSchema, names: Names) -> list[Writer]:
    """For each standing column, in order, what gives a record's cell as text; an empty cell is an empty text."""
    return [
        _STAMPS[column.type](names) if column.type in _STAMPS else _cell(column, names) for column in schema.standing()
    ]


def _cell(column: Column, names: Names) -> Writer:
    key, write = column.id, _value(column, names)

    def of(record: Record) -> str:
        value = record.cells.get(key)
        return "" if value is None else write(value)

    return of


def _value(column: Column, names: Names) -> Callable[[Json], str]:
    """What writes a value that is there. Numbers are not escaped: a leading minus is part of them."""
    match column.type:
        case ColumnType.SELECT | ColumnType.MULTI_SELECT:
            labels = {option.id: option.label for option in column.options.values()}
        case ColumnType.USER | ColumnType.USERS:
            labels = dict(names.people)
        case ColumnType.LINK:
            labels = dict(names.rows.get(column.id, {}))
        case _:
            labels = {}

    def write(value: Json) -> str:
        if isinstance(value, str):
            return escaped(labels.get(value, value))
        if isinstance(value, list):
            return escaped(joined(labels.get(str(element), str(element)) for element in value))
        return orjson.dumps(value).decode()

    return write


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


_STAMPS: Final[Mapping[ColumnType, Callable[[Names], Writer]]] = {
    ColumnType.CREATED_AT: lambda _names: lambda record: _moment(record.created_at),
    ColumnType.UPDATED_AT: lambda _names: lambda record: _moment(record.updated_at),
    ColumnType.CREATED_BY: lambda names: lambda record: escaped(names.people.get(record.created_by, record.created_by)),
    ColumnType.UPDATED_BY: lambda names: lambda record: escaped(names.people.get(record.updated_by, record.updated_by)),
}
