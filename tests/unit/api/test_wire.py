"""The transport of a list's socket: what has arrived is parsed in slices, and not while the reader rests."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from api.wire import SLICE_BYTES, ListSocketProtocol


class Transport(asyncio.Transport):
    """A transport that notes whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        """Note it."""
        self.reading = False

    def resume_reading(self) -> None:
        """Note it."""
        self.reading = True

    def write(self, data: Any) -> None:
        """Nobody reads what is written."""

    def is_closing(self) -> bool:
        """It stays open."""
        return False

    def close(self) -> None:
        """It stays open."""


async def nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    """An application that never looks at its connection."""
    await asyncio.get_running_loop().create_future()


def frames_of(client: ClientProtocol, count: int) -> bytes:
    """So many small messages, as a client sends them."""
    for _ in range(count):
        client.send_binary(b"\x03")
    return b"".join(client.data_to_send())


@pytest.fixture
async def line() -> AsyncIterator[tuple[ListSocketProtocol, Transport, ClientProtocol]]:
    """A connection after its handshake, its transport, and the client's side of it."""
    config = Config(nothing, interface="asgi3", ws=ListSocketProtocol, ws_per_message_deflate=False, lifespan="off")
    config.load()
    protocol, transport = ListSocketProtocol(config, ServerState(), {}), Transport()
    protocol.connection_made(transport)
    client = ClientProtocol(parse_uri("ws://rowhouse.test/ws/lists/x"))
    client.send_request(client.connect())
    protocol.data_received(b"".join(client.data_to_send()))
    client.state = client.state.OPEN
    protocol.handshake_complete = True
    await asyncio.sleep(0)  # the application begins
    yield protocol, transport, client
    for task in protocol.tasks:
        task.cancel()
    await asyncio.gather(*protocol.tasks, return_exceptions=True)


@pytest.mark.rule("ROOM-25")
async def test_what_has_arrived_waits_while_the_reader_rests(
    line: tuple[ListSocketProtocol, Transport, ClientProtocol],
) -> None:
    """Of 40,000 messages at once a slice is taken, then nothing until the rest is over, then the next slice."""
    protocol, transport, client = line
    taken: list[bytes] = []
    waits = iter([*[0.0] * 10, *[1e6] * 100_000])

    def take(message: bytes) -> float:
        taken.append(message)
        return next(waits)

    protocol.take_frame = take
    arrived = frames_of(client, 40_000)
    protocol.data_received(arrived)
    a_slice = SLICE_BYTES // (len(arrived) // 40_000)
    assert len(taken) == a_slice
    assert not transport.reading
    protocol.read_on()
    assert len(taken) in (2 * a_slice, 2 * a_slice + 1)
    assert not transport.reading
    waits = iter([0.0] * 100_000)
    while len(taken) < 40_000:
        protocol.read_on()
    assert transport.reading
    assert taken == [b"\x03"] * 40_000


@pytest.mark.rule("ROOM-25")
async def test_the_longest_rest_counts(line: tuple[ListSocketProtocol, Transport, ClientProtocol]) -> None:
    """Every message of a slice may ask for a rest; there is one timer, and it is the last one's."""
    protocol, transport, client = line
    waits = iter([1e6, 2e6, 3e6])
    protocol.take_frame = lambda _message: next(waits)
    protocol.data_received(frames_of(client, 3))
    assert not transport.reading
    assert protocol.rest_timer is not None
    assert protocol.rest_timer.when() - asyncio.get_running_loop().time() == pytest.approx(3e6, abs=60)
    protocol.rest_timer.cancel()
