"""A TCP proxy between the nodes and what they depend on, which does to connections what networks do to them.

It can cut them, swallow what they carry (a black hole: everything stays open, nothing arrives), refuse new ones, delay,
and send them to another address.
"""

import asyncio
import socket
import struct
from enum import StrEnum

_ABORT = struct.pack("ii", 1, 0)
_CHUNK_BYTES = 1 << 16


class Mode(StrEnum):
    """What becomes of new connections, and of what established ones carry."""

    PASS = "pass"
    REFUSE = "refuse"
    HOLE = "hole"


class Proxy:
    """Listens on a port of loopback and forwards to `upstream`, a port of loopback that may change.

    `delay_seconds` holds back every chunk; `carried` counts the connections that were forwarded.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.delay_seconds = 0.0
        self.carried = 0
        self.port = 0
        self._mode = Mode.PASS
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End every connection and stop listening."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()

    def cut(self) -> None:
        """Reset every connection."""
        for link in list(self._links):
            link.reset()

    def refuse(self) -> None:
        """Reset every connection and each new one."""
        self._mode = Mode.REFUSE
        self.cut()

    def swallow(self) -> None:
        """Be a black hole: connections stay open and new ones are accepted, but nothing arrives on either side."""
        self._mode = Mode.HOLE
        for link in self._links:
            link.flowing.clear()

    def heal(self, *, deliver: bool = True) -> None:
        """Forward again; what was swallowed arrives late, or (`deliver=False`) never, on connections that stay open."""
        self._mode = Mode.PASS
        for link in self._links:
            link.dead = link.dead or (not deliver and not link.flowing.is_set())
            if not link.dead:
                link.flowing.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(reader, writer)
        if self._mode is Mode.REFUSE:
            link.reset()
            return
        if self._mode is Mode.HOLE:
            link.flowing.clear()
        self._links.add(link)
        task = asyncio.get_running_loop().create_task(self._carry(link))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, link: "_Link") -> None:
        try:
            await link.flowing.wait()
            reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            link.reset()
            self._links.discard(link)
            return
        self.carried += 1
        link.writers.append(writer)
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(link, link.reader, writer))
                pumps.create_task(self._pump(link, reader, link.writers[0]))
        finally:
            link.reset()
            self._links.discard(link)

    async def _pump(self, link: "_Link", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(_CHUNK_BYTES):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                await link.flowing.wait()
                writer.write(chunk)
                await writer.drain()
            await link.flowing.wait()
            writer.close()
        except OSError:
            link.reset()


class _Link:
    """One connection: the client's side, and the upstream's once it is there."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writers = [writer]
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.dead = False

    def reset(self) -> None:
        """Send RST to both sides."""
        for writer in self.writers:
            connection: socket.socket | None = writer.get_extra_info("socket")
            if connection is not None and connection.fileno() >= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            writer.transport.abort()
