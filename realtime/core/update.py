"""The update decoder: from the bytes of a Yjs update (v1) to its structs and deletions, and back.

Total: any input gives an `Update` or `Unsound`. It takes only the subset that list documents are made of:
map entries without a right origin, JSON content, deleted runs, garbage-collected runs; and, from the server,
binary content and nested maps. Counts are checked against the bytes left before anything is allocated.
Source: yjs `UpdateEncoder.js`, `Item.js`, `DeleteSet.js`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from realtime.core import codec
from realtime.core.codec import Reader
from realtime.core.reasons import Flaw, Unsound

if TYPE_CHECKING:
    from persistence.contract import Json

CLIENT_RESERVED_MAX: Final = 1023
"""Client ids up to this one are the server's own: its id is the list's epoch."""
CLOCK_MAX: Final = 2**31 - 1
_STRUCT_BYTES_MIN: Final = 2
_BLOCK_BYTES_MIN: Final = 3
_HAS_ORIGIN: Final = 0x80
_HAS_RIGHT_ORIGIN: Final = 0x40
_HAS_SUB: Final = 0x20
_KIND: Final = 0x1F
_SKIP: Final = 10
_MAP_TYPE: Final = 1

Id = tuple[int, int]
"""A struct's identity: (client, clock)."""


class Content(IntEnum):
    """What a struct holds, by its reference number in the encoding."""

    GC = 0
    DELETED = 1
    BINARY = 3
    """Also what is encoded as a buffer among `ANY` values, as yrs does."""
    MAP = 7
    ANY = 8


@dataclass(slots=True)
class Struct:
    """One struct: `length` clocks of `client` from `clock` on.

    The first item of a key names its parent (a root's name, or the id of a nested map) and `sub`, the key;
    later ones name only their `origin`, the item before them. `values` holds one value per clock for `ANY`.
    """

    client: int
    clock: int
    length: int
    content: Content
    origin: Id | None = None
    parent: str | Id | None = None
    sub: str | None = None
    values: tuple[Json, ...] = ()
    binary: bytes = b""


@dataclass(slots=True)
class Update:
    """A decoded update: runs of structs per client, consecutive from the first one's clock, and deletions."""

    blocks: list[tuple[int, int, list[Struct]]]
    deletions: list[tuple[int, int, int]]
    """(client, clock, length) in rising order per client, without overlap."""
    merged: bool = field(default=False, compare=False)
    """Items that have an origin lack the flag of the key, as `Y.mergeUpdates` leaves them: not what `encode` writes."""


class Bounds(NamedTuple):
    """How many structs and ranges of deletions an update may announce: checked before any of them is read."""

    structs_max: int
    ranges_max: int


UNBOUNDED: Final = Bounds(CLOCK_MAX, CLOCK_MAX)


def decode(source: bytes, bounds: Bounds = UNBOUNDED) -> Update:
    """Decode a whole update; raises `Unsound`."""
    reader = Reader(source)
    update = Update([], [])
    _read_blocks(reader, bounds.structs_max, update)
    update.deletions = _read_deletions(reader, bounds.ranges_max)
    reader.finish()
    return update


def _read_blocks(reader: Reader, left: int, update: Update) -> None:
    count = reader.uint()
    if count * _BLOCK_BYTES_MIN > reader.remaining:
        raise Unsound(Flaw.MALFORMED, "more clients are announced than bytes follow")
    seen: set[int] = set()
    for _ in range(count):
        structs_count, client, clock = reader.uint(), reader.uint(), reader.uint()
        if structs_count == 0 or structs_count * _STRUCT_BYTES_MIN > reader.remaining:
            raise Unsound(Flaw.MALFORMED, "a client announces no structs, or more than bytes follow")
        left -= structs_count
        if left < 0:
            raise Unsound(Flaw.TOO_LARGE, "the update holds more edits than one frame may bring")
        if client in seen:
            raise Unsound(Flaw.MALFORMED, "a client has two blocks")
        seen.add(client)
        structs: list[Struct] = []
        start = clock
        for _ in range(structs_count):
            struct = _read_struct(reader, client, clock, update)
            clock += struct.length
            if clock > CLOCK_MAX:
                raise Unsound(Flaw.MALFORMED, "a clock passes 2^31")
            structs.append(struct)
        update.blocks.append((client, start, structs))


def _read_struct(reader: Reader, client: int, clock: int, update: Update) -> Struct:
    info = reader.byte()
    kind = info & _KIND
    if kind == Content.GC:
        if info:
            raise Unsound(Flaw.MALFORMED, "a garbage-collected run has flags")
        return Struct(client, clock, _read_length(reader), Content.GC)
    if kind == _SKIP:
        raise Unsound(Flaw.CLOCK_GAP, "the update skips clocks")
    if info & _HAS_RIGHT_ORIGIN:
        raise Unsound(Flaw.NESTED_TYPE, "an item has a right origin, so it is not a map entry")
    struct = Struct(client, clock, 1, Content.ANY)
    if info & _HAS_ORIGIN:
        struct.origin = _read_id(reader)
        update.merged = update.merged or not info & _HAS_SUB
    elif info & _HAS_SUB:
        _read_parent(reader, struct)
    else:
        raise Unsound(Flaw.NESTED_TYPE, "an item has no key, so it is not a map entry")
    _read_content(reader, struct, kind)
    return struct


def _read_id(reader: Reader) -> Id:
    struct_id = reader.two_uints()
    if struct_id[1] > CLOCK_MAX:
        raise Unsound(Flaw.MALFORMED, "a clock passes 2^31")
    return struct_id


def _read_length(reader: Reader) -> int:
    length = reader.uint()
    if length > CLOCK_MAX:
        raise Unsound(Flaw.MALFORMED, "a clock passes 2^31")
    if length == 0:
        raise Unsound(Flaw.MALFORMED, "a run is empty")
    return length


def _read_parent(reader: Reader, struct: Struct) -> None:
    by_name = reader.uint()
    if by_name == 1:
        struct.parent = reader.string()
    elif by_name == 0:
        struct.parent = _read_id(reader)
    else:
        raise Unsound(Flaw.MALFORMED, "a parent is neither a root nor an item")
    struct.sub = reader.string()
    # A path joins names with a slash: with one inside a name, a key could pass for that of another map.
    if "/" in struct.sub or (isinstance(struct.parent, str) and "/" in struct.parent):
        raise Unsound(Flaw.MALFORMED, "a name holds a slash")


def _read_content(reader: Reader, struct: Struct, kind: int) -> None:
    if kind == Content.ANY:
        struct.length = length = _read_length(reader)
        if length == 1 and not reader.at_buffer():  # nearly every edit
            struct.values = (reader.any(),)
            return
        if length > reader.remaining:
            raise Unsound(Flaw.MALFORMED, "a run announces more values than bytes follow")
        if reader.at_buffer():
            struct.content = Content.BINARY
            struct.binary = reader.any_buffer()
            _require_single(struct)
        else:
            struct.values = tuple(reader.any() for _ in range(length))
    elif kind == Content.DELETED:
        struct.content = Content.DELETED
        struct.length = _read_length(reader)
    elif kind == Content.BINARY:
        struct.content = Content.BINARY
        struct.binary = reader.buffer()
    elif kind == Content.MAP and reader.uint() == _MAP_TYPE:
        struct.content = Content.MAP
    else:
        raise Unsound(Flaw.NESTED_TYPE, f"content kind {kind} is not part of a list document")


def _require_single(struct: Struct) -> None:
    if struct.length != 1:
        raise Unsound(Flaw.NESTED_TYPE, "a map entry holds one piece of binary content")


def _read_deletions(reader: Reader, left: int) -> list[tuple[int, int, int]]:
    count = reader.uint()
    if count * _BLOCK_BYTES_MIN > reader.remaining:
        raise Unsound(Flaw.MALFORMED, "more clients are announced than bytes follow")
    deletions: list[tuple[int, int, int]] = []
    uint = reader.uint
    seen: set[int] = set()
    for _ in range(count):
        client, ranges = reader.uint(), reader.uint()
        if ranges == 0 or ranges * 2 > reader.remaining:
            raise Unsound(Flaw.MALFORMED, "a client announces no deletions, or more than bytes follow")
        left -= ranges
        if left < 0:
            raise Unsound(Flaw.TOO_LARGE, "the update deletes more than one frame may")
        if client in seen:
            raise Unsound(Flaw.MALFORMED, "a client has two blocks of deletions")
        seen.add(client)
        end = 0
        for _ in range(ranges):
            clock, length = uint(), uint()
            if clock < end or length == 0 or clock + length > CLOCK_MAX:
                raise Unsound(Flaw.MALFORMED, "deletions are empty, overlap or pass clock 2^31")
            end = clock + length
            deletions.append((client, clock, length))
    return deletions


def encode(update: Update) -> bytes:
    """Encode an update in the canonical form that `decode` takes."""
    parts = [codec.uint(len(update.blocks))]
    for client, clock, structs in update.blocks:
        parts += (codec.uint(len(structs)), codec.uint(client), codec.uint(clock))
        parts.extend(map(_write_struct, structs))
    by_client: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in update.deletions:
        by_client.setdefault(client, []).append((clock, length))
    parts.append(codec.uint(len(by_client)))
    for client, ranges in by_client.items():
        parts += (codec.uint(client), codec.uint(len(ranges)))
        parts.extend(codec.uint(clock) + codec.uint(length) for clock, length in ranges)
    return b"".join(parts)


def _write_struct(struct: Struct) -> bytes:
    if struct.content is Content.GC:
        return b"\x00" + codec.uint(struct.length)
    return _write_head(struct) + _write_content(struct)


def _write_head(struct: Struct) -> bytes:
    info = int(struct.content) | _HAS_SUB
    if struct.origin is not None:
        return bytes((info | _HAS_ORIGIN,)) + codec.uint(struct.origin[0]) + codec.uint(struct.origin[1])
    assert struct.sub is not None, "an item without an origin names its key"
    if isinstance(struct.parent, str):
        return bytes((info, 1)) + codec.string(struct.parent) + codec.string(struct.sub)
    assert struct.parent is not None, "an item without an origin names its parent"
    return bytes((info, 0)) + codec.uint(struct.parent[0]) + codec.uint(struct.parent[1]) + codec.string(struct.sub)


def _write_content(struct: Struct) -> bytes:
    if struct.content is Content.ANY:
        return codec.uint(struct.length) + b"".join(map(codec.any_value, struct.values))
    if struct.content is Content.DELETED:
        return codec.uint(struct.length)
    if struct.content is Content.BINARY:
        return codec.buffer(struct.binary)
    return codec.uint(_MAP_TYPE)
