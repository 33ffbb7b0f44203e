"""Updates without the bytes of segments: all that a document needs which others are judged by and none is shown.

Segments are nearly all of a large list. A draft is made anew with every lost race, and must not cost what the list holds; what it
wants to know of a segment it asks of the live document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from realtime.core import keys
from realtime.core.update import Content, Struct, Update, decode, encode

_MARK = keys.SEGMENTS.encode()


def bared(payload: bytes) -> bytes:
    """An update with empty segments."""
    if _MARK not in payload:
        return payload
    update = decode(payload)
    for struct in _segments(update):
        struct.binary = b""
    return encode(update)


def filled(payload: bytes, segment_of: Callable[[str], bytes]) -> bytes:
    """An update with the segments in it that it had before it was bared."""
    if _MARK not in payload:
        return payload
    update = decode(payload)
    for struct in _segments(update):
        if not struct.binary:
            assert struct.sub is not None, "every segment has a key of its own"
            struct.binary = segment_of(struct.sub)
    return encode(update)


def _segments(update: Update) -> Iterator[Struct]:
    return (struct for _, _, structs in update.blocks for struct in structs if struct.content is Content.BINARY)
