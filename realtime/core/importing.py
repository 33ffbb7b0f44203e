"""Rows that come in bulk: where they go, whether each may come, and what the snapshot holds of them.

They are judged cell by cell as any other write is, and become one segment of the document instead of a key for each cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fractional_indexing import generate_n_keys_between

from auth.permissions import Action
from persistence.contract import Json
from realtime.core import keys
from realtime.core.cells import judge_column
from realtime.core.judge import Case
from realtime.core.reasons import Reason, RowRefusal
from realtime.core.writes import ImportRows
from snapshots.columns import Column
from snapshots.segments import BYTES_MAX, ROWS_MAX, Segment, SegmentTooLarge, encode_segment, split_rows
from snapshots.text import is_position
from snapshots.values import cell_check, check_elements

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

REFUSALS_TOLD_MAX: Final = 1_000
_HEAD: Final = 2
_POSITION: Final = 1


def placed_rows(write: ImportRows, last: str | None) -> tuple[ImportRows, str | None]:
    """The write with a position for each row, the new ones after `last` and after those given; and the last one of all."""
    said = [row[_POSITION] for row in write.rows if len(row) > _POSITION]
    given = [position for position in said if is_position(position) and isinstance(position, str)]
    last = max([*given, *([] if last is None else [last])], default=None)
    fresh = iter(generate_n_keys_between(last, None, said.count(None)))
    rows = [
        [row[0], last := next(fresh), *row[_HEAD:]] if len(row) > _POSITION and row[_POSITION] is None else row
        for row in write.rows
    ]
    return replace(write, rows=rows), last


def judge_rows(case: Case, imports: Mapping[int, ImportRows], taken: AbstractSet[str]) -> list[RowRefusal]:
    """Judge rows for the principal of a case, in the list as it stands with that; `taken` are rows that come otherwise."""
    known = set(taken)
    found: list[RowRefusal] = []
    for number, write in imports.items():
        found += _Judgement(case, number, write).refusals(known)
        known.update(str(row[0]) for row in write.rows if row)
    return found[:REFUSALS_TOLD_MAX]


class _Judgement:
    def __init__(self, case: Case, number: int, write: ImportRows) -> None:
        self._case = case
        self._number = number
        self._write = write

    def refusals(self, known: AbstractSet[str]) -> Iterator[RowRefusal]:
        """Everything that is wrong; first of all rows, then of each."""
        of_all = list(self._of_all())
        yield from of_all
        if not of_all:
            yield from self._of_rows(known)
            yield from self._of_cells()

    def _of_all(self) -> Iterator[RowRefusal]:
        write, case = self._write, self._case
        if not case.may(Action.IMPORT):
            yield self._refusal(Reason.ROLE)
        for column in write.columns:
            reason = judge_column(case, case.schema.columns.get(column))
            if reason is not None or write.columns.count(column) > 1:
                yield self._refusal(reason or Reason.INVALID_VALUE, column=column)
        if not write.rows:
            yield self._refusal(Reason.INVALID_VALUE)

    def _of_rows(self, known: AbstractSet[str]) -> Iterator[RowRefusal]:
        """A row has an id of its own that is new to the list, a position, and a value for each column; and not too many come."""
        width, here = len(self._write.columns) + _HEAD, set[str]()
        for place, row in enumerate(self._write.rows):
            name = row[0] if len(row) == width else None
            sound = isinstance(name, str) and keys.is_id(name) and is_position(row[_POSITION])
            if not sound or name in here or name in known or self._case.has_row(str(name)) or place >= ROWS_MAX:
                yield self._refusal(Reason.INVALID_VALUE, place)
            here.add(str(name))

    def _of_cells(self) -> Iterator[RowRefusal]:
        for place, name in enumerate(self._write.columns, _HEAD):
            fits = _check(self._case.schema.columns[name], self._case.list.members)
            cells = [row[place] if len(row) > place else None for row in self._write.rows]
            bad = [number for number, cell in enumerate(cells) if cell is not None and not fits(cell)]
            yield from (self._refusal(Reason.INVALID_VALUE, number, name) for number in bad)

    def _refusal(self, reason: Reason, row: int | None = None, column: str | None = None) -> RowRefusal:
        return RowRefusal(self._number, row, column, reason)


def _check(column: Column, members: frozenset[str]) -> Callable[[Json], bool]:
    if column.set_valued:
        return lambda value: check_elements(column, value, members)
    return cell_check(column, members)


def encode_imports(
    imports: Mapping[int, ImportRows],
) -> tuple[dict[str, bytes], list[Segment], list[RowRefusal]]:
    """The segments of judged imports: by path as the document holds them, as the rows that they hold, and what is too large.

    A segment is named by its first row, which is new to the list as it is.
    """
    payloads: dict[str, bytes] = {}
    segments: list[Segment] = []
    refused: list[RowRefusal] = []
    for number, write in imports.items():
        segment = Segment(write.columns, write.rows)
        try:
            payloads[f"{keys.SEGMENTS}/{write.rows[0][0]}"] = encode_segment(segment)
        except SegmentTooLarge:
            refused += [RowRefusal(number, row, None, Reason.INVALID_VALUE) for row in _too_many(segment)]
        segments.append(segment)
    return payloads, segments, refused


def _too_many(segment: Segment) -> Sequence[int]:
    """The places of the rows that no longer fit."""
    try:
        fitting = len(next(split_rows(segment.columns, segment.rows)).rows)
    except ValueError:  # the first of them is too large by itself
        fitting = 0
    assert fitting < len(segment.rows), f"{BYTES_MAX} bytes are the limit of both"
    return range(fitting, len(segment.rows))
