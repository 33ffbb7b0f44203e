"""The cells of a workbook as XML, a column of a page at a time.

Texts are typed as texts (`inlineStr`), never as formulas or links. What a date of Excel cannot say is a text of ISO 8601: days before
March 1900, and fractions of a second; stamps, which nobody imports, are rounded to milliseconds instead.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.exporting.cells import Shape, shape_of
from snapshots.exporting.flat_texts import flat
from snapshots.exporting.refusals import ELSEWHERE, Unwritable
from snapshots.exporting.workbook_parts import DAY, GENERAL, MOMENT, PERCENT
from snapshots.workbook_texts import encoded

CHARACTERS_MAX: Final = 32_767
"""How many characters Excel holds in a cell, those beyond the basic plane counted twice."""
_BASIC_MAX: Final = 0xFFFF
_BETWEEN: Final = "\0"
_BLANK_EDGE: Final = re.compile(r"\s\0|\0\s")
_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_FIRST: Final = "1900-03-01"
"""Before it the days of Excel are one off, since it takes 1900 for a leap year."""
_DAY: Final = timedelta(days=1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FRACTION: Final = "."


def cell_texts(column: Column, place: str, numbers: Sequence[int], values: Sequence[Json]) -> list[str]:
    """The cells of a column, at these rows; an empty one is an empty text. Raises `Unwritable`."""
    shape = shape_of(column)
    return _MARKUP.get(shape, _texts)(column, place, numbers, flat(shape, values))


def text_cells(place: str, numbers: Sequence[int], values: Sequence[Json], style: int = GENERAL) -> list[str]:
    """Texts in cells, `None` and empty ones left out. Raises `Unwritable` for one that Excel cannot hold."""
    texts = ["" if value is None else str(value) for value in values]
    _check(place, numbers, texts)
    said = _BETWEEN.join(texts)  # escaped at once: a call for each cell would take most of the time
    space = ' xml:space="preserve"' if _BLANK_EDGE.search(f"{_BETWEEN}{said}{_BETWEEN}") else ""
    written = escape(encoded(said)).split(_BETWEEN)
    before, dressed = f'<c r="{place}', f' s="{style}"' if style else ""
    between, after = f'"{dressed} t="inlineStr"><is><t{space}>', "</t></is></c>"
    return [
        f"{before}{number}{between}{text}{after}" if text else "" for number, text in zip(numbers, written, strict=True)
    ]


def _check(place: str, numbers: Sequence[int], texts: Sequence[str]) -> None:
    most = CHARACTERS_MAX // 2  # so many fit, whatever they are
    if max(map(len, texts), default=0) <= most:
        return
    for number, text in zip(numbers, texts, strict=True):
        characters = len(text) + sum(ord(character) > _BASIC_MAX for character in text) if len(text) > most else 0
        if characters > CHARACTERS_MAX:
            raise Unwritable(
                f"Cell {place}{number} would have {characters} characters; Excel holds {CHARACTERS_MAX}. {ELSEWHERE}"
            )


def _texts(_column: Column, place: str, numbers: Sequence[int], values: Sequence[Json]) -> list[str]:
    return text_cells(place, numbers, values)


def _numbers(column: Column, place: str, numbers: Sequence[int], values: Sequence[Json]) -> list[str]:
    between = f'" s="{PERCENT}"><v>' if column.type is ColumnType.PERCENT else '"><v>'
    return [
        "" if value is None else f'<c r="{place}{number}{between}{value!r}</v></c>'
        for number, value in zip(numbers, values, strict=True)
    ]


def _flags(_column: Column, place: str, numbers: Sequence[int], values: Sequence[Json]) -> list[str]:
    return [
        "" if value is None else f'<c r="{place}{number}" t="b"><v>{"1" if value else "0"}</v></c>'
        for number, value in zip(numbers, values, strict=True)
    ]


def _days(_column: Column, place: str, numbers: Sequence[int], values: Sequence[Any]) -> list[str]:
    dated = [
        date.fromisoformat(value).toordinal() - _EPOCH_DAY if value is not None and value >= _FIRST else None
        for value in values
    ]
    return _dated(DAY, place, numbers, values, dated)


def _moments(column: Column, place: str, numbers: Sequence[int], values: Sequence[Any]) -> list[str]:
    dated = [
        round((datetime.fromisoformat(value) - _EPOCH) / _MILLISECOND) * _MILLISECOND / _DAY
        if value is not None and value >= _FIRST and (column.computed or _FRACTION not in value)
        else None
        for value in values
    ]
    return _dated(MOMENT, place, numbers, values, dated)


def _dated(
    style: int, place: str, numbers: Sequence[int], values: Sequence[Json], dated: Sequence[float | None]
) -> list[str]:
    """Cells with the days of Excel, or the texts in place of those that it cannot say."""
    left = text_cells(
        place, numbers, [None if day is not None else value for value, day in zip(values, dated, strict=True)]
    )
    return [
        text if day is None else f'<c r="{place}{number}" s="{style}"><v>{day!r}</v></c>'
        for number, day, text in zip(numbers, dated, left, strict=True)
    ]


_MARKUP: Final[Mapping[Shape, Callable[[Column, str, Sequence[int], Sequence[Any]], list[str]]]] = {
    Shape.NUMBER: _numbers,
    Shape.FLAG: _flags,
    Shape.DAY: _days,
    Shape.MOMENT: _moments,
}
