"""CSV as RFC 4180 has it: UTF-8, commas, CRLF, fields in quotes where they need it, one line of names first.

Numbers are plain, times ISO 8601, checkboxes `true` and `false`. No text begins like a formula.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import BinaryIO, Final

from persistence.contract import Json
from snapshots.columns import Column
from snapshots.exporting.cells import Page, Shape, cells, heads, shape_of
from snapshots.exporting.flat_texts import flat
from snapshots.exporting.injection import escaped

_MARK: Final = b"\xef\xbb\xbf"
"""By which spreadsheets know that a file is UTF-8."""


def write_csv(columns: Sequence[Column], pages: Iterable[Page], target: BinaryIO) -> None:
    """Write pages of records. What has been written is not held any more: memory depends on the size of a page."""
    shapes = [shape_of(column) for column in columns]
    target.write(_MARK + _lines([[escaped(name) for name in heads(columns)]]))
    for records, names in pages:
        texts = [_written(shape, cells(column, records, names)) for column, shape in zip(columns, shapes, strict=True)]
        target.write(_lines(zip(*texts, strict=True)))


def _lines(rows: Iterable[Sequence[Json]]) -> bytes:
    lines = StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def _written(shape: Shape, values: Sequence[Json]) -> Sequence[Json]:
    """Values as `csv` writes them: it writes numbers as they are, which is not escaped, and nothing for `None`."""
    if shape is Shape.NUMBER:
        return values
    if shape is Shape.FLAG:
        return [None if value is None else "true" if value else "false" for value in values]
    # Nothing that begins with a letter or a digit is dangerous, and most texts do.
    return [
        text if text is None or text[:1].isalnum() else escaped(text)  # type: ignore[index,union-attr,arg-type]  # texts by their shape
        for text in flat(shape, values)
    ]
