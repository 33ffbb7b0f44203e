"""Well-formed JSON: what can be kept and read back everywhere."""

from functools import reduce

import pytest

from persistence.contract import Json
from snapshots.text import DEPTH_MAX, clean_text, exact_number, is_position, well_formed


def nested(depth: int) -> Json:
    """A value inside so many arrays."""
    return reduce(lambda inner, _: [inner], range(depth), 1)


@pytest.mark.parametrize(
    "value", [None, True, 0, -0.5, 2**53 - 1, "", "家 🏠\n", [], {}, {"a": [{"b": None}]}, nested(DEPTH_MAX)]
)
def test_ordinary_json_is_well_formed(value: Json) -> None:
    """Any text, number, array and object within bounds."""
    assert well_formed(value)


@pytest.mark.parametrize(
    "value",
    [
        *("\0", "a\0b", "\ud800", ["\udfff"], {"a\0": 1}, {"\ud800": 1}, float("nan"), float("inf"), 2**53, -(2**53)),
        *({"__proto__": 1}, {"a": [{"constructor": 1}]}, {"prototype": None}, nested(DEPTH_MAX + 1), nested(900)),
        *(b"bytes", (1,), {"a": {2}}),
    ],
)
def test_what_a_reader_would_stumble_over_is_not(value: Json) -> None:
    """NUL, lone surrogates, reserved names, numbers no double holds, deep nesting, and what is no JSON at all."""
    assert not well_formed(value)


@pytest.mark.parametrize(
    ("value", "least"), [("abcd", 5), (["ab", "cd"], 7), ({"ab": "cd"}, 7), ([1, None, True], 4), ([[], {}], 3)]
)
def test_size_is_bounded_by_characters_and_values(value: Json, least: int) -> None:
    """Every character counts, and one more for every value."""
    assert well_formed(value, characters_max=least)
    assert not well_formed(value, characters_max=least - 1)


def test_numbers_are_those_that_a_double_holds_exactly() -> None:
    """Booleans are no numbers."""
    assert all(map(exact_number, (0, -0.0, 1e-300, 2**53 - 1, -(2**53) + 1)))
    assert not any(map(exact_number, (True, 2**53, 1e300, float("nan"), "1", None)))


def test_positions_are_short_and_plain() -> None:
    """Keys of fractional indexing, at most 256 letters and digits of ASCII."""
    assert all(map(is_position, ("a0", "Zz", "b00", "a0V", "z" + "0" * 26, "A" + "0" * 26 + "1", "a0" + "1" * 254)))
    assert not any(map(is_position, ("", "a", "00", "b0", "zz", "a00", "a 0", "aé", "a٣", "a0" + "1" * 255, 5, None)))
    assert not is_position("A" + "0" * 26)


def test_clean_text_has_neither_nul_nor_lone_surrogates() -> None:
    """Pairs of surrogates never reach Python as such."""
    assert clean_text("Grüße 🏠")
    assert not clean_text("\0")
    assert not clean_text("é\ud800")
