"""A sample of a table: the first rows, column by column, within bounds whatever the table's width."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from snapshots.importing.tables import Cell, Table

ROWS_MAX: Final = 10_000
CELLS_MAX: Final = 500_000
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

    def add(self, cells: Iterable[Cell]) -> None:
        """Count cells; booleans as their words, blank ones not at all."""
        for cell in cells:
            if isinstance(cell, list):
                self.elements.update(cell)
            elif isinstance(cell, bool):
                self.cells["true" if cell else "false"] += 1
            elif cell is not None and cell != "" and (not isinstance(cell, str) or cell.strip()):
                self.cells[cell] += 1


def take_sample(table: Table) -> list[ColumnSample]:
    """Read the first rows: at most 10,000, 500,000 cells and 16 Mi characters. Raises `FileRefused`."""
    width = len(table.columns)
    samples = [ColumnSample(name) for name in table.columns]
    characters = 0
    for _, cells in islice(table.rows(), min(ROWS_MAX, max(1, CELLS_MAX // width))):
        for sample, cell in zip(samples, cells, strict=False):  # what lies beyond the last column has no type
            sample.add((cell,))
            characters += len(cell) if isinstance(cell, str) else 1
        if characters > CHARACTERS_MAX:
            break
    return samples
