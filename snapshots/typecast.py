"""Typecast: what a REST call means when it asks for its texts to be read as a column's values.

The outcome is closed: a value that the column takes, or the reason why there is none. Nothing is guessed: a
date whose day and month could be swapped is refused, an option is found by its id or its exact label.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

import phonenumbers

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column
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


def cast_value(column: Column, value: Json, members: frozenset[str], *, region: str = "US") -> CastOutcome:
    """Read `value` as one of `column`; a blank text empties the cell.

    `members` are the ids of the workspace's people; `region` is the country (ISO 3166) of telephone numbers
    without a country code.
    """
    if column.computed:
        return CastRefused(CastReason.NOT_WRITABLE)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Cast([] if column.set_valued else None)
    if column.set_valued:
        return _cast_set(column, value, members)
    read = _phone(value, region) if column.type is ColumnType.PHONE else _read(column, value)
    if isinstance(read, CastRefused) or check_cell(column, read.value, members):
        return read
    return CastRefused(CastReason.NOT_ALLOWED)


_FALSE_WORDS: Final = frozenset({"false", "no", "off", "n", "f", "0"})
_TRUE_WORDS: Final = frozenset({"true", "yes", "on", "y", "t", "1", "x"})
_NUMBER: Final = re.compile(
    r"([+-]?)\s*(?:[A-Z]{3}|[$€£¥])?\s*([+-]?)((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)\s*(%?)"
)
_SLASHED: Final = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_NUMBER_CHARACTERS_MAX: Final = 64
_MONTHS_MAX: Final = 12


def _read(column: Column, value: Json) -> CastOutcome:
    reader = _READERS.get(column.type)
    return Cast(value) if reader is None else reader(column, value)


def _number(column: Column, value: Json) -> CastOutcome:
    if not isinstance(value, str):
        return Cast(value) if isinstance(value, int | float) else CastRefused(CastReason.NOT_A_NUMBER)
    match = _NUMBER.fullmatch(value.strip()) if len(value) <= _NUMBER_CHARACTERS_MAX else None
    if match is None or not match[3][:1].strip("eE") or (match[1] and match[2]):
        return CastRefused(CastReason.NOT_A_NUMBER)
    number = float(match[1] + match[2] + match[3].replace(",", ""))
    if match[4]:
        if column.type is not ColumnType.PERCENT:
            return CastRefused(CastReason.NOT_A_NUMBER)
        number = round(number / 100, 12)  # 12.5 % is 0.125, not the quotient's last binary digits
    return Cast(int(number) if number.is_integer() else number)


def _checkbox(_column: Column, value: Json) -> CastOutcome:
    if isinstance(value, bool):
        return Cast(value)
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE_WORDS or word in _FALSE_WORDS:
        return Cast(word in _TRUE_WORDS)
    return CastRefused(CastReason.NOT_A_CHECKBOX)


def _date(_column: Column, value: Json) -> CastOutcome:
    if not isinstance(value, str):
        return CastRefused(CastReason.NOT_A_DATE)
    text = value.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _SLASHED.fullmatch(text):
        first, second, year = map(int, match.groups())
        if first <= _MONTHS_MAX and second <= _MONTHS_MAX and first != second:
            return CastRefused(CastReason.AMBIGUOUS_DATE)
        return _day(year, min(first, second), max(first, second))
    moment = _moment(text)
    return CastRefused(CastReason.NOT_A_DATE) if moment is None else Cast(moment.date().isoformat())


def _day(year: int, month: int, day: int) -> CastOutcome:
    try:
        return Cast(date(year, month, day).isoformat())
    except ValueError:
        return CastRefused(CastReason.NOT_A_DATE)


def _datetime(column: Column, value: Json) -> CastOutcome:
    moment = _moment(value.strip()) if isinstance(value, str) else None
    if moment is None:
        day = _date(column, value)
        return Cast(f"{day.value}T00:00:00Z") if isinstance(day, Cast) else day
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return CastRefused(CastReason.NOT_A_DATE)
    return Cast(moment.isoformat().replace("+00:00", "Z"))


def _moment(text: str) -> datetime | None:
    """A date with a time of day; without an offset the time is UTC."""
    try:
        return datetime.fromisoformat(text) if "T" in text or ":" in text else None
    except ValueError:
        return None


def _select(column: Column, value: Json) -> CastOutcome:
    if not isinstance(value, str):
        return CastRefused(CastReason.UNKNOWN_OPTION)
    if value in column.options:
        return Cast(value)
    found: list[Json] = [option.id for option in column.options.values() if option.label == value.strip()]
    if not found:
        return CastRefused(CastReason.UNKNOWN_OPTION)
    return Cast(found[0]) if len(found) == 1 else CastRefused(CastReason.AMBIGUOUS_OPTION)


def _text(_column: Column, value: Json) -> CastOutcome:
    if isinstance(value, bool):
        return Cast("true" if value else "false")
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer()
        return Cast(str(int(value)) if whole else repr(value))
    return Cast(value)


def _trimmed(_column: Column, value: Json) -> CastOutcome:
    return Cast(value.strip() if isinstance(value, str) else value)


def _phone(value: Json, region: str) -> CastOutcome:
    """As E.164 where it parses, else as it was written."""
    if not isinstance(value, str):
        return Cast(value)
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return Cast(value.strip())
    if number.extension or not phonenumbers.is_possible_number(number):
        return Cast(value.strip())  # E.164 has no room for an extension
    return Cast(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _cast_set(column: Column, value: Json, members: frozenset[str]) -> CastOutcome:
    parts: list[Json] = value if isinstance(value, list) else _split(value)
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


def _split(value: Json) -> list[Json]:
    """A text as the list of its parts; commas and line ends part them."""
    if not isinstance(value, str):
        return [value]
    return [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]


_READERS: Final[Mapping[ColumnType, Callable[[Column, Json], CastOutcome]]] = {
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
    ColumnType.URL: _trimmed,
}
