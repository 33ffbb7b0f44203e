"""A connection whose every byte the test decides: HTTP as it likes, WebSocket frames as no library sends them."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from tests.e2e.people import Person

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
WAIT_SECONDS_MAX = 30.0
ABORTED = 1006
_MASKED, _FINAL = 0x80, 0x80


class RawSocket:
    """Bytes to the server and bytes from it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        """Send bytes, to a server that may have closed already."""
        with suppress(ConnectionError):
            self._writer.write(b"".join(parts))
            await self._writer.drain()

    async def head(self) -> bytes:
        """The head of the server's answer."""
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def until_ended(self) -> bytes:
        """Whatever comes until the server ends the connection."""
        received = bytearray()
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            with suppress(ConnectionError):
                while part := await self._reader.read(1 << 16):
                    received += part
        return bytes(received)

    async def until_closed(self) -> tuple[int, str]:
        """The code and the sentence of the server's close frame; 1006 where it came to none."""
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                while True:
                    opcode, payload = await self.frame()
                    if opcode == CLOSE:
                        return struct.unpack(">H", payload[:2])[0], payload[2:].decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return ABORTED, ""

    async def frame(self) -> tuple[int, bytes]:
        """The next frame of the server: its opcode and what it holds."""
        first, length = await self._reader.readexactly(2)
        assert first & _FINAL, "the server sends whole messages"
        if length == 126:
            (length,) = struct.unpack(">H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(length)


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """A frame as a client sends it, or nearly."""
    head = bytes(((_FINAL if final else 0) | reserved | opcode,)) + _length(len(payload), masked=masked)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def announced(opcode: int, length: int) -> bytes:
    """The head of a final, masked frame of some length, without what it announces."""
    return bytes((_FINAL | opcode,)) + _length(length, masked=True) + b"\0\0\0\0"


def _length(length: int, *, masked: bool) -> bytes:
    bit = _MASKED if masked else 0
    if length < 126:
        return bytes((bit | length,))
    if length <= 0xFFFF:
        return struct.pack(">BH", bit | 126, length)
    return struct.pack(">BQ", bit | 127, length)


@asynccontextmanager
async def connection(server: str) -> AsyncIterator[RawSocket]:
    """A TCP connection to the server; it is cut off afterwards."""
    address = urlsplit(server)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield RawSocket(reader, writer)
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


def upgrade(person: Person, list_id: str, *lines: str) -> bytes:
    """The head of a request for a list's socket; `lines` stand before its end."""
    head = (
        f"GET /ws/lists/{list_id} HTTP/1.1",
        f"Host: {urlsplit(person.server).netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: bm90IGEgc2VjcmV0IGtleQ==",
        f"Authorization: Bearer {person.token}",
        *lines,
    )
    return "\r\n".join((*head, "", "")).encode("latin-1")


@asynccontextmanager
async def raw_socket(person: Person, list_id: str) -> AsyncIterator[RawSocket]:
    """A list's socket, open."""
    async with connection(person.server) as raw:
        await raw.send(upgrade(person, list_id))
        assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        yield raw
