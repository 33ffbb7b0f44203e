"""Two hundred who come at once, and one who does not read: whoever works in the list hardly notices, and memory is bounded."""

import asyncio
import socket as sockets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest
from pycrdt import Doc, Map

from realtime.core import codec
from realtime.core.limits import Limits
from tests.e2e.attacks.raw_socket import BINARY, PING, PONG, RawSocket, frame, upgrade
from tests.e2e.attacks.siege import resident_bytes
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House
from tests.e2e.people import Person
from tests.e2e.socket_client import SocketClient
from tests.timing import in_time

STORM, PEOPLE = 200, 5
EDIT_SECONDS_MAX = 5.0
TEXT_LETTERS, EDITS = 90_000, 160
SYSTEM_BYTES_MAX = 6 << 20
"""What the system keeps of a connection besides: 4 MiB to send, and a little that has arrived."""
GROWN_BYTES_MAX = 48 << 20


async def storm_of(people: list[Person], list_id: str, stack: AsyncExitStack) -> tuple[list[SocketClient], list[bytes]]:
    """Let all newcomers come at once: their clients, once they are synced, and the largest update that each was sent."""
    clients, largest = [SocketClient() for _ in range(STORM)], [b""] * STORM

    async def come(number: int) -> None:
        def keep(update: bytes) -> None:
            largest[number] = max(largest[number], update, key=len)

        clients[number].on_update = keep
        person = people[number % len(people)]
        await stack.enter_async_context(clients[number].connected(person, list_id, open_seconds_max=30.0))

    await asyncio.gather(*(come(number) for number in range(STORM)))
    return clients, largest


@pytest.mark.rule("WIRE-6")
async def test_two_hundred_newcomers_share_one_frame(newcomer: Newcomer) -> None:
    """All are synced and see what is written meanwhile; nobody's edit waits for longer than five seconds to be saved."""
    owner = await newcomer("Ana")
    homes = await owner.make_list("Homes", [{"name": "Note", "type": "text"}])
    await owner.add_rows(homes, [{"Note": f"home {number}"} for number in range(200)])
    people = [await newcomer(f"Guest{number}") for number in range(PEOPLE)]
    for person in people:
        await owner.admit(person, "editor")
    writer, cell, seconds = SocketClient(), homes.cell(0, "Note"), []
    async with writer.connected(owner, homes.id), AsyncExitStack() as stack:
        storm = asyncio.create_task(storm_of(people, homes.id, stack))
        while not storm.done():
            started = time.perf_counter()
            await writer.write({cell: f"edit {len(seconds)}"})
            await writer.until_saved()
            seconds.append(time.perf_counter() - started)
            await asyncio.wait((storm,), timeout=0.05)
        clients, largest = await storm
        await writer.write({cell: "the last"})
        for client in clients:
            await client.until(lambda client=client: client.values.get(cell) == "the last")  # type: ignore[misc]
    assert in_time(max(seconds), EDIT_SECONDS_MAX)
    assert len(set(largest)) == 1
    assert all(client.values == writer.values for client in clients)


@asynccontextmanager
async def narrow_socket(person: Person, list_id: str) -> AsyncIterator[RawSocket]:
    """A list's socket, synced as a newcomer's, of somebody for whom the system takes little in while they do not read."""
    address = urlsplit(person.server)
    own = sockets.socket()
    own.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 64 << 10)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, (address.hostname, address.port))
    reader, writer = await asyncio.open_connection(sock=own)
    try:
        raw = RawSocket(reader, writer)
        await raw.send(upgrade(person, list_id))
        assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        await raw.send(frame(BINARY, b"\x00\x00" + codec.buffer(b"\x00")))
        yield raw
    finally:
        writer.transport.abort()


async def read_until(raw: RawSocket, cell: str, wanted: str) -> int:
    """Read on until a copy made of what comes shows a value; how many bytes it took."""
    copy: Doc[None] = Doc()
    overlays, received = copy.get("overlays", type=Map), 0
    async with asyncio.timeout(30):
        while not any(generation.get(cell) == wanted for generation in overlays.values()):
            opcode, payload = await raw.frame()
            received += len(payload)
            if opcode == PING:
                await raw.send(frame(PONG, payload))
            elif payload[:2] in {b"\x00\x01", b"\x00\x02"}:
                copy.apply_update(codec.Reader(payload[2:]).buffer())
    return received


@pytest.mark.rule("ROOM-9")
async def test_who_does_not_read_is_sent_a_difference(newcomer: Newcomer, house: House) -> None:
    """Not the queue: once they read they have everything for less than was written, and meanwhile a colleague saw each edit."""
    owner, slow = await newcomer("Ana"), await newcomer("Ben")
    await owner.admit(slow, "editor")
    homes = await owner.make_list("Homes", [{"name": "Story", "type": "long_text"}])
    await owner.add_rows(homes, [{"Story": "-"}])
    cell, writer, colleague, seconds, text = homes.cell(0, "Story"), SocketClient(), SocketClient(), [], ""
    async with (
        writer.connected(owner, homes.id),
        colleague.connected(owner, homes.id),
        narrow_socket(slow, homes.id) as raw,
    ):
        held = resident_bytes(house.pid)
        for number in range(EDITS):
            text = f"{number} " + "x" * TEXT_LETTERS
            started = time.perf_counter()
            await writer.write({cell: text})
            await colleague.until(lambda text=text: colleague.values.get(cell) == text)  # type: ignore[misc]
            seconds.append(time.perf_counter() - started)
        grown = resident_bytes(house.pid) - held
        received = await read_until(raw, cell, text)
    assert in_time(max(seconds), EDIT_SECONDS_MAX)
    assert received < Limits().outbox_bytes_max + SYSTEM_BYTES_MAX < EDITS * TEXT_LETTERS
    assert grown < GROWN_BYTES_MAX
