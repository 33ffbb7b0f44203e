"""The oracle's own reading of a Yjs update (v1): clock by clock, without the gate's decoder.

It reads all that it can and notes every flaw that it meets, so that the gate may name any one of them. It is written
from docs/SPEC.md (WIRE-2 to WIRE-4, GATE-1, GATE-6) and from the format as yjs writes it.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Any

Id = tuple[int, int]
CLOCKS_END = 2**31
INTEGERS_END = 2**53
NESTING_MAX = 32
CONTENTS = {1: "deleted", 3: "binary", 7: "map", 8: "json"}
FLAGS_IGNORED = 0x1F


class Unreadable(Exception):
    """The bytes cannot be read any further."""


@dataclass(slots=True)
class Item:
    """A struct as it was written: `length` clocks from `clock` on."""

    clock: int
    length: int
    content: str
    origin: Id | None = None
    parent: str | Id | None = None
    sub: str = ""
    values: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What an update says, as far as it could be read, and the flaws in how it says it."""

    blocks: dict[int, list[Item]] = field(default_factory=dict)
    deletions: list[tuple[int, int, int]] = field(default_factory=list)
    """(client, first clock, first clock after it)"""
    flaws: set[str] = field(default_factory=set)


def read(source: bytes) -> Reading:
    """Read an update; never raises."""
    eye = _Eye(source)
    try:
        eye.update()
    except (Unreadable, RecursionError):
        eye.reading.flaws.add("malformed")
    return eye.reading


class _Eye:
    def __init__(self, source: bytes) -> None:
        self.reading = Reading()
        self._source = source
        self._at = 0

    def _flaw(self, name: str) -> None:
        self.reading.flaws.add(name)

    def _take(self, count: int) -> bytes:
        taken = self._source[self._at : self._at + count]
        if len(taken) < count:
            raise Unreadable
        self._at += count
        return taken

    def _number(self) -> int:
        started, value = self._at, 0
        while True:
            byte = self._take(1)[0]
            value += (byte & 127) << (7 * (self._at - started - 1))
            if byte < 128:
                break
            if self._at - started >= 8:
                raise Unreadable
        if value >= INTEGERS_END or (byte == 0 and self._at - started > 1):
            raise Unreadable
        return value

    def _clock(self) -> int:
        value = self._number()
        if value >= CLOCKS_END:
            raise Unreadable
        return value

    def _text(self) -> str:
        try:
            return self._take(self._number()).decode()
        except UnicodeDecodeError:
            raise Unreadable from None

    def update(self) -> None:
        for _ in range(self._number()):
            count, client, clock = self._number(), self._number(), self._number()
            if count == 0 or client in self.reading.blocks:
                raise Unreadable
            items = self.reading.blocks[client] = []
            for _ in range(count):
                item = self._item(clock)
                clock += item.length
                if clock >= CLOCKS_END or item.length == 0:
                    raise Unreadable
                items.append(item)
        self._deletions()
        if self._at != len(self._source):
            raise Unreadable

    def _item(self, clock: int) -> Item:
        info = self._take(1)[0]
        kind = info & FLAGS_IGNORED
        if kind == 0:
            if info:
                raise Unreadable
            return Item(clock, self._clock(), "gc")
        if kind == 10:
            self._flaw("clock_gap")
            return Item(clock, self._clock(), "gc")
        if info & 0x40 or not info & 0xA0:
            self._flaw("nested_type")
        item = Item(clock, 1, CONTENTS.get(kind, ""))
        if info & 0x80:
            item.origin = (self._number(), self._clock())
        if info & 0x40:
            self._number(), self._clock()
        if not info & 0xC0:
            self._place(item, named=bool(info & 0x20))
        self._content(item)
        return item

    def _place(self, item: Item, *, named: bool) -> None:
        by_name = self._number()
        if by_name > 1:
            raise Unreadable
        item.parent = self._text() if by_name else (self._number(), self._clock())
        item.sub = self._text() if named else ""
        if "/" in item.sub or (isinstance(item.parent, str) and "/" in item.parent):
            raise Unreadable

    def _content(self, item: Item) -> None:
        match item.content:
            case "deleted":
                item.length = self._clock()
            case "binary":
                self._take(self._number())
            case "map":
                if self._number() != 1:
                    self._flaw("nested_type")
                    raise Unreadable
            case "json":
                item.length = self._clock()
                for _ in range(item.length):
                    if self._source[self._at : self._at + 1] == b"\x74":
                        item.content = "binary"
                        self._single(item)
                    item.values.append(self._value(0))
            case _:
                self._flaw("nested_type")
                raise Unreadable

    def _single(self, item: Item) -> None:
        if item.length > 1:
            self._flaw("nested_type")

    def _value(self, depth: int) -> Any:
        kind = self._take(1)[0]
        match kind:
            case 116:
                if depth:
                    raise Unreadable
                return self._take(self._number())
            case 119:
                return self._text()
            case 120 | 121 | 126:
                return {120: True, 121: False, 126: None}[kind]
            case 123 | 124:
                layout, width = (">d", 8) if kind == 123 else (">f", 4)
                number: float = struct.unpack(layout, self._take(width))[0]
                if not math.isfinite(number):
                    raise Unreadable
                return number
            case 125:
                return self._signed()
            case 117 | 118 if depth < NESTING_MAX:
                count = self._number()
                if kind == 117:
                    return [self._value(depth + 1) for _ in range(count)]
                return {self._text(): self._value(depth + 1) for _ in range(count)}
        raise Unreadable

    def _signed(self) -> int:
        first = self._take(1)[0]
        value, shift, byte = first & 63, 6, first
        while byte >= 128:
            if shift > 48:
                raise Unreadable
            byte = self._take(1)[0]
            value += (byte & 127) << shift
            shift += 7
        if value >= INTEGERS_END or (byte == 0 and shift > 6):
            raise Unreadable
        return -value if first & 64 else value

    def _deletions(self) -> None:
        clients: set[int] = set()
        for _ in range(self._number()):
            client, count, free = self._number(), self._number(), 0
            if count == 0 or client in clients:
                raise Unreadable
            clients.add(client)
            for _ in range(count):
                clock, length = self._clock(), self._clock()
                if length == 0 or clock < free or clock + length >= CLOCKS_END:
                    raise Unreadable
                free = clock + length
                self.reading.deletions.append((client, clock, free))
