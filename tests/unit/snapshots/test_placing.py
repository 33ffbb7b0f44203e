"""Placing rows: short positions, in order, with as few neighbours as can be."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fractional_indexing import generate_key_between

from snapshots.placing import POSITION_EVEN_MAX, POSITION_TAKEN_MAX, REACH, Neighbour, place
from snapshots.text import is_position

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "placing.json"


def neighbours(*positions: str) -> list[Neighbour]:
    """Rows with these positions, named by them."""
    return [(f"row-{number}", position) for number, position in enumerate(positions)]


def crowded(inserts: int) -> tuple[list[Neighbour], list[Neighbour]]:
    """Rows around a place, nearest first: so many were put there one after another, each between the two before it."""
    sides = neighbours("a1", "a0"), [("end", "a2"), ("last", "a3")]
    for number in range(inserts):
        position = generate_key_between(*(side[0][1] for side in sides))
        sides[number % 2].insert(0, (f"new-{number}", position))
    return sides


def whole(before: list[Neighbour], here: Sequence[str], after: list[Neighbour], moved: Mapping[str, str]) -> list[str]:
    """All positions in the order of their rows."""
    rows = [*reversed(before), *(("", position) for position in here), *after]
    return [moved.get(row, position) for row, position in rows]


@pytest.mark.rule("DATA-95")
@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["cases"], ids=lambda case: case["name"])
def test_the_vectors_hold(case: dict[str, Any]) -> None:
    """What stands in the vectors that the client reads too."""
    placing = place(case["count"], [tuple(row) for row in case["before"]], [tuple(row) for row in case["after"]])
    assert [list(placing.positions), dict(placing.moved)] == [case["positions"], case["moved"]]


@pytest.mark.rule("DATA-95")
def test_between_two_rows_nobody_moves() -> None:
    """The position is between theirs."""
    assert place(1, neighbours("a1"), neighbours("a2")).positions == ["a1V"]
    assert place(1, neighbours("a1"), neighbours("a2")).moved == {}


@pytest.mark.rule("DATA-96")
def test_between_equal_positions_one_row_moves() -> None:
    """One of them gets a new position, and stays before the next row."""
    placing = place(1, [("x", "a1")], [("y", "a1"), ("z", "a2")])
    assert placing.moved.keys() == {"y"}
    assert "a1" < placing.positions[0] < placing.moved["y"] < "a2"


@pytest.mark.rule("DATA-95")
def test_a_crowded_place_is_evened_out_with_the_rows_that_crowd_it() -> None:
    """Where a position would be too long rows of the crowd get short ones, and the order stays."""
    before, after = crowded(900)
    placing = place(1, before, after)
    assert 0 < len(placing.moved) < 900
    keys = whole(before, placing.positions, after, placing.moved)
    assert keys == sorted(set(keys))
    assert max(len(key) for key in [*placing.positions, *placing.moved.values()]) <= POSITION_EVEN_MAX


@pytest.mark.rule("DATA-95")
def test_a_place_that_is_crowded_on_one_side_is_evened_out_with_the_other() -> None:
    """A thousand rows put behind the same one make that one move, and not themselves."""
    after = [("end", "a2")]
    for number in range(1_000):
        after.insert(0, (f"new-{number}", generate_key_between("a1", after[0][1])))
    assert len(after[0][1]) > POSITION_TAKEN_MAX
    assert place(1, neighbours("a1", "a0"), after).moved.keys() == {"row-0"}


@pytest.mark.rule("DATA-96")
@pytest.mark.parametrize("position", ["a1", "a1" + "z" * 254])
def test_where_nothing_else_is_possible_a_row_shares_a_position(position: str) -> None:
    """More rows of one position than are looked at: the row stands beside its neighbour, and is not refused."""
    crowd = [(f"row-{number}", position) for number in range(REACH)]
    placing = place(2, crowd, crowd)
    assert list(placing.positions) == [position, position]
    assert placing.moved == {}


@pytest.mark.rule("DATA-96")
def test_below_the_first_position_of_all_there_is_none() -> None:
    """Whoever took the first possible position has others moved, and nobody refused."""
    first = "A" + "0" * 25 + "1"
    placing = place(1, [], [("first", first), ("second", "a0")])
    assert all(map(is_position, [*placing.positions, *placing.moved.values()]))
    assert placing.positions[0] < placing.moved["first"] < "a0"


@pytest.mark.rule("DATA-97")
def test_blocks_that_are_put_at_one_place_at_once_do_not_mix() -> None:
    """Each goes to a place of its own between the two neighbours."""
    first, second = (place(40, neighbours("a1"), neighbours("a2"), lambda _, at=at: at).positions for at in (3, 30))
    both = [*first, *second]
    assert both == sorted(set(both))
    assert all("a1" < position < "a2" for position in both)


@pytest.mark.rule("DATA-95")
@pytest.mark.parametrize(
    ("inserts", "pick"), [(10_000, None), (1_500, Random(11).randrange)], ids=["in the middle", "at a place of its own"]
)
@pytest.mark.parametrize(
    ("where", "length_max", "moves_max"),
    [
        (lambda *_: 0, 4, 0),
        (lambda _, number: number + 2, 4, 0),
        (lambda *_: 1, POSITION_TAKEN_MAX, 100),
        (lambda _, number: 1 + (number + 1) // 2, POSITION_TAKEN_MAX, 40_000),
        (lambda random, number: random.randint(0, number + 2), 16, 0),
    ],
    ids=["head", "tail", "behind one row", "between the two newest", "random"],
)
def test_positions_do_not_grow_without_bound(
    inserts: int,
    pick: Callable[[int], int] | None,
    where: Callable[[Random, int], int],
    length_max: int,
    moves_max: int,
) -> None:
    """Thousands of rows put one by one at the same place, or anywhere, stand in order, with short positions."""
    random, order = Random(7), neighbours("a0", "a1")
    longest, moves = 0, 0
    for number in range(inserts):
        at = where(random, number)
        first = max(0, at - REACH)
        near = order[first : at + REACH]
        placing = place(1, near[: at - first][::-1], near[at - first :], pick)
        if placing.moved:
            order[first : at + REACH] = [(row, placing.moved.get(row, position)) for row, position in near]
        order.insert(at, (f"new-{number}", placing.positions[0]))
        longest, moves = max(longest, len(placing.positions[0])), moves + len(placing.moved)
    positions = [position for _, position in order]
    assert positions == sorted(set(positions))
    assert (longest <= length_max, moves <= moves_max) == (True, True), (longest, moves)
