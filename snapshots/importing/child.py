"""The process that reads one file: `python -m snapshots.importing.child`, within limits of memory, time and disk.

A file that hurts whoever reads it hurts nobody else. Questions come on standard input and answers go to standard output, as JSON, each
with its length before it:

- `open`: what is in the file, the first rows, and if it is asked for a proposal for every column;
- `judge`: the rows after a given one as blocks of values of their columns, then `end`;
- `count`: how many rows there are, `null` where counting would take too long.

Whatever is refused is answered with the reason and a sentence, and ends the process.
"""

import struct
import sys
import time
from collections.abc import Iterator
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from snapshots.child_process import ProcessLimits, limit_process
from snapshots.columns import ListSchema
from snapshots.importing.blocks import cut_blocks
from snapshots.importing.converting import Converter, Target
from snapshots.importing.guessing import Proposal, propose
from snapshots.importing.opening import open_table
from snapshots.importing.options import OptionMaker
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.sampling import take_sample
from snapshots.importing.tables import Cell, Choices, Format, RawRow, Table
from snapshots.reading import DateOrder, Reading

LENGTH: Final = struct.Struct("!Q")
MEMORY_BYTES_MAX: Final = 768 * 1024 * 1024
"""Of addresses, which are more than what is really used: the program itself takes a fifth."""
CPU_SECONDS_MAX: Final = 1_800
FILE_BYTES_MAX: Final = 1024 * 1024 * 1024
SHOWN_ROWS: Final = 20
_SHOWN_CHARACTERS: Final = 200
_TOO_MUCH: Final = (
    "Reading the file takes more memory than it may. Save the table as CSV, or cut it into several files."
)


def main() -> None:
    """Answer until nobody asks any more."""
    limit_process(ProcessLimits(MEMORY_BYTES_MAX, CPU_SECONDS_MAX, FILE_BYTES_MAX))
    reader = _Reader()
    while (question := _read(sys.stdin.buffer)) is not None:
        try:
            for answer in reader.answer(question):
                _write(answer)
        except FileRefused as refused:
            _write({"refused": refused.reason, "sentence": refused.sentence})
            return
        except MemoryError:
            _write({"refused": FileReason.HOSTILE, "sentence": _TOO_MUCH})
            return


class _Reader:
    """What is known of the file that was opened last."""

    def __init__(self) -> None:
        self._table: Table | None = None

    def answer(self, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The answers to one question. Raises `FileRefused`."""
        if question["ask"] == "open":
            yield self._open(question)
            return
        assert self._table is not None, "a file is opened before anything else is asked"
        if question["ask"] == "judge":
            yield from _judge(self._table, question)
        else:
            yield {"rows": _count(self._table, question["seconds_max"])}

    def _open(self, question: dict[str, Any]) -> dict[str, Any]:
        chosen = question["choices"]
        kind = chosen.get("format")
        choices = Choices(**{**chosen, "format": None if kind is None else Format(kind)})
        self._table = table = open_table(Path(question["path"]), choices)
        samples = take_sample(table) if question["propose"] else []
        proposals = propose(samples, comma_likely=table.found.delimiter == ";")
        found = table.found
        return {
            "found": {
                name: getattr(found, name) for name in ("format", "encoding", "delimiter", "sheet", "header_row")
            },
            "columns": list(table.columns),
            "sheets": list(table.sheets),
            "notes": list(table.notes),
            "proposals": [_proposal(proposal) for proposal in proposals],
            "samples": [[_shown(cell) for cell in islice([*sample.cells, *sample.elements], 5)] for sample in samples],
            "rows": [[_shown(cell) for cell in cells] for _, cells in islice(table.rows(), SHOWN_ROWS)],
        }


def _judge(table: Table, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    columns = ListSchema.from_json({"columns": [target["column"] for target in question["targets"]]}).columns
    targets = [
        Target(target["place"], columns[target["column"]["id"]], reading_from(target["reading"]))
        for target in question["targets"]
    ]
    maker = OptionMaker(targets, question["salt"]) if question["make_options"] else None
    members = frozenset(question["members"])
    converter = Converter(targets if maker is None else maker.targets, table.columns, members)
    rows: Iterator[RawRow] = iter(table.rows())
    if question["after"]:
        rows = dropwhile(lambda row: row[0] <= question["after"], rows)
    rows = islice(rows, question["rows_max"])
    for block in cut_blocks(rows, converter, maker, question["salt"], question["block_rows_max"]):
        yield block.to_json()
    yield {"end": True}


def _count(table: Table, seconds_max: float) -> int | None:
    until = time.process_time() + seconds_max
    rows, count = iter(table.rows()), 0
    while part := sum(1 for _ in islice(rows, 1_000)):
        count += part
        if time.process_time() > until:
            return None
    return count


def reading_from(said: dict[str, Any]) -> Reading:
    """A reading as `reading_json` told it."""
    order = said.get("date_order")
    return Reading(**{**said, "date_order": None if order is None else DateOrder(order)})


def reading_json(reading: Reading) -> dict[str, Any]:
    """A reading as it is told to another process."""
    return {
        "decimal_comma": reading.decimal_comma,
        "date_order": reading.date_order,
        "percent_points": reading.percent_points,
        "separator": reading.separator,
        "region": reading.region,
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "name": proposal.name,
        "type": proposal.type,
        "reading": reading_json(proposal.reading),
        "config": dict(proposal.config),
        "labels": list(proposal.labels),
        "doubts": sorted(proposal.doubts),
        "filled": proposal.filled,
        "unread": proposal.unread,
    }


def _shown(cell: Cell) -> str:
    text = ", ".join(cell) if isinstance(cell, list) else "" if cell is None else str(cell)
    return text[:_SHOWN_CHARACTERS].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    question: dict[str, Any] = orjson.loads(stream.read(LENGTH.unpack(length)[0]))
    return question


def _write(answer: dict[str, Any]) -> None:
    said = orjson.dumps(answer)
    sys.stdout.buffer.write(LENGTH.pack(len(said)) + said)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
