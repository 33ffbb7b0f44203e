"""Numbers as people write them: separators of thousands, decimal commas, signs of money, percent, accounting."""

import re
from dataclasses import dataclass
from typing import Final

CHARACTERS_MAX: Final = 64
_BLANKS: Final = " \u00a0\u2009\u202f"
_MONEY: Final = r"[A-Z]{3}|[A-Z]{0,3}[$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd\u20ba\u20aa]|kr\.?|z\u0142|K\u010d|Ft|Fr\.?"


def _pattern(mark: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"[0-9]{{1,3}}(?P<group>[{thousands}'\u2019{_BLANKS}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    digits = rf"(?:{grouped}|[0-9]+)?(?:{re.escape(mark)}[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?"
    return re.compile(rf"([+\-\u2212(]?)\s*({_MONEY})?\s*([+\-\u2212]?)(?P<digits>{digits})\s*(%|{_MONEY})?\s*([-)]?)")


_POINT: Final = _pattern(".", ",")
_COMMA: Final = _pattern(",", ".")
_GROUPS: Final = str.maketrans("", "", f"'\u2019{_BLANKS}")
_SIGNS: Final = {"": False, "+": False, "-": True, "\u2212": True, "(": True}


@dataclass(frozen=True, slots=True)
class NumberText:
    """What a text says: the number, whether it is followed by a percent sign (and not yet divided), and its money."""

    number: float
    percent: bool
    money: str


def read_number(text: str, *, decimal_comma: bool = False) -> NumberText | None:
    """Read a number of at most 64 characters, or answer `None`; a number in brackets is negative."""
    if len(text) > CHARACTERS_MAX:
        return None
    match = (_COMMA if decimal_comma else _POINT).fullmatch(text.strip())
    if match is None or not match["digits"][:1].strip("eE"):
        return None
    before, money, inner, after, last = match[1], match[2], match[3], match[6], match[7]
    if (before == "(") != (last == ")") or bool(before) + bool(inner) + (last == "-") > 1:
        return None
    if money and after and after != "%":
        return None
    digits = match["digits"].translate(_GROUPS)
    digits = digits.replace(".", "").replace(",", ".") if decimal_comma else digits.replace(",", "")
    negative = _SIGNS[before] or _SIGNS[inner] or last == "-"
    number = float(digits)
    return NumberText(-number if negative else number, after == "%", money or (after if after != "%" else None) or "")
