"""Updates with content that list documents do not have, and bytes that are not canonical."""

import struct
from collections.abc import Callable

from realtime.core.codec import any_value, buffer, string, uint
from tests.e2e.attacks.forged import writing
from tests.e2e.hostile import ANY, HAS_KEY, NO_DELETIONS, Scene, block, live, root

JSON_CONTENT, BINARY, STRING, EMBED, FORMAT, TYPE, SUBDOCUMENT = 2, 3, 4, 5, 6, 7, 9
ARRAY_VALUE, OBJECT_VALUE, BIG_INTEGER, UNDEFINED, FLOAT = b"\x75", b"\x76", b"\x7a", b"\x7f", b"\x7b"
NULL, TEXT = b"\x7e", b"\x77"

V2_UPDATE = bytes.fromhex("000005a8c0d0ba07000001280b086d6574616e616d65440001010001010101007702763200")
"""`new Y.Doc().getMap('meta').set('name', …)` as `encodeStateAsUpdateV2` writes it: another encoding altogether."""


def holding(kind: int, body: bytes) -> Callable[[Scene], bytes]:
    """An item of the list's name with content of some kind."""
    item = bytes((kind | HAS_KEY,)) + root("meta") + string("name") + body
    return lambda scene: writing(scene.own, 0, item)


def valued(value: bytes) -> Callable[[Scene], bytes]:
    """An item of the list's name whose value is these bytes."""
    return holding(ANY, uint(1) + value)


def nested(levels: int) -> bytes:
    """Arrays in arrays."""
    return (ARRAY_VALUE + uint(1)) * levels + NULL


def nested_objects(levels: int) -> bytes:
    """Objects in objects."""
    return (OBJECT_VALUE + uint(1) + string("a")) * levels + NULL


CONTENT: dict[str, tuple[Callable[[Scene], bytes], str]] = {
    "a nested array": (holding(TYPE, uint(0)), "nested_type"),
    "a nested map": (holding(TYPE, uint(1)), "nested_type"),
    "a nested text": (holding(TYPE, uint(2)), "nested_type"),
    "a nested XML element": (holding(TYPE, uint(3) + string("p")), "nested_type"),
    "a nested XML fragment": (holding(TYPE, uint(4)), "nested_type"),
    "a nested XML hook": (holding(TYPE, uint(5) + string("hook")), "nested_type"),
    "a nested XML text": (holding(TYPE, uint(6)), "nested_type"),
    "a nested type that nobody knows": (holding(TYPE, uint(77)), "nested_type"),
    "a subdocument": (holding(SUBDOCUMENT, string("guid") + any_value({"autoLoad": True})), "nested_type"),
    "a format": (holding(FORMAT, string("bold") + string("true")), "nested_type"),
    "an embed": (holding(EMBED, string('{"image":"x"}')), "nested_type"),
    "old JSON content": (holding(JSON_CONTENT, uint(1) + string('"x"')), "nested_type"),
    "a string of characters": (holding(STRING, string("x")), "nested_type"),
    "one emoji as a string of characters": (holding(STRING, string("\N{GRINNING FACE}")), "nested_type"),
    "binary content": (holding(BINARY, buffer(b"\x1f\x8b")), "nested_type"),
    "a buffer among values": (holding(ANY, uint(1) + b"\x74" + buffer(b"\x1f\x8b")), "nested_type"),
    "content that nobody knows": (holding(31, uint(1)), "nested_type"),
    "an item of a list": (lambda s: writing(s.own, 0, bytes((ANY,)) + root("meta") + uint(1) + NULL), "nested_type"),
    "no values": (holding(ANY, uint(0)), "malformed"),
    "undefined": (valued(UNDEFINED), "malformed"),
    "a big integer": (valued(BIG_INTEGER + b"\x7f" + b"\xff" * 7), "malformed"),
    "not a number": (valued(FLOAT + struct.pack(">d", float("nan"))), "malformed"),
    "infinity": (valued(FLOAT + struct.pack(">d", float("-inf"))), "malformed"),
    "an integer in nine bytes": (valued(b"\x7d" + b"\xff" * 8 + b"\x01"), "malformed"),
    "arrays 33 deep": (valued(nested(33)), "malformed"),
    "arrays 1,000 deep": (valued(nested(1_000)), "malformed"),
    "arrays 20,000 deep": (valued(nested(20_000)), "malformed"),
    "objects 33 deep": (valued(nested_objects(33)), "malformed"),
    "objects 20,000 deep": (valued(nested_objects(20_000)), "malformed"),
    "text that is not UTF-8": (valued(TEXT + buffer(b"\xff\xfe")), "malformed"),
    "a lone surrogate": (valued(TEXT + buffer(b"\xed\xa0\x80")), "malformed"),
    "an overlong NUL": (valued(TEXT + buffer(b"\xc0\x80")), "malformed"),
    "an overlong count": (lambda s: live(b"\x81\x00" + block(s.own, 0, b"")[1:] + NO_DELETIONS), "malformed"),
    "an overlong client id": (
        lambda _: live(uint(0) + uint(1) + b"\x85\x80\x00" + uint(1) + uint(0) + uint(1)),
        "malformed",
    ),
    "an overlong integer value": (valued(b"\x7d\x81\x00"), "malformed"),
    "bytes after the end": (lambda _: live(uint(0) + uint(0) + b"\x00"), "malformed"),
    "no deletions at all": (lambda _: live(uint(0)), "malformed"),
    "nothing": (lambda _: live(b""), "malformed"),
    "200 KB of 0xFF": (lambda _: live(b"\xff" * 200_000), "malformed"),
    "200 KB of 0xFF as a message": (lambda _: b"\xff" * 200_000, "malformed"),
    "200 KB of 0x80": (lambda _: live(b"\x80" * 200_000), "malformed"),
    "the second encoding of updates": (lambda _: live(V2_UPDATE), "malformed"),
    "the second encoding as an answer": (lambda _: b"\x00\x01" + buffer(V2_UPDATE), "malformed"),
}
"""Each hostile update, by what it holds, and the flaw that its close sentence names."""
