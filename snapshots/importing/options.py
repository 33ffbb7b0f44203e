"""Options that the cells of select columns name and the columns do not have yet: made while the file is read.

Their ids follow from a salt, the column and the label, so that whoever reads the file again makes the same ones.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final

from persistence.contract import Json
from snapshots.column_attributes import NAME_CHARACTERS_MAX
from snapshots.column_types import ColumnType
from snapshots.columns import Option
from snapshots.importing.converting import Target
from snapshots.importing.tables import Cell
from snapshots.reading import Reading
from snapshots.text import clean_text
from snapshots.typecast import split_elements

OPTIONS_MAX: Final = 1_000
"""A column with so many options gets no more: the values that follow stand in the report."""
_SELECTS: Final = frozenset({ColumnType.SELECT, ColumnType.MULTI_SELECT})
_ID_BYTES: Final = 12
_REMEMBERED: Final = 4_096


def made_id(*parts: object) -> str:
    """An id that follows from these parts alone; nobody guesses it who does not know all of them."""
    said = "\0".join(str(part) for part in parts)
    digest = hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=_ID_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class MadeOption:
    """An option that a column has to get before the rows that name it."""

    column: str
    id: str
    label: str


class OptionMaker:
    """Adds missing options to copies of the select columns among the targets: `targets` hold those copies."""

    def __init__(self, targets: Sequence[Target], salt: str, most: int = OPTIONS_MAX) -> None:
        self._salt = salt
        self._most = most
        self._growing: list[_Growing] = []
        self.targets = [self._watched(target) for target in targets]

    def make(self, cells: Sequence[Cell]) -> Iterator[MadeOption]:
        """The options that a row needs and that nobody has made; they are in the columns from now on."""
        for column in self._growing:
            cell = cells[column.place]
            if cell is not None:
                for label in column.labels(cell):
                    if label not in column.known and len(column.known) < self._most and _may_be_label(label):
                        option = made_id(self._salt, column.id, label)
                        column.known.add(label)
                        column.options[option] = Option(option, label)
                        yield MadeOption(column.id, option, label)

    def _watched(self, target: Target) -> Target:
        if target.column.type not in _SELECTS:
            return target
        options = dict(target.column.options)
        known = {option.label for option in options.values()} | options.keys()
        single = target.column.type is ColumnType.SELECT
        read: _Labels = _one if single else _several(target.reading)
        self._growing.append(_Growing(target.place, target.column.id, options, known, read))
        return replace(target, column=replace(target.column, options=options))


_Labels = Callable[[Cell], Sequence[str]]


@dataclass(slots=True)
class _Growing:
    place: int
    id: str
    options: dict[str, Option]
    known: set[str]
    labels: _Labels


def _one(cell: Cell) -> Sequence[str]:
    return (cell.strip(),) if isinstance(cell, str) else ()


def _several(reading: Reading) -> _Labels:
    split = lru_cache(maxsize=_REMEMBERED, typed=True)(partial(split_elements, reading=reading))

    def labels(cell: Cell) -> Sequence[str]:
        parts: Sequence[Json] = cell if isinstance(cell, list) else split(cell)
        return [part.strip() for part in parts if isinstance(part, str)]

    return labels


def _may_be_label(label: str) -> bool:
    return bool(label) and len(label) <= NAME_CHARACTERS_MAX and label.isprintable() and clean_text(label)
