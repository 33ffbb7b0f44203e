"""The parts of a view: every attribute, what it takes and what it refuses."""

from typing import Any

import pytest

from realtime.core import keys
from snapshots.view_attributes import VIEW_PARTS_MAX, check_view_attribute

COLUMN = "col-name----"
DEEP: Any = {}
for _ in range(12):
    DEEP = {"and": [DEEP]}

# attribute -> (values that it takes, values that it refuses)
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "name": (["All", "\U0001f3e0"], [None, "", " ", 5, "x" * 201, "a\0b", "\ud800"]),
    "kind": (["grid", "kanban", None], ["", "Grid", "a b", "x" * 33, 5, {}, "javascript:"]),
    "filter": (
        [None, {}, {"and": [{"column": COLUMN, "is": "Sold"}]}, [{"column": COLUMN}]],
        [
            "x",
            5,
            True,
            DEEP,
            {"__proto__": 1},
            {"a": {"constructor": 1}},
            {"a": "a\0"},
            {"a": 2.0**53},
            {"a": float("nan")},
        ],
    ),
    "sort": (
        [None, [], [{"column": COLUMN, "descending": True}], [COLUMN]],
        [{}, "x", 5, ["short"], [[COLUMN]], [{}] * (VIEW_PARTS_MAX + 1), [{"prototype": 1}]],
    ),
    "group": ([None, COLUMN, [COLUMN], {"column": COLUMN}], ["x", 5, True, [5], {"a": "\ud800"}]),
    "hidden": ([None, [COLUMN], {COLUMN: True}], [COLUMN, 5, {COLUMN: 1}, {"x": True}, [[COLUMN]]]),
    "widths": (
        [None, {}, {COLUMN: 120}, {COLUMN: 0.5}],
        [[], 5, {COLUMN: "120"}, {COLUMN: -1}, {COLUMN: 10_001}, {COLUMN: True}, {"x": 5}, {COLUMN: float("inf")}],
    ),
    "frozen": ([None, 0, 3, 3.0, [COLUMN]], [-1, 1.5, True, "1", {}, 10_000]),
    "locked": ([None, True, False], [0, 1, "true", []]),
    "owner": ([None, "user-mia-----"], ["short", 5, [], {}]),
}


@pytest.mark.rule("GATE-36")
def test_every_attribute_has_values() -> None:
    """A new attribute of a view needs a row here."""
    assert set(VALUES) == set(keys.VIEW_ATTRIBUTES)


@pytest.mark.rule("GATE-36")
@pytest.mark.parametrize("attribute", list(VALUES))
def test_an_attribute_takes_its_shape_alone(attribute: str) -> None:
    """Everything that it takes, and everything that it refuses."""
    taken, refused = VALUES[attribute]
    assert [value for value in taken if not check_view_attribute(attribute, value)] == []
    assert [value for value in refused if check_view_attribute(attribute, value)] == []


@pytest.mark.rule("GATE-36")
def test_views_are_bounded() -> None:
    """In characters, whatever the shape; an unknown attribute takes nothing."""
    assert not check_view_attribute("filter", {"text": "x" * 65_536})
    assert not check_view_attribute("colour", "red")
