"""Stock Yjs clients (`yjs`, `y-websocket`) in a Node process, driven from a test."""

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.people import Person

FOLDER = Path(__file__).resolve().parent / "stock"
WAIT_SECONDS_MAX = 30.0
LINE_BYTES_MAX = 1 << 24


class StockClients:
    """The Node process and the clients in it, called by name."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self.on_event: Callable[[dict[str, Any]], None] = lambda _event: None
        self._happened = asyncio.Condition()

    async def listen(self) -> None:
        """Take in answers and events until the process ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
                continue
            self.events.append(message)
            self.on_event(message)
            async with self._happened:
                self._happened.notify_all()
        for waiting in self._answers.values():
            waiting.set_exception(AssertionError("the Node process ended"))

    async def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        assert self._process.stdin is not None
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._process.stdin.write(json.dumps({"id": number, "command": command, **arguments}).encode() + b"\n")
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            message: dict[str, Any] = await answer
        assert "error" not in message, message["error"]
        return message

    async def event(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for an event, also one that has happened already."""
        async with asyncio.timeout(WAIT_SECONDS_MAX), self._happened:
            await self._happened.wait_for(lambda: any(map(fits, self.events)))
        return next(filter(fits, self.events))

    async def open(self, person: Person, list_id: str, name: str = "", **options: bool) -> "StockClient":
        """Open a list as someone, with the provider's sub-protocols as credentials.

        `tabs`: all that are opened so for one list are tabs of one browser. `renews=False`: its presence is not renewed.
        """
        name = name or person.name
        address = f"{person.server.replace('http', 'ws', 1)}/ws/lists"
        protocols = ["rowhouse", f"bearer.{person.token}"]
        made = await self.call("open", name=name, url=address, list=list_id, protocols=protocols, **options)
        return StockClient(self, name, made["client"])


class StockClient:
    """One stock client: its document, its provider, and its Yjs client id."""

    def __init__(self, clients: StockClients, name: str, client: int) -> None:
        self.clients = clients
        self.name = name
        self.client = client

    async def write(self, entries: Mapping[str, Any], root: str = "cells") -> None:
        """Set keys in one transaction, in the newest generation or in a root."""
        await self.clients.call("write", name=self.name, entries=dict(entries), root=root)

    async def read(self, root: str = "cells") -> dict[str, Any]:
        """Every key and its value as this client sees it."""
        values: dict[str, Any] = (await self.clients.call("read", name=self.name, root=root))["values"]
        return values

    async def sees(self, key: str, value: Any, root: str = "cells") -> None:
        """Wait until this client sees a value; `None` stands for an absent key, too."""
        await self.clients.call("await", name=self.name, key=key, value=value, root=root)

    async def seen(self, key: str) -> list[Any]:
        """Every value that this client has been shown for a key, in order."""
        seen = (await self.clients.call("seen", name=self.name))["seen"]
        return [changed[key] for changed in seen if key in changed]

    async def present(self, state: Mapping[str, Any] | None) -> None:
        """Set this client's presence."""
        await self.clients.call("presence", name=self.name, state=None if state is None else dict(state))

    async def sees_present(self, other: "StockClient") -> dict[str, Any]:
        """Wait until somebody is here; the state that this client is shown."""
        answer = await self.clients.call("awaitPresence", name=self.name, client=other.client, present=True)
        state: dict[str, Any] = answer["state"]
        return state

    async def sees_gone(self, other: "StockClient") -> None:
        """Wait until somebody is gone."""
        await self.clients.call("awaitPresence", name=self.name, client=other.client, present=False)

    async def drop(self) -> None:
        """Lose the connection without a goodbye; the provider comes back by itself."""
        await self.clients.call("drop", name=self.name)

    async def crash(self) -> None:
        """End without a word to anyone."""
        await self.clients.call("crash", name=self.name)

    async def elapse(self, seconds: float) -> None:
        """Let time pass for this client's presence."""
        await self.clients.call("elapse", name=self.name, milliseconds=1000 * seconds)

    async def closed(self) -> dict[str, Any]:
        """Wait until the server has closed this client's connection; the close event."""
        return await self.clients.event(lambda event: event["event"] == "close" and event["name"] == self.name)

    async def remove(self, *keys: str, root: str = "cells") -> None:
        """Delete keys in one transaction."""
        await self.clients.call("remove", name=self.name, keys=keys, root=root)

    async def track(self) -> None:
        """Keep an undo history of this client's edits of cells from now on."""
        await self.clients.call("track", name=self.name)

    async def undo(self) -> bool:
        """Undo the last step; tells whether there was one."""
        return bool((await self.clients.call("undo", name=self.name))["done"])

    async def redo(self) -> bool:
        """Redo the step undone last; tells whether there was one."""
        return bool((await self.clients.call("redo", name=self.name))["done"])

    async def go_offline(self) -> None:
        """Lose the network; edits stay in the document."""
        await self.clients.call("offline", name=self.name)

    async def come_online(self, typing: Mapping[str, Any] | None = None) -> None:
        """Connect again, and type the moment that the socket is open; returns when the first sync has come."""
        await self.clients.call("online", name=self.name, typing=dict(typing or {}))

    async def cut(self) -> None:
        """Lose the socket alone, until this client comes online; tabs of one browser go on telling each other."""
        await self.clients.call("cut", name=self.name)

    async def merged(self, *entries: tuple[str, Any]) -> None:
        """Write keys one after another, and send all of it as one merged update."""
        await self.clients.call("merged", name=self.name, entries=entries)

    async def share(self, other: "StockClient") -> None:
        """Give everything that this client has to another tab of the same browser."""
        await self.clients.call("share", name=self.name, to=other.name)

    async def state(self) -> dict[str, Any]:
        """Every root's content, the clocks that are known, and whether anything waits for what is missing."""
        return await self.clients.call("state", name=self.name)

    async def close(self) -> None:
        """Go away."""
        await self.clients.call("close", name=self.name)


@asynccontextmanager
async def stock_clients() -> AsyncIterator[StockClients]:
    """Start the Node process; it ends with the block."""
    node = shutil.which("node")
    assert node is not None, "Node is needed for the stock clients; `python3 dev.py test` installs it"
    assert (FOLDER / "node_modules").is_dir(), "`python3 dev.py test` installs the stock clients' packages"
    process = await asyncio.create_subprocess_exec(
        node,
        "clients.mjs",
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    clients = StockClients(process)
    listening = asyncio.create_task(clients.listen())
    try:
        yield clients
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
