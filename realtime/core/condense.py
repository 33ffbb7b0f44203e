"""From a list's last full state and the log after it to the next full state, compared before anybody may keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.update import decode


class StateDiffers(Exception):
    """The new state, read back, does not say what the old state and the log say: it must not be kept."""


def condense(epoch: int, state: bytes | None, updates: Sequence[bytes]) -> bytes:
    """The full state of a document: the last one (if any) and the updates after it, applied in log order to a fresh document.

    Raises `StateDiffers`, and `DocumentBroken` where the native library fails.
    """
    document = ListDocument(epoch)
    document.apply([*([] if state is None else [state]), *updates])
    condensed = document.difference()
    again = ListDocument(epoch)
    again.apply([condensed])
    if view(document) != view(again):
        raise StateDiffers
    return condensed


def view(document: ListDocument) -> Mapping[str, object]:
    """Everything that a document says, to compare it with another one: its roots, each client's clock, and what is deleted."""
    update = decode(document.difference())
    clocks = {client: structs[-1].clock + structs[-1].length for client, _, structs in update.blocks}
    deleted = _joined(update.deletions)
    return {"clocks": clocks, "deleted": deleted, **{root: document.held(root) for root in keys.ROOTS}}


def _joined(ranges: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Ranges (client, clock, length) in order; those that touch are one, however they were written."""
    joined: list[tuple[int, int, int]] = []
    for client, clock, length in sorted(ranges):
        if joined and joined[-1][0] == client and sum(joined[-1][1:]) == clock:
            _, before, held = joined.pop()
            joined.append((client, before, held + length))
        else:
            joined.append((client, clock, length))
    return joined
