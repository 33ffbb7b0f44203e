"""What the format of a workbook's cell says about its number: a date, a time, percent, money, digits of a code."""

import re
from datetime import datetime, time, timedelta
from typing import Final

GENERAL: Final = ""
DATE: Final = "date"
PERCENT: Final = "percent"
_BUILT_IN: Final = {
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)), DATE),
    **dict.fromkeys((9, 10), PERCENT),
}
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!\$?[hms]+\])[^\]]*\]')
_DATE_LETTERS: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_CODE: Final = re.compile(r"0{2,20}")
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - times of workbooks have no zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001 - see above
_LEAP_BUG: Final = 60
_DAYS_MAX: Final = 2_958_466
_SECONDS: Final = 86_400


def format_kind(number: int, code: str | None) -> str:
    """`DATE`, `PERCENT`, a run of zeros (as many digits as are shown), or `GENERAL`."""
    if code is None:
        return _BUILT_IN.get(number, GENERAL)
    first = _LITERAL.sub("", code.split(";")[0])
    if _DATE_LETTERS.search(first.replace("General", "")):
        return DATE
    if "%" in first:
        return PERCENT
    return first if _CODE.fullmatch(first) else GENERAL


def date_text(days: float, *, from_1904: bool) -> str | None:
    """A day number as ISO 8601, without a time if it is midnight, `HH:MM:SS` below one day; `None` beyond 9999."""
    if not 0 <= days < _DAYS_MAX:
        return None
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    if not from_1904 and days < _LEAP_BUG:
        epoch += timedelta(days=1)  # 1900 was no leap year
    try:
        moment = epoch + timedelta(seconds=round(days * _SECONDS))
    except OverflowError:
        return None
    if days < 1 and not (from_1904 and days == 0):
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == time.min else moment.isoformat()
