"""The formats of exports: what each is called, and what writes it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO, Final

from snapshots.columns import Column
from snapshots.exporting.cells import Page
from snapshots.exporting.csv_file import write_csv
from snapshots.exporting.json_lines import write_json
from snapshots.exporting.parquet_file import write_parquet
from snapshots.exporting.workbook import write_workbook


class Format(StrEnum):
    """What an export is written as; the values are those of the HTTP API."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    PARQUET = "parquet"

    @property
    def suffix(self) -> str:
        """How the names of its files end, without the dot."""
        return "jsonl" if self is Format.JSON else str(self)

    @property
    def media_type(self) -> str:
        """What a `Content-Type` says."""
        return _MEDIA_TYPES[self]


def write(form: Format, columns: Sequence[Column], pages: Iterable[Page], target: BinaryIO) -> None:
    """Write records, page by page, into a file that is open for writing bytes, can seek, and stands at its beginning.

    `columns` are those to be written, in their order: those of a list (`ListSchema.standing()`) or those that a view shows. Memory
    depends on the size of a page (1,000 to 10,000 records are sensible), not on the number of pages. The file stays open. Raises
    `Unwritable`, after which the file is of no use, and what `pages` and the file raise.
    """
    _WRITERS[form](columns, pages, target)


_MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/jsonl; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
}
_WRITERS: Final[Mapping[Format, Callable[[Sequence[Column], Iterable[Page], BinaryIO], None]]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_workbook,
    Format.JSON: write_json,
    Format.PARQUET: write_parquet,
}
