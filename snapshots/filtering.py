"""Filters of rows as SQL: groups of `and` and `or` around parts that ask something of one column (ADR 40).

A filter is JSON from a caller. Whatever it is, it gives a condition or `ChoiceRefused` with the place and a sentence: a part that is not
understood is never passed over, since fewer conditions show more rows. Only a part that names a column that is gone is.
Every text of a caller is a bound parameter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Float, Integer, Text, and_, any_, bindparam, func, or_, true
from sqlalchemy.types import TypeEngine

from persistence.contract import Json
from persistence.tables import records
from snapshots.column_types import NUMBER_TYPES, SET_VALUED_TYPES, ColumnType
from snapshots.columns import Column, ListSchema
from snapshots.sorting import TEXT_TYPES, moment_text, sort_key
from snapshots.text import ID, clean_text, exact_number
from snapshots.values import cell_check

FILTER_DEPTH_MAX: Final = 3
"""Groups in groups; an attribute of a view nests no deeper."""
FILTER_PARTS_MAX: Final = 100
FILTER_VALUES_MAX: Final = 1_000
"""In one `any_of` or `none_of`."""
FILTER_TEXT_CHARACTERS_MAX: Final = 1_000

_GROUPS: Final[Mapping[str, Callable[..., ColumnElement[bool]]]] = {"and": and_, "or": or_}
_ADDRESS_PARTS: Final = ("line1", "line2", "city", "region", "postcode", "country")


class ChoiceRefused(Exception):
    """What was said of the rows is not understood: the place (`filter.and.0.value`), and a sentence for people."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place
        self.sentence = sentence


class Op(StrEnum):
    """What a part asks of a cell."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    ANY_OF = "any_of"
    NONE_OF = "none_of"


_EMPTINESS: Final = (Op.IS_EMPTY, Op.IS_NOT_EMPTY)
_EQUAL: Final = (Op.IS, Op.IS_NOT)
_AMONG: Final = (Op.ANY_OF, Op.NONE_OF)
_ORDERED: Final = (Op.BELOW, Op.AT_MOST, Op.ABOVE, Op.AT_LEAST)
_OPS: Final = frozenset(op.value for op in Op)


_AS_TEXT: Final = Text()


@dataclass(frozen=True, slots=True)
class _Family:
    """Columns that are filtered alike: what they may be asked, the SQL value that is asked (NULL where the cell is empty), and what it is compared with."""

    ops: tuple[Op, ...]
    key: Callable[[Column], ColumnElement[Any]]
    takes: Callable[[Json], bool]
    words: str
    type: TypeEngine[Any] = _AS_TEXT
    written: Callable[[Any], Any] = lambda value: value


def condition(said: Json, schema: ListSchema) -> ColumnElement[bool]:
    """The condition on `records` that a filter says; `None` and `{}` let every row through. Raises `ChoiceRefused`."""
    found = None if said is None or said == {} else _Reader(schema).part(said, "filter", 0)
    return true() if found is None else found


@dataclass(slots=True)
class _Reader:
    """Reads one filter; a part whose column is gone, and a group without any other part, is `None`."""

    schema: ListSchema
    parts: int = 0

    def part(self, said: Json, place: str, depth: int) -> ColumnElement[bool] | None:
        self.parts += 1
        if self.parts > FILTER_PARTS_MAX:
            raise ChoiceRefused(place, f"A filter has at most {FILTER_PARTS_MAX} parts.")
        if not isinstance(said, dict):
            raise ChoiceRefused(
                place, 'A part of a filter is an object, such as {"column": …, "op": "is", "value": …}.'
            )
        if said.keys() & _GROUPS.keys():
            return self._group(said, place, depth)
        return self._leaf(said, place)

    def _group(self, said: Mapping[str, Json], place: str, depth: int) -> ColumnElement[bool] | None:
        (name, parts), *more = said.items()
        if more or not isinstance(parts, list):
            raise ChoiceRefused(place, 'A group of a filter is {"and": […]} or {"or": […]}, and nothing else.')
        if depth == FILTER_DEPTH_MAX:
            raise ChoiceRefused(place, f"Groups of a filter lie at most {FILTER_DEPTH_MAX} deep.")
        read = (self.part(part, f"{place}.{name}.{index}", depth + 1) for index, part in enumerate(parts))
        held = [part for part in read if part is not None]
        return _GROUPS[name](*held) if held else None

    def _leaf(self, said: Mapping[str, Json], place: str) -> ColumnElement[bool] | None:
        name, op, value = said.get("column"), said.get("op"), said.get("value")
        if not said.keys() <= {"column", "op", "value"}:
            raise ChoiceRefused(place, "A part of a filter has column, op and value, and nothing else.")
        if not isinstance(name, str) or ID.fullmatch(name) is None:
            raise ChoiceRefused(f"{place}.column", "A part of a filter names its column by id.")
        if not isinstance(op, str) or op not in _OPS:
            raise ChoiceRefused(f"{place}.op", f"A part of a filter asks one of: {', '.join(Op)}.")
        column = self.schema.columns.get(name)
        if column is None or column.deleted:
            return None
        family = _FAMILIES.get(column.type)
        if family is None:
            raise ChoiceRefused(f"{place}.column", f"{column.name} is not computed yet, so no filter can ask for it.")
        if op not in family.ops:
            raise ChoiceRefused(f"{place}.op", f"{column.name} can be asked: {', '.join(family.ops)}.")
        return _asked(column, family, Op(op), value, f"{place}.value")


def _asked(column: Column, family: _Family, op: Op, value: Json, place: str) -> ColumnElement[bool]:
    if op in _EMPTINESS:
        if value is not None:
            raise ChoiceRefused(place, f"{op} takes no value.")
        key = family.key(column)
        return key.is_(None) if op is Op.IS_EMPTY else key.is_not(None)
    if op in _AMONG:
        return _among(column, family, op, value, place)
    if not family.takes(value):
        raise ChoiceRefused(place, f"{column.name} is compared with {family.words}.")
    written = bindparam(None, family.written(value), type_=family.type)
    if op is Op.CONTAINS:
        return _contains(column, str(value))
    key = family.key(column)
    if op is Op.IS_NOT:
        return (key == written).is_not(true())
    return _COMPARED[op](key, written)


def _among(column: Column, family: _Family, op: Op, value: Json, place: str) -> ColumnElement[bool]:
    if not isinstance(value, list) or not 0 < len(value) <= FILTER_VALUES_MAX or not all(map(family.takes, value)):
        sentence = f"{op} takes an array of 1 to {FILTER_VALUES_MAX:,} values, for {column.name} each {family.words}."
        raise ChoiceRefused(place, sentence)
    values = bindparam(None, [family.written(one) for one in value], type_=ARRAY(family.type))
    found: ColumnElement[bool] = (
        records.c.data[column.id].has_any(values) if column.set_valued else family.key(column) == any_(values)
    )
    return found if op is Op.ANY_OF else found.is_not(true())


def _contains(column: Column, value: str) -> ColumnElement[bool]:
    cell = records.c.data[column.id]
    if column.set_valued:
        held: ColumnElement[bool] = cell.has_key(value)
        return held
    texts = [cell[part] for part in _ADDRESS_PARTS] if column.type is ColumnType.ADDRESS else [cell]
    return or_(*(text.astext.icontains(value, autoescape=True) for text in texts))


_COMPARED: Final[Mapping[Op, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]]] = {
    Op.IS: lambda key, value: key == value,
    Op.BELOW: lambda key, value: key < value,
    Op.AT_MOST: lambda key, value: key <= value,
    Op.ABOVE: lambda key, value: key > value,
    Op.AT_LEAST: lambda key, value: key >= value,
}


def _filled(empty: str) -> Callable[[Column], ColumnElement[Any]]:
    return lambda column: func.nullif(records.c.data[column.id].astext, empty)


def _whose(column: Column) -> ColumnElement[Any]:
    return records.c.created_by if column.type is ColumnType.CREATED_BY else records.c.updated_by


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value) <= FILTER_TEXT_CHARACTERS_MAX and clean_text(value)


_TEXT_WORDS: Final = f"a text of 1 to {FILTER_TEXT_CHARACTERS_MAX:,} characters"
_MOMENT_WORDS: Final = "a UTC time such as 2030-01-31T09:30:00Z"
_is_day: Final = cell_check(Column("", "", ColumnType.DATE), frozenset())
_is_moment: Final = cell_check(Column("", "", ColumnType.DATETIME), frozenset())

_CHOICES: Final = (*_EQUAL, *_AMONG, *_EMPTINESS)
_COMPARABLE: Final = (*_EQUAL, *_ORDERED, *_AMONG, *_EMPTINESS)
_TEXT: Final = _Family((*_EQUAL, Op.CONTAINS, *_AMONG, *_EMPTINESS), _filled(""), _is_text, _TEXT_WORDS)
_NUMBER: Final = _Family(_COMPARABLE, sort_key, exact_number, "a number, such as 12.5", Float(53), float)
_DAY: Final = _Family(_COMPARABLE, sort_key, lambda value: value is not None and _is_day(value), "a date as YYYY-MM-DD")
_MOMENT: Final = _Family(
    _COMPARABLE, sort_key, lambda value: value is not None and _is_moment(value), _MOMENT_WORDS, written=moment_text
)
_FLAG: Final = _Family(_EQUAL, sort_key, lambda value: isinstance(value, bool), "true or false", Integer(), int)
_CHOICE: Final = _Family(_CHOICES, _filled(""), _is_id, "an option's id")
_SET: Final = _Family((Op.CONTAINS, *_AMONG, *_EMPTINESS), _filled("[]"), _is_id, "an id")
_ADDRESS: Final = _Family((Op.CONTAINS, *_EMPTINESS), _filled(""), _is_text, _TEXT_WORDS)

_FAMILIES: Final[Mapping[ColumnType, _Family]] = {
    **dict.fromkeys(TEXT_TYPES, _TEXT),
    **dict.fromkeys(NUMBER_TYPES, _NUMBER),
    **dict.fromkeys(SET_VALUED_TYPES, _SET),
    **dict.fromkeys((ColumnType.DATETIME, ColumnType.CREATED_AT, ColumnType.UPDATED_AT), _MOMENT),
    **dict.fromkeys((ColumnType.CREATED_BY, ColumnType.UPDATED_BY), _Family(_CHOICES, _whose, _is_id, "a user's id")),
    ColumnType.DATE: _DAY,
    ColumnType.CHECKBOX: _FLAG,
    ColumnType.SELECT: _CHOICE,
    ColumnType.USER: _Family(_CHOICES, _filled(""), _is_id, "a user's id"),
    ColumnType.ADDRESS: _ADDRESS,
}
