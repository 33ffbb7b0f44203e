"""Excel workbooks: which sheets there are, what their styles and shared texts say, and one of them as a table."""

import posixpath
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from snapshots.importing.archive import Archive, Attributes, XmlReader
from snapshots.importing.headings import find_header, name_columns
from snapshots.importing.number_formats import format_kind
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.shared_texts import SharedTexts
from snapshots.importing.sheets import Dressing, read_sheet
from snapshots.importing.tables import HEAD_ROWS, Choices, Format, Limits, RawRow, Table

_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STYLES_MAX: Final = 100_000
_TEXT_CHARACTERS_MAX: Final = 1024 * 1024
_TRUE: Final = {"1", "true"}
_OTHERS: Final = "This is no Excel workbook (.xlsx). Open it in a spreadsheet and save it as .xlsx or CSV."


def open_workbook(path: Path, choices: Choices, limits: Limits) -> Table:
    """Open the chosen sheet, or the first visible one that holds rows. Raises `FileRefused`."""
    book = _Workbook(path, limits)
    if choices.sheet is not None and choices.sheet not in book.parts:
        known = ", ".join(book.parts)[:500]
        raise FileRefused(FileReason.WRONG_CHOICE, f"The workbook has no sheet {choices.sheet!r}. It has: {known}.")
    sheets = [choices.sheet] if choices.sheet is not None else (book.visible or list(book.parts))
    for sheet in sheets:
        notes: list[str] = []
        head = list(islice(book.rows(sheet, notes), HEAD_ROWS))
        if head:
            return _table(book, sheet, choices, head, notes)
    raise FileRefused(FileReason.EMPTY, "The workbook holds no rows. Choose another sheet, or check that it was saved.")


def _table(book: "_Workbook", sheet: str, choices: Choices, head: list[RawRow], notes: list[str]) -> Table:
    header = find_header(head) if choices.header_row is None else choices.header_row
    names = next((cells for number, cells in head if number == header), [])
    width = max((len(cells) for number, cells in head if number >= header), default=1)
    columns, named = name_columns(names, width)
    notes[:0] = named
    if len(book.parts) > 1:
        notes.insert(0, f"The workbook has {len(book.parts)} sheets; {sheet!r} is read.")
    found = replace(choices, format=Format.WORKBOOK, encoding=None, delimiter=None, sheet=sheet, header_row=header)

    def rows() -> Iterator[RawRow]:
        for number, cells in book.rows(sheet, notes):
            if number > header:
                cells.extend([None] * (width - len(cells)))
                yield number, cells

    return Table(found, columns, notes, tuple(book.parts), rows)


class _Workbook:
    """The parts of a workbook that all its sheets share. `parts` are the sheets by name, in order."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self.parts: dict[str, str] = {}
        self.visible: list[str] = []
        self._from_1904 = False
        self._named: list[tuple[str, str, str]] = []
        self._targets: dict[str, tuple[str, str]] = {}
        with closing(Archive(path, limits)) as archive:
            if _BOOK not in archive:
                raise FileRefused(FileReason.NOT_A_TABLE, _OTHERS)
            _read(archive, _BOOK, self._book_element)
            _read(archive, _RELATIONS, self._relation)
        for name, relation, state in self._named:
            kind, target = self._targets.get(relation, ("", ""))
            if kind == "worksheet" and name not in self.parts:
                self.parts[name] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
                self.visible += [name] if state == "visible" else []
        if not self.parts:
            raise FileRefused(FileReason.NOT_A_TABLE, "The workbook has no sheet with cells. Bring another.")

    def rows(self, sheet: str, notes: list[str]) -> Iterator[RawRow]:
        with closing(Archive(self._path, self._limits)) as archive:
            yield from read_sheet(archive, self.parts[sheet], self._dressing, self._limits, notes)

    @cached_property
    def _dressing(self) -> Dressing:
        with closing(Archive(self._path, self._limits)) as archive:
            return Dressing(self._styles(archive), self._from_1904, self._texts(archive).get)

    def _book_element(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self._named.append((attributes.get("name", ""), relation, attributes.get("state", "visible")))
        elif name == "workbookPr":
            self._from_1904 = attributes.get("date1904", "") in _TRUE

    def _relation(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self._targets[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    def _part(self, wanted: str) -> str | None:
        target = next((target for kind, target in self._targets.values() if kind == wanted), None)
        return None if target is None else posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    def _styles(self, archive: Archive) -> list[str]:
        part = self._part("styles")
        if part is None or part not in archive:
            return []
        codes: dict[str, str] = {}
        kinds: list[str] = []
        within = [""]

        def start(name: str, attributes: Attributes) -> None:
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:1000]
            elif name == "xf" and within[0] == "cellXfs":
                number = attributes.get("numFmtId", "0")
                kinds.append(
                    format_kind(
                        int(number) if number.isdigit() and len(number) < len("1000000") else 0, codes.get(number)
                    )
                )
            elif name in {"cellXfs", "cellStyleXfs", "dxfs"}:
                within[0] = name
            if len(codes) + len(kinds) > _STYLES_MAX:
                raise FileRefused(
                    FileReason.HOSTILE, "The workbook has too many styles. Copy the table into a new one."
                )

        _read(archive, part, start)
        return kinds

    def _texts(self, archive: Archive) -> SharedTexts:
        texts = SharedTexts()
        part = self._part("sharedStrings")
        if part is None or part not in archive:
            return texts
        reader = _TextReader(texts, self._limits.shared_texts_max)
        xml = XmlReader(reader.start, reader.end, reader.text)
        for chunk in archive.chunks(part):
            xml.feed(chunk)
        xml.feed(b"", last=True)
        texts.finish()
        return texts


class _TextReader:
    """Shared texts: the runs of each put together, without the readings that East Asian texts carry."""

    def __init__(self, texts: SharedTexts, most: int) -> None:
        self._texts = texts
        self._left = most
        self._held: list[str] = []
        self._inside = False
        self._phonetic = False
        self._characters = 0

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "si":
            self._held, self._characters = [], 0
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._inside = not self._phonetic

    def text(self, text: str) -> None:
        if self._inside:
            self._characters += len(text)
            if self._characters > _TEXT_CHARACTERS_MAX:
                raise FileRefused(FileReason.TOO_LARGE, "A text of the workbook is far too long. Shorten it.")
            self._held.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self._left -= 1
            if self._left < 0:
                raise FileRefused(FileReason.TOO_LARGE, "The workbook has too many texts. Cut it into several files.")
            self._texts.add("".join(self._held))


def _read(archive: Archive, part: str, start: Callable[[str, Attributes], None]) -> None:
    """Show every element of a part to `start`."""
    xml = XmlReader(start, lambda _name: None, lambda _text: None)
    for chunk in archive.chunks(part):
        xml.feed(chunk)
    xml.feed(b"", last=True)
