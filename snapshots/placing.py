"""Placing rows between others: fractional positions that stay short, wherever and however often rows are put.

A position between two others is a little longer than they are, so that rows put at one place again and again would get ever longer
ones. Where a new position would be too long, or its neighbours share one, the fewest neighbours get new positions with it
(or half as many again), or all within reach; the order that anybody sees stays as it is. `client/sdk/src/placing.ts` does the same, key for key.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fractional_indexing import FIError, generate_key_between, generate_n_keys_between

from snapshots.text import POSITION_CHARACTERS_MAX, is_position

POSITION_TAKEN_MAX: Final = 128
"""Up to so many characters a position between two neighbours is taken as it is."""
POSITION_EVEN_MAX: Final = 32
"""Rows that get new positions get some of at most so many characters."""
POSITION_WIDE_MAX: Final = 96
"""Where so short ones do not suffice, all rows within reach get some of at most so many characters."""
REACH: Final = 1_000
"""So many neighbours on each side are looked at, and may get new positions."""
SPREAD: Final = 32
"""Two who put rows at one place at the same moment get the same of so many places once in a while."""

Neighbour = tuple[str, str]
"""A row and its position."""

_Make = Callable[[str | None, str | None, int], list[str]]


@dataclass(frozen=True, slots=True)
class Placing:
    """The positions of the rows that are placed, in order, and the new ones of their neighbours."""

    positions: Sequence[str]
    moved: Mapping[str, str] = field(default_factory=dict)


def place(
    count: int,
    before: Sequence[Neighbour],
    after: Sequence[Neighbour],
    pick: Callable[[int], int] | None = None,
) -> Placing:
    """Place so many rows between their neighbours, which are given nearest first, up to `REACH` on each side (fewer: there are no more).

    With `pick` (a number below the given one) they go to a place of their own between the two, so that people who put rows there at the
    same moment hardly ever get equal positions, nor rows between each other's. Where nothing else is possible the rows share the position of a neighbour: then they stand beside it, by their ids.
    """
    make = generate_n_keys_between if pick is None else partial(_scattered, pick)
    if (placing := _between(count, before, after, (0, 0), POSITION_TAKEN_MAX, make)) is not None:
        return placing
    for window in _windows(len(before), len(after)):
        if (placing := _between(count, before, after, window, POSITION_EVEN_MAX)) is not None:
            return placing
    widest = min(len(before), REACH - 1), min(len(after), REACH - 1)
    return (
        _between(count, before, after, widest, POSITION_WIDE_MAX)
        or _between(count, before, after, (0, 0), POSITION_CHARACTERS_MAX)
        or Placing([(before or after)[0][1]] * count)
    )


def _windows(before: int, after: int) -> Iterator[tuple[int, int]]:
    """How many neighbours on each side get new positions: ever more, those after first."""
    moved = 1
    while moved < 2 * (before + after):  # at last all of them
        for wanted in (0, moved, moved // 2):
            left = min(wanted, before)
            yield left, min(moved - left, after)
        moved += (moved + 1) // 2


def _between(
    count: int,
    before: Sequence[Neighbour],
    after: Sequence[Neighbour],
    window: tuple[int, int],
    characters_max: int,
    make: _Make = generate_n_keys_between,
) -> Placing | None:
    """Place the rows with so many neighbours of each side; `None` where there is no room for such short positions."""
    left, right = window
    if left == len(before) == REACH or right == len(after) == REACH:
        return None  # what comes then is not known
    low = before[left][1] if left < len(before) else None
    high = after[right][1] if right < len(after) else None
    if low is not None and high is not None and low >= high:
        return None
    keys = _keys(low, high, left + count + right, characters_max, make)
    if keys is None:
        return None
    rows = [*(row for row, _ in reversed(before[:left])), *(row for row, _ in after[:right])]
    return Placing(keys[left : left + count], dict(zip(rows, [*keys[:left], *keys[left + count :]], strict=True)))


def _scattered(pick: Callable[[int], int], low: str | None, high: str | None, count: int) -> list[str]:
    places = generate_n_keys_between(low, high, SPREAD)
    at = pick(SPREAD - 1)
    keys: list[str] = places[at : at + 1] if count == 1 else generate_n_keys_between(places[at], places[at + 1], count)
    return keys


def _keys(low: str | None, high: str | None, count: int, characters_max: int, make: _Make) -> list[str] | None:
    try:
        if len(generate_key_between(low, high)) > characters_max:
            return None
        keys = make(low, high, count)
    except FIError:  # below the first of all positions there is none
        return None
    return keys if all(len(key) <= characters_max and is_position(key) for key in keys) else None
