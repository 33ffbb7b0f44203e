"""Cell values: which ones a column takes, and the form they have in the relational snapshot.

One row of a table per type. Whatever the JSON, a check answers yes or no: it never raises. Clearing a cell
(`None`) is allowed everywhere, in a *required* column too: two people who edit at the same time could not
keep such a promise; forms and the REST API ask for the value where a person enters it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from persistence.contract import Json
from snapshots.column_attributes import PRECISION_MAX, RATING_MAX
from snapshots.column_types import NUMBER_TYPES, ColumnType
from snapshots.columns import Column
from snapshots.text import ID, clean_text, exact_number

TEXT_CHARACTERS_MAX: Final = 10_000
LONG_TEXT_CHARACTERS_MAX: Final = 100_000
EMAIL_CHARACTERS_MAX: Final = 254
PHONE_CHARACTERS_MAX: Final = 40
URL_CHARACTERS_MAX: Final = 2_048
ADDRESS_PART_CHARACTERS_MAX: Final = 200
_RATING_DEFAULT_MAX: Final = 5
_CURRENCY_DEFAULT_PRECISION: Final = 2
_PERCENT_DIGITS: Final = 2

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,6})?Z")
# No blank, control or invisible character: they hide what an address really is (`java\tscript:`).
_UNSEEN: Final = r"\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_EMAIL: Final = re.compile(
    rf"[^{_UNSEEN}@<>()\[\]\\,;:\"]+@"
    rf"(?:[^{_UNSEEN}@<>()\[\]\\,;:\".-](?:[^{_UNSEEN}@<>()\[\]\\,;:\".]*[^{_UNSEEN}@<>()\[\]\\,;:\".-])?\.)+"
    rf"(?![0-9]+$)[^{_UNSEEN}@<>()\[\]\\,;:\".-]{{2,}}"
)
_PHONE: Final = re.compile(
    r"\+?[0-9(](?=(?:[^0-9]*[0-9]){2})[0-9 ().\-/]*[0-9)](?: ?(?:x|ext\.?|;ext=|#) ?[0-9]{1,10})?"
)
_URL: Final = re.compile(
    rf"(?:https?://[^{_UNSEEN}/?#\\][^{_UNSEEN}\\]*|mailto:[^{_UNSEEN}@]+@[^{_UNSEEN}@]+|tel:\+?[0-9().\-]+(?:;[^{_UNSEEN}]*)?)",
    re.IGNORECASE,
)
_ADDRESS_NEEDED: Final = frozenset({"line1", "city", "region", "postcode", "country"})
_ADDRESS_BOUNDS: Final = {"lat": 90.0, "lon": 180.0}
_ADDRESS_NAMES: Final = _ADDRESS_NEEDED | {"line2"} | _ADDRESS_BOUNDS.keys()


def check_cell(column: Column, value: Json, members: frozenset[str]) -> bool:
    """Tell whether a single-valued column takes `value`; `members` are the ids of the workspace's people.

    Set-valued and computed columns take no cell value at all, not even `None`.
    """
    return cell_check(column, members)(value)


def cell_check(column: Column, members: frozenset[str]) -> Callable[[Json], bool]:
    """What `check_cell` says of many values of one column."""
    check = _CELLS.get(column.type)
    return lambda value: check is not None and (value is None or check(column, value, members))


def check_element(column: Column, element: str, members: frozenset[str]) -> bool:
    """Tell whether `element` may become a member of a set-valued column's cell.

    Whether a linked row exists is for the snapshot to say. Removing an element needs no check.
    """
    check = _ELEMENTS.get(column.type)
    return check is not None and check(column, element, members)


def check_elements(column: Column, value: Json, members: frozenset[str]) -> bool:
    """Tell whether `value` may be the whole of a set-valued column's cell: elements that it takes, each once."""
    if not isinstance(value, list) or not set(map(type, value)) <= {str} or len(set(map(str, value))) != len(value):
        return False
    return all(check_element(column, str(element), members) for element in value)


def normalise(column: Column, value: Json) -> Json:
    """The form of a checked value in the relational snapshot: whole numbers as integers, rounded to the precision.

    Halves are rounded away from zero, as PostgreSQL rounds `numeric`. A percent column's precision counts the
    digits of the percentage that people see, so its stored fraction keeps two more.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or column.type not in NUMBER_TYPES:
        return value
    precision = _precision(column)
    if precision is not None and isinstance(value, float) and not value.is_integer():
        value = float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _precision(column: Column) -> int | None:
    default = _CURRENCY_DEFAULT_PRECISION if column.type is ColumnType.CURRENCY else None
    precision = column.config.get("precision", default)
    if not isinstance(precision, int) or not 0 <= precision <= PRECISION_MAX:
        return default
    return precision + _PERCENT_DIGITS if column.type is ColumnType.PERCENT else precision


def _text(characters_max: int) -> Callable[[Column, Json, frozenset[str]], bool]:
    return lambda _column, value, _members: (
        isinstance(value, str) and len(value) <= characters_max and clean_text(value)
    )


def _pattern(pattern: re.Pattern[str], characters_max: int) -> Callable[[Column, Json, frozenset[str]], bool]:
    return lambda _column, value, _members: (
        isinstance(value, str)
        and len(value) <= characters_max
        and pattern.fullmatch(value) is not None
        and clean_text(value)
    )


def _number(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    return exact_number(value)


def _rating(column: Column, value: Json, _members: frozenset[str]) -> bool:
    most = column.config.get("max", _RATING_DEFAULT_MAX)
    most = most if isinstance(most, int) and most <= RATING_MAX else _RATING_DEFAULT_MAX
    return isinstance(value, int | float) and exact_number(value) and value % 1 == 0 and 0 <= value <= most


def _checkbox(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    return isinstance(value, bool)


def _date(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _datetime(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    match = _DATETIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    try:
        datetime.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def _option(column: Column, value: Json, _members: frozenset[str]) -> bool:
    return isinstance(value, str) and value in column.options


def _member(_column: Column, value: Json, members: frozenset[str]) -> bool:
    return isinstance(value, str) and value in members


def _reference(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _address(_column: Column, value: Json, _members: frozenset[str]) -> bool:
    if not isinstance(value, dict) or not _ADDRESS_NEEDED <= value.keys() <= _ADDRESS_NAMES:
        return False
    return all(_address_part(name, part) for name, part in value.items())


def _address_part(name: str, part: Json) -> bool:
    bound = _ADDRESS_BOUNDS.get(name)
    if bound is None:
        return isinstance(part, str) and len(part) <= ADDRESS_PART_CHARACTERS_MAX and clean_text(part)
    return isinstance(part, int | float) and exact_number(part) and -bound <= part <= bound


_Check = Callable[[Column, Json, frozenset[str]], bool]
_CELLS: Final[Mapping[ColumnType, _Check]] = {
    ColumnType.TEXT: _text(TEXT_CHARACTERS_MAX),
    ColumnType.LONG_TEXT: _text(LONG_TEXT_CHARACTERS_MAX),
    ColumnType.NUMBER: _number,
    ColumnType.PERCENT: _number,
    ColumnType.CURRENCY: _number,
    ColumnType.RATING: _rating,
    ColumnType.DURATION: _number,
    ColumnType.CHECKBOX: _checkbox,
    ColumnType.DATE: _date,
    ColumnType.DATETIME: _datetime,
    ColumnType.SELECT: _option,
    ColumnType.EMAIL: _pattern(_EMAIL, EMAIL_CHARACTERS_MAX),
    ColumnType.PHONE: _pattern(_PHONE, PHONE_CHARACTERS_MAX),
    ColumnType.URL: _pattern(_URL, URL_CHARACTERS_MAX),
    ColumnType.USER: _member,
    ColumnType.ADDRESS: _address,
}
_ELEMENTS: Final[Mapping[ColumnType, _Check]] = {
    ColumnType.MULTI_SELECT: _option,
    ColumnType.USERS: _member,
    ColumnType.LINK: _reference,
    ColumnType.ATTACHMENT: _reference,
}
