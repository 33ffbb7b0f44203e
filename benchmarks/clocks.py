"""Which clocks of which clients an update holds, as any server may write it.

Our own decoder takes only what an honest client of ours may send; a server of others may join updates with `Y.mergeUpdates`,
which leaves away that an item with an origin has a key. All contents of list documents are known here, no others.
"""

from collections.abc import Iterator

from realtime.core import codec
from realtime.core.update import Content, Id

KIND = 0x1F
HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY = 0x80, 0x40, 0x20
SKIP = 10


def clocks_of(update: bytes) -> Iterator[Id]:
    """Every (client, clock) for which there is a struct. Raises `Unsound` or `AssertionError` for other content."""
    reader = codec.Reader(update)
    for _ in range(reader.uint()):
        structs, client, clock = reader.uint(), reader.uint(), reader.uint()
        for _ in range(structs):
            info = reader.byte()
            if info & KIND != SKIP:
                length = _length(reader, info)
                yield from ((client, at) for at in range(clock, clock + length))
            else:
                length = reader.uint()
            clock += length


def _length(reader: codec.Reader, info: int) -> int:
    """Read the rest of a struct; returns how many clocks it takes."""
    kind = info & KIND
    if kind == Content.GC:
        return reader.uint()
    for flag in (HAS_ORIGIN, HAS_RIGHT_ORIGIN):
        if info & flag:
            reader.uint(), reader.uint()
    if not info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN):
        _skip_parent(reader, named=bool(info & HAS_KEY))
    return _skip_content(reader, kind)


def _skip_parent(reader: codec.Reader, *, named: bool) -> None:
    if reader.uint() == 1:
        reader.string()
    else:
        reader.uint(), reader.uint()
    if named:
        reader.string()


def _skip_content(reader: codec.Reader, kind: int) -> int:
    if kind == Content.DELETED:
        return reader.uint()
    if kind == Content.BINARY:
        reader.buffer()
        return 1
    if kind == Content.MAP:
        reader.uint()
        return 1
    assert kind == Content.ANY, f"content {kind} is in no list document"
    length = reader.uint()
    for _ in range(length):
        reader.any()
    return length
