"""Segments: both sides' bytes, the limits, and every way of being no segment."""

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from persistence.contract import Json
from snapshots.segments import (
    BYTES_MAX,
    ROWS_MAX,
    Segment,
    SegmentBroken,
    SegmentTooLarge,
    decode_segment,
    encode_segment,
    split_rows,
)
from tests.vectors.make_vectors import SEGMENTS, contents

VECTORS = Path(__file__).parents[2] / "vectors"
CASES: list[dict[str, Any]] = [
    case
    for side in ("python", "typescript")
    for case in json.loads((VECTORS / f"segments.{side}.json").read_text(encoding="utf-8"))["segments"]
]
ROW = "row-1-0000000000"
COLUMN = "col-address-0001"


def packed(said: object) -> bytes:
    """Any JSON as gzip, as a segment would be."""
    return gzip.compress(json.dumps(said).encode(), mtime=0)


def segment(**changes: object) -> bytes:
    """A sound segment of one row, with changes."""
    return packed({"v": 1, "columns": [COLUMN], "rows": [[ROW, "a0", "x"]], **changes})


@pytest.mark.rule("SNAP-4")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_segments_of_both_languages_are_read(case: dict[str, Any]) -> None:
    """What Python and TypeScript wrote holds what they say it holds."""
    decoded = decode_segment(base64.b64decode(case["base64"]))
    assert {"v": 1, "columns": decoded.columns, "rows": decoded.rows} == case["decoded"]


@pytest.mark.rule("SNAP-4")
def test_the_segments_of_this_side_are_those_that_the_script_writes() -> None:
    """Compression may differ between builds of zlib; what the file holds may not."""
    written = json.loads((VECTORS / "segments.python.json").read_text(encoding="ascii"))["segments"]
    again = json.loads(contents()["segments.python.json"])["segments"]
    assert [case["decoded"] for case in written] == [case["decoded"] for case in again]


@pytest.mark.rule("SNAP-4")
@pytest.mark.parametrize("name", SEGMENTS)
def test_the_bytes_depend_on_the_rows_alone(name: str) -> None:
    """No time, no name, no system stands in the header."""
    payload = encode_segment(SEGMENTS[name])
    assert payload == encode_segment(decode_segment(payload))
    assert payload[:4] == b"\x1f\x8b\x08\x00"
    assert payload[4:8] == bytes(4)
    assert payload[9] == 255


@pytest.mark.rule("SNAP-5")
@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"\x1f", b"\x1f\x8b", b"not gzip", b"\0" * 64, json.dumps({"v": 1}).encode()),
        *(segment()[:-1], segment()[:-9], segment() + b"\0", segment() + segment(), segment()[:-8] + bytes(8)),
        *(zlib.compress(b"{}"), gzip.compress(b"", mtime=0), gzip.compress(b"\xff\xfe", mtime=0)),
        *(gzip.compress(b"[" * 100_000, mtime=0), gzip.compress(b'{"v": 1', mtime=0), packed([]), packed(None)),
        *(
            packed({}),
            packed({"columns": [], "rows": []}),
            segment(v=2),
            segment(v=True),
            segment(v="1"),
            segment(v=None),
        ),
        *(segment(columns={}), segment(columns=[1]), segment(columns=["short"]), segment(columns=[COLUMN, COLUMN])),
        *(segment(columns=[]), segment(rows={}), segment(rows=[1]), segment(rows=[[]]), segment(rows=[[ROW, "a0"]])),
        *(segment(rows=[[ROW, "a0", 1, 2]]), segment(rows=[[1, "a0", 1]]), segment(rows=[[ROW, None, 1]])),
        *(segment(rows=[["row", "a0", 1]]), segment(rows=[[ROW, "", 1]]), segment(rows=[[ROW, "a 0", 1]])),
        segment(rows=[[ROW, "a0", 1], [ROW, "a1", 2]]),
        segment(rows=[[f"row-{index:012}", "a0", 1] for index in range(ROWS_MAX + 1)]),
    ],
    ids=lambda payload: payload[:12].hex(),
)
def test_bytes_that_are_no_segment_have_one_outcome(payload: bytes) -> None:
    """Truncated, trailing, doubled, wrongly shaped, of another version: always the documented error."""
    with pytest.raises(SegmentBroken):
        decode_segment(payload)


HOSTILE: list[dict[str, Any]] = json.loads((VECTORS / "segments.hostile.json").read_text(encoding="ascii"))["segments"]


@pytest.mark.rule("DATA-30")
@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_hostile_bytes_are_judged_as_the_vectors_say(case: dict[str, Any]) -> None:
    """The client's reader is held to the same file: what one side refuses, the other does too."""
    payload = base64.b64decode(case["base64"])
    if case["ok"]:
        assert len(decode_segment(payload).columns) == 1
    else:
        with pytest.raises(SegmentBroken):
            decode_segment(payload)


@pytest.mark.rule("SNAP-5")
def test_a_bomb_is_not_inflated() -> None:
    """A hundred megabytes of blanks in a hundred kilobytes are refused at the limit."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * BYTES_MAX) for _ in range(100)) + packer.flush()
    assert len(bomb) < BYTES_MAX
    with pytest.raises(SegmentBroken, match="1 MiB"):
        decode_segment(bomb)


@pytest.mark.rule("SNAP-5")
def test_a_segment_of_exactly_the_limit_is_read() -> None:
    """1 MiB is allowed, one byte more is not."""
    frame = len(json.dumps({"v": 1, "columns": [COLUMN], "rows": [[ROW, "a0", ""]]}))
    assert decode_segment(segment(rows=[[ROW, "a0", "x" * (BYTES_MAX - frame)]])).rows[0][0] == ROW
    with pytest.raises(SegmentBroken):
        decode_segment(segment(rows=[[ROW, "a0", "x" * (BYTES_MAX - frame + 1)]]))


def test_rows_are_cut_by_number_and_by_size() -> None:
    """Each segment keeps both limits, nothing is lost and the order stays."""
    rows: list[list[Json]] = [[f"row-{index:012}", "a0", "x" * (index % 5 * 900)] for index in range(2_500)]
    cut = list(split_rows([COLUMN], rows))
    assert [row for part in cut for row in part.rows] == rows
    assert all(0 < len(part.rows) <= ROWS_MAX for part in cut)
    assert all(len(gzip.decompress(encode_segment(part))) <= BYTES_MAX for part in cut)
    assert list(split_rows([COLUMN], [])) == []


def test_a_row_that_fits_into_no_segment_is_refused() -> None:
    """It is named, so that whoever made it can say which one."""
    with pytest.raises(ValueError, match=ROW):
        list(split_rows([COLUMN], [[ROW, "a0", "x" * BYTES_MAX]]))


def test_what_breaks_the_limits_is_never_written() -> None:
    """The writer asserts what the reader refuses; what only its text shows to be too large, it says."""
    for broken in (Segment([COLUMN], [[ROW, "a0"]]), Segment([], [[ROW, "a0"]] * (ROWS_MAX + 1))):
        with pytest.raises(AssertionError):
            encode_segment(broken)
    with pytest.raises(SegmentTooLarge):
        encode_segment(Segment([COLUMN], [[ROW, "a0", "x" * BYTES_MAX]]))
