"""The oracle's own writing of an update: the fresh clocks of a reading, one struct each, as GATE-6 reads them."""

from __future__ import annotations

import struct
from typing import Any

from tests.oracle.knowledge import Attempts, Fresh

_KINDS = {"deleted": 1, "json": 8}


def written_anew(attempts: Attempts) -> bytes:
    """What is fresh in an update, clock by clock: of a run of values all but the last one are deleted clocks."""
    blocks: dict[int, list[tuple[int, Fresh]]] = {}
    for (client, clock), item in attempts.fresh.items():
        blocks.setdefault(client, []).append((clock, item))
    parts = [number(len(blocks))]
    for client, items in blocks.items():
        parts += (number(len(items)), number(client), number(items[0][0]))
        parts += (_struct(item) for _, item in items)
    ranges: dict[int, list[tuple[int, int]]] = {}
    for client, start, end in attempts.reading.deletions:
        ranges.setdefault(client, []).append((start, end - start))
    parts.append(number(len(ranges)))
    for client, held in ranges.items():
        parts += (number(client), number(len(held)))
        parts += (number(clock) + number(length) for clock, length in held)
    return b"".join(parts)


def _struct(item: Fresh) -> bytes:
    if item.content == "gc":
        return b"\x00\x01"
    info = _KINDS[item.content] | 0x20
    if item.origin is not None:
        head = bytes((info | 0x80,)) + number(item.origin[0]) + number(item.origin[1])
    elif isinstance(item.parent, str):
        head = bytes((info, 1)) + text(item.parent) + text(item.sub)
    else:
        assert item.parent is not None
        head = bytes((info, 0)) + number(item.parent[0]) + number(item.parent[1]) + text(item.sub)
    return head + b"\x01" + (any_value(item.value) if item.content == "json" else b"")


def number(value: int) -> bytes:
    """A varUint."""
    low = value % 128
    return bytes((low,)) if value < 128 else bytes((low | 128,)) + number(value // 128)


def text(value: str) -> bytes:
    """A string with its length in bytes."""
    encoded = value.encode()
    return number(len(encoded)) + encoded


def any_value(value: Any) -> bytes:
    """A JSON value; every number as a double."""
    if value is None or isinstance(value, bool):
        return {None: b"\x7e", True: b"\x78", False: b"\x79"}[value]
    if isinstance(value, str):
        return b"\x77" + text(value)
    if isinstance(value, list):
        return b"\x75" + number(len(value)) + b"".join(map(any_value, value))
    if isinstance(value, dict):
        return b"\x76" + number(len(value)) + b"".join(text(key) + any_value(part) for key, part in value.items())
    return b"\x7b" + struct.pack(">d", value)
