"""One column in the place of another: which keys say it, and the values that were edited since the others were converted.

Nothing is swapped that would lose a value: where one that was edited meanwhile has no counterpart, or more have been edited than can be
converted between two edits, the swap is refused as stale, and whoever asked works them out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import Json
from realtime.core import keys
from realtime.core.reasons import Reason
from realtime.core.soundness import Outcome
from realtime.core.writes import SwapColumns
from snapshots.columns import Column, ListSchema
from snapshots.conversion import Converted
from snapshots.conversion_marks import run_of

if TYPE_CHECKING:
    from realtime.core.document import ListDocument

EDITED_MAX: Final = 500
"""How many rows are converted in the room itself; each takes some 50 microseconds."""
_NAMING: Final = frozenset({"filter", "sort", "group", "hidden", "widths"})


class SwapRefused(Exception):
    """The columns cannot be swapped as the list stands: `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def swapped(
    swap: SwapColumns, document: ListDocument, schema: ListSchema, principal: Principal
) -> tuple[dict[str, Outcome], dict[str, Json]]:
    """The keys of the flat roots that swap the columns, and the values that the new one gets by row. Raises `SwapRefused`."""
    if not principal.may(Action.COLUMNS_MANAGE):
        raise SwapRefused(Reason.ROLE)
    old, new = schema.columns.get(swap.old), schema.columns.get(swap.new)
    if old is None or new is None or old.deleted or not new.deleted:
        raise SwapRefused(Reason.UNKNOWN_COLUMN)
    if schema.primary == old.id and new.set_valued:
        raise SwapRefused(Reason.INVALID_VALUE)
    said = {f"{keys.COLUMNS}/{name}": value for name, value in _columns(swap, old, new)}
    if schema.primary == old.id:
        said[f"{keys.META}/primary"] = new.id
    for name, value in document.entries(keys.VIEWS).items():
        said |= _renamed(name, value, old.id, new.id)
    return {path: value for path, value in said.items() if document.read(path) != value}, _late(swap, document, old)


def _columns(swap: SwapColumns, old: Column, new: Column) -> Iterator[tuple[str, Outcome]]:
    here: dict[str, Json] = {"name": old.name, "pos": old.position, "config": dict(swap.config), "deleted": False}
    flags = {"required": (old.required, new.required), "locked": (old.locked, new.locked)}
    here |= {name: wanted for name, (wanted, stands) in flags.items() if wanted is not stands}
    yield from ((f"{new.id}:{attribute}", value) for attribute, value in here.items())
    yield f"{old.id}:deleted", True


def _renamed(name: str, value: Json, old: str, new: str) -> dict[str, Outcome]:
    view, _, attribute = name.partition(":")
    if attribute not in _NAMING:
        return {}
    changed = _replaced(value, old, new)
    return {} if changed == value else {f"{keys.VIEWS}/{view}:{attribute}": changed}


def _replaced(value: Json, old: str, new: str) -> Json:
    if isinstance(value, list):
        return [_replaced(part, old, new) for part in value]
    if isinstance(value, dict):
        return {new if name == old else name: _replaced(part, old, new) for name, part in value.items()}
    return new if value == old else value


def _late(swap: SwapColumns, document: ListDocument, old: Column) -> dict[str, Json]:
    """What was edited since the values were worked out, converted."""
    if swap.conversion is None:
        return {}
    edited, new = document.edited(swap.old), document.schema().columns[swap.new]
    if edited is None or run_of(new) != swap.run or len(edited | swap.rows) > EDITED_MAX:
        raise SwapRefused(Reason.STALE_GENERATION)
    read = document.value(old)
    found: dict[str, Json] = {}
    for row in sorted(edited | swap.rows):
        outcome = swap.conversion.convert(read(row))
        if not isinstance(outcome, Converted):
            raise SwapRefused(Reason.STALE_GENERATION)
        found[row] = outcome.value
    return found
