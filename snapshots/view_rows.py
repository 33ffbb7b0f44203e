"""The rows of a view: which ones it shows, in which order, with which columns (ADR 40).

What names a column that is gone is passed over; whatever else is not understood is refused, since it might show more than the view does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import ColumnElement

from persistence.contract import Json
from snapshots.columns import Column, ListSchema
from snapshots.cursors import QueryRefused
from snapshots.filtering import ChoiceRefused, condition
from snapshots.sorting import directed, sort_key
from snapshots.text import ID

SORT_COLUMNS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class View:
    """What a saved view says of rows, as its attributes stand in the document; `None` for those that say nothing."""

    name: str
    filter: Json = None
    sort: Json = None
    hidden: Json = None

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> Self:
        """Read the attributes of a view; those that say nothing of its rows are left out."""
        name = said.get("name")
        return cls(name if isinstance(name, str) else "", said.get("filter"), said.get("sort"), said.get("hidden"))


@dataclass(frozen=True, slots=True)
class RowChoice:
    """Rows of `records` that are shown, and the columns that are, in order.

    Rows that `order_by` leaves equal stand in list order. Which list is meant, and whether its trash, is for the caller to add.
    """

    condition: ColumnElement[bool]
    order_by: Sequence[ColumnElement[Any]]
    columns: Sequence[Column]


def row_choice(view: View, schema: ListSchema) -> RowChoice:
    """What a view shows of a list with these columns. Raises `ChoiceRefused`."""
    hidden = _hidden(view.hidden)
    columns = [column for column in schema.standing() if column.id not in hidden]
    if hidden and not columns:
        raise ChoiceRefused("hidden", "The view hides every column. Show at least one.")
    return RowChoice(condition(view.filter, schema), _order(view.sort, schema), columns)


def _order(said: Json, schema: ListSchema) -> list[ColumnElement[Any]]:
    if said is None:
        return []
    if not isinstance(said, list) or len(said) > SORT_COLUMNS_MAX:
        raise ChoiceRefused("sort", f"A sort is an array of at most {SORT_COLUMNS_MAX} columns.")
    rules = (_rule(part, f"sort.{index}", schema) for index, part in enumerate(said))
    return [rule for rule in rules if rule is not None]


def _rule(said: Json, place: str, schema: ListSchema) -> ColumnElement[Any] | None:
    rule = said if isinstance(said, dict) else {"column": said}
    name, descending = rule.get("column"), rule.get("descending", False)
    known = rule.keys() <= {"column", "descending"} and isinstance(descending, bool)
    if not known or not isinstance(name, str) or ID.fullmatch(name) is None:
        raise ChoiceRefused(place, 'A sort names a column by id, or says {"column": …, "descending": true}.')
    column = schema.columns.get(name)
    if column is None or column.deleted:
        return None
    try:
        key = sort_key(column)
    except QueryRefused as refused:
        raise ChoiceRefused(place, f"{column.name} has no order that rows could be sorted by.") from refused
    return directed(key, descending=descending is True)


def _hidden(said: Json) -> Collection[str]:
    match said:
        case None:
            return ()
        case list() if all(isinstance(column, str) for column in said):
            return frozenset(map(str, said))
        case dict() if all(isinstance(hidden, bool) for hidden in said.values()):
            return frozenset(column for column, hidden in said.items() if hidden)
    raise ChoiceRefused(
        "hidden", "What a view hides is an array of columns by id, or an object that says true of them."
    )
