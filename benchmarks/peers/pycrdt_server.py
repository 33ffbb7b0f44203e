"""pycrdt-websocket under uvicorn with uvloop, each room with its SQLite store: every update is a transaction of its own.

The package leaves it to its user to give rooms a store; this is how its documentation does it. Runs in the peers' own environment.
"""

import asyncio
import os
from contextlib import suppress
from logging import getLogger

import uvicorn
from pycrdt.store import SQLiteYStore, YDocNotFound
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom
from pycrdt.websocket.websocket_server import exception_logger


class Store(SQLiteYStore):
    """All rooms in one file."""

    db_path = os.environ["DATABASE"]


class Rooms(WebsocketServer):
    """A server whose rooms are read from the store when they are opened."""

    def __init__(self) -> None:
        super().__init__(rooms_ready=False, exception_handler=exception_logger)
        self._opening: dict[str, asyncio.Lock] = {}

    async def get_room(self, name: str) -> YRoom:
        """Give the room of that name, with all that its store has."""
        async with self._opening.setdefault(name, asyncio.Lock()):
            if name not in self.rooms:
                store = Store(name)
                room = YRoom(ready=False, ystore=store, exception_handler=exception_logger, log=getLogger("rooms"))
                await self.start_room(room)
                await store.started.wait()
                with suppress(YDocNotFound):
                    await store.apply_updates(room.ydoc)
                room.ready = True
                self.rooms[name] = room
        return self.rooms[name]


async def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    async with Rooms() as rooms:
        config = uvicorn.Config(
            ASGIServer(rooms),
            host="127.0.0.1",
            port=int(os.environ["PORT"]),
            log_level="warning",
            ws_max_size=1 << 28,
            ws_per_message_deflate=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it by a flag only
            await asyncio.sleep(0.01)
        print("ready", flush=True)
        await serving


if __name__ == "__main__":
    asyncio.run(main())
