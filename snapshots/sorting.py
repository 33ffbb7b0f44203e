"""Sorting rows by a column's values: as numbers, texts, dates or in the order of options; empty cells last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Float, Text, and_, bindparam, case, cast, func, or_, tuple_

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.columns import Column
from snapshots.cursors import QueryReason, QueryRefused

TEXT_TYPES: Final = frozenset(
    {ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.EMAIL, ColumnType.PHONE, ColumnType.URL}
)
_STAMP_FORMAT: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
_MOMENT_END: Final = ".0Z"
_SORT_TEXT_CHARACTERS_MAX: Final = 1_000
"""Texts are compared by their beginning, so that a cursor stays short; rows that agree in it keep their places."""


@dataclass(frozen=True, slots=True)
class Sort:
    """Order by one column, empty cells last in both directions."""

    column: Column
    descending: bool = False

    @property
    def order(self) -> str:
        """The name of this order in cursors."""
        return f"{'-' if self.descending else '+'}{self.column.id}"


def sort_key(column: Column) -> ColumnElement[Any]:
    """The SQL value that rows are ordered by. Raises `QueryRefused` for a column that has no order."""
    key = _KEYS.get(column.type)
    if key is None:
        raise QueryRefused(QueryReason.NOT_SORTABLE)
    return key(column)


def moment_text(moment: str) -> str:
    """What a UTC time is as a sort key: without its last zeros, so that `12:00:00Z` and `12:00:00.000Z` are the same and before `12:00:00.5Z`."""
    return moment.rstrip(_MOMENT_END)


def cursor_kinds(column: Column) -> tuple[type, ...]:
    """The types that a place in this order may have in a cursor."""
    numeric = column.type in NUMBER_TYPES or column.type in (ColumnType.CHECKBOX, ColumnType.SELECT)
    return (int, float, type(None)) if numeric else (str, type(None))


def directed(key: ColumnElement[Any], *, descending: bool) -> ColumnElement[Any]:
    """One key of an ORDER BY, empty cells last."""
    return key.desc().nulls_last() if descending else key.asc().nulls_last()


def ordering(key: ColumnElement[Any], *, descending: bool) -> list[ColumnElement[Any]]:
    """The ORDER BY of a sort: the key, then the list's own order."""
    return [directed(key, descending=descending), records.c.position, records.c.row_id]


def after_place(key: ColumnElement[Any], place: list[Json], *, descending: bool) -> ColumnElement[bool]:
    """The rows that come after (key, position, row id) in a sort."""
    value, position, row = place
    behind = after_row(position, row)
    if value is None:
        return and_(key.is_(None), behind)
    beyond = key < value if descending else key > value
    return or_(beyond, and_(key == value, behind), key.is_(None))


def after_row(position: Json, row: Json) -> ColumnElement[bool]:
    """The rows that come after (position, row id) in the list's own order."""
    return tuple_(records.c.position, records.c.row_id) > tuple_(position, row)


def _number(column: Column) -> ColumnElement[Any]:
    # A list's numbers are doubles (list document), so nothing is lost by comparing them as such.
    value = records.c.data[column.id]
    return case((func.jsonb_typeof(value) == "number", cast(value.astext, Float(53))))


def _text(column: Column) -> ColumnElement[Any]:
    return func.left(func.lower(records.c.data[column.id].astext), _SORT_TEXT_CHARACTERS_MAX).collate("C")


def _day(column: Column) -> ColumnElement[Any]:
    # ISO 8601 with four-digit years sorts as text.
    value: ColumnElement[Any] = records.c.data[column.id].astext.collate("C")
    return value


def _moment(column: Column) -> ColumnElement[Any]:
    return func.rtrim(records.c.data[column.id].astext, _MOMENT_END).collate("C")


def _stamp(stamp: ColumnElement[Any]) -> Callable[[Column], ColumnElement[Any]]:
    text = func.to_char(func.timezone("UTC", stamp), _STAMP_FORMAT)
    return lambda _column: func.rtrim(text, _MOMENT_END).collate("C")


def _checkbox(column: Column) -> ColumnElement[Any]:
    return case((records.c.data[column.id].astext == "true", 1), else_=0)


def _rank(column: Column) -> ColumnElement[Any]:
    options = bindparam(None, list(column.options), type_=ARRAY(Text))
    rank: ColumnElement[Any] = func.array_position(options, records.c.data[column.id].astext)
    return rank


_KEYS: Final[Mapping[ColumnType, Callable[[Column], ColumnElement[Any]]]] = {
    **dict.fromkeys(NUMBER_TYPES, _number),
    **dict.fromkeys(TEXT_TYPES, _text),
    ColumnType.DATE: _day,
    ColumnType.DATETIME: _moment,
    ColumnType.CREATED_AT: _stamp(records.c.created_at),
    ColumnType.UPDATED_AT: _stamp(records.c.updated_at),
    ColumnType.CHECKBOX: _checkbox,
    ColumnType.SELECT: _rank,
}
