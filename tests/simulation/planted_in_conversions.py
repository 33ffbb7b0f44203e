"""Bugs planted into conversions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from persistence.contract import Json
from realtime import converter
from realtime.core import swapping, upkeep
from realtime.core.swapping import SwapRefused
from realtime.core.writes import SwapColumns
from snapshots.conversion import Converted

Patch = pytest.MonkeyPatch


class _Anything(str):
    """It is equal to whatever it is compared with."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def edits_meanwhile_left_behind(patch: Patch) -> None:
    """What was edited while a column was converted keeps the value that was worked out before."""
    late = swapping._late

    def none(*asked: Any) -> Mapping[str, Json]:
        late(*asked)
        return {}

    patch.setattr(swapping, "_late", none)


def lost_in_the_swap(patch: Patch) -> None:
    """What was edited meanwhile and does not convert is dropped in the swap, and nobody is told."""

    def dropped(swap: SwapColumns, *asked: Any) -> Mapping[str, Json]:
        try:
            return late(swap, *asked)
        except SwapRefused:
            return dict(_convertible(swap, *asked))

    late = swapping._late
    patch.setattr(swapping, "_late", dropped)


def _convertible(swap: SwapColumns, document: Any, old: Any) -> Any:
    read = document.value(old)
    for row in sorted(document.edited(swap.old) or ()):
        assert swap.conversion is not None, "there is something to convert"
        outcome = swap.conversion.convert(read(row))
        yield row, outcome.value if isinstance(outcome, Converted) else None


def filled_by_several(patch: Patch) -> None:
    """Two conversions of one column at two nodes fill it both."""
    for module in (upkeep, swapping, converter):
        patch.setattr(module, "run_of", lambda _column: _Anything())


def segments_by_their_names(patch: Patch) -> None:
    """A segment takes the place of another one of the same name than it was worked out for."""
    patch.setattr(upkeep, "digest", lambda _payload: _Anything())


BUGS_IN_CONVERSIONS: tuple[Callable[[Patch], None], ...] = (
    edits_meanwhile_left_behind,
    lost_in_the_swap,
    filled_by_several,
    segments_by_their_names,
)
