"""Dates and times as people write them: digits in three orders, names of months, a time of day behind.

A date of digits that could be read two ways is said to be ambiguous where no order is given. With an order nothing
else is read: a date that does not fit it is a slip in the file, not another format.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal

from snapshots.reading import DateOrder

CHARACTERS_MAX: Final = 64
AMBIGUOUS: Final = "ambiguous"
Ambiguous = Literal["ambiguous"]

_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})\.?")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july"),
            *("aug august", "sep sept september", "oct october", "nov november", "dec december"),
        ),
        start=1,
    )
    for name in names.split()
}
_DAY_NAMED: Final = re.compile(r"([0-9]{1,2})(?:[- ]|\.? )([A-Za-z]{3,9})\.?[-, ] ?([0-9]{4}|[0-9]{2})")
_NAMED_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_TIME: Final = re.compile(
    r"(.{6,40}?)(?:[T ]|, )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" ?([AaPp])?(?(6)\.?[Mm]\.?) ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MONTHS_MAX: Final = 12
_NOON: Final = 12
_TWO_DIGITS: Final = 100
_CENTURY_TURNS: Final = 69


def read_date(text: str, order: DateOrder | None) -> date | Ambiguous | None:
    """Read a date without a time of day; two-digit years, where an order is given, are 1969 to 2068."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(int(match[1]), int(match[3]), int(match[4]))
    if match := _YEAR_LAST.fullmatch(text):
        return _of_digits(int(match[1]), int(match[3]), match[4], order)
    if order is DateOrder.YEAR_FIRST and (match := _COMPACT.fullmatch(text)):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    return _with_month_named(text, order)


def read_moment(text: str, order: DateOrder | None) -> datetime | Ambiguous | None:
    """Read a date with a time of day; without an offset the time is UTC."""
    match = _TIME.fullmatch(text) if len(text) <= CHARACTERS_MAX else None
    if match is None:
        return None
    day = read_date(match[1].strip(), order)
    if not isinstance(day, date):
        return day
    hour = int(match[2])
    if match[6]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if match[6] in "Pp" else 0)
    fraction = int((match[5] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime.combine(day, time(hour, int(match[3]), int(match[4] or 0), fraction, _offset(match[7])))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _with_month_named(text: str, order: DateOrder | None) -> date | Ambiguous | None:
    if match := _NAMED_DAY.fullmatch(text):
        return _date(int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2]))
    match = _DAY_NAMED.fullmatch(text)
    if match is None:
        return None
    if len(match[3]) == len("26") and order is None:
        return AMBIGUOUS
    return _date(_year(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1]))


def _of_digits(first: int, second: int, year: str, order: DateOrder | None) -> date | Ambiguous | None:
    if order is DateOrder.DAY_FIRST:
        return _date(_year(year), second, first)
    if order is DateOrder.MONTH_FIRST:
        return _date(_year(year), first, second)
    if order is DateOrder.YEAR_FIRST:
        return _date(_year(f"{first:02}"), second, int(year)) if len(year) == len("26") else None
    if len(year) == len("26") or (first <= _MONTHS_MAX and second <= _MONTHS_MAX and first != second):
        return AMBIGUOUS
    return _date(int(year), min(first, second), max(first, second))


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > len("26"):
        return year
    return year + (_TWO_DIGITS * 20 if year < _CENTURY_TURNS else _TWO_DIGITS * 19)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _offset(text: str | None) -> timezone:
    if text in {None, "Z"}:
        return UTC
    assert text is not None, "an offset that is not Z has been matched"
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
