"""Segments: immutable blocks of rows in a list document, `gzip(JSON)` of
`{"v": 1, "columns": [col, ...], "rows": [[row, position, value, ...], ...]}`.

At most 1,000 rows and 1 MiB before compression. Written bytes depend on the rows alone: no time, no name, no
system stands in the gzip header. Reading is total and never inflates more than the limit.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

from persistence.contract import Json
from snapshots.text import ID, is_position

ROWS_MAX: Final = 1_000
_DIGEST_BYTES: Final = 16
BYTES_MAX: Final = 1_048_576
_VERSION: Final = 1
_GZIP_WINDOW_BITS: Final = 31
_GZIP_SYSTEM_AT: Final = 9
_GZIP_SYSTEM_UNKNOWN: Final = 255
_ROW_HEAD: Final = 2


class SegmentTooLarge(Exception):
    """The rows are more than a segment may hold before compression."""


class SegmentBroken(Exception):
    """The bytes are no segment of format 1."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows as `[row, position, value, ...]`, values in the order of `columns`; set-valued cells are arrays."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Json]]


def encode_segment(segment: Segment) -> bytes:
    """Write a segment; the caller has checked the values. Raises `SegmentTooLarge`, never for what `split_rows` made."""
    assert len(segment.rows) <= ROWS_MAX, "a segment has at most 1,000 rows"
    width = len(segment.columns) + _ROW_HEAD
    assert all(len(row) == width for row in segment.rows), "a row has one value per column"
    text = orjson.dumps({"v": _VERSION, "columns": segment.columns, "rows": segment.rows})
    if len(text) > BYTES_MAX:
        raise SegmentTooLarge
    return _compress(text)


def decode_segment(payload: bytes) -> Segment:
    """Read a segment. Raises `SegmentBroken` for anything but format 1 within its limits."""
    try:
        said = orjson.loads(_inflate(payload))
    except orjson.JSONDecodeError as error:
        raise SegmentBroken(f"not JSON: {error}") from error
    match said:
        case {"v": version, "columns": list(columns), "rows": list(rows)} if (
            version == _VERSION and version is not True
        ):
            return _judged(columns, rows)
    raise SegmentBroken("not an object with v 1, columns and rows")


def digest(payload: bytes) -> str:
    """What tells a segment's bytes from those of another of the same name."""
    return blake2b(payload, digest_size=_DIGEST_BYTES).hexdigest()


def split_rows(columns: Sequence[str], rows: Iterable[Sequence[Json]]) -> Iterator[Segment]:
    """Cut rows into segments that keep the limits, in order. Raises `ValueError` for a row too large for any."""
    frame = len(orjson.dumps({"v": _VERSION, "columns": columns, "rows": []}))
    held: list[Sequence[Json]] = []
    size = frame
    for row in rows:
        row_size = len(orjson.dumps(row)) + 1
        if frame + row_size > BYTES_MAX:
            raise ValueError(f"the row {row[0]!r} is larger than a segment may be")
        if len(held) == ROWS_MAX or size + row_size > BYTES_MAX:
            yield Segment(columns, held)
            held, size = [], frame
        held.append(row)
        size += row_size
    if held:
        yield Segment(columns, held)


def _compress(text: bytes) -> bytes:
    packed = bytearray(zlib.compress(text, wbits=_GZIP_WINDOW_BITS))
    packed[_GZIP_SYSTEM_AT] = _GZIP_SYSTEM_UNKNOWN
    return bytes(packed)


def _inflate(payload: bytes) -> bytes:
    inflater = zlib.decompressobj(_GZIP_WINDOW_BITS)
    try:
        text = inflater.decompress(payload, BYTES_MAX + 1)
    except zlib.error as error:
        raise SegmentBroken(f"not gzip: {error}") from error
    if len(text) > BYTES_MAX:
        raise SegmentBroken("more than 1 MiB before compression")
    if not inflater.eof or inflater.unused_data:
        raise SegmentBroken("not one whole gzip member")
    return text


def _judged(columns: list[Any], rows: list[Any]) -> Segment:
    if not _distinct_ids(columns):
        raise SegmentBroken("columns are distinct ids")
    width = len(columns) + _ROW_HEAD
    if len(rows) > ROWS_MAX or not set(map(type, rows)) <= {list} or not set(map(len, rows)) <= {width}:
        raise SegmentBroken("rows are at most 1,000 arrays with one value per column")
    if not _distinct_ids([row[0] for row in rows]) or not all(map(is_position, [row[1] for row in rows])):
        raise SegmentBroken("a row begins with its own id and a position")
    return Segment(columns, rows)


def _distinct_ids(ids: list[Any]) -> bool:
    return set(map(type, ids)) <= {str} and all(map(ID.fullmatch, ids)) and len(set(ids)) == len(ids)
