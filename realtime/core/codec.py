"""The byte codec of Yjs (lib0 encoding): a total reader that takes the canonical form only, and a writer.

`varUint`: 7 bits a byte, low bits first, shortest form. Strings and buffers carry their length in bytes.
Source: lib0 `encoding.js` and `decoding.js`.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Final

from realtime.core.reasons import Flaw, Unsound

if TYPE_CHECKING:
    from persistence.contract import Json

INTEGER_MAX: Final = 2**53 - 1
NESTING_MAX: Final = 32
_VARINT_BYTES_MAX: Final = 8


class Reader:
    """Reads one message from its first byte to its last; every fault is `Unsound(malformed)`."""

    __slots__ = ("end", "position", "source")

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.position = 0
        self.end = len(source)

    @property
    def remaining(self) -> int:
        """The number of bytes not read yet."""
        return self.end - self.position

    def byte(self) -> int:
        """Read one byte."""
        position = self.position
        if position >= self.end:
            raise Unsound(Flaw.MALFORMED, "the message ends early")
        self.position = position + 1
        return self.source[position]

    def uint(self) -> int:
        """Read a varUint below 2^53 in its shortest form."""
        position = self.position
        if position < self.end and (value := self.source[position]) < 0x80:
            self.position = position + 1
            return value
        return self._long_uint()

    def _long_uint(self) -> int:
        value = shift = 0
        for _ in range(_VARINT_BYTES_MAX):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value > INTEGER_MAX or (byte == 0 and shift):
                    raise Unsound(Flaw.MALFORMED, "an integer is too large or not in its shortest form")
                return value
            shift += 7
        raise Unsound(Flaw.MALFORMED, "an integer is longer than 8 bytes")

    def _signed(self) -> int:
        first = self.byte()
        value, shift = first & 0x3F, 6
        byte = first
        while byte & 0x80:
            if shift > 48:
                raise Unsound(Flaw.MALFORMED, "an integer is longer than 8 bytes")
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        if value > INTEGER_MAX or (byte == 0 and shift > 6):
            raise Unsound(Flaw.MALFORMED, "an integer is too large or not in its shortest form")
        return -value if first & 0x40 else value

    def buffer(self) -> bytes:
        """Read a length in bytes and that many bytes."""
        length = self.uint()
        position = self.position
        if length > self.end - position:
            raise Unsound(Flaw.MALFORMED, "a length reaches past the end")
        self.position = position + length
        return self.source[position : position + length]

    def string(self) -> str:
        """Read a buffer of valid UTF-8 (so never a lone surrogate)."""
        try:
            return self.buffer().decode()
        except UnicodeDecodeError:
            raise Unsound(Flaw.MALFORMED, "a string is not UTF-8") from None

    def finish(self) -> None:
        """Check that nothing stands after the message."""
        if self.position != self.end:
            raise Unsound(Flaw.MALFORMED, "bytes stand after the end")

    def any(self, depth: int = 0) -> Json:  # noqa: PLR0911 - one line per lib0 type byte
        """Read one JSON value in lib0's `Any` encoding, nested at most 32 deep."""
        kind = self.byte()
        if kind == 119:
            return self.string()
        if kind == 125:
            return self._signed()
        if kind == 124:
            return self._float(">f", 4)
        if kind == 123:
            return self._float(">d", 8)
        if kind == 126:
            return None
        if kind == 120:
            return True
        if kind == 121:
            return False
        return self._composite(kind, depth)

    def _composite(self, kind: int, depth: int) -> Json:
        if kind not in (117, 118):
            raise Unsound(Flaw.MALFORMED, f"value type {kind} is not JSON")
        if depth >= NESTING_MAX:
            raise Unsound(Flaw.MALFORMED, f"a value is nested more than {NESTING_MAX} deep")
        count = self.uint()
        if count > self.remaining:
            raise Unsound(Flaw.MALFORMED, "a count is larger than the message")
        if kind == 117:
            return [self.any(depth + 1) for _ in range(count)]
        return {self.string(): self.any(depth + 1) for _ in range(count)}

    def _float(self, layout: str, width: int) -> int | float:
        if width > self.remaining:
            raise Unsound(Flaw.MALFORMED, "the message ends early")
        (value,) = struct.unpack_from(layout, self.source, self.position)
        self.position += width
        if not math.isfinite(value):
            raise Unsound(Flaw.MALFORMED, "a number is not finite")
        return float(value)


def uint(value: int) -> bytes:
    """Write a varUint."""
    if value < 0x80:
        return bytes((value,))
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def buffer(payload: bytes) -> bytes:
    """Write a length in bytes and the bytes."""
    return uint(len(payload)) + payload


def string(text: str) -> bytes:
    """Write a string."""
    return buffer(text.encode())


def any_value(value: Json) -> bytes:  # noqa: PLR0911 - one line per JSON type
    """Write one JSON value in lib0's `Any` encoding; integers up to 2^31 as varInt, other numbers as float64."""
    if value is None:
        return b"\x7e"
    if value is True:
        return b"\x78"
    if value is False:
        return b"\x79"
    if isinstance(value, str):
        return b"\x77" + string(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return b"\x75" + uint(len(value)) + b"".join(map(any_value, value))
    return b"\x76" + uint(len(value)) + b"".join(string(key) + any_value(item) for key, item in value.items())


def _number(value: float) -> bytes:
    if value != int(value) or abs(value) >= 2**31:
        return b"\x7b" + struct.pack(">d", value)
    magnitude = abs(int(value))
    sign = 0x40 if value < 0 else 0
    if magnitude < 0x40:
        return bytes((0x7D, sign | magnitude))
    return bytes((0x7D, 0x80 | sign | magnitude & 0x3F)) + uint(magnitude >> 6)
