"""Opening a file: what kind it is by its first bytes, and by its name where those say nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from snapshots.importing.delimited import open_delimited
from snapshots.importing.objects import open_objects
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Choices, Format, Limits, Table
from snapshots.importing.workbooks import open_workbook

_HEAD_BYTES: Final = 1024
_DELIMITED_NAMES: Final = {".csv", ".tsv", ".txt", ".tab"}
_STRANGERS: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file, or one with a password. Save it as .xlsx without a password"),
    (b"%PDF", "a PDF. Export the table as CSV or .xlsx"),
    (b"\x1f\x8b", "a compressed file. Unpack it first"),
    (b"BZh", "a compressed file. Unpack it first"),
    (b"7z\xbc\xaf", "a compressed file. Unpack it first"),
    (b"PAR1", "a Parquet file. Save it as CSV or .xlsx"),
    (b"<!DOCTYPE", "a web page. Open it in a spreadsheet and save it as .xlsx"),
    (b"<html", "a web page. Open it in a spreadsheet and save it as .xlsx"),
    (b"<?xml", "an XML file. Open it in a spreadsheet and save it as .xlsx"),
    (b"<table", "a web page. Open it in a spreadsheet and save it as .xlsx"),
)


def open_table(path: Path, choices: Choices | None = None, limits: Limits | None = None) -> Table:
    """Open the table in a file, with what a person chose about it. Raises `FileRefused`."""
    choices, limits = choices or Choices(), limits or Limits()
    size = path.stat().st_size
    if size > limits.file_bytes_max:
        most = limits.file_bytes_max // 1024**2
        raise FileRefused(FileReason.TOO_LARGE, f"The file has more than {most} MB. Cut it into several files.")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise FileRefused(FileReason.EMPTY, "The file is empty. Check that it was saved, and bring it again.")
    for beginning, sentence in _STRANGERS:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(beginning.lower()):
            raise FileRefused(FileReason.NOT_A_TABLE, f"This is {sentence}.")
    return _OPENERS[choices.format or _format(path, head)](path, choices, limits)


def _format(path: Path, head: bytes) -> Format:
    if head.startswith(b"PK\3\4"):
        return Format.WORKBOOK
    begins = head.translate(None, b"\0").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    if begins in (b"{", b"[") and path.suffix.lower() not in _DELIMITED_NAMES:
        return Format.JSON
    return Format.DELIMITED


_OPENERS: Final[Mapping[Format, Callable[[Path, Choices, Limits], Table]]] = {
    Format.DELIMITED: open_delimited,
    Format.JSON: open_objects,
    Format.WORKBOOK: open_workbook,
}
