"""Writes the vectors of how rows are placed, which both sides read: `python -m tests.vectors.make_placing`."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from fractional_indexing import generate_key_between

from snapshots.placing import POSITION_EVEN_MAX, POSITION_TAKEN_MAX, REACH, Neighbour, place
from snapshots.text import POSITION_CHARACTERS_MAX

FOLDER: Final = Path(__file__).resolve().parent


def _rows(*positions: str) -> list[Neighbour]:
    return [(f"row-{number:06}", position) for number, position in enumerate(positions)]


def _crowd(inserts: int) -> tuple[list[Neighbour], list[Neighbour]]:
    """Rows of which each was put between the two before it, nearest first."""
    sides = _rows("a1", "a0"), [("row-end000", "a2"), ("row-last00", "a3")]
    for number in range(inserts):
        position = generate_key_between(*(side[0][1] for side in sides))
        sides[number % 2].insert(0, (f"new-{number:06}", position))
    return sides


def _long() -> tuple[list[Neighbour], list[Neighbour]]:
    """As many rows as are looked at, of long positions: the nearest leave room only for a longer one than is taken."""
    prefix, near = "a1" + "V" * POSITION_EVEN_MAX, "V" * POSITION_TAKEN_MAX
    before = [f"{prefix}1{REACH - number:04}1" for number in range(1, REACH)]
    after = [f"{prefix}3{number:04}1" for number in range(1, REACH)]
    return _rows(f"{prefix}2{near}", *before), [
        (f"row-a{n:05}", p) for n, p in enumerate([f"{prefix}2{near}1", *after])
    ]


def _cases() -> Iterator[tuple[str, int, list[Neighbour], list[Neighbour]]]:
    yield "into an empty list", 3, [], []
    yield "at the head", 1, [], _rows("a0", "a1")
    yield "at the tail", 2, _rows("a1", "a0"), []
    yield "between two", 1, _rows("a0"), _rows("a1")
    yield "a block between two", 70, _rows("a0"), _rows("a0V")
    yield "below the lowest of its length", 1, [], _rows("Z0", "a0")
    yield "upper before lower case", 1, _rows("Zz"), _rows("a0")
    yield "between equal ones", 1, _rows("a1"), [("row-b00000", "a1"), ("row-c00000", "a2")]
    yield "a block between many equal ones", 3, _rows(*["a1"] * 9, "a0"), [(f"row-b{n:05}", "a1") for n in range(9)]
    yield "only equal ones", 1, _rows(*["a1"] * REACH), _rows(*["a1"] * REACH)
    yield "before the first possible one", 1, [], _rows("A" + "0" * 25 + "1", "a0")
    yield "a block before the first possible ones", 3, [], _rows("A" + "0" * 25 + "1", "A" + "0" * 25 + "2", "a0")
    yield "behind the last possible one", 1, _rows("z" * 200), []
    yield "behind one of full length", 1, _rows("z" * POSITION_CHARACTERS_MAX, "a0"), []
    yield "at a crowded place", 1, *_crowd(800)
    yield "where a thousand rows on each side have long ones", 1, *_long()
    random = Random(37)
    for number in range(40):
        order = _rows("a0", "a1")
        for made in range(random.randrange(40)):
            at = random.randrange(len(order) + 1) if random.random() < 0.3 else 1
            order.insert(at, (f"row-{number:02}-{made:02}", place(1, order[:at][::-1], order[at:]).positions[0]))
            if random.random() < 0.2:
                order.insert(at, (f"row-{number:02}-{made:02}-", order[at][1]))
        at = random.randrange(len(order) + 1)
        yield f"random {number}", random.choice((1, 1, 2, 9)), order[:at][::-1], order[at:]


def _lines() -> Iterator[str]:
    for name, count, before, after in _cases():
        placing = place(count, before, after)
        case = {"name": name, "count": count, "before": before, "after": after}
        yield json.dumps({**case, "positions": list(placing.positions), "moved": placing.moved})


if __name__ == "__main__":
    (FOLDER / "placing.json").write_text('{"format": 1, "cases": [\n' + ",\n".join(_lines()) + "\n]}\n")
