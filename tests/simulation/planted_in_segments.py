"""Bugs planted into folding, and into rows that come in bulk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from realtime.core import draft, upkeep
from realtime.core.folding import _Folding
from realtime.core.importing import _Judgement

Patch = pytest.MonkeyPatch


def folded_as_worked_out(patch: Patch) -> None:
    """Folding goes on, though an older generation was edited after it was worked out."""
    holds = upkeep.holds
    patch.setattr(draft, "holds", lambda asked, document, _as_of: holds(asked, document, getattr(asked, "as_of", 0)))


def trash_left_behind(patch: Patch) -> None:
    """Folding forgets which rows are in the trash."""
    patch.setattr(_Folding, "trash", lambda _folding: {})


def sets_left_behind(patch: Patch) -> None:
    """Folding takes a set as its segment has it, without what was added and removed since."""
    value = _Folding._value

    def old(folding: Any, row: str, column: str) -> Any:
        known = folding._columns.get(column)
        return None if known is not None and known.set_valued else value(folding, row, column)

    patch.setattr(_Folding, "_value", old)


def imported_twice(patch: Patch) -> None:
    """Rows that the list has already are taken again."""
    patch.setattr(_Judgement, "_of_rows", lambda _judgement, _known: iter(()))


BUGS_IN_SEGMENTS: tuple[Callable[[Patch], None], ...] = (
    folded_as_worked_out,
    trash_left_behind,
    sets_left_behind,
    imported_twice,
)
