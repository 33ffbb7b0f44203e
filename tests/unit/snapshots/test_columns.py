"""The columns of a list: reading the `columns` root, and what may be written there."""

import json
from pathlib import Path
from typing import Any

import pytest

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, ListSchema, check_column_attribute
from tests.list_columns import SCHEMA

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "schemas.json").read_text("ascii"))
COLUMN = "col-address-0001"
OPTION = "option:option-sold1"


def read(**attributes: Json) -> Column | None:
    """The one column whose attributes are these; `option` stands for an option of it."""
    entries = {f"{COLUMN}:{OPTION if name == 'option' else name}": value for name, value in attributes.items()}
    return ListSchema.from_columns_root(entries, None).columns.get(COLUMN)


@pytest.mark.rule("SNAP-1")
@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["primary"]))
def test_a_columns_root_reads_as_its_vector_says(case: dict[str, Any]) -> None:
    """Order, flags, options, deleted and unknown columns, and the primary one."""
    assert ListSchema.from_columns_root(case["entries"], case["primary"]).to_json() == case["schema"]


@pytest.mark.rule("SNAP-1")
def test_columns_stand_in_order_and_the_primary_one_is_standing() -> None:
    """Columns by (position, id), options by theirs; a deleted or unknown primary falls to the first standing column."""
    case = VECTORS["cases"][0]
    schemas = {
        primary: ListSchema.from_columns_root(case["entries"], primary)
        for primary in (None, "col-price-000001", "col-gone-0000001", "col-nothing-0001")
    }
    assert list(schemas[None].columns) == [
        *("col-gone-0000001", "col-status-00001"),
        *("col-address-0001", "col-price-000001"),
    ]
    assert list(schemas[None].columns["col-status-00001"].options) == ["option-open1", "option-sold1"]
    assert {primary: schema.primary for primary, schema in schemas.items()} == {
        None: "col-status-00001",
        "col-price-000001": "col-price-000001",
        "col-gone-0000001": "col-status-00001",
        "col-nothing-0001": "col-status-00001",
    }


@pytest.mark.rule("SNAP-1")
@pytest.mark.parametrize("kind", [None, "hologram", 5, ["text"], {}, True])
def test_without_a_known_type_there_is_no_column(kind: Json) -> None:
    """A column exists once its type is known."""
    assert read(name="Address", type=kind) is None


@pytest.mark.rule("SNAP-1")
def test_broken_attributes_take_their_defaults() -> None:
    """Whatever a document says, the list opens."""
    broken: list[Json] = [None, 5, "", " ", "a\0b", [], {"__proto__": 1}]
    for value in broken:
        column = read(
            type="select", name=value, pos=value, config=value, required=value, locked=value, option=value, extra=value
        )
        assert column == Column(COLUMN, COLUMN, ColumnType.SELECT)


@pytest.mark.rule("SNAP-1")
def test_keys_that_name_no_column_are_passed_over() -> None:
    """Ids have 10 to 22 characters."""
    entries: dict[str, Json] = {
        "short:type": "text",
        ":type": "text",
        "": 1,
        "type": "text",
        f"{'x' * 23}:type": "text",
    }
    assert ListSchema.from_columns_root(entries, None) == ListSchema(None, {})


def test_whole_floats_of_a_configuration_are_integers() -> None:
    """The document library reads every number as a float."""
    column = read(type="number", config={"precision": 2.0, "bands": [1.0, 0.5]})
    assert column is not None
    assert column.config == {"precision": 2, "bands": [1, 0.5]}
    assert isinstance(column.config["precision"], int)


def test_a_schema_comes_back_from_its_json() -> None:
    """What stands in `lists.schema` says everything; an empty object is a list without columns."""
    assert ListSchema.from_json(json.loads(json.dumps(SCHEMA.to_json()))) == ListSchema.from_columns_root(
        {key: value for column in SCHEMA.columns.values() for key, value in column.entries().items()}, SCHEMA.primary
    )
    assert ListSchema.from_json({}) == ListSchema(None, {})


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ({f"{COLUMN}:name": "Street"}, ("Street", False)),
        ({f"{COLUMN}:deleted": True}, ("Address", True)),
        ({f"{COLUMN}:type": None}, None),
        ({f"{COLUMN}:name": None}, (COLUMN, False)),
        ({}, ("Address", False)),
    ],
)
def test_a_schema_with_some_keys_written(written: dict[str, Json], outcome: tuple[str, bool] | None) -> None:
    """`changed` lays keys over the schema; `None` takes a key back, and the original stays as it was."""
    before: dict[str, Json] = {f"{COLUMN}:name": "Address", f"{COLUMN}:type": "text"}
    schema = ListSchema.from_columns_root(before, None)
    column = schema.changed(written).columns.get(COLUMN)
    assert (None if column is None else (column.name, column.deleted)) == outcome
    assert schema == ListSchema.from_columns_root(before, None)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        *(("name", "A"), ("name", "x" * 200), ("type", "text"), ("type", "updated_by"), ("pos", "a0"), ("pos", "Zz")),
        *(
            ("config", {}),
            ("config", {"precision": 10}),
            ("config", {"max": 10}),
            ("config", {"list": "owners-list-1"}),
        ),
        *(("config", {"limit": "one"}), ("config", {"currency": "EUR", "later": [1]}), ("required", True)),
        *(("locked", False), ("deleted", True), (OPTION, None), (OPTION, {"label": "Sold", "pos": "a0"})),
        (OPTION, {"label": "Sold", "colour": "green", "pos": "a0"}),
    ],
)
def test_sound_attributes_may_be_written(attribute: str, value: Json) -> None:
    """Names, types, positions, configurations, flags and options."""
    assert check_column_attribute(attribute, value)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        *(("name", ""), ("name", "  "), ("name", "x" * 201), ("name", "a\0"), ("name", "\ud800"), ("name", 5)),
        *(("name", None), ("type", "hologram"), ("type", []), ("type", None), ("pos", ""), ("pos", "a b"), ("pos", 1)),
        *(("pos", "x" * 257), ("pos", "é"), ("config", None), ("config", []), ("config", "{}")),
        *(("config", {"precision": 11}), ("config", {"precision": 0.5}), ("config", {"precision": True})),
        *(("config", {"max": 0}), ("config", {"currency": "eur"}), ("config", {"currency": "\u0415UR"})),
        *(
            ("config", {"list": "x"}),
            ("config", {"limit": "few"}),
            ("config", {"limit": []}),
            ("config", {"format": 1}),
        ),
        *(("config", {"a": "x" * 9_000}), ("config", {"constructor": 1}), ("config", {"a": {"__proto__": 1}})),
        *(("config", {"a": float("nan")}), ("config", {"a": "\0"}), ("required", 1), ("locked", None), ("deleted", "")),
        *((OPTION, {}), (OPTION, {"label": "", "pos": "a0"}), (OPTION, {"label": "Sold"}), (OPTION, "Sold")),
        *((OPTION, {"label": "Sold", "pos": "a0", "extra": 1}), (OPTION, {"label": "Sold", "pos": "a0", "colour": 5})),
        *((OPTION, {"label": "Sold", "pos": "a0", "colour": "x" * 33}), ("option:", None), ("option:short", None)),
        *(("", None), ("extra", "x"), ("entries", {}), ("name:x", "x")),
    ],
)
def test_unsound_attributes_may_not(attribute: str, value: Json) -> None:
    """Unknown attributes, wrong types, what no reader could keep, and what is out of bounds."""
    assert not check_column_attribute(attribute, value)
