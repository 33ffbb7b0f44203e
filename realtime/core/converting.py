"""Converting a column: its values worked out on a document of its own, in steps that fill another one, which nobody sees yet.

The steps are the difference between what the new column holds and what it should hold: worked out again after edits, or after whoever
did it has died, they are few or none. So a conversion goes on from wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import orjson

from persistence.contract import Json
from realtime.core import keys
from realtime.core.writes import FillColumn
from snapshots.columns import Column
from snapshots.segments import BYTES_MAX, ROWS_MAX, Segment, decode_segment, digest, encode_segment

if TYPE_CHECKING:
    from realtime.core.document import ListDocument

_HEAD: Final = 2
_FRAME_BYTES: Final = 32_768
"""More than the names of a segment's columns ever take."""
_OVERLAY: Final = f"{keys.OVERLAYS}/"


@dataclass(frozen=True, slots=True)
class ConversionBase:
    """A document whose column is to be converted: its epoch and its state."""

    epoch: int
    state: bytes


@dataclass(slots=True)
class Filling:
    """The steps that fill a column, and the rows whose segment has no room for its value: those are left for the swap."""

    steps: list[FillColumn] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class StoredRows:
    """The rows of a document as its segments have them, and those that none has."""

    def __init__(self, document: ListDocument) -> None:
        self._document = document
        held = cast("Mapping[str, bytes]", document.held(keys.SEGMENTS))
        self._segments = {name: decode_segment(bytes(payload)) for name, payload in sorted(held.items())}
        self._digests = {name: digest(bytes(payload)) for name, payload in held.items()}
        self._loose = sorted(row for row in document.rows() if document.is_loose(row))
        self._names = [name for generation in document.generations() for name in document.keys_of(generation)]

    def values(self, column: Column) -> Iterator[tuple[str, Json]]:
        """Every row with its value in a column, an array for a set-valued one."""
        ids = [name.split(":") for name in self._names if name[0] in "ce"]
        over = {row for _, row, held, *_ in ids if held == column.id}
        read = self._document.value(column)
        for segment in self._segments.values():
            place = segment.columns.index(column.id) + _HEAD if column.id in segment.columns else None
            for row in segment.rows:
                name = str(row[0])
                yield name, read(name) if name in over else None if place is None else row[place]
        for name in self._loose:
            yield name, read(name)

    def fill(self, column: str, wanted: Mapping[str, Json], new_id: Callable[[], str]) -> Filling:
        """The steps after which a column without edits of its own holds `wanted`, a segment at a time."""
        filling = Filling()
        for name, segment in self._segments.items():
            values = _lacking(segment, column, wanted)
            fresh = _filled(segment, column, values, filling.left) if values else segment
            if fresh is not segment:
                kept = {row: values[row] for row in values.keys() - set(filling.left)}
                payload = {new_id(): encode_segment(fresh)}
                filling.steps.append(FillColumn(column, payload, {name: self._digests[name]}, kept))
        loose = [name for name in self._loose if wanted.get(name) is not None]
        for first in range(0, len(loose), ROWS_MAX):
            filling.steps += self._begun(column, loose[first : first + ROWS_MAX], wanted, new_id)
        return filling

    def _begun(
        self, column: str, names: Sequence[str], wanted: Mapping[str, Json], new_id: Callable[[], str]
    ) -> Iterator[FillColumn]:
        """Segments for rows that have none; everything else of them lies over it."""
        rows: list[list[Json]] = []
        size = _FRAME_BYTES
        for name in names:
            row = [name, self._document.position(name), wanted[name]]
            size += len(orjson.dumps(row)) + 1
            if size > BYTES_MAX:
                yield _begin(column, rows, new_id)
                rows, size = [], _FRAME_BYTES + len(orjson.dumps(row)) + 1
            rows.append(row)
        yield _begin(column, rows, new_id)


def _begin(column: str, rows: Sequence[Sequence[Json]], new_id: Callable[[], str]) -> FillColumn:
    segment = encode_segment(Segment([column], rows))
    return FillColumn(column, {new_id(): segment}, {}, {str(row[0]): row[_HEAD] for row in rows})


def _lacking(segment: Segment, column: str, wanted: Mapping[str, Json]) -> dict[str, Json]:
    """What a segment's rows should hold in a column and do not."""
    place = segment.columns.index(column) + _HEAD if column in segment.columns else None
    held = ((str(row[0]), None if place is None else row[place]) for row in segment.rows)
    return {name: wanted.get(name) for name, value in held if wanted.get(name) != value}


def _filled(segment: Segment, column: str, values: Mapping[str, Json], left: list[str]) -> Segment:
    """A segment with these values; rows for which there is no room are `left`. The same one if there is room for none."""
    columns = list(segment.columns) if column in segment.columns else [*segment.columns, column]
    place = columns.index(column) + _HEAD
    size = _FRAME_BYTES + sum(len(orjson.dumps(row)) + len("null,,") for row in segment.rows)
    rows, changed = [], False
    for held in segment.rows:
        row = [*held, None] if len(held) < len(columns) + _HEAD else list(held)
        name = str(row[0])
        if name in values:
            grown = len(orjson.dumps(values[name]))
            if size + grown > BYTES_MAX:
                left.append(name)
            else:
                size += grown
                row[place] = values[name]
                changed = True
        rows.append(row)
    return Segment(columns, rows) if changed else segment
