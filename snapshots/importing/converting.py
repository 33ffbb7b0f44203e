"""From raw rows to values: each cell is a value of its column, or stands in the report with a reason in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from persistence.contract import Json
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from snapshots.importing.tables import Cell, RawRow
from snapshots.reading import Reading
from snapshots.text import clean_text
from snapshots.typecast import Cast, CastOutcome, CastReason, CastRefused, cast_value, split_elements
from snapshots.wording import refused

NAMED_TYPES: Final = frozenset({ColumnType.LINK, ColumnType.USER, ColumnType.USERS})
"""Columns whose cells name rows or people: converting gives the texts, in order, and who calls looks them up."""

SHOWN_CHARACTERS_MAX: Final = 1_000
_REMEMBERED: Final = 4_096
_BEYOND: Final = "The row has more cells than the table has columns. Is a quotation mark missing, or a name?"
_BROKEN_TEXT: Final = "This holds bytes that are no text in the file's encoding. Choose another, or correct the file."


@dataclass(frozen=True, slots=True)
class Target:
    """Where one column of the file goes: its place in the file (from 0), its column, and how it is read."""

    place: int
    column: Column
    reading: Reading


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that was not taken: the row as a spreadsheet counts it, the file's name for the column, the text.

    The text is cut to 1,000 characters. `reason` is `None` for cells beyond the last column.
    """

    row: int
    name: str
    value: str
    reason: CastReason | None
    sentence: str


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row's values in the order of the targets; a bad cell is empty there and stands in `bad`."""

    number: int
    values: list[Json]
    bad: list[BadCell] = field(default_factory=list)


class Converter:
    """Judges the rows of one table. `names` are the table's columns, `members` the ids of the workspace's people."""

    def __init__(self, targets: Sequence[Target], names: Sequence[str], members: frozenset[str]) -> None:
        self._targets = [(target.place, target, _reader(target, members)) for target in targets]
        self._names = names

    def judge(self, raw: RawRow) -> JudgedRow:
        """Convert one row; total."""
        number, cells = raw
        row = JudgedRow(number, [])
        values = row.values
        for place, target, read in self._targets:
            cell = cells[place]
            outcome = read(tuple(cell) if isinstance(cell, list) else cell)
            if isinstance(outcome, Cast):
                values.append(outcome.value)
            else:
                values.append([] if target.column.set_valued else None)
                row.bad.append(self._bad(number, target, cell, outcome.reason))
        for place, cell in enumerate(cells[len(self._names) :], start=len(self._names) + 1):
            if cell not in (None, ""):
                row.bad.append(BadCell(number, f"Column {place}", _shown(cell), None, _BEYOND))
        return row

    def _bad(self, number: int, target: Target, cell: Cell, reason: CastReason) -> BadCell:
        broken = isinstance(cell, str) and not clean_text(cell) and "\0" not in cell
        sentence = _BROKEN_TEXT if broken else refused(target.column, reason)
        return BadCell(number, self._names[target.place], _shown(cell), reason, sentence)


_Hashable = str | int | float | bool | tuple[str, ...] | None


def _reader(target: Target, members: frozenset[str]) -> Callable[[_Hashable], CastOutcome]:
    """A function from a cell to its outcome that remembers the last few thousand different ones."""
    column, reading = target.column, target.reading
    if column.type in NAMED_TYPES:
        return lambda cell: _names_in(column, cell, reading)

    @lru_cache(maxsize=_REMEMBERED, typed=True)
    def read(cell: _Hashable) -> CastOutcome:
        if isinstance(cell, tuple):
            return cast_value(column, [*cell] if column.set_valued else ", ".join(cell), members, reading)
        return cast_value(column, cell, members, reading)

    return (lambda cell: _own(read(cell))) if column.set_valued else read


def _own(outcome: CastOutcome) -> CastOutcome:
    """The same with a list of its own: a remembered one would be shared."""
    return Cast([*outcome.value]) if isinstance(outcome, Cast) and isinstance(outcome.value, list) else outcome


def _names_in(column: Column, cell: _Hashable, reading: Reading) -> CastOutcome:
    """The texts in a cell; without a separator the whole text is one name, which may hold commas."""
    parts: list[Json]
    if isinstance(cell, tuple):
        parts = [*cell]
    elif cell is None or isinstance(cell, bool):
        parts = []
    else:
        text = str(cell).strip()
        parts = split_elements(text, reading) if reading.separator else [text]
    names = [part for part in dict.fromkeys(map(str, parts)) if part]
    if not all(map(clean_text, names)):
        return CastRefused(CastReason.NOT_ALLOWED)
    many = column.type is not ColumnType.USER and column.config.get("limit") != "one"
    if len(names) > 1 and not many:
        return CastRefused(CastReason.NOT_ALLOWED)
    return Cast([*names])


def _shown(cell: Cell) -> str:
    text = ", ".join(cell) if isinstance(cell, list) else "" if cell is None else str(cell)
    return text[:SHOWN_CHARACTERS_MAX].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
