"""What may be written to the attributes of a column: names, types, positions, configuration, flags, options."""

from collections.abc import Callable, Mapping
from typing import Final

from persistence.contract import Json
from snapshots.column_types import TYPES_BY_NAME
from snapshots.text import ID, clean_text, exact_number, is_position, well_formed

OPTION: Final = "option:"
"""What an attribute begins with that holds one option; its id follows."""

NAME_CHARACTERS_MAX: Final = 200
CONFIG_CHARACTERS_MAX: Final = 8_192
COLOUR_CHARACTERS_MAX: Final = 32
PRECISION_MAX: Final = 10
RATING_MAX: Final = 10
CURRENCY_LETTERS: Final = 3
_LIMITS: Final = ("one", "many")


def check_column_attribute(attribute: str, value: Json) -> bool:
    """Tell whether `value` may be written to `<column>:<attribute>`; unknown attributes never.

    `None` takes an option back. What a `config` says is checked by its key (`precision`, `currency`, `list`,
    ...); keys that this version does not know are kept, within bounds.
    """
    if attribute.startswith(OPTION):
        return ID.fullmatch(attribute, len(OPTION)) is not None and (value is None or _is_option(value))
    check = _ATTRIBUTES.get(attribute)
    return check is not None and check(value)


def is_name(value: Json) -> bool:
    """Tell whether `value` can stand as a name or a label: 1 to 200 characters, not only blanks."""
    return isinstance(value, str) and len(value) <= NAME_CHARACTERS_MAX and bool(value.strip()) and clean_text(value)


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _is_option(value: Json) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"label", "colour", "pos"}:
        return False
    colour = value.get("colour")
    coloured = colour is None or (isinstance(colour, str) and len(colour) <= COLOUR_CHARACTERS_MAX and colour.isascii())
    return is_name(value.get("label")) and coloured and well_formed(colour) and is_position(value.get("pos"))


def is_config(value: Json) -> bool:
    """Tell whether `value` can stand as a column's configuration."""
    if not isinstance(value, dict) or not well_formed(value, characters_max=CONFIG_CHARACTERS_MAX):
        return False
    return all(_CONFIG[name](said) for name, said in value.items() if name in _CONFIG)


def _whole(least: int, most: int) -> Callable[[Json], bool]:
    return lambda value: (
        isinstance(value, int | float) and exact_number(value) and value % 1 == 0 and least <= value <= most
    )


def _is_currency(value: Json) -> bool:
    return (
        isinstance(value, str)
        and len(value) == CURRENCY_LETTERS
        and value.isascii()
        and value.isalpha()
        and value.isupper()
    )


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


_ATTRIBUTES: Final[Mapping[str, Callable[[Json], bool]]] = {
    "name": is_name,
    "type": lambda value: isinstance(value, str) and value in TYPES_BY_NAME,
    "pos": is_position,
    "config": is_config,
    "required": _is_boolean,
    "locked": _is_boolean,
    "deleted": _is_boolean,
}
_CONFIG: Final[Mapping[str, Callable[[Json], bool]]] = {
    "precision": _whole(0, PRECISION_MAX),
    "max": _whole(1, RATING_MAX),
    "currency": _is_currency,
    "format": lambda value: isinstance(value, str),
    "list": _is_id,
    "limit": lambda value: value in _LIMITS,
}
