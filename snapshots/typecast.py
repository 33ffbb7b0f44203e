"""Typecast: what a REST call means when it asks for its texts to be read as a column's values.

The outcome is closed: a value that the column takes, or the reason why there is none. Nothing is guessed: a
date whose day and month could be swapped is refused, an option is found by its id or its exact label.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import orjson
import phonenumbers

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.date_texts import AMBIGUOUS, Ambiguous, read_date, read_moment
from snapshots.element_texts import parted
from snapshots.number_texts import read_number
from snapshots.reading import DateOrder, Reading
from snapshots.values import check_cell, check_element


class CastReason(StrEnum):
    """Why a value cannot be read as a column's."""

    NOT_WRITABLE = "not_writable"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_CHECKBOX = "not_a_checkbox"
    NOT_A_DATE = "not_a_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    UNKNOWN_OPTION = "unknown_option"
    AMBIGUOUS_OPTION = "ambiguous_option"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Cast:
    """A value that the column takes; for a set-valued column the whole list of its elements."""

    value: Json


@dataclass(frozen=True, slots=True)
class CastRefused:
    """There is no such value."""

    reason: CastReason


CastOutcome = Cast | CastRefused
AS_WRITTEN: Final = Reading()


def cast_value(column: Column, value: Json, members: frozenset[str], reading: Reading = AS_WRITTEN) -> CastOutcome:
    """Read `value` as one of `column`; a blank text empties the cell.

    `members` are the ids of the workspace's people; `reading` says how texts are meant that could mean two things.
    """
    if column.computed:
        return CastRefused(CastReason.NOT_WRITABLE)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Cast([] if column.set_valued else None)
    if column.set_valued:
        return _cast_set(column, value, members, reading)
    read = _read(column, value, reading)
    if isinstance(read, CastRefused) or check_cell(column, read.value, members):
        return read
    return CastRefused(CastReason.NOT_ALLOWED)


FALSE_WORDS: Final = frozenset({"false", "no", "off", "n", "f", "0", "nein", "non", "falsch", "faux", "falso"})
TRUE_WORDS: Final = frozenset(
    {"true", "yes", "on", "y", "t", "1", "x", "ja", "oui", "s\u00ed", "si", "wahr", "vrai", "verdadero"}
)
_US: Final = "US"
# What the library makes of these, a hundred times faster: imports hold a hundred thousand of them.
_US_NUMBER: Final = re.compile(r"(\+1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]?([2-9][0-9]{2})[-. ]?([0-9]{4})")
_DAY_CHARACTERS: Final = len("2026-01-31")


def _read(column: Column, value: Json, reading: Reading) -> CastOutcome:
    reader = _READERS.get(column.type)
    return Cast(value) if reader is None else reader(column, value, reading)


def _number(column: Column, value: Json, reading: Reading) -> CastOutcome:
    if not isinstance(value, str):
        return Cast(value) if isinstance(value, int | float) else CastRefused(CastReason.NOT_A_NUMBER)
    read = read_number(value, decimal_comma=reading.decimal_comma)
    percent = column.type is ColumnType.PERCENT
    if read is None or (read.percent and not percent):
        return CastRefused(CastReason.NOT_A_NUMBER)
    number = read.number
    if read.percent or (percent and reading.percent_points):
        number = round(number / 100, 12)  # 12.5 % is 0.125, not the quotient's last binary digits
    return Cast(int(number) if number.is_integer() else number)


def _checkbox(_column: Column, value: Json, _reading: Reading) -> CastOutcome:
    if isinstance(value, bool):
        return Cast(value)
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in TRUE_WORDS or word in FALSE_WORDS:
        return Cast(word in TRUE_WORDS)
    return CastRefused(CastReason.NOT_A_CHECKBOX)


def _date(_column: Column, value: Json, reading: Reading) -> CastOutcome:
    text = value.strip() if isinstance(value, str) else ""
    day = read_date(text, reading.date_order) or _moment(text, reading.date_order)
    if day == AMBIGUOUS:
        return CastRefused(CastReason.AMBIGUOUS_DATE)
    return CastRefused(CastReason.NOT_A_DATE) if day is None else Cast(day.isoformat()[:_DAY_CHARACTERS])


def _datetime(_column: Column, value: Json, reading: Reading) -> CastOutcome:
    text = value.strip() if isinstance(value, str) else ""
    moment = _moment(text, reading.date_order) or read_date(text, reading.date_order)
    if moment == AMBIGUOUS:
        return CastRefused(CastReason.AMBIGUOUS_DATE)
    if moment is None:
        return CastRefused(CastReason.NOT_A_DATE)
    if not isinstance(moment, datetime):
        return Cast(f"{moment.isoformat()}T00:00:00Z")
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return CastRefused(CastReason.NOT_A_DATE)
    return Cast(moment.isoformat().replace("+00:00", "Z"))


def _moment(text: str, order: DateOrder | None) -> datetime | Ambiguous | None:
    """A date with a time of day, as ISO 8601 has it or in an order of digits."""
    if ":" not in text and "T" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return read_moment(text, order)


def _select(column: Column, value: Json, _reading: Reading = AS_WRITTEN) -> CastOutcome:
    if not isinstance(value, str):
        return CastRefused(CastReason.UNKNOWN_OPTION)
    if value in column.options:
        return Cast(value)
    found: list[Json] = [option.id for option in column.options.values() if option.label == value.strip()]
    if not found:
        return CastRefused(CastReason.UNKNOWN_OPTION)
    return Cast(found[0]) if len(found) == 1 else CastRefused(CastReason.AMBIGUOUS_OPTION)


def _text(_column: Column, value: Json, _reading: Reading) -> CastOutcome:
    if isinstance(value, bool):
        return Cast("true" if value else "false")
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer()
        return Cast(str(int(value)) if whole else repr(value))
    return Cast(value)


def _address(_column: Column, value: Json, _reading: Reading) -> CastOutcome:
    """An object, or the text of one, as exports have it."""
    try:
        return Cast(orjson.loads(value) if isinstance(value, str) else value)
    except orjson.JSONDecodeError:
        return CastRefused(CastReason.NOT_ALLOWED)


def _trimmed(_column: Column, value: Json, _reading: Reading) -> CastOutcome:
    return Cast(value.strip() if isinstance(value, str) else value)


def _phone(_column: Column, value: Json, reading: Reading) -> CastOutcome:
    """As E.164 where it parses, else as it was written."""
    if not isinstance(value, str):
        return Cast(value)
    if (usual := _US_NUMBER.fullmatch(value.strip())) and (usual[1] or reading.region == _US):
        return Cast(f"+1{usual[2]}{usual[3]}{usual[4]}")
    try:
        number = phonenumbers.parse(value, reading.region)
    except phonenumbers.NumberParseException:
        return Cast(value.strip())
    if number.extension or not phonenumbers.is_possible_number(number):
        return Cast(value.strip())  # E.164 has no room for an extension
    return Cast(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _cast_set(column: Column, value: Json, members: frozenset[str], reading: Reading) -> CastOutcome:
    parts: list[Json] = value if isinstance(value, list) else split_elements(value, reading)
    elements: list[Json] = []
    for part in parts:
        read = _select(column, part) if column.type is ColumnType.MULTI_SELECT else Cast(part)
        if isinstance(read, CastRefused):
            return read
        if not isinstance(read.value, str) or not check_element(column, read.value, members):
            return CastRefused(CastReason.NOT_ALLOWED)
        if read.value not in elements:
            elements.append(read.value)
    return Cast(elements)


def split_elements(value: Json, reading: Reading) -> list[Json]:
    """A text as the list of its parts, as the reading's separator parts them; between commas, quotes hold a part together."""
    if not isinstance(value, str):
        return [value]
    if reading.separator in {"", ","}:
        return [*parted(value)]
    return [part.strip() for part in value.split(reading.separator) if part.strip()]


_READERS: Final[Mapping[ColumnType, Callable[[Column, Json, Reading], CastOutcome]]] = {
    ColumnType.TEXT: _text,
    ColumnType.LONG_TEXT: _text,
    ColumnType.NUMBER: _number,
    ColumnType.PERCENT: _number,
    ColumnType.CURRENCY: _number,
    ColumnType.RATING: _number,
    ColumnType.DURATION: _number,
    ColumnType.CHECKBOX: _checkbox,
    ColumnType.DATE: _date,
    ColumnType.DATETIME: _datetime,
    ColumnType.SELECT: _select,
    ColumnType.EMAIL: _trimmed,
    ColumnType.PHONE: _phone,
    ColumnType.URL: _trimmed,
    ColumnType.ADDRESS: _address,
}
