"""A sample of a table: the first rows, column by column, within bounds whatever the table's width."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from snapshots.importing.tables import Cell, Table

ROWS_MAX: Final = 5_000
CELLS_MAX: Final = 500_000
_BLOCK_ROWS: Final = 100
CHARACTERS_MAX: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class ColumnSample:
    """The different filled cells of a column with how often each stands there; the elements of its lists apart."""

    name: str
    cells: Counter[str | float] = field(default_factory=Counter)
    elements: Counter[str] = field(default_factory=Counter)

    @property
    def filled(self) -> int:
        """How many filled cells the sample holds, lists aside."""
        return sum(self.cells.values())

    def add(self, cells: Sequence[Cell]) -> None:
        """Count cells; booleans as their words, blank ones not at all."""
        self.cells.update([cell for cell in cells if type(cell) is str and cell and not cell.isspace()])
        for cell in cells:
            if isinstance(cell, list):
                self.elements.update(cell)
            elif isinstance(cell, bool):
                self.cells["true" if cell else "false"] += 1
            elif isinstance(cell, int | float):
                self.cells[cell] += 1


def take_sample(table: Table) -> list[ColumnSample]:
    """Read the first rows: at most 5,000, 500,000 cells and 16 Mi characters. Raises `FileRefused`."""
    width = len(table.columns)
    samples = [ColumnSample(name) for name in table.columns]
    characters = 0
    rows = islice(table.rows(), min(ROWS_MAX, max(1, CELLS_MAX // width)))
    while characters < CHARACTERS_MAX and (block := list(islice(rows, _BLOCK_ROWS))):
        for place, sample in enumerate(samples):  # what lies beyond the last column has no type
            cells = [cells[place] for _, cells in block]
            sample.add(cells)
            characters += sum(len(cell) for cell in cells if isinstance(cell, str))
    return samples
