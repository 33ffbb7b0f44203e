"""Delimited text: round trips, limits, and any bytes at all."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.importing.converting import Converter, Target
from snapshots.importing.guessing import propose
from snapshots.importing.opening import open_table
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.sampling import take_sample
from snapshots.importing.tables import DELIMITERS, Choices, Format, Limits
from snapshots.reading import Reading

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)
FILE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.rule("DATA-4")
@FILE
@given(
    st.lists(st.lists(TEXTS, min_size=3, max_size=3).filter(any), min_size=1, max_size=8),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, ends: str
) -> None:
    """Quotes, line breaks in cells and any character come back as they were, empty rows aside."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(
        [["A", "B", "C"], *rows]
    )
    path = tmp_path / "file.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    table = open_table(path, Choices(delimiter=delimiter, encoding=encoding, header_row=1))
    assert table.columns == ["A", "B", "C"]
    assert [cells for _, cells in table.rows()] == rows


@pytest.mark.rule("DATA-7")
@FILE
@given(
    st.binary(max_size=400) | st.text(st.sampled_from('a1,;"\n\r\t|=.-/ é')).map(str.encode),
    st.sampled_from([None, Format.DELIMITED, Format.JSON]),
)
def test_any_bytes_give_rows_or_a_sentence(tmp_path: Path, content: bytes, kind: Format | None) -> None:
    """Opening, guessing and converting raise nothing but a refusal with a sentence."""
    path = tmp_path / "file"
    path.write_bytes(content)
    try:
        table = open_table(path, Choices(format=kind))
        found = propose(take_sample(table))
        targets = [
            Target(place, Column("column-00001", said.name, said.type, config=said.config), said.reading)
            for place, said in enumerate(found)
        ]
        converter = Converter(targets, table.columns, frozenset())
        for raw in table.rows():
            assert len(converter.judge(raw).values) == len(table.columns)
    except FileRefused as refused:
        assert refused.sentence.endswith((".", ")"))  # noqa: PT017 - either way is right, anything else is not


@pytest.mark.rule("DATA-7")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        *((b"", FileReason.EMPTY), (b"\n\n,,\n", FileReason.EMPTY), (b"a" * 2000 + b"\n1\n", FileReason.TOO_LARGE)),
        *((b"a,b\n" * 13, FileReason.TOO_LARGE), (b"a,b\n" + b"," * 20, FileReason.TOO_LARGE)),
        *((b'a\n"never closed\n' + b"x\n" * 800, FileReason.TOO_LARGE), (b"a\n\0\1\2\0", FileReason.NOT_A_TABLE)),
        *((b"x" * 5001, FileReason.TOO_LARGE), (b"\xff\xfea\0b", FileReason.UNREADABLE_TEXT)),
        *((b"\xd0\xcf\x11\xe0", FileReason.NOT_A_TABLE), (b"%PDF-1.7", FileReason.NOT_A_TABLE)),
        *((b"\x1f\x8b\x08", FileReason.NOT_A_TABLE), (b" <HTML><table>", FileReason.NOT_A_TABLE)),
    ],
)
def test_what_is_no_table_is_refused_with_advice(tmp_path: Path, content: bytes, reason: FileReason) -> None:
    """Each limit and each stranger has its reason, at the latest when the rows are read."""
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    limits = Limits(file_bytes_max=5000, rows_max=10, columns_max=10, record_characters_max=1000)
    with pytest.raises(FileRefused) as refused:
        list(open_table(path, None, limits).rows())
    assert refused.value.reason is reason
    assert refused.value.sentence[0].isupper()


@pytest.mark.rule("DATA-7")
@pytest.mark.parametrize("choices", [Choices(encoding="hex"), Choices(encoding="nope"), Choices(delimiter="ab")])
def test_a_choice_that_is_none_is_refused(tmp_path: Path, choices: Choices) -> None:
    """An encoding that is none of texts, a delimiter of two characters."""
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileRefused) as refused:
        open_table(path, choices)
    assert refused.value.reason is FileReason.WRONG_CHOICE


@pytest.mark.rule("DATA-2")
def test_a_hint_of_the_delimiter_is_no_row(tmp_path: Path) -> None:
    """Excel's first line `sep=` names the delimiter, and rows keep their numbers."""
    path = tmp_path / "file.csv"
    path.write_text("sep=;\nName;Size\nOak;1,5\n")
    table = open_table(path)
    assert (table.found.delimiter, table.columns, list(table.rows())) == (";", ["Name", "Size"], [(3, ["Oak", "1,5"])])


@pytest.mark.rule("DATA-6")
def test_cells_beyond_the_last_column_are_reported(tmp_path: Path) -> None:
    """A row that is longer than any of the first rows loses nothing silently."""
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "1,2\n" * 300 + "1,2,three\n")
    table = open_table(path)
    converter = Converter(
        [Target(1, Column("column-00001", "b", ColumnType.NUMBER), Reading())], table.columns, frozenset()
    )
    reports = [bad for raw in table.rows() for bad in converter.judge(raw).bad]
    assert [(bad.row, bad.name, bad.value) for bad in reports] == [(302, "Column 3", "three")]


@pytest.mark.rule("DATA-6")
def test_names_of_linked_rows_are_given_in_order() -> None:
    """A name may hold commas; a separator parts several; one that is too many is reported."""
    links = Column("column-00001", "Owners", ColumnType.LINK, config={"list": "owners-list-1"})
    one = Column("column-00002", "Owner", ColumnType.LINK, config={"list": "owners-list-1", "limit": "one"})
    parted = Reading(separator=";")
    converter = Converter(
        [Target(0, links, Reading()), Target(0, links, parted), Target(0, one, parted)], ["o"], frozenset()
    )
    assert converter.judge((2, ["Doe, Jane; Roe"])).values == [["Doe, Jane; Roe"], ["Doe, Jane", "Roe"], []]
    assert len(converter.judge((2, ["Doe, Jane; Roe"])).bad) == 1
    assert converter.judge((3, [None])).values == [[], [], []]
