"""Conversion against anything: any text, any JSON, between any two types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import Json
from snapshots.column_types import SET_VALUED_TYPES, ColumnType
from snapshots.conversion import SOURCE_TYPES, TARGET_TYPES, Conversion, Converted, Names
from snapshots.element_texts import joined, parted
from snapshots.reading import DateOrder, Reading
from snapshots.values import check_cell, check_element
from tests.list_columns import column
from tests.properties.test_snapshots import TAME_TEXT, WILD_JSON

ANA, OAK, ELM = "user-ana-0000001", "row-oak-0000001", "row-elm-0000001"
ROWS = {OAK: "Oak", ELM: "Elm, the second"}
NAMES = Names({ANA: ("ana@example.com", "Ana")}, ROWS, ROWS)
READINGS = st.builds(
    Reading,
    decimal_comma=st.booleans(),
    date_order=st.none() | st.sampled_from(DateOrder),
    percent_points=st.booleans(),
    separator=st.sampled_from(["", ";"]),
)
LIKELY = st.sampled_from(
    [
        *("5", "-1,234.50", "1.234,5", "12.5%", "0.1234567890123456", "$ 3", "1e21", "1e-9", "(7)", "yes", "0"),
        *("2026-03-01", "1/2/2026", "13.02.26", "2026-03-01T10:00:00+02:00", "3 Mar 2026", "2026-03-01 10:00 pm"),
        *("Sold", "Sold, Open", '"Sold",Open', "ana@example.com", "Ana", "Oak", 'Oak, "Elm, the second"'),
        *("(206) 555-0142", "https://example.com/a", " padded "),
    ]
)


@pytest.mark.rule("DATA-70")
@given(st.sampled_from(sorted(SOURCE_TYPES)), st.sampled_from(sorted(TARGET_TYPES)), READINGS, WILD_JSON)
def test_anything_converts_to_what_the_column_takes_or_to_a_reason(
    source: ColumnType, target: ColumnType, reading: Reading, value: Json
) -> None:
    """Nothing raises, whatever a cell holds, and no value comes out that the new column would refuse."""
    outcome = Conversion(column(source), column(target), reading, NAMES).convert(value)
    if not isinstance(outcome, Converted):
        assert outcome.reason
    elif outcome.value is not None:
        members = frozenset(NAMES.people)
        if target in SET_VALUED_TYPES:
            assert isinstance(outcome.value, list)
            assert outcome.value
            assert all(check_element(column(target), str(element), members) for element in outcome.value)
        else:
            assert check_cell(column(target), outcome.value, members)


@pytest.mark.rule("DATA-70")
@given(st.sampled_from(sorted(TARGET_TYPES)), READINGS, LIKELY | TAME_TEXT)
def test_a_text_that_has_converted_stays_what_it_is(kind: ColumnType, reading: Reading, text: str) -> None:
    """Made text again, it converts again, and to the same text: going there and back loses nothing more."""
    there = Conversion(column(ColumnType.TEXT), column(kind), reading, NAMES).convert(text)
    if not isinstance(there, Converted) or there.value is None:
        return
    back = Conversion(column(kind), column(ColumnType.LONG_TEXT), Reading(), NAMES)
    again = Conversion(column(ColumnType.LONG_TEXT), column(kind), Reading(), NAMES)
    first = back.convert(there.value)
    assert isinstance(first, Converted)
    second = again.convert(first.value)
    assert isinstance(second, Converted)
    assert back.convert(second.value) == first


@given(st.lists(TAME_TEXT.filter(str.strip), unique=True))
def test_elements_survive_being_joined(elements: list[str]) -> None:
    """Whatever elements hold, joined and parted they are the same."""
    assert parted(joined(elements)) == elements
