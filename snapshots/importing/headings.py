"""The row that names the columns: found among the first rows, with every name made distinct."""

import re
from collections.abc import Sequence
from typing import Final

from snapshots.column_attributes import NAME_CHARACTERS_MAX
from snapshots.date_texts import read_date, read_moment
from snapshots.importing.tables import Cell, RawRow
from snapshots.number_texts import read_number
from snapshots.reading import DateOrder

_ROWS_BEFORE_MAX: Final = 20
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\s]+")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def find_header(head: Sequence[RawRow]) -> int:
    """The number of the row that names the columns, 0 if none does.

    That is the first of the first rows that fills at least half of the table's width and holds nothing but names:
    no number (years are names), date or address. Titles above a table are narrower.
    """
    width = max((_filled(cells) for _, cells in head), default=0)
    for number, cells in head[:_ROWS_BEFORE_MAX]:
        if _filled(cells) * 2 >= width and _filled(cells):
            return number if all(map(_may_name, cells)) else 0
    return 0


def name_columns(names: Sequence[Cell], width: int) -> tuple[list[str], list[str]]:
    """Distinct names for `width` columns, and sentences about those that had to be made or changed."""
    taken: set[str] = set()
    named: list[str] = []
    notes: list[str] = []
    said = [_name(cell) for cell in names] + [""] * width
    for place, name in enumerate(said[:width], start=1):
        distinct = _distinct(name or f"Column {place}", taken)
        if names and not name:
            notes.append(f"Column {place} has no name and is called {distinct!r}.")
        elif name and distinct != name:
            notes.append(f"The name {name!r} stands more than once; column {place} is called {distinct!r}.")
        taken.add(distinct.casefold())
        named.append(distinct)
    return named, notes


def _filled(cells: Sequence[Cell]) -> int:
    return sum(1 for cell in cells if cell not in (None, ""))


def _may_name(cell: Cell) -> bool:
    if cell is None or isinstance(cell, str | int):
        text = "" if cell is None or isinstance(cell, bool) else str(cell).strip()
        if not text or _YEAR.fullmatch(text):
            return not isinstance(cell, bool)
        dated = read_date(text, None) or read_date(text, DateOrder.DAY_FIRST) or read_moment(text, None)
        return "@" not in text and read_number(text) is None and dated is None
    return False


def _name(cell: Cell) -> str:
    return _UNSEEN.sub(" ", "" if cell is None else str(cell)).strip()[:NAME_CHARACTERS_MAX].strip()


def _distinct(name: str, taken: set[str]) -> str:
    distinct, times = name, 1
    while distinct.casefold() in taken:
        times += 1
        tail = f" ({times})"
        distinct = name[: NAME_CHARACTERS_MAX - len(tail)] + tail
    return distinct
