"""The demo's content: the same for everybody, valid by its own columns, linked, and nobody's."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count

import pytest

from api.demo.accounts import ACCOUNTS
from api.demo.chance import Chance
from api.demo.edits import plan_edits
from api.demo.harbour import Sizes, make_sheets
from api.demo.sheets import NewId, Sheet
from api.demo.storing import records_of
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Json
from realtime.core.writes import AddComment, ResolveComment, SetCell
from snapshots.columns import Column, ColumnType
from snapshots.values import check_cell, check_element

SIZES = Sizes(properties=120, owners=60, managers=5, units=40, leases=40, showings=30, tasks=30)
TODAY = date(2026, 3, 1)
USERS = ("user-ana-0000001", "user-adam-000001", "user-ben-0000001")
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
    return make_sheets(SIZES, TODAY, USERS, numbered())


def cells(sheets: Sequence[Sheet]) -> Iterator[tuple[Column, Json]]:
    """Every cell with its column."""
    for sheet in sheets:
        for _, _, *values in sheet.rows:
            yield from zip(sheet.columns, values, strict=True)


@pytest.mark.rule("SNAP-12")
def test_the_same_seed_gives_the_same_lists(sheets: Sequence[Sheet]) -> None:
    """Content depends on the sizes and the day alone."""
    assert make_sheets(SIZES, TODAY, USERS, numbered()) == sheets
    assert [sheet.name for sheet in sheets] == [
        *("Properties", "Owners", "Managers", "Units", "Leases", "Showings", "Tasks")
    ]
    assert [len(sheet.rows) for sheet in sheets] == [120, 60, 5, 40, 40, 30, 30]


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
    rows = {sheet.id: set(sheet.row_ids()) for sheet in sheets}
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
    homes = sheets[0]
    price, owner = homes.column("List price"), homes.column("Owner")
    for record, row in zip(records_of(homes), homes.rows, strict=True):
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
