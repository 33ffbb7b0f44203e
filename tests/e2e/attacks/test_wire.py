"""Frames that are no WebSocket, messages that never end, floods of control frames: on the wire, byte by byte."""

import struct

import pytest

from realtime.core.codec import buffer, uint
from tests.e2e.attacks.raw_socket import (
    ABORTED,
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    announced,
    frame,
    raw_socket,
)
from tests.e2e.attacks.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="session")

SYNC_BYTES_MAX = 16 << 20
PIECE = b"\x00" * (64 << 10)

BROKEN: dict[str, tuple[tuple[bytes, ...], set[int]]] = {
    "a frame that is not masked": ((frame(BINARY, b"\x03", masked=False),), {1002}),
    "the first reserved bit, as if compressed": ((frame(BINARY, b"\x03", reserved=0x40),), {1002}),
    "the second reserved bit": ((frame(BINARY, b"\x03", reserved=0x20),), {1002}),
    "the third reserved bit": ((frame(BINARY, b"\x03", reserved=0x10),), {1002}),
    "a data opcode that does not exist": ((frame(3, b"\x03"),), {1002}),
    "a control opcode that does not exist": ((frame(11),), {1002}),
    "a fragmented ping": ((frame(PING, final=False),), {1002}),
    "a ping of 126 bytes": ((frame(PING, b"x" * 126),), {1002}),
    "a continuation of nothing": ((frame(CONTINUATION, b"x"),), {1002}),
    "a message inside another one": ((frame(BINARY, b"\x00", final=False), frame(BINARY, b"\x03")), {1002}),
    "a close frame of one byte": ((frame(CLOSE, b"\x03"),), {1002}),
    "the close code 1005": ((frame(CLOSE, struct.pack(">H", 1005)),), {1002}),
    "the close code 999": ((frame(CLOSE, struct.pack(">H", 999)),), {1002}),
    "the close code 65535": ((frame(CLOSE, struct.pack(">H", 65535)),), {1002}),
    "a close sentence that is not UTF-8": ((frame(CLOSE, struct.pack(">H", 1000) + b"\xff"),), {1007}),
    "a goodbye inside a message": ((frame(BINARY, b"\x00", final=False), frame(CLOSE)), {1002}),
    "a text frame": ((frame(TEXT, b"hello"),), {4400}),
    "a text frame that is not UTF-8": ((frame(TEXT, b"\xff\xfe"),), {4400}),
    "an empty frame": ((frame(BINARY),), {4400}),
    "a frame of 2^63 bytes": ((announced(BINARY, 2**63 - 1),), {1009}),
    "a frame of 17 MiB": ((announced(BINARY, 17 << 20),), {1009}),
    "fragments of 17 MiB together": (
        (
            frame(BINARY, PIECE, final=False),
            *[frame(CONTINUATION, PIECE, final=False)] * (SYNC_BYTES_MAX // len(PIECE)),
        ),
        {1009},
    ),
    "a hundred thousand fragments of one byte": (
        (frame(BINARY, b"\x00", final=False), *[frame(CONTINUATION, b"\x00", final=False)] * 100_000),
        {1008},
    ),
    "a hundred thousand empty fragments": (
        (frame(BINARY, b"", final=False), *[frame(CONTINUATION, b"", final=False)] * 100_000),
        {1008},
    ),
    "a flood of pings": ((frame(PING, b"x" * 125),) * 20_000, {1008}),
    "a flood of pongs": ((frame(PONG),) * 20_000, {1008}),
    "random bytes": ((bytes(range(255, 0, -1)) * 40,), {1002}),
}
"""What is sent after the handshake, and the codes that may answer it."""


@pytest.mark.rule("WIRE-10", "WIRE-13", "WIRE-14", "WIRE-17")
@pytest.mark.parametrize("attack", BROKEN)
async def test_frames_that_are_none(siege: Siege, attack: str) -> None:
    """The connection is closed with the code of the fault, where its peer reads on; the others notice nothing."""
    parts, codes = BROKEN[attack]
    async with raw_socket(siege.ben, siege.homes.id) as raw:
        await raw.send(*parts)
        code, _sentence = await raw.until_closed()
    assert code in codes | {ABORTED}
    await siege.stands()


@pytest.mark.rule("WIRE-13")
async def test_an_honest_message_may_come_in_pieces(siege: Siege) -> None:
    """A whole edit in fragments of one byte, with pings between them, is an edit like any other."""
    async with siege.attacker() as maker:
        edit = b"\x00\x02" + buffer(maker.make({siege.cell: "piece by piece"}))
    pieces = [frame(CONTINUATION, edit[place : place + 1], final=False) for place in range(1, len(edit))]
    async with raw_socket(siege.ben, siege.homes.id) as raw:
        await raw.send(
            frame(BINARY, edit[:1], final=False), *pieces[:20], frame(PING), *pieces[20:], frame(CONTINUATION)
        )
        await siege.reader.until(lambda: siege.reader.values.get(siege.cell) == "piece by piece")
    await siege.stands()


@pytest.mark.rule("WIRE-15", "WIRE-17")
async def test_pings_to_one_who_reads_nothing(siege: Siege) -> None:
    """The answers do not pile up: the connection ends, though its peer takes nothing."""
    async with raw_socket(siege.ben, siege.homes.id) as raw:
        await raw.send(frame(PING, b"x" * 125) * 100_000)
        await siege.stands()


@pytest.mark.rule("WIRE-17")
async def test_connections_that_come_and_go(siege: Siege) -> None:
    """Two hundred sockets, opened and cut without a word, some in the middle of a frame."""
    for number in range(200):
        async with raw_socket(siege.ben, siege.homes.id) as raw:
            if number % 2:
                await raw.send(announced(BINARY, 1 << 20), b"\x00" * 1000)
    await siege.stands()


@pytest.mark.rule("WIRE-17", "ROOM-10")
async def test_empty_updates_without_end(siege: Siege) -> None:
    """Nothing new, two thousand times: no commit, no broadcast."""
    head = await siege.head()
    async with siege.attacker() as attacker:
        await siege.sends(attacker, [b"\x00\x02" + buffer(uint(0) + uint(0))] * 2_000)
    assert await siege.head() == head
    await siege.stands()
