"""What may be written to the attributes of a view: its name and kind, what it shows, and in which order.

A view says how people look at a list; no value of the list depends on it. So its parts are checked for their shape
and their size, and what they name may be gone: a reader passes over it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from persistence.contract import Json
from snapshots.column_attributes import is_name
from snapshots.text import ID, exact_number, well_formed

VIEW_CHARACTERS_MAX: Final = 65_536
VIEW_PARTS_MAX: Final = 1_000
WIDTH_PIXELS_MAX: Final = 10_000

_KIND: Final = re.compile(r"[a-z][a-z_]{0,31}")


def check_view_attribute(attribute: str, value: Json) -> bool:
    """Tell whether `value` may be written to `<view>:<attribute>`; unknown attributes never, `None` clears any but the name."""
    check = _ATTRIBUTES.get(attribute)
    if check is None or not well_formed(value, characters_max=VIEW_CHARACTERS_MAX):
        return False
    return check(value) or (value is None and attribute != "name")


def _is_kind(value: Json) -> bool:
    return isinstance(value, str) and _KIND.fullmatch(value) is not None


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_list(value: Json) -> bool:
    """Rules in order, each a column's id or what an object says of it."""
    return (
        isinstance(value, list)
        and len(value) <= VIEW_PARTS_MAX
        and all(isinstance(part, dict) or _is_id(part) for part in value)
    )


def _is_filter(value: Json) -> bool:
    return isinstance(value, dict) or _is_list(value)


def _is_group(value: Json) -> bool:
    return _is_id(value) or isinstance(value, dict) or _is_list(value)


def _by_column(check: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda value: (
        isinstance(value, dict)
        and len(value) <= VIEW_PARTS_MAX
        and all(_is_id(column) and check(said) for column, said in value.items())
    )


def _is_width(value: Json) -> bool:
    return isinstance(value, int | float) and exact_number(value) and 0 <= value <= WIDTH_PIXELS_MAX


def _is_frozen(value: Json) -> bool:
    whole = isinstance(value, int | float) and exact_number(value) and value % 1 == 0 and 0 <= value <= VIEW_PARTS_MAX
    return whole or _is_list(value)


_ATTRIBUTES: Final[Mapping[str, Callable[[Json], bool]]] = {
    "name": is_name,
    "kind": _is_kind,
    "filter": _is_filter,
    "sort": _is_list,
    "group": _is_group,
    "hidden": lambda value: _is_list(value) or _by_column(_is_boolean)(value),
    "widths": _by_column(_is_width),
    "frozen": _is_frozen,
    "locked": _is_boolean,
    "owner": _is_id,
}
