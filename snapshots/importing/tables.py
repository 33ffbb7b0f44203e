"""A table as it stands in a file: what was found out about it, the names of its columns, its rows of raw cells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Cell = str | int | float | bool | list[str] | None
"""A raw cell: dates of workbooks are texts of ISO 8601, lists come from JSON only."""

RawRow = tuple[int, list[Cell]]
"""A row's number, as a spreadsheet counts it, and its cells: one for each column, and those beyond the last."""


class Format(StrEnum):
    """What kind of file it is."""

    DELIMITED = "delimited"
    JSON = "json"
    WORKBOOK = "workbook"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Characters are those of the decoded text."""

    file_bytes_max: int = 200 * 1024 * 1024
    unpacked_bytes_max: int = 500 * 1024 * 1024
    ratio_max: int = 100
    entries_max: int = 10_000
    rows_max: int = 1_000_000
    columns_max: int = 500
    record_characters_max: int = 4 * 1024 * 1024
    shared_texts_max: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person says about the file; `None` is found out. `header_row` 0: there is none."""

    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file. `found` says all that was found out or chosen; `rows` reads from the beginning each time.

    `notes` are sentences about what a person might not expect; some come when the rows have been read. Reading the rows raises `FileRefused` where the file
    turns out to be broken or too large.
    """

    found: Choices
    columns: Sequence[str]
    notes: Sequence[str]
    sheets: Sequence[str]
    rows: Callable[[], Iterator[RawRow]]


DELIMITERS: Final = (",", ";", "\t", "|")
HEAD_ROWS: Final = 200
"""How many rows are looked at for the delimiter, the width and the row of names."""
