"""A client of the socket in Python, byte by byte: what it sends is exactly what a test says, honest or not.

It keeps a document as a Yjs client does, and sees our control messages (`?client=rowhouse`).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from pycrdt import Doc, Map
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from realtime.core import codec
from tests.e2e.people import Person

SYNC, AWARENESS, DENIED, CONTROL = 0, 1, 2, 100
WAIT_SECONDS_MAX = 30.0


class SocketClient:
    """One person's document and, while it is open, the connection that keeps it up to date.

    `frames` counts the edits sent on this connection, `saved` those that the server says are committed;
    `on_update` is called with each update that arrives, right after it was applied; `presence_seen` holds the
    (client id, clock) of every presence entry shown.
    """

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.overlays: Map[Any] = self.doc.get("overlays", type=Map)
        self.comments: Map[Any] = self.doc.get("comments", type=Map)
        self.control: list[dict[str, Any]] = []
        self.denied: list[dict[str, Any]] = []
        self.presence: dict[int, Any] = {}
        self.presence_seen: list[tuple[int, int]] = []
        self.synced = False
        self.frames = self.saved = self.updates_seen = 0
        self.closed: tuple[int, str] | None = None
        self.on_update: Callable[[bytes], None] = lambda _update: None
        self._connection: ClientConnection | None = None
        self._changed = asyncio.Condition()
        self._made: list[bytes] = []
        self._applying = False
        self._subscription = self.doc.observe(self._note)

    def _note(self, event: Any) -> None:
        if not self._applying:
            self._made.append(event.update)

    # The connection

    @asynccontextmanager
    async def connected(
        self, person: Person, list_id: str, *, ours: bool = True, query: str = "", open_seconds_max: float = 10.0
    ) -> AsyncIterator["SocketClient"]:
        """Open the list with an access token and sync; the connection is closed afterwards.

        Raises `ConnectionClosed` when the server ends it before that.
        """
        address = f"{person.server.replace('http', 'ws', 1)}/ws/lists/{list_id}"
        parameters = "&".join(part for part in ("client=rowhouse" if ours else "", query) if part)
        headers = {} if "ticket=" in query else {"Authorization": f"Bearer {person.token}"}
        self.synced, self.frames, self.saved, self.closed = False, 0, 0, None
        async with connect(
            f"{address}?{parameters}", additional_headers=headers, max_size=None, open_timeout=open_seconds_max
        ) as connection:
            self._connection = connection
            listening = asyncio.create_task(self._listen(connection))
            try:
                await connection.send(b"\x00\x00" + codec.buffer(self.doc.get_state()))
                await self.until(lambda: (self.synced and self.frames > 0) or self.closed is not None)
                if self.closed is not None:
                    await connection.recv()  # says how it was closed
                yield self
            finally:
                await connection.close()
                await listening
                self._connection = None

    async def _listen(self, connection: ClientConnection) -> None:
        try:
            async for frame in connection:
                assert isinstance(frame, bytes), "the server sends binary frames only"
                await self._take(frame)
        except ConnectionClosed:
            pass
        self.closed = (connection.close_code or 1006, connection.close_reason or "")
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool], seconds_max: float = WAIT_SECONDS_MAX) -> None:
        """Wait until something holds; it is asked again whenever a message has been taken in."""
        async with asyncio.timeout(seconds_max), self._changed:
            await self._changed.wait_for(holds)

    async def until_closed(self, seconds_max: float = WAIT_SECONDS_MAX) -> tuple[int, str]:
        """Wait until the server has closed the connection; its code and sentence."""
        await self.until(lambda: self.closed is not None, seconds_max)
        assert self.closed is not None
        return self.closed

    async def _take(self, frame: bytes) -> None:
        reader = codec.Reader(frame)
        kind = reader.uint()
        if kind == SYNC:
            await self._take_sync(reader.uint(), reader.buffer())
        elif kind == AWARENESS:
            self._take_presence(codec.Reader(reader.buffer()))
        elif kind == DENIED:
            assert reader.uint() == 0, "permission denied has one kind"
            self.denied.append(json.loads(reader.string()))
        elif kind == CONTROL:
            self._take_control(json.loads(reader.string()))
        else:
            raise AssertionError(f"the server sent a message of type {kind}")
        reader.finish()
        async with self._changed:
            self._changed.notify_all()

    async def _take_sync(self, step: int, body: bytes) -> None:
        if step == 0:
            await self.send_edit(self.doc.get_update(body), step=1)
            return
        self._applying = True
        self.doc.apply_update(body)
        self._applying = False
        self.synced |= step == 1
        self.updates_seen += step == 2
        self.on_update(body)

    def _take_presence(self, reader: codec.Reader) -> None:
        for _ in range(reader.uint()):
            client, clock, state = reader.uint(), reader.uint(), json.loads(reader.string())
            self.presence_seen.append((client, clock))
            if state is None:
                self.presence.pop(client, None)
            else:
                self.presence[client] = state

    def _take_control(self, message: dict[str, Any]) -> None:
        self.control.append(message)
        if message["type"] == "saved":
            self.saved = message["frames"]

    # What it sends

    async def send(self, frame: bytes | str) -> None:
        """Send a frame as it is."""
        assert self._connection is not None
        await self._connection.send(frame)

    async def send_unread(self, head: bytes, update: bytes = b"") -> None:
        """Send a frame to a server that may close the connection instead of reading it."""
        with suppress(ConnectionClosed):
            await self.send(head + codec.buffer(update) if update else head)

    def cut(self) -> None:
        """Lose the connection without a close frame."""
        assert self._connection is not None
        self._connection.transport.abort()

    async def send_edit(self, update: bytes, step: int = 2) -> int:
        """Send an update; returns its number among the edits of this connection."""
        self.frames += 1
        number = self.frames
        await self.send(b"\x00" + codec.uint(step) + codec.buffer(update))
        return number

    async def send_presence(self, client: int, clock: int, state: Any) -> None:
        """Send one presence entry; `None` means gone."""
        entry = codec.uint(client) + codec.uint(clock) + codec.string(json.dumps(state))
        await self.send(b"\x01" + codec.buffer(codec.uint(1) + entry))

    def make(self, entries: Mapping[str, Any], root: Map[Any] | None = None) -> bytes:
        """Change the document in one transaction, in the newest generation; returns the update, not sent."""
        target = self.generation if root is None else root
        with self.doc.transaction():
            for key, value in entries.items():
                target[key] = value
        (update,) = self._made
        self._made.clear()
        return update

    async def write(self, entries: Mapping[str, Any], root: Map[Any] | None = None) -> int:
        """Change the document and send the update."""
        return await self.send_edit(self.make(entries, root))

    async def until_saved(self) -> None:
        """Wait until everything sent on this connection is committed."""
        await self.until(lambda: self.saved >= self.frames or self.closed is not None)
        assert self.closed is None, f"closed instead: {self.closed}"

    # What it holds

    @property
    def generation(self) -> Map[Any]:
        """The newest generation's map."""
        newest: Map[Any] = self.overlays[max(self.overlays.keys(), key=int)]
        return newest

    @property
    def values(self) -> dict[str, Any]:
        """Every key of the newest generation and its value."""
        found = self.generation.to_py()
        assert found is not None
        return found
