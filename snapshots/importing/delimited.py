"""Delimited text: CSV in any encoding, with any of four delimiters, as spreadsheets and databases write it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from snapshots.exporting.injection import unescaped
from snapshots.importing.encodings import check_encoding, find_encoding
from snapshots.importing.headings import find_header, name_columns
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import DELIMITERS, HEAD_ROWS, Choices, Format, Limits, RawRow, Table

_HINT: Final = "sep="
_UNICODE: Final = "utf-16"


def open_delimited(path: Path, choices: Choices, limits: Limits) -> Table:
    """Find out what was not chosen, and name the columns. Raises `FileRefused`."""
    encoding = check_encoding(choices.encoding) if choices.encoding else find_encoding(path)
    delimiter = choices.delimiter or _find_delimiter(path, encoding, limits)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise FileRefused(FileReason.WRONG_CHOICE, "A delimiter is one character, such as a comma or a semicolon.")
    source = _Source(path, encoding, delimiter, limits)
    head = list(islice(source.records(), HEAD_ROWS))
    if not head:
        raise FileRefused(FileReason.EMPTY, "The file holds no rows. Check that it was saved, and bring it again.")
    header = find_header(head) if choices.header_row is None else choices.header_row
    names = next((cells for number, cells in head if number == header), [])
    width = max(len(cells) for number, cells in head if number >= header) if any(n >= header for n, _ in head) else 0
    columns, notes = name_columns(names, max(width, 1))
    found = replace(
        choices, format=Format.DELIMITED, encoding=encoding, delimiter=delimiter, sheet=None, header_row=header
    )
    return Table(found, columns, notes, (), lambda: source.below(header, len(columns)))


@dataclass(frozen=True, slots=True)
class _Source:
    """A text file as records; empty ones are counted and left out, and what exports escape is what it was before."""

    path: Path
    encoding: str
    delimiter: str
    limits: Limits

    def below(self, header: int, width: int) -> Iterator[RawRow]:
        """The rows below the header, none shorter than `width`."""
        for number, cells in self.records():
            if number > header:
                yield number, cells if len(cells) >= width else cells + [None] * (width - len(cells))

    def records(self) -> Iterator[RawRow]:
        errors = "surrogatepass" if self.encoding.startswith(_UNICODE) else "surrogateescape"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            lines = _Lines(file, self.limits.record_characters_max)
            number = 0
            try:
                for number, record in enumerate(csv.reader(lines, delimiter=self.delimiter), start=1):
                    lines.used = 0
                    if len(record) > self.limits.columns_max:
                        raise _too_wide(number, len(record), self.limits.columns_max)
                    if number > self.limits.rows_max + 1:
                        raise _too_long(self.limits.rows_max)
                    if any(record) and not (number == 1 and len(record[0]) <= len("sep=;") and _is_hint(record)):
                        yield number, [unescaped(cell) if cell.startswith("'") else cell for cell in record]
            except csv.Error as error:
                sentence = f"A cell after row {number} is too long; is a quotation mark missing there? ({error})"
                raise FileRefused(FileReason.BROKEN, sentence) from error
            except UnicodeError as error:
                sentence = f"After row {number} the file is not text in {self.encoding}; choose its encoding."
                raise FileRefused(FileReason.UNREADABLE_TEXT, sentence) from error


class _Lines:
    """The lines of a file, while those of one record stay within a limit of characters."""

    def __init__(self, file: io.TextIOBase | Iterable[str], most: int) -> None:
        self._file = file
        self._most = most
        self.used = 0

    def __iter__(self) -> Iterator[str]:
        assert isinstance(self._file, io.TextIOBase), "a file opened as text"
        read = self._file.readline
        while line := read(self._most + 1):
            self.used += len(line)
            if self.used > self._most:
                sentence = f"A row has more than {self._most} characters. Check the line ends and quotation marks."
                raise FileRefused(FileReason.TOO_LARGE, sentence)
            yield line


def _find_delimiter(path: Path, encoding: str, limits: Limits) -> str:
    """The delimiter that cuts the most rows into the same number of cells, more than one."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        try:
            lines = list(islice(iter(_Lines(file, limits.record_characters_max)), HEAD_ROWS))
        except UnicodeError:
            return DELIMITERS[0]
    if lines and lines[0].lower().startswith(_HINT) and lines[0].strip("\r\n")[len(_HINT) :]:
        return lines[0][len(_HINT)]
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> float:
    try:
        records = [record for record in csv.reader(lines, delimiter=delimiter) if any(record)]
    except csv.Error:
        return 0.0
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 0.0
    width, rows = widths.most_common(1)[0]
    return rows / len(records) * (2.0 - 1.0 / width)


def _is_hint(record: list[str]) -> bool:
    return record[0].lower().startswith(_HINT) and not any(record[1:])


def _too_wide(number: int, width: int, most: int) -> FileRefused:
    sentence = f"Row {number} has {width} cells; a list has at most {most} columns. Check the delimiter."
    return FileRefused(FileReason.TOO_LARGE, sentence)


def _too_long(most: int) -> FileRefused:
    return FileRefused(FileReason.TOO_LARGE, f"The file has more than {most} rows. Cut it into several files.")
