"""A list's document made anew: a fresh one that says the same, all of it written by the server under a new epoch.

Nothing of the document's past goes along: neither who wrote what under which client id, nor what was overwritten or deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from realtime.core import keys
from realtime.core.condense import StateDiffers
from realtime.core.document import ListDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from realtime.core.soundness import Outcome

_FLAT: Final = tuple(root for root in keys.ROOTS if root not in {keys.SEGMENTS, keys.OVERLAYS})


def renewed(document: ListDocument, epoch: int) -> bytes:
    """The full state of a fresh document in this epoch, with everything that `document` says.

    Raises `StateDiffers` where the state, read back, says something else.
    """
    fresh = ListDocument(epoch)
    flat: dict[str, Outcome | bytes] = {
        f"{root}/{name}": value for root in _FLAT for name, value in document.entries(root).items()
    }
    segments = cast("Mapping[str, bytes]", document.held(keys.SEGMENTS))
    flat |= {f"{keys.SEGMENTS}/{name}": bytes(payload) for name, payload in segments.items()}
    generations = cast("Mapping[str, Mapping[str, Outcome]]", document.held(keys.OVERLAYS))
    for number in sorted(map(int, generations)):
        fresh.open_generation(number, flat)
        flat = {}
    over = {
        f"{keys.OVERLAYS}/{number}/{name}": value
        for number, held in generations.items()
        for name, value in held.items()
    }
    fresh.write(None, over)
    state = fresh.difference()
    again = ListDocument(epoch)
    again.apply([state])
    if _said(again) != _said(document):
        raise StateDiffers
    return state


def _said(document: ListDocument) -> Mapping[str, object]:
    return {root: document.held(root) for root in keys.ROOTS}
