"""Peers that dawdle, drip, stop in the middle or are dead: each is ended in time, and only they wait.

The server of these tests has short deadlines; what is long is the same with the defaults.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from realtime.core.codec import buffer, uint
from tests.e2e.attacks.conftest import Town, besieged
from tests.e2e.attacks.raw_socket import (
    ABORTED,
    BINARY,
    CONTINUATION,
    PONG,
    RawSocket,
    announced,
    connection,
    frame,
    raw_socket,
    upgrade,
)
from tests.e2e.attacks.siege import Siege, resident_bytes
from tests.e2e.conftest import running
from tests.e2e.house import House
from tests.e2e.people import person
from tests.e2e.stock_clients import stock_clients

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONNECTIONS = 500
UNREAD_EDITS = 150
SECONDS_MAX = 10.0
BRISK = {
    "ROWHOUSE_REQUEST_HEAD_SECONDS_MAX": "1",
    "ROWHOUSE_REQUEST_BODY_SECONDS_MAX": "1",
    "ROWHOUSE_MESSAGE_SECONDS_MAX": "1",
    "ROWHOUSE_PING_SECONDS": "1",
    "ROWHOUSE_UNFINISHED_BYTES_MAX": str(12 << 20),
}


@pytest.fixture(scope="session")
def brisk_house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server that waits a second for everything, and holds 12 MiB of unfinished messages."""
    brisk = House(make_state_folder(), "--no-demo", **BRISK)
    yield from running(brisk)
    assert "Traceback" not in brisk.log(), brisk.log()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def brisk_town(brisk_house: House) -> AsyncIterator[Town]:
    """Ana and Ben there."""
    ana, ben = await person(brisk_house.url, "Ana").register(), await person(brisk_house.url, "Ben").register()
    await ana.admit(ben, "editor")
    sql = await asyncpg.connect(brisk_house.database_url)
    async with stock_clients() as stock:
        yield Town(brisk_house, sql, stock, ana, ben)
    await sql.close()
    for one in (ana, ben):
        await one.http.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def siege(brisk_town: Town, record_property: Callable[[str, object], None]) -> AsyncIterator[Siege]:
    """A list of Ana's on the server with the short deadlines."""
    async with besieged(brisk_town, "slow", record_property) as made:
        yield made


async def drips(raw: RawSocket, parts: bytes) -> bytes:
    """Send a byte whenever the server lets us, until it ends the connection; what it said."""
    ended = asyncio.create_task(raw.until_ended())
    for byte in parts:
        await raw.send(bytes((byte,)))
        await asyncio.wait((ended,), timeout=0.1)
        if ended.done():
            break
    return await ended


@pytest.mark.rule("WIRE-12", "WIRE-17")
@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"G", b"\r\n" * 100, b"POST /api/auth/login HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: "),
        b"GET /ws/lists/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
    ],
    ids=["nothing", "a letter", "empty lines", "half a head", "half a header", "half an upgrade"],
)
async def test_five_hundred_unfinished_heads(siege: Siege, head: bytes) -> None:
    """Each connection is ended by its deadline, however it goes on; nobody else waits."""
    async with AsyncExitStack() as stack:
        dripping = [await stack.enter_async_context(connection(siege.house.url)) for _ in range(CONNECTIONS)]
        for raw in dripping:
            await raw.send(head)
        async with asyncio.timeout(SECONDS_MAX):
            answers = await asyncio.gather(*(raw.until_ended() for raw in dripping))
    assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}
    await siege.stands()


@pytest.mark.rule("WIRE-12")
async def test_a_head_that_drips(siege: Siege) -> None:
    """A byte now and then does not move the deadline."""
    async with connection(siege.house.url) as raw, asyncio.timeout(SECONDS_MAX):
        answer = await drips(raw, b"GET /healthz HTTP/1.1\r\nX-Drip: " + b"x" * 1_000)
    assert answer.startswith(b"HTTP/1.1 408 ")
    await siege.stands()


@pytest.mark.rule("WIRE-12")
async def test_a_body_that_drips(siege: Siege) -> None:
    """A body has its deadline, too, also one that nobody waits for any more."""
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    for path in (b"/api/auth/login", b"/api/nothing"):
        async with connection(siege.house.url) as raw, asyncio.timeout(SECONDS_MAX):
            await raw.send(head.replace(b"/api/auth/login", path))
            await drips(raw, b" " * 900)
    await siege.stands()


@pytest.mark.rule("WIRE-12")
async def test_a_head_without_end(siege: Siege) -> None:
    """A head of more than 16 KiB is refused before it is whole, in one header or in many."""
    for part in (b"x" * 1_000, b"X-More: y\r\n" * 100):
        async with connection(siege.house.url) as raw, asyncio.timeout(SECONDS_MAX):
            await raw.send(b"GET /healthz HTTP/1.1\r\nX-Long: ")
            ended = asyncio.create_task(raw.until_ended())
            while not ended.done():
                await raw.send(part)
                await asyncio.wait((ended,), timeout=0.01)
            assert (await ended)[:13] in {b"HTTP/1.1 431 ", b""}
    await siege.stands()


@pytest.mark.rule("WIRE-16")
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("X-Long: " + "x" * 9_000, b"HTTP/1.1 431 "),
        ("\r\n".join(f"X-Many-{number}: x" for number in range(200)), b"HTTP/1.1 431 "),
        ("Sec-WebSocket-Protocol: rowhouse, bearer.\u00e9\u00ff", b"HTTP/1.1 4"),
        ("Sec-WebSocket-Protocol: \u00e9", b"HTTP/1.1 "),
        ("Sec-WebSocket-Protocol: ,,, ,", b"HTTP/1.1 "),
        ("Sec-WebSocket-Protocol: " + ",".join(["rowhouse"] * 500), b"HTTP/1.1 "),
        ("Sec-WebSocket-Version: 99", b"HTTP/1.1 4"),
        ("Sec-WebSocket-Key: x", b"HTTP/1.1 4"),
        ("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99", b"HTTP/1.1 "),
        ("Origin: http://\u00e9", b"HTTP/1.1 403 "),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
async def test_odd_requests_for_a_socket(siege: Siege, line: str, status: bytes) -> None:
    """Headers too long, too many, not ASCII or senseless: an answer, and no connection that hangs."""
    async with connection(siege.house.url) as raw, asyncio.timeout(SECONDS_MAX):
        await raw.send(upgrade(siege.ben, siege.homes.id, line))
        head = await raw.head()
        assert head.startswith(status), head
        if not head.startswith(b"HTTP/1.1 101 "):
            await raw.until_ended()
    await siege.stands()


@pytest.mark.rule("WIRE-16")
async def test_a_path_that_is_not_ascii(siege: Siege) -> None:
    """As a socket's address it opens nothing and hangs nowhere."""
    async with connection(siege.house.url) as raw, asyncio.timeout(SECONDS_MAX):
        await raw.send(upgrade(siege.ben, "\u00e9" * 12))
        await raw.until_ended()
    await siege.stands()


@pytest.mark.rule("WIRE-15", "WIRE-17")
async def test_half_frames_and_then_silence(siege: Siege) -> None:
    """Who stops in the middle of a frame can answer no ping, and is gone."""
    parts = (b"\x82", announced(BINARY, 5)[:4], announced(BINARY, 1 << 20), announced(BINARY, 1 << 20) + b"x" * 999)
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(raw_socket(siege.ben, siege.homes.id)) for _ in parts]
        for raw, part in zip(raws, parts, strict=True):
            await raw.send(part)
        async with asyncio.timeout(SECONDS_MAX):
            assert {(await raw.until_closed())[0] for raw in raws} <= {1011, ABORTED}
    await siege.stands()


def shown_as(client: int) -> bytes:
    """A frame with the presence of a client."""
    state = b'{"cell":"here"}'
    entry = uint(1) + uint(client) + uint(1) + buffer(state)
    return frame(BINARY, b"\x01" + buffer(entry))


@pytest.mark.rule("WIRE-15", "PRES-6")
async def test_a_dead_peer(siege: Siege) -> None:
    """Who answers no ping is gone, and so is what they showed."""
    async with raw_socket(siege.ben, siege.homes.id) as raw, asyncio.timeout(SECONDS_MAX):
        await raw.send(shown_as(70_000))
        await siege.reader.until(lambda: 70_000 in siege.reader.presence)
        assert (await raw.until_closed())[0] in {1011, ABORTED}
        await siege.reader.until(lambda: 70_000 not in siege.reader.presence)
    await siege.stands()


@pytest.mark.rule("WIRE-15", "PRES-6", "WIRE-17")
async def test_a_dead_peer_with_much_unread(siege: Siege) -> None:
    """Also one for which more waits than the network takes: its connection does not linger."""
    story = siege.homes.cell(0, "Story")
    async with raw_socket(siege.ben, siege.homes.id) as raw, asyncio.timeout(2 * SECONDS_MAX):
        await raw.send(shown_as(70_001), frame(BINARY, b"\x00\x00" + buffer(b"\x00")))
        await siege.reader.until(lambda: 70_001 in siege.reader.presence)
        for number in range(UNREAD_EDITS):
            await siege.writer.write({story: f"{number}" + "x" * 90_000})
            await siege.writer.until_saved()
        await siege.reader.until(lambda: 70_001 not in siege.reader.presence)
    await siege.stands()


@pytest.mark.rule("WIRE-13")
async def test_a_message_that_is_never_finished(siege: Siege) -> None:
    """Though its sender answers every ping and sends on, a message has its deadline."""
    async with raw_socket(siege.ben, siege.homes.id) as raw, asyncio.timeout(SECONDS_MAX):
        await raw.send(frame(BINARY, b"\x00", final=False))
        code = 0
        while not code:
            opcode, payload = await raw.frame()
            if opcode == 9:
                await raw.send(frame(PONG, payload), frame(CONTINUATION, b"\x00", final=False))
            if opcode == 8:
                code = int.from_bytes(payload[:2])
    assert code == 1008
    await siege.stands()


@pytest.mark.rule("WIRE-18", "WIRE-17")
async def test_unfinished_messages_are_bounded_together(siege: Siege) -> None:
    """Twelve sockets with nearly 4 MiB each of what never becomes a message: the node holds 12 MiB and refuses more."""
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(raw_socket(siege.ben, siege.homes.id)) for _ in range(12)]
        for raw in raws:
            await raw.send(announced(BINARY, 4 << 20))
            for _ in range(63):
                await raw.send(b"\x00" * (64 << 10))
        assert resident_bytes(siege.pid) - siege.held_bytes < 32 << 20
        codes = [(await raw.until_closed())[0] for raw in raws]
    assert set(codes) <= {1011, 1013, ABORTED}
    assert set(codes) != {1011}, "not all of them were kept"
    await siege.stands()
