"""The byte codec: canonical forms in, canonical forms out."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import Json
from realtime.core import codec
from realtime.core.codec import NESTING_MAX, Reader
from realtime.core.reasons import Flaw, Unsound

WHOLE = 2**53 - 1
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-WHOLE, WHOLE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.rule("WIRE-2")
@given(st.integers(0, WHOLE))
def test_integers_come_back(value: int) -> None:
    """Every integer below 2^53, in at most 8 bytes."""
    reader = Reader(codec.uint(value))
    assert reader.uint() == value
    reader.finish()
    assert len(codec.uint(value)) <= 8


@pytest.mark.rule("WIRE-4")
@given(JSON)
def test_json_comes_back(value: Json) -> None:
    """Every JSON value that a document can hold."""
    reader = Reader(codec.any_value(value))
    assert reader.any() == value
    reader.finish()


@pytest.mark.rule("WIRE-2")
@pytest.mark.parametrize(
    "source",
    [
        *(b"\x80\x00", b"\x81\x80\x00", b"\xff" * 7 + b"\x00", b"\xff" * 7 + b"\x10", b"\xff" * 8, b"\xff" * 200_000),
        *(b"\x80", b""),
    ],
)
def test_integers_have_one_form(source: bytes) -> None:
    """Longer than needed, above 2^53, without an end: all malformed, in constant time."""
    with pytest.raises(Unsound) as refused:
        Reader(source).uint()
    assert refused.value.flaw is Flaw.MALFORMED


@pytest.mark.rule("WIRE-2")
@pytest.mark.parametrize(
    "source", [b"\x02a", b"\x01\xff", b"\x03\xed\xa0\x80", b"\x02\xc0\x80", b"\xff\xff\x03a", b"\x05"]
)
def test_strings_are_utf_8_of_their_length(source: bytes) -> None:
    """Too short, no UTF-8, a lone surrogate, an overlong NUL."""
    with pytest.raises(Unsound):
        Reader(source).string()


@pytest.mark.rule("WIRE-2")
def test_nothing_stands_after_the_end() -> None:
    """A trailing byte is malformed."""
    reader = Reader(b"\x00\x00")
    reader.uint()
    with pytest.raises(Unsound):
        reader.finish()


@pytest.mark.rule("WIRE-4")
@pytest.mark.parametrize(
    "source",
    [
        *(b"\x7f", b"\x7a" + bytes(8), b"\x74\x01a", b"\x00", b"\xff"),
        *(b"\x7b" + struct.pack(">d", value) for value in (float("nan"), float("inf"), float("-inf"))),
        *(b"\x7c" + struct.pack(">f", float("nan")), b"\x7b\x00", b"\x7c\x00", b"\x7d\x80\x00", b"\x7d" + b"\xff" * 9),
        *(b"\x75\xff\xff\xff\x7f", b"\x76\xff\xff\xff\x7f", b"\x75\x02\x7e", b"\x76\x01\x01a"),
        b"\x75\x01" * (NESTING_MAX + 1) + b"\x7e",
        b"\x75\x01" * 100_000,
    ],
)
def test_what_is_no_json_is_malformed(source: bytes) -> None:
    """Undefined, big integers, buffers, numbers that are not finite, counts beyond the end, deep nesting."""
    with pytest.raises(Unsound) as refused:
        Reader(source).any()
    assert refused.value.flaw is Flaw.MALFORMED


def test_nesting_up_to_the_limit_is_read() -> None:
    """32 arrays inside each other."""
    value: Json = None
    for _ in range(NESTING_MAX):
        value = [value]
    assert Reader(codec.any_value(value)).any() == value


@pytest.mark.parametrize(
    ("value", "written"), [(63, b"\x7d\x3f"), (-1, b"\x7d\x41"), (64, b"\x7d\x80\x01"), (2**31, b"\x7b")]
)
def test_numbers_are_written_as_yjs_writes_them(value: int, written: bytes) -> None:
    """Whole numbers below 2^31 as varInt, the others as doubles."""
    assert codec.any_value(value)[: len(written)] == written
    assert Reader(codec.any_value(value)).any() == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_unsound(source: bytes) -> None:
    """Reading is total."""
    with suppress(Unsound):
        Reader(source).any()
