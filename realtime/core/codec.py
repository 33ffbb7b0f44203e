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
_CONTINUE: Final = 0x80
_NEGATIVE: Final = 0x40
_SIGNED_SHIFT: Final = 6
_SIGNED_SHIFT_MAX: Final = 48
_BUFFER: Final = 116
_ARRAY: Final = 117
_OBJECT: Final = 118
_STRING: Final = 119
_TRUE: Final = 120
_FALSE: Final = 121
_FLOAT64: Final = 123
_FLOAT32: Final = 124
_INTEGER: Final = 125
_NULL: Final = 126


class Reader:
    """Reads one message from its first byte to its last; every fault is `Unsound(malformed)`."""

    __slots__ = ("_pair", "_pair_bytes", "end", "position", "source")

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.position = 0
        self.end = len(source)
        self._pair, self._pair_bytes = (0, 0), b""

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
        if position < self.end and (value := self.source[position]) < _CONTINUE:
            self.position = position + 1
            return value
        return self._long_uint(position)

    def two_uints(self) -> tuple[int, int]:
        """Read two varUints, which are often the same two as the last time."""
        start = self.position
        if self._pair_bytes and self.source.startswith(self._pair_bytes, start):
            self.position = start + len(self._pair_bytes)
            return self._pair
        self._pair = self.uint(), self.uint()
        self._pair_bytes = self.source[start : self.position]
        return self._pair

    def _long_uint(self, start: int) -> int:
        value = shift = 0
        for byte in self.source[start : start + _VARINT_BYTES_MAX]:
            value |= (byte & 0x7F) << shift
            if byte < _CONTINUE:
                if value > INTEGER_MAX or (byte == 0 and shift):
                    raise Unsound(Flaw.MALFORMED, "an integer is too large or not in its shortest form")
                self.position = start + shift // 7 + 1
                return value
            shift += 7
        if start + _VARINT_BYTES_MAX > self.end:
            raise Unsound(Flaw.MALFORMED, "the message ends early")
        raise Unsound(Flaw.MALFORMED, "an integer is longer than 8 bytes")

    def _signed(self) -> int:
        first = self.byte()
        value, shift = first & 0x3F, _SIGNED_SHIFT
        byte = first
        while byte & _CONTINUE:
            if shift > _SIGNED_SHIFT_MAX:
                raise Unsound(Flaw.MALFORMED, "an integer is longer than 8 bytes")
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        if value > INTEGER_MAX or (byte == 0 and shift > _SIGNED_SHIFT):
            raise Unsound(Flaw.MALFORMED, "an integer is too large or not in its shortest form")
        return -value if first & _NEGATIVE else value

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
            return str(self.buffer(), "utf-8")
        except UnicodeDecodeError:
            raise Unsound(Flaw.MALFORMED, "a string is not UTF-8") from None

    def finish(self) -> None:
        """Check that nothing stands after the message."""
        if self.position != self.end:
            raise Unsound(Flaw.MALFORMED, "bytes stand after the end")

    def any(self, depth: int = 0) -> Json:  # noqa: PLR0911 - one line per lib0 type byte
        """Read one JSON value in lib0's `Any` encoding, nested at most 32 deep."""
        kind = self.byte()
        if kind == _STRING:
            return self.string()
        if kind == _INTEGER:
            return self._signed()
        if kind == _FLOAT32:
            return self._float(">f", 4)
        if kind == _FLOAT64:
            return self._float(">d", 8)
        if kind == _NULL:
            return None
        if kind == _TRUE:
            return True
        if kind == _FALSE:
            return False
        return self._composite(kind, depth)

    def at_buffer(self) -> bool:
        """Tell whether the next `Any` value is a buffer, which is not JSON."""
        return self.position < self.end and self.source[self.position] == _BUFFER

    def any_buffer(self) -> bytes:
        """Read an `Any` value that is a buffer."""
        self.position += 1
        return self.buffer()

    def _composite(self, kind: int, depth: int) -> Json:
        if kind not in (_ARRAY, _OBJECT):
            raise Unsound(Flaw.MALFORMED, f"value type {kind} is not JSON")
        if depth >= NESTING_MAX:
            raise Unsound(Flaw.MALFORMED, f"a value is nested more than {NESTING_MAX} deep")
        count = self.uint()
        if count > self.remaining:
            raise Unsound(Flaw.MALFORMED, "a count is larger than the message")
        if kind == _ARRAY:
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
    if value < _CONTINUE:
        return bytes((value,))
    parts = bytearray()
    while value >= _CONTINUE:
        parts.append(value & 0x7F | _CONTINUE)
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
        return bytes((_NULL,))
    if value is True:
        return bytes((_TRUE,))
    if value is False:
        return bytes((_FALSE,))
    if isinstance(value, str):
        return bytes((_STRING,)) + string(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return bytes((_ARRAY,)) + uint(len(value)) + b"".join(map(any_value, value))
    return bytes((_OBJECT,)) + uint(len(value)) + b"".join(string(key) + any_value(item) for key, item in value.items())


def _number(value: float) -> bytes:
    if value != int(value) or abs(value) >= 2**31:
        return bytes((_FLOAT64,)) + struct.pack(">d", value)
    magnitude = abs(int(value))
    sign = _NEGATIVE if value < 0 else 0
    if magnitude < _NEGATIVE:
        return bytes((_INTEGER, sign | magnitude))
    return bytes((_INTEGER, _CONTINUE | sign | magnitude & 0x3F)) + uint(magnitude >> 6)
