"""The cells of a sheet, row by row as its XML is read; what its dimensions claim is never believed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from snapshots.importing.archive import Archive, Attributes, XmlReader
from snapshots.importing.number_formats import DATE, GENERAL, PERCENT, date_text
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Cell, Limits, RawRow
from snapshots.workbook_texts import decoded

_MERGED: Final = "Cells are merged: their value stands in the first of them, the others are empty."
_UNSOLVED: Final = (
    "Formulas have no saved results; their cells are empty. Open the workbook in a spreadsheet and save it."
)
_ROW_NUMBER_MAX: Final = 1_048_576
_ROW_DIGITS_MAX: Final = 9
_INTEGERS: Final = 15
_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Dressing:
    """What the cells of a workbook mean: the kind of each style's format, the epoch of its dates, its shared texts."""

    kinds: list[str]
    from_1904: bool
    text: Callable[[int], str]


def read_sheet(archive: Archive, part: str, dressing: Dressing, limits: Limits, notes: list[str]) -> Iterator[RawRow]:
    """The rows that hold something, with the number that a spreadsheet shows. Raises `FileRefused`."""
    reader = _SheetReader(dressing, limits)
    xml = XmlReader(reader.start, reader.end, reader.text)
    for chunk in archive.chunks(part):
        xml.feed(chunk)
        yield from reader.taken()
    xml.feed(b"", last=True)
    yield from reader.taken()
    for seen, note in ((reader.merged, _MERGED), (reader.unsolved, _UNSOLVED)):
        if seen and note not in notes:
            notes.append(note)


class _SheetReader:
    def __init__(self, dressing: Dressing, limits: Limits) -> None:
        self._dressing = dressing
        self._limits = limits
        self._rows: list[RawRow] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._kind = ""
        self._style = ""
        self._place = 0
        self._held: list[str] | None = None
        self._phonetic = False
        self._characters = 0
        self._places: dict[str, int] = {}
        self._count = 0
        self._formula = False
        self.merged = False
        self.unsolved = False

    def taken(self) -> Iterator[RawRow]:
        rows, self._rows = self._rows, []
        return iter(rows)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._place = len(self._cells) if reference is None else self._column(reference)
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._formula = False
            if self._place == len(self._cells) < self._limits.columns_max:
                self._cells.append(None)
            else:
                self._cells_to(self._place + 1)
        elif name == "f":
            self._formula = True
        elif name == "v" or (name == "t" and not self._phonetic):
            if self._held is None:
                self._held = []
        elif name == "row":
            self._row(attributes.get("r"))
        elif name == "rPh":
            self._phonetic = True
        elif name == "mergeCell":
            self.merged = True

    def text(self, text: str) -> None:
        if self._held is not None:
            self._characters += len(text)
            if self._characters > self._limits.record_characters_max:
                sentence = f"Row {self._number} of the sheet has too many characters. Shorten its texts."
                raise FileRefused(FileReason.TOO_LARGE, sentence)
            self._held.append(text)

    def end(self, name: str) -> None:
        if name == "v" or (name == "t" and not self._phonetic):
            said = "".join(self._held or ())
            self._held = None
            if self._cells and self._place < len(self._cells):
                self._take(said)
        elif name == "row":
            if any(cell not in (None, "") for cell in self._cells):
                self._count += 1
                self._rows.append((self._number, self._cells))
            if self._count > self._limits.rows_max + 1:
                sentence = f"The sheet has more than {self._limits.rows_max} rows. Cut it into several files."
                raise FileRefused(FileReason.TOO_LARGE, sentence)
            self._cells = []
        elif name == "c":
            self.unsolved |= self._formula and self._place < len(self._cells) and self._cells[self._place] is None
        elif name == "rPh":
            self._phonetic = False

    def _row(self, number: str | None) -> None:
        said = (
            int(number)
            if number is not None and number.isascii() and number.isdigit() and len(number) <= _ROW_DIGITS_MAX
            else None
        )
        if said is not None and said <= self._number:
            raise FileRefused(FileReason.BROKEN, "The rows of the sheet are out of order. Save the workbook anew.")
        self._number = said or self._number + 1
        if self._number > _ROW_NUMBER_MAX:
            sentence = (
                f"The sheet has a row beyond {_ROW_NUMBER_MAX}, which no spreadsheet has. Save the workbook anew."
            )
            raise FileRefused(FileReason.HOSTILE, sentence)
        self._cells = []
        self._characters = 0

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._places.get(letters)
        if place is None:
            place = 0
            for letter in letters[:4].upper():
                place = place * _LETTERS + ord(letter) - ord("A") + 1
            place -= 1
            if place < 0 or place >= self._limits.columns_max:
                sentence = (
                    f"The sheet has a value in column {letters[:9]}; a list has at most {self._limits.columns_max}"
                )
                raise FileRefused(FileReason.TOO_LARGE, f"{sentence} columns. Delete what stands far to the right.")
            self._places[letters] = place
        return place

    def _cells_to(self, width: int) -> None:
        if width > self._limits.columns_max:
            sentence = f"Row {self._number} has more than {self._limits.columns_max} cells. Split the sheet."
            raise FileRefused(FileReason.TOO_LARGE, sentence)
        missing = width - len(self._cells)
        if missing > 0:
            self._cells.extend([None] * missing)

    def _take(self, said: str) -> None:
        if self._kind == "s":
            value: Cell = decoded(self._dressing.text(int(said))) if said.isascii() and said.isdigit() else None
        elif self._kind == "n":
            value = self._number_of(said)
        elif self._kind == "b":
            value = said.strip() in {"1", "true"}
        elif self._kind == "inlineStr":
            value = f"{self._cells[self._place] or ''}{decoded(said)}"  # the runs of a rich text follow each other
        else:
            value = said
        self._cells[self._place] = value

    def _number_of(self, said: str) -> Cell:
        try:
            number = float(said)
        except ValueError:
            return said
        kinds = self._dressing.kinds
        kind = kinds[int(self._style)] if self._style.isdigit() and int(self._style) < len(kinds) else GENERAL
        if kind == DATE:
            return date_text(number, from_1904=self._dressing.from_1904) or number
        whole = number.is_integer() and abs(number) < 10**_INTEGERS
        if kind == PERCENT:
            return f"{round(number * 100, 10)!r}%"
        if kind and whole and number >= 0:
            return f"{int(number):0{len(kind)}}"
        return int(number) if whole else number
