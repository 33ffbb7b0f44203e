"""Exports in every format: imported again they give the same values, in constant memory, and no cell is a formula."""

import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from persistence.contract import Json
from snapshots.columns import Column, ColumnType, Option
from snapshots.exporting import workbook
from snapshots.exporting.cells import Names, cells
from snapshots.exporting.formats import Format, write
from snapshots.exporting.refusals import Unwritable
from snapshots.importing.converting import NAMED_TYPES, Converter, Target
from snapshots.importing.opening import open_table
from snapshots.importing.tables import Choices
from snapshots.queries import Record
from snapshots.reading import Reading
from snapshots.workbook_texts import decoded, encoded

NOON = datetime(2030, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)
OPTIONS = {
    f"option-{number:04}": Option(f"option-{number:04}", label)
    for number, label in enumerate(["Red, dark", "=Blue", 'Say "yes"', "-", "Two\nlines", "_x0041_"])
}
NAMES = Names(
    {"user-ana": "ana@example.com", "user-ben": "ben@example.com"},
    {"column-link": {"row-a": 'The "Old" Mill', "row-b": "Salem, OR", "row-c": "@home"}},
)
IMPORTED = [
    kind for kind in ColumnType if kind is not ColumnType.ATTACHMENT and not Column("column-x", "", kind).computed
]
COLUMNS = [
    Column(f"column-{kind}", f"The {kind}", kind, options=OPTIONS if "select" in kind else {}) for kind in IMPORTED
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
    str.strip
)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15)
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001 - hypothesis gives the zone


def moment_text(moment: datetime) -> str:
    """A moment as a cell holds it."""
    return f"{moment.isoformat()}Z"


def some(*values: str) -> st.SearchStrategy[list[str]]:
    """At least one of these, each once."""
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


VALUES: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.TEXT: TEXTS,
    ColumnType.LONG_TEXT: TEXTS | st.text("'=+-@\t\r\n _x0041&<>\"", min_size=1, max_size=9).filter(str.strip),
    ColumnType.NUMBER: NUMBERS,
    ColumnType.PERCENT: st.integers(-(10**6), 10**6).map(lambda number: number / 10_000),
    ColumnType.CURRENCY: st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
    ColumnType.RATING: st.integers(0, 5),
    ColumnType.DURATION: st.integers(0, 10**6),
    ColumnType.CHECKBOX: st.booleans(),
    ColumnType.DATE: st.dates().map(date.isoformat),
    ColumnType.DATETIME: MOMENTS.map(moment_text) | MOMENTS.map(lambda at: moment_text(at.replace(microsecond=0))),
    ColumnType.SELECT: st.sampled_from(list(OPTIONS)),
    ColumnType.MULTI_SELECT: some(*OPTIONS),
    ColumnType.EMAIL: st.just("=ana@example.com") | st.emails().map(lambda _said: "ben@example.com"),
    ColumnType.PHONE: st.integers(2_000_000, 9_999_999).map(lambda number: f"+1503{number}"),
    ColumnType.URL: st.sampled_from(["https://example.com/?a=1&b=2", "mailto:ana@example.com"]),
    ColumnType.USER: st.sampled_from(["user-ana", "user-ben"]),
    ColumnType.USERS: some("user-ana", "user-ben"),
    ColumnType.LINK: some("row-a", "row-b", "row-c"),
    ColumnType.ADDRESS: st.fixed_dictionaries(
        dict.fromkeys(("line1", "city", "region", "postcode", "country"), TEXTS),
        optional={"lat": st.floats(-90, 90)},
    ),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {f"column-{ColumnType.TEXT}": TEXTS},  # a row without any value is no row of a file
        optional={f"column-{kind}": values for kind, values in VALUES.items() if kind is not ColumnType.TEXT},
    ),
    min_size=1,
    max_size=6,
)


def records(rows: list[dict[str, Json]]) -> list[Record]:
    """Rows as the snapshot gives them."""
    return [
        Record(f"row-{number:06}", row, "a0", 1, NOON, "user-ana", NOON, "user-gone", None, None)
        for number, row in enumerate(rows)
    ]


def written(form: Format, columns: list[Column], rows: list[dict[str, Json]]) -> bytes:
    """The whole file, written in pages of two."""
    held, target = records(rows), BytesIO()
    write(form, columns, [(held[at : at + 2], NAMES) for at in range(0, len(held), 2)], target)
    return target.getvalue()


def sheet(content: bytes) -> str:
    """The XML of a workbook's sheet."""
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ET.fromstring(archive.read(name))  # noqa: S314 - our own
        return archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.rule("DATA-51")
@pytest.mark.parametrize("form", [Format.CSV, Format.XLSX, Format.JSON])
@given(rows=ROWS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_an_export_is_imported_as_it_was(form: Format, rows: list[dict[str, Json]]) -> None:
    """Every type that files bring has the same values after an export and an import; people and rows have their names."""
    with NamedTemporaryFile(suffix=f".{form.suffix}") as file:
        file.write(written(form, COLUMNS, rows))
        file.flush()
        choices = Choices(delimiter="," if form is Format.CSV else None, header_row=1)
        table = open_table(Path(file.name), choices)
        assert table.columns == [column.name for column in COLUMNS]
        targets = [
            Target(place, column, Reading(separator="," if column.set_valued else ""))
            for place, column in enumerate(COLUMNS)
        ]
        judge = Converter(targets, table.columns, frozenset()).judge
        judged = [judge(raw) for raw in table.rows()]
    assert [row.bad for row in judged] == [[] for _ in rows]
    expected = [expected_values(column, rows) for column in COLUMNS]
    assert [row.values for row in judged] == [list(row) for row in zip(*expected, strict=True)]


def expected_values(column: Column, rows: list[dict[str, Json]]) -> list[Json]:
    """What an importer gives for a column: its values, or the names of whom and what it names."""
    if column.type in NAMED_TYPES:
        named = cells(column, records(rows), NAMES)
        return [value if isinstance(value, list) else [] if value is None else [value] for value in named]
    return [row.get(column.id, [] if column.set_valued else None) for row in rows]


@pytest.mark.rule("DATA-52")
@given(st.lists(st.text("=+-@'\t\r\n\x01\ufffe_x0041h&<>\"/: ", min_size=1, max_size=12), min_size=1, max_size=8))
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(texts: list[str]) -> None:
    """Every text is typed as one, the names of columns too, and nothing else stands in its cell."""
    column = Column("column-text", texts[0], ColumnType.TEXT)
    xml = sheet(written(Format.XLSX, [column], [{column.id: text} for text in texts]))
    found = re.findall(r"<c ([^>]*)>(<is><t(?: xml:space=\"preserve\")?>[^<]*</t></is>)</c>", xml)
    assert len(found) == len(texts) + 1 == xml.count("<c ")
    assert all('t="inlineStr"' in attributes for attributes, _ in found)


@pytest.mark.rule("DATA-52")
def test_values_of_a_workbook_have_their_types() -> None:
    """Numbers, percents, checkboxes, days and moments are what a spreadsheet computes with; empty cells are not there."""
    kinds = (ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.CHECKBOX, ColumnType.DATE, ColumnType.CREATED_AT)
    columns = [Column(f"column-{kind}", kind, kind) for kind in kinds]
    row: dict[str, Json] = dict(
        zip((column.id for column in columns), (-12.5, 0.125, True, "2030-01-02"), strict=False)
    )
    xml = sheet(written(Format.XLSX, columns, [row, {}, {"column-date": "1900-02-28"}]))
    assert (
        '<row r="2"><c r="A2"><v>-12.5</v></c><c r="B2" s="4"><v>0.125</v></c><c r="C2" t="b"><v>1</v></c>'
        '<c r="D2" s="2"><v>47485</v></c><c r="E2" s="3"><v>47485.50000289352</v></c></row>'
        '<row r="3"><c r="E3" s="3"><v>47485.50000289352</v></c></row>'
        '<row r="4"><c r="D4" t="inlineStr"><is><t>1900-02-28</t></is></c>'
    ) in xml


@pytest.mark.rule("DATA-52")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.text("_x0041F\r"))
@example("_x0041\x1f")
def test_every_character_has_a_form_in_a_workbook(text: str) -> None:
    """What XML cannot hold is written by its number, and a text that looks so comes back as it was."""
    assert decoded(encoded(text)) == text


@pytest.mark.rule("DATA-52")
def test_columns_beyond_z_have_two_letters() -> None:
    """Cells say where they stand, as spreadsheets do."""
    columns = [Column(f"column-{number}", f"N{number}", ColumnType.TEXT) for number in range(704)]
    places = re.findall(r'<c r="([A-Z]+)1"', sheet(written(Format.XLSX, columns, [])))
    assert [places[at] for at in (0, 25, 26, 51, 52, 701, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "AAB"]


@pytest.mark.rule("DATA-53")
@pytest.mark.parametrize("text", ["x" * 32_768, "\N{HOUSE BUILDING}" * 16_384])
def test_a_text_that_excel_would_cut_is_refused(text: str) -> None:
    """The sentence names the cell; one character less is written."""
    column = Column("column-long", "Remarks", ColumnType.LONG_TEXT)
    with pytest.raises(Unwritable, match=r"Cell A3 would have 32768 characters; .* Export it as CSV"):
        written(Format.XLSX, [column], [{}, {column.id: text}])
    assert written(Format.XLSX, [column], [{}, {column.id: text[:-1]}])


@pytest.mark.rule("DATA-53")
@pytest.mark.parametrize(("limit", "most"), [("ROWS_MAX", 4), ("SHEET_BYTES_MAX", 1_000)])
def test_a_list_that_excel_cannot_open_is_refused(limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many rows and too much of everything are told before anybody has a file that does not open."""
    column = Column("column-text", "Name", ColumnType.TEXT)
    monkeypatch.setattr(workbook, limit, most)
    assert written(Format.XLSX, [column], [{column.id: "x"}] * 3)
    with pytest.raises(Unwritable, match="Export it as CSV"):
        written(Format.XLSX, [column], [{column.id: "x" * 100}] * 10)


@pytest.mark.rule("DATA-54")
@given(ROWS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_parquet_has_typed_columns(rows: list[dict[str, Json]]) -> None:
    """Numbers are doubles, sets lists of texts, days dates, moments UTC; a page is a row group."""
    file = parquet.ParquetFile(BytesIO(written(Format.PARQUET, COLUMNS, rows)))
    assert file.metadata.num_row_groups == (len(rows) + 1) // 2
    table = file.read()
    typed = {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)}
    assert (typed["The number"], typed["The checkbox"], typed["The date"]) == ("double", "bool", "date32[day]")
    assert typed["The datetime"] == "timestamp[us, tz=UTC]"
    assert typed["The multi_select"].startswith("list<")
    for column in COLUMNS:
        assert [as_cell(value) for value in table[column.name].to_pylist()] == [
            json.loads(json.dumps(value)) for value in cells(column, records(rows), NAMES)
        ] or column.type is ColumnType.ADDRESS


def as_cell(value: Any) -> Json:
    """A value of Arrow as the snapshot has it."""
    if isinstance(value, datetime):
        return moment_text(value.replace(tzinfo=None))
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.rule("DATA-55")
def test_lines_of_json_name_every_column() -> None:
    """Each line is an object with all columns, by names that are different; an empty cell is null, an empty set a list."""
    kinds = (ColumnType.NUMBER, ColumnType.MULTI_SELECT, ColumnType.ADDRESS, ColumnType.CREATED_BY)
    columns = [Column(f"column-{number}", "Same", kind, options=OPTIONS) for number, kind in enumerate(kinds)]
    rows: list[dict[str, Json]] = [{"column-0": 5, "column-1": ["option-0001"], "column-2": {"city": "Zoë"}}, {}]
    assert [json.loads(line) for line in written(Format.JSON, columns, rows).splitlines()] == [
        {"Same": 5, "Same (2)": ["=Blue"], "Same (3)": {"city": "Zoë"}, "Same (4)": "ana@example.com"},
        {"Same": None, "Same (2)": [], "Same (3)": None, "Same (4)": "ana@example.com"},
    ]


@pytest.mark.rule("DATA-44")
@pytest.mark.parametrize("form", Format)
def test_memory_depends_on_the_page_alone(form: Format) -> None:
    """Twenty times the pages need no more memory, but what the end of a Parquet file says of each: 1 KB for 100 KB."""
    column = Column("column-text", "Name", ColumnType.TEXT)
    page = records([{column.id: "x" * 1_000}] * 100)

    def pages(number: int) -> Iterator[tuple[list[Record], Names]]:
        for _ in range(number):
            yield page, NAMES

    def peak(number: int) -> int:
        tracemalloc.start()
        with TemporaryFile() as target:
            write(form, [column], pages(number), target)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(100) < peak(5) * 1.2 + 95 * 1_000


def test_files_have_names_and_types() -> None:
    """What a browser is told about each format."""
    assert {form: form.suffix for form in Format} == {
        Format.CSV: "csv",
        Format.XLSX: "xlsx",
        Format.JSON: "jsonl",
        Format.PARQUET: "parquet",
    }
    assert all(re.fullmatch(r"(?:text|application)/[a-z.-]+(?:; charset=utf-8)?", form.media_type) for form in Format)
