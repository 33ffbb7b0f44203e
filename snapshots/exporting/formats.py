"""The formats of exports: what their files are called, and who writes them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import BinaryIO

from snapshots.columns import ListSchema
from snapshots.exporting.cells import Names
from snapshots.exporting.csv_file import csv_file
from snapshots.record import Record


class Format(StrEnum):
    """A kind of file."""

    CSV = "csv"

    @property
    def suffix(self) -> str:
        """What the names of its files end with, without a dot."""
        return self.value

    @property
    def media_type(self) -> str:
        """What it is called on the web."""
        return "text/csv; charset=utf-8"


def write(
    format: Format,  # noqa: A002 - the word of the API
    schema: ListSchema,
    pages: Iterable[tuple[Iterable[Record], Names]],
    target: BinaryIO,
) -> None:
    """Write a file from its first byte to its last."""
    assert format is Format.CSV, "there is no other"
    target.writelines(csv_file(schema, pages))
