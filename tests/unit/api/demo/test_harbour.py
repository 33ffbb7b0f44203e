"""The demo's content: the same for everybody, valid by its own columns, linked, and nobody's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import count

import pytest

from api.demo.accounts import ACCOUNTS
from api.demo.chance import Chance
from api.demo.edits import plan_edits
from api.demo.harbour import PROPERTIES_DEFAULT, Sizes, make_sheets
from api.demo.sheets import NewId, Sheet
from api.demo.storing import records_of
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Json
from realtime.core.writes import AddComment, ResolveComment, SetCell
from snapshots.columns import Column, ColumnType
from snapshots.templates import TEMPLATES
from snapshots.values import check_cell, check_element

SIZES = Sizes(properties=120, owners=60, managers=5, units=40, leads=30, leases=40, showings=30, tasks=30)
TODAY = date(2026, 3, 1)
USERS = ("user-ana-0000001", "user-adam-000001", "user-ben-0000001")
UNUSED = {"UnitTypeDescription", "ShowingRequestNotes"}
SHOWN_TYPES = {
    *(ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.CURRENCY),
    *(ColumnType.RATING, ColumnType.DURATION, ColumnType.CHECKBOX, ColumnType.DATE, ColumnType.DATETIME),
    *(ColumnType.SELECT, ColumnType.MULTI_SELECT, ColumnType.EMAIL, ColumnType.PHONE, ColumnType.URL),
    *(ColumnType.USER, ColumnType.USERS, ColumnType.LINK),
}


def numbered() -> NewId:
    """Ids in the order in which they are asked for."""
    numbers = count()
    return lambda: f"id-{next(numbers):010}"


@pytest.fixture(scope="module")
def sheets() -> Sequence[Sheet]:
    """A small Harbour Homes."""
    return tuple(make_sheets(SIZES, TODAY, USERS, numbered()))


def cells(sheets: Sequence[Sheet]) -> Iterator[tuple[Column, Json]]:
    """Every cell with its column."""
    for sheet in sheets:
        for _, _, *values in sheet.rows():
            yield from zip(sheet.columns, values, strict=True)


@pytest.mark.rule("SNAP-12")
def test_the_same_seed_gives_the_same_lists(sheets: Sequence[Sheet]) -> None:
    """Content depends on the sizes and the day alone."""
    again = tuple(make_sheets(SIZES, TODAY, USERS, numbered()))
    assert again == sheets
    assert [list(sheet.rows()) for sheet in again] == [list(sheet.rows()) for sheet in sheets]
    sizes = {sheet.name: len(list(sheet.rows())) for sheet in sheets}
    assert sizes == {
        "Owners": 60,
        "Managers": 5,
        "Properties": 120,
        "Units": 40,
        "Leads": 30,
        "Leases": 40,
        "Showings": 30,
        "Tasks": 30,
    }
    assert all(sheet.row_ids == [row[0] for row in sheet.rows()] for sheet in sheets)


@pytest.mark.rule("DATA-88")
def test_the_lists_are_those_of_the_templates(sheets: Sequence[Sheet]) -> None:
    """Every template is there with all its columns and options, and some row has a value in each of them."""
    assert {sheet.key for sheet in sheets} == TEMPLATES.keys()
    for sheet in sheets:
        template = TEMPLATES[sheet.key]
        assert sheet.name == template.name
        assert [(column.name, column.type) for column in sheet.columns] == [
            (column.name, column.type) for column in template.columns
        ]
        for place, column in enumerate(sheet.columns):
            assert [option.label for option in column.options.values()] == [
                label for label, _ in template.columns[place].options
            ]
            filled = any(row[2 + place] not in (None, []) for row in sheet.rows())
            assert filled == (column.name not in UNUSED), column.name


@pytest.mark.rule("DATA-89")
def test_everything_else_grows_with_the_properties() -> None:
    """The usual sizes for the usual rows, twenty times as much of everything for twenty times the rows, and never none."""
    usual = asdict(Sizes())
    assert asdict(Sizes.around(PROPERTIES_DEFAULT)) == usual
    assert asdict(Sizes.around(20 * PROPERTIES_DEFAULT)) == {name: 20 * size for name, size in usual.items()}
    assert set(asdict(Sizes.around(1)).values()) == {1}
    assert [len(sheet.row_ids) for sheet in make_sheets(Sizes.around(1), TODAY, USERS, numbered())] == [1] * len(usual)


@pytest.mark.rule("SNAP-12")
def test_every_value_is_one_that_its_column_takes(sheets: Sequence[Sheet]) -> None:
    """The generator passes the gate's own checks, and every type that people can edit occurs."""
    members = frozenset(USERS)
    for column, value in cells(sheets):
        if column.set_valued:
            assert isinstance(value, list)
            assert all(check_element(column, str(element), members) for element in value), (column.name, value)
        else:
            assert check_cell(column, value, members), (column.name, value)
    assert {column.type for column, value in cells(sheets) if value not in (None, [])} == SHOWN_TYPES


def test_links_lead_to_rows_of_their_list(sheets: Sequence[Sheet]) -> None:
    """No linked row is missing."""
    rows = {sheet.id: set(sheet.row_ids) for sheet in sheets}
    for column, value in cells(sheets):
        if column.target_list is not None:
            assert isinstance(value, list)
            assert set(map(str, value)) <= rows[column.target_list]


def test_nobody_can_be_reached(sheets: Sequence[Sheet]) -> None:
    """Addresses end in example.com, telephone numbers lie in the range that is kept free."""
    for column, value in cells(sheets):
        if column.type is ColumnType.EMAIL:
            assert str(value).endswith("@example.com")
        if column.type is ColumnType.PHONE and value is not None:
            assert re.fullmatch(r"\+1\d{3}55501\d\d", str(value))


def test_records_hold_filled_cells_and_links(sheets: Sequence[Sheet]) -> None:
    """Empty cells have no key, whole numbers are integers, links name list and row."""
    homes = next(sheet for sheet in sheets if sheet.key == "properties")
    price, owner = homes.column("ListPrice"), homes.column("Owners")
    for record, row in zip(records_of(homes), homes.rows(), strict=True):
        assert (record.row, record.position) == tuple(row[:2])
        assert all(value not in (None, []) for value in record.cells.values())
        assert isinstance(record.cells[price.id], int)
        assert (owner.id, owner.target_list, record.cells[owner.id][0]) in record.links  # type: ignore[index]


def test_the_plan_of_edits_is_one_that_the_roles_allow(sheets: Sequence[Sheet]) -> None:
    """The member only comments; everybody else's values pass the checks; there are as many edits as asked for."""
    people = [
        Principal(user, account.name, account.role, 1)
        for account, user in zip(ACCOUNTS, (*USERS, "user-mia-0000001"), strict=True)
    ]
    plan = list(plan_edits(Chance(1, TODAY), sheets, people, numbered(), edits=200))
    assert len(plan) > 200
    columns = {column.id: column for sheet in sheets for column in sheet.columns}
    for edit in plan:
        for write in edit.writes:
            if edit.person.role is Role.MEMBER:
                assert isinstance(write, AddComment | ResolveComment)
            if isinstance(write, SetCell) and not columns[write.column].set_valued:
                assert check_cell(columns[write.column], write.value, frozenset(USERS))
