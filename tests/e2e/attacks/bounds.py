"""Every count and every length of the formats, made huge: a few bytes that announce what never follows."""

from collections.abc import Callable

from realtime.core.codec import string, uint
from tests.e2e.hostile import ANY, HAS_KEY, NO_DELETIONS, Scene, block, live, root

HUGE = (2**28, 2**31, 2**32, 2**53 - 1, 2**53, 2**60)
DELETED = 1


def item(body: bytes, kind: int = ANY) -> bytes:
    """An item of the list's name."""
    return bytes((kind | HAS_KEY,)) + root("meta") + string("name") + body


def one(scene: Scene, struct: bytes) -> bytes:
    """An update with one struct of the sender's."""
    return live(block(scene.own, 0, struct) + NO_DELETIONS)


BOUNDS: dict[str, Callable[[Scene, bytes], bytes]] = {
    "clients of an update": lambda s, n: live(n + uint(1) + uint(s.own) + uint(0) + NO_DELETIONS),
    "structs of a client": lambda s, n: live(uint(1) + n + uint(s.own) + uint(0) + item(b"\x01\x7e") + NO_DELETIONS),
    "a root's name": lambda s, n: one(s, bytes((ANY | HAS_KEY,)) + uint(1) + n + b"meta"),
    "a key": lambda s, n: one(s, bytes((ANY | HAS_KEY,)) + root("meta") + n + b"name"),
    "values of an item": lambda s, n: one(s, item(n + b"\x7e")),
    "a text": lambda s, n: one(s, item(uint(1) + b"\x77" + n + b"x")),
    "an array": lambda s, n: one(s, item(uint(1) + b"\x75" + n + b"\x7e")),
    "an object": lambda s, n: one(s, item(uint(1) + b"\x76" + n + b"\x01a\x7e")),
    "an object's key": lambda s, n: one(s, item(uint(1) + b"\x76\x01" + n + b"a\x7e")),
    "a buffer": lambda s, n: one(s, item(uint(1) + b"\x74" + n + b"x")),
    "a run of collected structs": lambda s, n: one(s, b"\x00" + n),
    "a run of deleted structs": lambda s, n: one(s, item(n, DELETED)),
    "clients of a delete set": lambda s, n: live(uint(0) + n + uint(s.own) + uint(1) + uint(0) + uint(1)),
    "ranges of a delete set": lambda s, n: live(uint(0) + uint(1) + uint(s.own) + n + uint(0) + uint(1)),
    "a deleted clock": lambda s, n: live(uint(0) + uint(1) + uint(s.own) + uint(1) + n + uint(1)),
    "a deleted length": lambda s, n: live(uint(0) + uint(1) + uint(s.own) + uint(1) + uint(0) + n),
    "an update's bytes": lambda _, n: b"\x00\x02" + n + b"\x00\x00",
    "an answer's bytes": lambda _, n: b"\x00\x01" + n + b"\x00\x00",
    "a state vector's bytes": lambda _, n: b"\x00\x00" + n + b"\x00",
    "clients of a state vector": lambda _, n: b"\x00\x00" + uint(len(n) + 2) + n + b"\x05\x01",
    "a state vector's clock": lambda _, n: b"\x00\x00" + uint(len(n) + 2) + b"\x01\x05" + n,
    "presence's bytes": lambda _, n: b"\x01" + n + b"\x00",
    "clients of presence": lambda _, n: b"\x01" + uint(len(n) + 4) + n + b"\x05\x01\x01x",
    "a presence clock": lambda _, n: b"\x01" + uint(len(n) + 5) + b"\x01\x05" + n + b"\x02{}",
    "a presence state": lambda _, n: b"\x01" + uint(len(n) + 4) + b"\x01\x05\x01" + n + b"x",
}
"""Makes the frame in which the named count or length is these bytes."""

MORE_THAN_ENOUGH = {"a presence clock": HUGE[1:], "a state vector's clock": HUGE[1:]}
"""Clocks may be as large as 2^31 - 1."""
