"""A scribe: an author whose entries nobody else writes, so that it needs no document and costs a driver next to nothing.

Its updates are put together byte by byte as yjs would: the first item of a key names the map that holds it, each later one the
item before it, which it deletes. That is all that a client has to know of entries that are its own.
"""

from random import Random

from benchmarks.clients import PLAIN, Author, Dialect, Hand, Ledger
from realtime.core import codec
from realtime.core.update import Id

ANY, HAS_KEY, HAS_ORIGIN = 8, 0x20, 0x80
NO_DELETIONS = b"\x00"


class Scribe(Author):
    """An author of entries of its own. `parent` is the id of the map that holds them, or the name of a root."""

    def __init__(
        self,
        ledger: Ledger,
        client: int,
        parent: Id | str,
        hand: Hand,
        random: Random,
        dialect: Dialect = PLAIN,
    ) -> None:
        super().__init__(ledger, client, hand, random, dialect)
        self._name = codec.uint(client)
        self._parent = parent_bytes(parent)
        self._last: dict[str, int] = {}

    def write(self) -> bytes:
        """Change one entry and send it; returns the update."""
        key, value = self.hand(self.random)
        update = self._update(key, codec.any_value(value))
        self._last[key] = self.written
        self.send_update(update)
        return update

    def _update(self, key: str, value: bytes) -> bytes:
        clock, last = codec.uint(self.written), self._last.get(key)
        head = b"\x01\x01" + self._name + clock
        if last is None:
            item = bytes([ANY | HAS_KEY]) + self._parent + codec.string(key)
            return head + item + b"\x01" + value + NO_DELETIONS
        before = self._name + codec.uint(last)
        deletion = b"\x01" + self._name + b"\x01" + codec.uint(last) + b"\x01"
        return head + bytes([ANY | HAS_KEY | HAS_ORIGIN]) + before + b"\x01" + value + deletion


def parent_bytes(parent: Id | str) -> bytes:
    """How an item names the map that holds it: a root by its name, a nested map by its id."""
    if isinstance(parent, str):
        return b"\x01" + codec.string(parent)
    return b"\x00" + codec.uint(parent[0]) + codec.uint(parent[1])
