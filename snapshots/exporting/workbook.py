"""Excel workbooks: one sheet, its first row the columns' names. Nothing is cut: a list that Excel cannot hold is refused."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile

from snapshots.columns import Column
from snapshots.exporting.cells import Page, cells, heads
from snapshots.exporting.refusals import ELSEWHERE, Unwritable
from snapshots.exporting.workbook_cells import cell_texts, text_cells
from snapshots.exporting.workbook_parts import BOLD, PARTS, SHEET, SHEET_END, sheet_start

ROWS_MAX: Final = 1_048_576
"""How many rows Excel holds, that of the names included."""
SHEET_BYTES_MAX: Final = 2**31 - 1
"""How long the XML of a sheet may be: beyond, archives need an extension at which Excel offers a repair."""
_COMPRESSION: Final = 3
_LETTERS: Final = 26


def write_workbook(columns: Sequence[Column], pages: Iterable[Page], target: BinaryIO) -> None:
    """Write pages of records; memory depends on the size of a page. Raises `Unwritable`."""
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        written = 0
        with archive.open(SHEET, "w") as file:
            for piece in map(str.encode, _sheet(columns, pages)):
                written += len(piece)
                if written > SHEET_BYTES_MAX:
                    raise Unwritable(f"The list is larger than a workbook that Excel opens. {ELSEWHERE}")
                file.write(piece)


def _sheet(columns: Sequence[Column], pages: Iterable[Page]) -> Iterator[str]:
    places = [_letters(number) for number in range(len(columns))]
    yield sheet_start(len(columns))
    yield from _rows(
        [1], [text_cells(place, [1], [head], BOLD) for place, head in zip(places, heads(columns), strict=True)]
    )
    last = 1
    for records, names in pages:
        first, last = last + 1, last + len(records)
        if last > ROWS_MAX:
            raise Unwritable(f"Excel holds {ROWS_MAX - 1} rows below their names, and the list has more. {ELSEWHERE}")
        numbers = range(first, last + 1)
        yield from _rows(
            numbers,
            [
                cell_texts(column, place, numbers, cells(column, records, names))
                for column, place in zip(columns, places, strict=True)
            ],
        )
    yield SHEET_END


def _rows(numbers: Sequence[int], written: Sequence[Sequence[str]]) -> Iterator[str]:
    rows = zip(numbers, zip(*written, strict=True), strict=True)
    yield "".join([f'<row r="{number}">{"".join(row)}</row>' for number, row in rows])


def _letters(number: int) -> str:
    """What a spreadsheet calls a column, counted from 0: A, B, …, Z, AA."""
    before, letter = divmod(number, _LETTERS)
    return (_letters(before - 1) if before else "") + chr(ord("A") + letter)
