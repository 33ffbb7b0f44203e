"""What the log of one epoch says, struct by struct, and whether what nodes show and acknowledge is in it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from realtime.core import codec
from realtime.core.codec import Reader
from realtime.core.update import Content, Struct, Update
from realtime.core.update import decode as decode_once
from tests.simulation.world import Violation

_DEAD: Final = (Content.GC, Content.DELETED)

decode = lru_cache(1_024)(decode_once)


class History:
    """One document from the update that it begins with, after the number `head`, through its log."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.vectors: dict[int, dict[int, int]] = {head: {}}
        """By head: the clocks that are known up to it."""
        self._contents: dict[int, list[object]] = {}
        """By client: what each clock holds, `None` for what was written dead."""
        self._dead: dict[int, set[int]] = {}
        self._shown: set[bytes] = set()

    # The log

    def begin(self, state: bytes) -> None:
        """The document begins with this, under the number of the log before it."""
        self.head -= 1
        self.take(state)

    def take(self, payload: bytes) -> None:
        """The next update is committed."""
        update, vector = decode(payload), dict(self._known)
        for client, start, structs in update.blocks:
            if start != vector.get(client, 0):
                raise Violation(f"the log has structs of client {client} twice, or lacks some")
            contents = self._contents.setdefault(client, [])
            for struct in structs:
                contents += _contents(struct)
                if struct.content in _DEAD:
                    self._dead.setdefault(client, set()).update(range(struct.clock, struct.clock + struct.length))
            vector[client] = len(contents)
        for client, clock, length in update.deletions:
            if clock + length > vector.get(client, 0):
                raise Violation("the log deletes what it does not have")
            self._dead.setdefault(client, set()).update(range(clock, clock + length))
        self.head += 1
        self.vectors[self.head] = vector

    @property
    def _known(self) -> dict[int, int]:
        return self.vectors.get(self.head, {})

    # What is shown

    def shown(self, message: bytes) -> None:
        """A node shows a sync message to somebody."""
        if message in self._shown:
            return
        update = decode(body_of(message))
        self._structs_shown(update)
        for client, clock, length in update.deletions:
            dead = self._dead.get(client, ())
            if clock + length > self._known.get(client, 0) or any(c not in dead for c in range(clock, clock + length)):
                raise Violation("a deletion was shown that is not committed")
        self._shown.add(message)

    def _structs_shown(self, update: Update) -> None:
        for client, _, structs in update.blocks:
            contents = self._contents.get(client, [])
            for struct in structs:
                end = struct.clock + struct.length
                if end > self._known.get(client, 0):
                    raise Violation(f"{client}:{struct.clock} was shown and is not committed")
                if struct.content in _DEAD:
                    dead = self._dead.get(client, ())
                    if any(clock not in dead for clock in range(struct.clock, end)):
                        raise Violation("something is shown as deleted that is not")
                elif _contents(struct) != contents[struct.clock : end]:
                    raise Violation(f"{client}:{struct.clock} was shown with another content than the log has")

    def acknowledged(self, frames: Iterable[bytes]) -> None:
        """A node has acknowledged these edits."""
        for frame in frames:
            update = decode(body_of(frame))
            for client, start, structs in update.blocks:
                end = start if not structs else structs[-1].clock + structs[-1].length
                if end > self._known.get(client, 0):
                    raise Violation(f"an edit of client {client} was acknowledged and is not committed")
            for client, clock, length in update.deletions:
                if any(c not in self._dead.get(client, ()) for c in range(clock, clock + length)):
                    raise Violation("a deletion was acknowledged and is not committed")

    def at_head(self, head: int, state_vector: bytes) -> None:
        """A node shows the document with this state vector at this head."""
        if head > self.head:
            raise Violation("a node is ahead of the log")
        if vector_of(state_vector) != self.vectors.get(head):
            raise Violation(f"the live document is not the log up to {head}")


def _contents(struct: Struct) -> list[object]:
    if struct.content is Content.ANY:
        return list(struct.values)
    return [None if struct.content in _DEAD else struct.content.name] * struct.length


def body_of(message: bytes) -> bytes:
    """The state vector or update in a sync message."""
    reader = Reader(message)
    reader.position = 2
    return reader.buffer()


def vector_of(encoded: bytes) -> dict[int, int]:
    """A state vector, decoded."""
    reader = codec.Reader(encoded)
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}
