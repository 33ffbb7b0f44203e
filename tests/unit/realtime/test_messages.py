"""Messages: what a frame can be, and what the server says."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core import codec, messages
from realtime.core.codec import Reader
from realtime.core.messages import Edit, Presence, PresenceEntry, QueryPresence, SyncStep1
from realtime.core.reasons import Flaw, Reason, Unsound


@pytest.mark.rule("WIRE-1")
@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"\x00\x00\x01\x00", SyncStep1(b"\x00")),
        (b"\x00\x01\x02\x00\x00", Edit(b"\x00\x00", answer=True)),
        (b"\x00\x02\x02\x00\x00", Edit(b"\x00\x00")),
        (b"\x01\x01\x00", Presence(())),
        (b"\x01\x05\x01\x07\x02\x01{", Presence((PresenceEntry(7, 2, "{"),))),
        (b"\x03", QueryPresence()),
    ],
)
def test_frames_of_clients(frame: bytes, message: messages.Message) -> None:
    """Every message that a client may send."""
    assert messages.decode(frame) == message


@pytest.mark.rule("WIRE-1", "WIRE-3", "WIRE-5")
@pytest.mark.parametrize(
    "frame",
    [
        *(
            b"",
            b"\x00",
            b"\x00\x03\x00",
            b"\x00\x00",
            b"\x00\x00\x05\x00",
            b"\x02\x00\x00",
            b"\x04",
            b"\x64\x00",
            b"\x03\x00",
        ),
        *(b"\x80\x00\x02\x02\x00\x00", b"\x00\x02\x02\x00\x00\x00", b"\xff" * 9),
        *(b"\x00\x00\x05\xff\xff\xff\xff\x0f", b"\x00\x00\x05\x02\x07\x01\x07\x02", b"\x00\x00\x03\x01\x07\x80"),
        b"\x00\x00" + codec.buffer(b"\x01\x07" + codec.uint(2**31)),
        b"\x00\x00" + codec.buffer(b"\x01\x07\x01\x00"),
        b"\x01" + codec.buffer(b"\xff\xff\xff\x7f"),
        b"\x01" + codec.buffer(b"\x01\x07" + codec.uint(2**31) + b"\x00"),
        b"\x01" + codec.buffer(b"\x01\x07\x01\x01\xff"),
        b"\x01" + codec.buffer(b"\x02\x07\x01\x01{"),
    ],
)
def test_everything_else_is_malformed(frame: bytes) -> None:
    """Unknown types, lengths and counts beyond the end, repeated clients, clocks past 2^31, bytes after the end."""
    with pytest.raises(Unsound) as refused:
        messages.decode(frame)
    assert refused.value.flaw is Flaw.MALFORMED


@pytest.mark.rule("WIRE-1")
@given(st.binary(max_size=40))
def test_decoding_is_total(frame: bytes) -> None:
    """Any bytes are a message or malformed."""
    with suppress(Unsound):
        messages.decode(frame)


@given(st.lists(st.builds(PresenceEntry, st.integers(0, 2**53 - 1), st.integers(0, 2**31 - 1), st.text()), max_size=5))
def test_presence_comes_back(entries: list[PresenceEntry]) -> None:
    """What the server writes, it could read."""
    assert messages.decode(messages.presence_message(entries)) == Presence(tuple(entries))


def test_sync_messages_come_back() -> None:
    """Step 1, step 2 and update."""
    assert messages.decode(messages.sync_step_1(b"\x00")) == SyncStep1(b"\x00")
    assert messages.decode(messages.sync_step_2(b"ab")) == Edit(b"ab", answer=True)
    assert messages.decode(messages.update_message(b"ab")) == Edit(b"ab")


@pytest.mark.rule("WIRE-8")
def test_a_refusal_names_keys_and_reasons() -> None:
    """Message type 2, subtype 0 (permission denied), then a JSON text."""
    message = messages.denied_message([("meta/name", Reason.ROLE)], "session-1:4")
    assert message[:2] == b"\x02\x00"
    assert json.loads(Reader(message[2:]).string()) == {
        "refused": [{"key": "meta/name", "reason": "role"}],
        "id": "session-1:4",
    }


def test_control_messages_have_a_type_of_their_own() -> None:
    """Type 100, then a JSON text in UTF-8."""
    message = messages.control_message({"type": "hello", "name": "Zoë"})
    assert message[0] == messages.CONTROL
    assert json.loads(Reader(message[1:]).string()) == {"type": "hello", "name": "Zoë"}
