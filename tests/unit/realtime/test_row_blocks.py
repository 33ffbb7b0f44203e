"""Rows of segments, read one at a time."""

import pytest

from realtime.core.row_blocks import ROWS_MAX, RowBlock, unpack
from snapshots.segments import Segment, SegmentBroken, encode_segment

COLUMNS = ["column__________", "tags____________"]
IDS = [f"row{number:013}" for number in range(2 * ROWS_MAX + 1)]
ROWS = [[row, "a0", number / 4, ["one", "two"]] for number, row in enumerate(IDS)]


def test_every_row_of_a_segment_is_found_in_its_block() -> None:
    """A segment gives its rows in order, each with its position and a block that holds its values."""
    found = list(unpack(encode_segment(Segment(COLUMNS, ROWS))))
    assert [row for row, _, _ in found] == IDS
    assert {position for _, position, _ in found} == {"a0"}
    for number, (row, _, block) in enumerate(found):
        assert block.row(row) == ("a0", {COLUMNS[0]: number / 4, COLUMNS[1]: ["one", "two"]})


def test_rows_share_blocks() -> None:
    """So many rows share a block, so that what is kept beside them stays small."""
    blocks = [block for _, _, block in unpack(encode_segment(Segment(COLUMNS, ROWS)))]
    assert len({id(block) for block in blocks}) == len(IDS) // ROWS_MAX + 1


def test_a_block_knows_its_own_rows_only() -> None:
    """Asking a block for a row that it was not made with is a fault of the asker."""
    with pytest.raises(KeyError):
        RowBlock(COLUMNS, ROWS[:1]).row(IDS[1])


def test_a_broken_segment_gives_no_rows() -> None:
    """Bytes that are no segment are told apart before any row comes out."""
    with pytest.raises(SegmentBroken):
        next(unpack(b"no segment"))
