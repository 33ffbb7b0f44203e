"""What `rowhouse rebuild` leaves behind: the same content in a document made anew, which no copy of the old one may be merged with."""

from __future__ import annotations

from typing import Any

from pycrdt import Map

from realtime.core import keys
from realtime.core.document import ListDocument
from tests.room_scenes import Peer

_READER = 1 << 40


def rebuilt(document: ListDocument, epoch: int) -> bytes:
    """The state of a new document with the same keys and values, all written by the server in this epoch."""
    old, new = Peer(_READER), Peer(epoch)
    old.apply(document.difference())
    with new.doc.transaction():
        for root in keys.ROOTS:
            _copy(old.doc.get(root, type=Map), new.doc.get(root, type=Map))
    return new.doc.get_update()


def _copy(old: Map[Any], new: Map[Any]) -> None:
    for name in sorted(old.keys()):
        value = old[name]
        if isinstance(value, Map):
            new[name] = Map()
            _copy(value, new[name])
        else:
            new[name] = bytes(value) if isinstance(value, bytearray) else value
