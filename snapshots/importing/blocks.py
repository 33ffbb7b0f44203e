"""Judged rows in blocks that are written in one step each: at most 500 rows, and small enough for one segment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from snapshots.importing.converting import BadCell, Converter
from snapshots.importing.options import MadeOption, OptionMaker, made_id
from snapshots.importing.tables import RawRow

BLOCK_ROWS_MAX: Final = 500
"""People may be editing the list: nobody waits for a block for more than some tens of milliseconds. Of more rows the list would be locked
for longer; of fewer, each would cost more (`python -m benchmarks bulk`).
"""
BLOCK_BYTES_MAX: Final = 900_000
"""Of the values as JSON: the segment of a block has 1 MiB at most, with positions and names of columns."""
_TOO_LARGE: Final = "The row is larger than a row of a list may be (900 kB). Shorten its texts, or split it."


@dataclass(slots=True)
class Block:
    """Rows in the order of the file, each `[row id, null, value, ...]` as JSON, and what was not taken.

    `numbers` are those of the rows as a spreadsheet counts them, `last` is that of the last row that was read, `read` how many were.
    `refused` rows have no name of a column.
    """

    rows: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    refused: list[BadCell] = field(default_factory=list)
    made: list[MadeOption] = field(default_factory=list)
    size: int = 0
    last: int = 0
    read: int = 0

    def to_json(self) -> dict[str, Any]:
        """The block as it is told to another process."""
        return {
            "rows": [orjson.Fragment(row) for row in self.rows],
            "numbers": self.numbers,
            "bad": [[bad.row, bad.name, bad.value, bad.sentence] for bad in self.bad],
            "refused_rows": [[bad.row, "", bad.value, bad.sentence] for bad in self.refused],
            "made": [[made.column, made.id, made.label] for made in self.made],
            "last": self.last,
            "read": self.read,
        }


def cut_blocks(
    raw_rows: Iterable[RawRow], converter: Converter, maker: OptionMaker | None, salt: str, rows_max: int
) -> Iterator[Block]:
    """Judge rows and cut them into blocks of at most `rows_max`. A row's id follows from the salt and its number."""
    block = Block()
    for raw in raw_rows:
        made: Sequence[MadeOption] = () if maker is None else list(maker.make(raw[1]))
        judged = converter.judge(raw)
        packed = orjson.dumps([made_id(salt, raw[0]), None, *judged.values])
        if len(packed) > BLOCK_BYTES_MAX:
            judged.bad.clear()
            block.refused.append(BadCell(raw[0], "", "", None, _TOO_LARGE))
            block.last, block.read = raw[0], block.read + 1
            continue
        if len(block.numbers) == rows_max or block.size + len(packed) > BLOCK_BYTES_MAX:
            yield block
            block = Block()
        block.rows.append(packed)
        block.numbers.append(raw[0])
        block.bad += judged.bad
        block.made += made
        block.size += len(packed)
        block.last, block.read = raw[0], block.read + 1
    if block.read:
        yield block
