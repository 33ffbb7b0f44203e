"""Lists as CSV: what a reader of CSV gets back, and that no cell is a formula."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.columns import Column, ColumnType, ListSchema, Option
from snapshots.exporting.cells import Names, Page, heads
from snapshots.exporting.formats import Format, write
from snapshots.exporting.injection import escaped, unescaped
from snapshots.record import Record

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "\0x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "'=1",
    "\u00a0=1",
]
HARMLESS = ["", "a=1", "'", "'quoted'", "1-2", "Ünï", "5"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def schema(*columns: tuple[str, ColumnType]) -> ListSchema:
    """A list with these columns."""
    options = {"option-one": Option("option-one", "Red, dark"), "option-two": Option("option-two", "=Blue")}
    made = [
        Column(f"column-{number:04}", name, kind, f"a{number}", options=options)
        for number, (name, kind) in enumerate(columns)
    ]
    return ListSchema(None, {column.id: column for column in made})


def record(*values: Any) -> Record:
    """A record with these values, in the order of the columns."""
    cells = {f"column-{number:04}": value for number, value in enumerate(values) if value is not None}
    return Record("row-000001", cells, "a0", 1, NOON, "user-ana", NOON, "user-gone", None, None)


def written(columns: ListSchema, pages: Iterable[Page]) -> bytes:
    """The whole file."""
    target = BytesIO()
    write(Format.CSV, columns.standing(), pages, target)
    return target.getvalue()


def read(columns: ListSchema, pages: Iterable[Page]) -> list[list[str]]:
    """What a reader of CSV gets."""
    return list(csv.reader(StringIO(written(columns, pages).decode("utf-8-sig"), newline="")))


@pytest.mark.rule("DATA-40")
@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_begins_like_a_formula(text: str) -> None:
    """Each dangerous beginning gets an apostrophe, as a value and as a column's name, and comes back without it."""
    head, row = read(schema((text, ColumnType.TEXT)), [([record(text)], Names())])
    assert head == row == [f"'{text}"]
    assert unescaped(row[0]) == text


@pytest.mark.rule("DATA-40")
@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Nothing is put in front of what no spreadsheet takes for a formula."""
    assert escaped(text) == unescaped(text) == text


@pytest.mark.rule("DATA-40")
@given(st.one_of(TEXTS, st.text("'=+-@ \t\r\n\0＝a")))
def test_the_escape_can_be_turned_around(text: str) -> None:
    """Whatever the text, it comes back."""
    assert unescaped(escaped(text)) == text


@pytest.mark.rule("DATA-40")
def test_numbers_are_not_escaped() -> None:
    """A negative number is a number."""
    _, row = read(schema(("Balance", ColumnType.NUMBER)), [([record(-12.5)], Names())])
    assert row == ["-12.5"]


@pytest.mark.rule("DATA-41")
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
def test_a_reader_gets_back_what_was_written(rows: list[list[str]]) -> None:
    """Quotes, commas, line breaks and every character survive; a list without records has its line of names."""
    columns = schema(("Name", ColumnType.TEXT), ("Note", ColumnType.LONG_TEXT))
    head, *found = read(columns, [([record(*row)], Names()) for row in rows])
    assert head == ["Name", "Note"]
    assert [[unescaped(cell) for cell in row] for row in found] == rows


@pytest.mark.rule("DATA-41")
def test_the_mark_comes_once_and_lines_end_with_crlf() -> None:
    """The byte order mark is the file's first three bytes."""
    columns = schema(("Name", ColumnType.TEXT))
    assert written(columns, [([record("Zoë")], Names())]) == b"\xef\xbb\xbfName\r\nZo\xc3\xab\r\n"


@pytest.mark.rule("DATA-42")
def test_equal_names_stay_distinguishable() -> None:
    """The later of two equal names gets a number that no other column has."""
    columns = schema(*((name, ColumnType.TEXT) for name in ("Price", "Price (2)", "Price", "Price")))
    assert heads(columns.standing()) == ["Price", "Price (2)", "Price (3)", "Price (4)"]


@pytest.mark.rule("DATA-43")
def test_every_type_has_its_text() -> None:
    """Labels, addresses of people and primary values stand for ids; what has no name stands as its id."""
    place = {"line1": "1 Main", "city": "Salem", "region": "OR", "postcode": "97301", "country": "US"}
    given_values: dict[ColumnType, Any] = {
        ColumnType.NUMBER: 5, ColumnType.PERCENT: 0.25, ColumnType.CHECKBOX: False, ColumnType.DATE: "2030-01-02",
        ColumnType.SELECT: "option-two", ColumnType.MULTI_SELECT: ["option-one", "option-two"],
        ColumnType.USER: "user-ana", ColumnType.USERS: ["user-ana", "user-gone"], ColumnType.LINK: ["row-a", "row-b"],
        ColumnType.ADDRESS: place, ColumnType.ATTACHMENT: ["file-1", "file-2"],
    }  # fmt: skip
    columns = schema(*((str(kind), kind) for kind in ColumnType))
    link = next(column.id for column in columns.standing() if column.type is ColumnType.LINK)
    names = Names({"user-ana": "ana@example.com"}, {link: {"row-a": 'The "Old" Mill'}})
    head, row = read(columns, [([record(*(given_values.get(kind) for kind in ColumnType))], names)])
    found = dict(zip(head, row, strict=True))
    assert json.loads(found.pop("address")) == place
    assert {name: text for name, text in found.items() if text} == {
        "number": "5", "percent": "0.25", "checkbox": "false", "date": "2030-01-02", "select": "'=Blue",
        "multi_select": '"Red, dark", =Blue', "user": "ana@example.com", "users": "ana@example.com, user-gone",
        "link": '"The ""Old"" Mill", row-b', "attachment": "file-1, file-2",
        "created_at": "2030-01-02T12:00:00Z", "updated_at": "2030-01-02T12:00:00Z",
        "created_by": "ana@example.com", "updated_by": "user-gone",
    }  # fmt: skip
