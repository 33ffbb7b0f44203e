"""Inputs for the decoders, from a seed: the grammar of frames and updates with lies in it, bytes bent, and noise.

A `Scribe` writes the grammar; at each primitive it lies with the chance it was made with: a longer form of the same
number, another number, a count that promises what does not follow, a kind or flag that list documents do not have.
"""

from __future__ import annotations

import struct
from random import Random

LIES = (0.0, 0.0, 0.004, 0.02, 0.1)
_HUGE = (2**31 - 1, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 2**64 + 1)
_CLIENTS = (1, 5001, 7, 2**31, 2**53 - 1)
_NAMES = ("meta", "overlays", "c:row-quay0001:col-name----", "é", "", "name", "x" * 40)
_TEXTS = ("", "Text", "é🏠", "\0", "y" * 200)


class Scribe:
    """Writes one input; `lies` is the chance that a primitive is not what the grammar asks for."""

    def __init__(self, random: Random, lies: float) -> None:
        self._random = random
        self._chance = random.random
        self._lies = lies

    def uint(self, value: int) -> bytes:
        """A varUint, or something that passes for one at first sight."""
        if self._chance() < self._lies:
            return self._wrong_uint(value)
        parts = bytearray()
        while value >= 0x80:
            parts.append(value & 0x7F | 0x80)
            value >>= 7
        parts.append(value)
        return bytes(parts)

    def _wrong_uint(self, value: int) -> bytes:
        honest, random = Scribe(self._random, 0.0), self._random
        match random.randrange(5):
            case 0:
                written = bytearray(honest.uint(value))
                written[-1] |= 0x80
                return bytes(written) + b"\x80" * random.randrange(3) + b"\x00"
            case 1:
                return honest.uint(random.choice(_HUGE))
            case 2:
                return b"\xff" * random.randrange(1, 12)
            case 3:
                return honest.uint(max(0, value + random.choice((-1, 1, 2, 100))))
            case _:
                return b""

    def text(self, value: str) -> bytes:
        """A string; sometimes no UTF-8, or of another length than it says."""
        encoded = value.encode()
        if self._chance() < self._lies:
            encoded = self._random.choice((b"a/b", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80", b"\xf8\x88"))
        return self.uint(len(encoded)) + encoded

    def value(self, depth: int = 0) -> bytes:
        """A value of lib0's `Any`; sometimes no JSON, or nested too deep."""
        random = self._random
        if self._chance() < self._lies:
            return random.choice(
                (b"\x7f", b"\x7a" + b"\x01" * 8, b"\x74\x01\x00", b"\x75\x01" * 40 + b"\x7e", b"\x7c\x7f\xc0\x00\x00")
            )
        match random.randrange(9 if depth < 3 else 7):
            case 0:
                return b"\x77" + self.text(random.choice(_TEXTS))
            case 1:
                return b"\x7d" + bytes((random.randrange(0x80),))
            case 2:
                return b"\x7d" + bytes((0x80 | random.randrange(0x80),)) + self.uint(random.randrange(1, 2**36))
            case 3:
                return b"\x7b" + struct.pack(">d", random.choice((0.5, -0.0, 1e300, 2.0**53, random.random())))
            case 4:
                return b"\x7c" + struct.pack(">f", random.choice((0.5, -0.0, 2.0**40)))
            case 5 | 6:
                return random.choice((b"\x78", b"\x79", b"\x7e"))
            case 7:
                count = random.randrange(4)
                return b"\x75" + self.uint(count) + b"".join(self.value(depth + 1) for _ in range(count))
            case _:
                count = random.randrange(3)
                pairs = (self.text(random.choice(_NAMES)) + self.value(depth + 1) for _ in range(count))
                return b"\x76" + self.uint(count) + b"".join(pairs)

    def update(self) -> bytes:
        """A whole update."""
        random = self._random
        clients = random.sample(_CLIENTS, random.choice((0, 1, 1, 1, 2, 3)))
        parts = [self.uint(len(clients))]
        for client in clients:
            count = random.choice((1, 1, 1, 2, 4))
            parts += (self.uint(count), self.uint(client), self.uint(random.choice((0, 0, 3, 900, 2**30))))
            parts += (self._struct() for _ in range(count))
        return b"".join(parts) + self._deletions() + (b"\x00" if self._chance() < self._lies else b"")

    def _struct(self) -> bytes:
        random = self._random
        if self._chance() < 0.08:
            return b"\x00" + self.uint(random.choice((1, 1, 9, 2**20)))
        kind = random.choice((8, 8, 8, 8, 1, 3, 7))
        origin = self._chance() < 0.4
        info = kind | 0x20 | (0x80 if origin else 0)
        if self._chance() < self._lies:
            info = random.choice((random.randrange(256), kind, 10, info | 0x40))
        head = bytes((info,)) + (self._id() if origin else self._parent())
        match kind:
            case 8:
                count = random.choice((1, 1, 1, 1, 1, 2, 3))
                return head + self.uint(count) + b"".join(self.value() for _ in range(count))
            case 1:
                return head + self.uint(random.choice((1, 1, 5, 300)))
            case 3:
                return head + self.text("binary")
            case _:
                return head + self.uint(1)

    def _id(self) -> bytes:
        return self.uint(self._random.choice(_CLIENTS)) + self.uint(self._random.choice((0, 1, 2, 300)))

    def _parent(self) -> bytes:
        named = self._chance() < 0.5
        parent = self.uint(1) + self.text(self._random.choice(_NAMES[:2])) if named else self.uint(0) + self._id()
        return parent + self.text(self._random.choice(_NAMES))

    def _deletions(self) -> bytes:
        random = self._random
        clients = random.sample(_CLIENTS, random.choice((0, 0, 1, 2)))
        parts = [self.uint(len(clients))]
        for client in clients:
            count, clock = random.choice((1, 1, 2, 5)), 0
            parts += (self.uint(client), self.uint(count))
            for _ in range(count):
                clock += random.choice((0, 1, 7, 4000))
                length = random.choice((1, 1, 3, 60))
                parts += (self.uint(clock), self.uint(length))
                clock += length
        return b"".join(parts)

    def frame(self) -> bytes:
        """A whole frame."""
        random = self._random
        match random.randrange(8):
            case 0:
                clients = random.sample(_CLIENTS, random.randrange(4))
                entries = b"".join(self.uint(client) + self.uint(random.randrange(500)) for client in clients)
                body = self.uint(len(clients)) + entries
                return b"\x00" + self.uint(0) + self.uint(len(body)) + body
            case 1:
                clients = random.sample(_CLIENTS, random.randrange(3))
                states = (self.uint(client) + self.uint(4) + self.text('{"user": {}}') for client in clients)
                body = self.uint(len(clients)) + b"".join(states)
                return self.uint(1) + self.uint(len(body)) + body
            case 2:
                return self.uint(random.choice((3, 3, 2, 4, 100)))
            case _:
                body = self.update()
                return self.uint(0) + self.uint(random.choice((1, 2, 2))) + self.uint(len(body)) + body


def bend(random: Random, source: bytes) -> bytes:
    """Some bytes with a few of them changed, cut, repeated or made up."""
    bent = bytearray(source)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        place = random.randrange(len(bent) + 1)
        match random.randrange(6):
            case 0 if place < len(bent):
                bent[place] = random.randrange(256)
            case 1 if place < len(bent):
                bent[place] ^= 1 << random.randrange(8)
            case 2:
                del bent[place : place + random.choice((1, 1, 3, 20))]
            case 3:
                bent[place:place] = bent[max(0, place - 8) : place]
            case 4:
                bent[place:place] = b"\xff" * random.choice((1, 4, 8, 9))
            case _:
                bent[place:place] = random.randbytes(random.choice((1, 2, 9)))
    return bytes(bent)
