"""Well-formed JSON from people: no character and no name that a reader downstream would stumble over.

PostgreSQL refuses NUL characters, UTF-8 has no lone surrogates, and JavaScript objects treat a few names as
their own machinery. Nesting and size are bounded, so that no reader needs to trust them.
"""

import re
from typing import Final

from persistence.contract import Json

ID: Final = re.compile(r"[A-Za-z0-9_-]{10,22}")
"""An id: 10 to 22 characters of A-Z a-z 0-9 _ - (match with `fullmatch`)."""

POSITION_CHARACTERS_MAX: Final = 256
_POSITION_BELOW_ALL: Final = "A" + "0" * 26
INTEGER_MAX: Final = 2**53 - 1
DEPTH_MAX: Final = 8
RESERVED_NAMES: Final = frozenset({"__proto__", "constructor", "prototype"})


def well_formed(value: Json, *, characters_max: int | None = None) -> bool:
    """Tell whether every text, name and number in `value` can be kept and read back everywhere.

    Refuses NUL, lone surrogates, reserved names, NaN, infinities, integers beyond 2^53 - 1 and nesting below
    `DEPTH_MAX` levels; `characters_max` bounds the characters of all texts and names plus one for each value.
    """
    return _measure(value, 0, INTEGER_MAX if characters_max is None else characters_max) >= 0


def clean_text(value: str) -> bool:
    """Tell whether a text holds neither NUL nor a lone surrogate."""
    if "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def exact_number(value: Json) -> bool:
    """Tell whether `value` is a finite number that a double holds exactly as written (booleans are none)."""
    # A double beyond the bound is always whole, and NaN compares as false.
    return (type(value) is float or type(value) is int) and -INTEGER_MAX <= value <= INTEGER_MAX


def is_position(value: Json) -> bool:
    """Tell whether `value` can stand as a position: a key of fractional indexing, at most 256 letters and digits.

    Its first letter says how long the whole part is, and the fraction has no trailing zero: anything else would be
    an error to whoever makes a position next to it.
    """
    if not isinstance(value, str) or not 0 < len(value) <= POSITION_CHARACTERS_MAX:
        return False
    head = value[0]
    if not (value.isascii() and value.isalnum() and head.isalpha()) or value == _POSITION_BELOW_ALL:
        return False
    whole = ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2
    return len(value) == whole or (len(value) > whole and value[-1] != "0")


def _measure(value: Json, depth: int, left: int) -> int:
    """What is left of the characters allowed after `value`; negative when it is not well-formed."""
    if left < 0 or depth > DEPTH_MAX:
        return -1
    if isinstance(value, str):
        return left - len(value) - 1 if clean_text(value) else -1
    if isinstance(value, list):
        return _measure_all(value, depth, left - 1)
    if isinstance(value, dict):
        if not RESERVED_NAMES.isdisjoint(value):
            return -1
        return _measure_all([*value, *value.values()], depth, left - 1)
    return left - 1 if value is None or isinstance(value, bool) or exact_number(value) else -1


def _measure_all(values: list[Json], depth: int, left: int) -> int:
    for value in values:
        left = _measure(value, depth + 1, left)
        if left < 0:
            return -1
    return left
