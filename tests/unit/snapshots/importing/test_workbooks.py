"""Excel workbooks: round trips, what their cells mean, and those that are made to hurt."""

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapshots.importing.number_formats import date_text, format_kind
from snapshots.importing.opening import open_table
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Choices, Format, Limits
from tests.workbook_bombs import BOMBS, FINE, rows, workbook

TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), min_size=1, max_size=12)
VALUES = (
    TEXTS
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.floats(-1e9, 1e9).map(lambda number: float(f"{number:.12g}"))
    | st.dates(date(1900, 3, 1), date(9999, 12, 31))
    | st.datetimes(datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("9000-01-01")).map(
        lambda moment: moment.replace(microsecond=0)
    )
)
SECONDS_MAX = 2.0
MEMORY_KIB_MAX = 300 * 1024
TRY = """
import json, sys, time
from pathlib import Path
from snapshots.importing.opening import open_table
from snapshots.importing.refusals import FileRefused
for path in sorted(Path(sys.argv[1]).iterdir()):
    began = time.process_time()
    try:
        for row in open_table(path).rows():
            pass
        said = None
    except FileRefused as refused:
        said = refused.sentence
    spent = time.process_time() - began
    print(json.dumps([path.name, said, spent]))
print(json.dumps(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])))
"""


def as_cell(value: Any) -> Any:
    """What a written value is read back as."""
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


@pytest.mark.rule("DATA-4")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=5),
    st.fixed_dictionaries({"constant_memory": st.booleans(), "date_1904": st.booleans()}),
)
def test_what_a_workbook_writer_wrote_is_read_back(
    tmp_path: Path, written: list[list[Any]], options: dict[str, bool]
) -> None:
    """Texts, numbers, booleans, days and times, with shared and with inline texts, from 1900 and from 1904."""
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet()
        formats = {date: book.add_format({"num_format": "yyyy-mm-dd"}), datetime: book.add_format({"num_format": 22})}
        sheet.write_row(0, 0, ["A", "B", "C"])
        for number, values in enumerate(written, start=1):
            for place, value in enumerate(values):
                if isinstance(value, date) and (not options["date_1904"] or value.year > 1904):
                    sheet.write_datetime(number, place, value, formats[type(value)])
                elif isinstance(value, date):
                    sheet.write_string(number, place, as_cell(value))
                elif isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write(number, place, value)
    table = open_table(path, Choices(header_row=1))
    assert table.columns == ["A", "B", "C"]
    assert [cells for _, cells in table.rows()] == [[as_cell(value) for value in values] for values in written]


@pytest.mark.rule("DATA-8")
def test_hostile_workbooks_are_refused_at_little_cost(tmp_path: Path) -> None:
    """Each is refused with a sentence within 2 seconds of computing, all together within 300 MB."""
    for name, make in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    tried = subprocess.run([sys.executable, "-c", TRY, tmp_path], capture_output=True, text=True, check=True)
    *outcomes, memory_kib = [json.loads(line) for line in tried.stdout.splitlines()]
    assert sorted(name for name, *_ in outcomes) == sorted(BOMBS)
    assert [name for name, said, _ in outcomes if not said or not said.endswith(".")] == []
    assert {name: spent for name, _, spent in outcomes if spent > SECONDS_MAX} == {}
    assert memory_kib < MEMORY_KIB_MAX


@pytest.mark.rule("DATA-8")
def test_what_dimensions_claim_costs_nothing(tmp_path: Path) -> None:
    """A sheet that says it is as large as can be, with two cells far apart, is two rows."""
    claimed = rows('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>2</v></c></row>')
    lie = claimed.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    path = tmp_path / "file.xlsx"
    path.write_bytes(workbook(lie))
    assert list(open_table(path).rows()) == [(1, [1, None]), (1_048_576, [None, 2])]


@pytest.mark.rule("DATA-7")
@pytest.mark.parametrize(
    "packed",
    [
        workbook(rows("<row><c><v>1</v></c></row>" * 12)),
        workbook(FINE, {"xl/shared.xml": b"<sst>" + b"<si/>" * 11 + b"</sst>"}),
    ],
    ids=["rows", "texts"],
)
def test_rows_and_texts_beyond_the_limit_are_refused(tmp_path: Path, packed: bytes) -> None:
    """They are counted, not claimed."""
    path = tmp_path / "file.xlsx"
    path.write_bytes(packed)
    with pytest.raises(FileRefused) as refused:
        list(open_table(path, None, Limits(rows_max=10, shared_texts_max=10)).rows())
    assert refused.value.reason is FileReason.TOO_LARGE


@pytest.mark.rule("DATA-7")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(["sheet", "file"]))
def test_any_bytes_in_a_workbook_give_rows_or_a_sentence(tmp_path: Path, noise: bytes, at: int, where: str) -> None:
    """Noise in place of a workbook, in the middle of one, or in the middle of its sheet."""
    path = tmp_path / "file.xlsx"
    if where == "sheet":
        sheet = FINE[: at % len(FINE)] + noise + FINE[at % len(FINE) :]
        path.write_bytes(workbook(sheet))
    else:
        fine = workbook(FINE)
        path.write_bytes(b"PK\3\4" + fine[4:at] + noise + fine[at + len(noise) :])
    try:
        assert all(number > 0 for number, _ in open_table(path, Choices(format=Format.WORKBOOK)).rows())
    except FileRefused as refused:
        assert refused.sentence.endswith(".")  # noqa: PT017 - either way is right, anything else is not


@pytest.mark.rule("DATA-2")
def test_a_sheet_is_chosen_and_others_are_named() -> None:
    """The first visible sheet with rows is read unless another is chosen; one that is not there is refused."""
    path = Path(__file__).parents[3] / "samples" / "rent-roll.xlsx"
    table = open_table(path)
    assert (table.found.sheet, table.sheets) == ("Rent roll", ("Notes", "Rent roll", "Empty", "Owners"))
    owners = open_table(path, Choices(sheet="Owners"))
    assert (owners.columns, list(owners.rows())) == (["Owner name"], [(2, ["Di"]), (3, ["Ed"])])
    for sheet, reason in (("Empty", FileReason.EMPTY), ("Nowhere", FileReason.WRONG_CHOICE)):
        with pytest.raises(FileRefused) as refused:
            open_table(path, Choices(sheet=sheet))
        assert refused.value.reason is reason


@pytest.mark.rule("DATA-9")
def test_merged_cells_and_formulas_without_results_are_told(tmp_path: Path) -> None:
    """What a person would miss is said once the sheet has been read."""
    path = tmp_path / "file.xlsx"
    sheet = rows('<row><c t="str"><v>A</v></c><c t="str"><v>B</v></c></row><row><c><v>1</v></c><c><f>A2</f></c></row>')
    path.write_bytes(
        workbook(sheet.replace(b"</worksheet>", b'<mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>'))
    )
    table = open_table(path)
    assert list(table.rows()) == [(2, [1, None])]
    assert [note.split()[0] for note in table.notes] == ["Cells", "Formulas"]


@pytest.mark.rule("DATA-9")
def test_formats_say_what_numbers_are() -> None:
    """Dates by number or letters, percent, digits of codes; literals and colours say nothing."""
    said = {
        (14, None): "date",
        (9, None): "percent",
        (2, None): "",
        (164, "dd/mm/yyyy"): "date",
        (164, "[h]:mm"): "date",
        (164, "0.0%"): "percent",
        (164, "00000"): "00000",
        (164, '"days" 0'): "",
        (164, "[Red]0;0"): "",
        (164, "General"): "",
    }
    assert {key: format_kind(*key) for key in said} == said
    assert [date_text(days, from_1904=False) for days in (1, 59, 61, 0.5, -1, 3e6)] == [
        *("1900-01-01", "1900-02-28", "1900-03-01", "12:00:00", None, None)
    ]
    assert date_text(0, from_1904=True) == "1904-01-01"
