"""Cell values: what each type takes and refuses, and the form that the relational snapshot keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, Option
from snapshots.values import check_cell, check_element, normalise
from tests.list_columns import SCHEMA, column, column_id
from tests.vectors.make_vectors import contents

VECTORS = Path(__file__).parents[2] / "vectors"
FILE: dict[str, Any] = json.loads((VECTORS / "values.json").read_text(encoding="ascii"))
MEMBERS = frozenset(FILE["members"])
OPTIONS = {option["id"]: Option(**option) for option in FILE["options"]}


def takes(judged: Column, value: Json) -> bool:
    """Whether a column takes a whole value; of a set-valued one every element is judged."""
    if not judged.set_valued:
        return check_cell(judged, value, MEMBERS)
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(element, str) and check_element(judged, element, MEMBERS) for element in value
    )


def value_of(case: dict[str, Any]) -> Json:
    """The value of a vector; a long text is written as one character and a count."""
    character, times = case.get("repeat", ("", 0))
    return case.get("value") if "value" in case else character * times


@pytest.mark.rule("SNAP-2")
@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: json.dumps(case)[:60])
def test_a_column_takes_exactly_the_values_of_its_type(case: dict[str, Any]) -> None:
    """Python answers every shared vector as it is stated."""
    kind = ColumnType(case["type"])
    judged = Column("col-judged-00001", "judged", kind, "a0", case.get("config", {}), options=OPTIONS)
    assert takes(judged, value_of(case)) is case["ok"]


@pytest.mark.rule("SNAP-2")
def test_every_type_has_vectors() -> None:
    """No type of column is left out of the shared table."""
    assert {case["type"] for case in FILE["cases"]} == {str(kind) for kind in ColumnType}


@pytest.mark.parametrize("name", ["values.json", "schemas.json"])
def test_the_vectors_are_those_that_the_script_writes(name: str) -> None:
    """Nobody has edited a file without its script, or the script without its file."""
    assert (VECTORS / name).read_text(encoding="ascii") == contents()[name]


@pytest.mark.rule("SNAP-2")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 10**400, -(2**53)])
def test_numbers_that_json_cannot_carry_are_refused(value: float) -> None:
    """NaN, infinities and integers beyond a double are no numbers of a list."""
    assert not check_cell(column(ColumnType.NUMBER), value, MEMBERS)
    assert not check_cell(column(ColumnType.RATING), value, MEMBERS)


@pytest.mark.rule("SNAP-2")
def test_a_cell_may_be_cleared_even_where_a_value_is_required() -> None:
    """Required is a matter of forms: two people who edit at once could not keep it in the document."""
    required = Column("col-needed-00001", "needed", ColumnType.TEXT, "a0", required=True)
    assert check_cell(required, None, MEMBERS)


@pytest.mark.rule("SNAP-2")
@pytest.mark.parametrize("kind", [ColumnType.MULTI_SELECT, ColumnType.USERS, ColumnType.LINK, ColumnType.ATTACHMENT])
def test_a_set_is_written_element_by_element(kind: ColumnType) -> None:
    """A set-valued column takes no cell value at all, and a single-valued one no element."""
    assert not check_cell(column(kind), None, MEMBERS)
    assert not check_cell(column(kind), [], MEMBERS)
    assert not check_element(column(ColumnType.TEXT), "row-1-0000000000", MEMBERS)


@pytest.mark.rule("SNAP-3")
@pytest.mark.parametrize(
    ("kind", "config", "value", "stored"),
    [
        (ColumnType.NUMBER, {}, 5.0, 5),
        (ColumnType.NUMBER, {}, 0.1, 0.1),
        (ColumnType.NUMBER, {"precision": 0}, 2.5, 3),
        (ColumnType.NUMBER, {"precision": 0}, -2.5, -3),
        (ColumnType.NUMBER, {"precision": 2}, 1.005, 1.01),
        (ColumnType.NUMBER, {"precision": 2}, 1e-9, 0),
        (ColumnType.NUMBER, {"precision": 10}, 1e15 + 0.5, 1e15 + 0.5),
        (ColumnType.NUMBER, {"precision": 99}, 0.123, 0.123),
        (ColumnType.CURRENCY, {}, 12.345, 12.35),
        (ColumnType.CURRENCY, {"precision": 0}, 420_000.4, 420_000),
        (ColumnType.PERCENT, {"precision": 1}, 0.12345, 0.123),
        (ColumnType.PERCENT, {}, 0.12345, 0.12345),
        (ColumnType.RATING, {}, 4.0, 4),
        (ColumnType.CHECKBOX, {}, True, True),
        (ColumnType.TEXT, {}, "5.0", "5.0"),
        (ColumnType.NUMBER, {}, None, None),
    ],
)
def test_numbers_are_stored_as_people_see_them(
    kind: ColumnType, config: dict[str, Json], value: Json, stored: Json
) -> None:
    """Whole numbers are integers, others are rounded half away from zero to the column's precision."""
    kept = normalise(Column("col-number-00001", "number", kind, "a0", config), value)
    assert kept == stored
    assert type(kept) is type(stored)


def test_links_lead_into_the_list_that_the_column_names() -> None:
    """Only a link column has a target."""
    assert SCHEMA.columns[column_id(ColumnType.LINK)].target_list == "owners-list-1"
    assert SCHEMA.columns[column_id(ColumnType.TEXT)].target_list is None
