"""Sorting rows by a column's values: as numbers, texts, dates or in the order of options; empty cells last."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Float, Text, and_, bindparam, case, cast, func, or_, tuple_

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.columns import Column
from snapshots.cursors import QueryReason, QueryRefused

_TEXT_TYPES: Final = frozenset(
    {ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.EMAIL, ColumnType.PHONE, ColumnType.URL}
)
_DATE_TYPES: Final = frozenset({ColumnType.DATE, ColumnType.DATETIME})
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
    value = records.c.data[column.id]
    if column.type in NUMBER_TYPES:
        # A list's numbers are doubles (list document), so nothing is lost by comparing them as such.
        return case((func.jsonb_typeof(value) == "number", cast(value.astext, Float(53))))
    if column.type in _TEXT_TYPES:
        return func.left(func.lower(value.astext), _SORT_TEXT_CHARACTERS_MAX).collate("C")
    if column.type in _DATE_TYPES:
        # ISO 8601 in UTC with four-digit years sorts as text.
        dated: ColumnElement[Any] = value.astext.collate("C")
        return dated
    if column.type is ColumnType.CHECKBOX:
        return case((value.astext == "true", 1), else_=0)
    if column.type is ColumnType.SELECT:
        options = bindparam(None, list(column.options), type_=ARRAY(Text))
        rank: ColumnElement[Any] = func.array_position(options, value.astext)
        return rank
    raise QueryRefused(QueryReason.NOT_SORTABLE)


def cursor_kinds(column: Column) -> tuple[type, ...]:
    """The types that a place in this order may have in a cursor."""
    numeric = column.type in NUMBER_TYPES or column.type in (ColumnType.CHECKBOX, ColumnType.SELECT)
    return (int, float, type(None)) if numeric else (str, type(None))


def ordering(key: ColumnElement[Any], *, descending: bool) -> list[ColumnElement[Any]]:
    """The ORDER BY of a sort: the key, then the list's own order."""
    directed = key.desc().nulls_last() if descending else key.asc().nulls_last()
    return [directed, records.c.position, records.c.row_id]


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
