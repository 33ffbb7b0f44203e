"""Cursors: what was written is read back, anything else is refused."""

import pytest

from persistence.contract import Json
from snapshots.cursors import CURSOR_CHARACTERS_MAX, QueryReason, QueryRefused, read_cursor, write_cursor

NUMBER = (int, float, type(None))


@pytest.mark.rule("SNAP-9")
@pytest.mark.parametrize("place", [(5, "a0", "row"), (-0.5, "", ""), (None, "é", "🏠")])
def test_a_cursor_brings_back_its_place(place: tuple[Json, ...]) -> None:
    """It is short, plain and fits into an address."""
    cursor = write_cursor("+col", place)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(cursor, "+col", (NUMBER, str, str)) == list(place)


@pytest.mark.rule("SNAP-9")
@pytest.mark.parametrize(
    "cursor",
    [
        *("", " ", "é", "%", "A", "====", "bnVsbA", "e30", "W10", "WzFd", "A" * (CURSOR_CHARACTERS_MAX + 1)),
        *("W" * CURSOR_CHARACTERS_MAX, "gICA", write_cursor("-col", (5, "a0", "row")), write_cursor("+col", (5, "a0"))),
        *(write_cursor("+col", (5, "a0", "row", 1)), write_cursor("+col", ("5", "a0", "row"))),
        *(write_cursor("+col", (True, "a0", "row")), write_cursor("+col", (5, None, "row"))),
        *(write_cursor("+col", (5, "a\0", "row")), write_cursor("+col", (1e300, "a0", "row"))),
        *(write_cursor("+col", (2**60, "a0", "row")), write_cursor("+col", ([], "a0", "row"))),
        write_cursor("+col", (5, "a0", "row")) + "\n",
    ],
    ids=lambda cursor: cursor[:20],
)
def test_anything_else_is_refused(cursor: str) -> None:
    """Other orders, other shapes, other types, numbers no double holds, and noise."""
    with pytest.raises(QueryRefused) as refused:
        read_cursor(cursor, "+col", (NUMBER, str, str))
    assert refused.value.reason is QueryReason.BAD_CURSOR
