"""PostgreSQL servers as processes of their own, with fsync on: a primary, and standbys that may take its place.

They are made with the parts of the embedded server, but listen on TCP, so that a proxy can stand before them.
"""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from persistence.embedded.account import account_for
from persistence.embedded.binaries import binaries_for
from persistence.embedded.cluster import DATABASE, USER, Cluster, prepare
from persistence.embedded.postmaster import Postmaster, clear_left_over
from tests.faults.waiting import until

READY_SECONDS_MAX = 30.0
_POLL_SECONDS = 0.02


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Database:
    """One server and its data folder below `home`, which every system account can enter."""

    def __init__(self, home: Path) -> None:
        self.cluster = Cluster(home)
        self.port = free_port()
        self.name = DATABASE
        self._postmaster: Postmaster | None = None

    def start(self) -> None:
        """Start the server, as a supervisor does after a crash; returns when it takes connections."""
        self._launch()
        assert self._postmaster is not None
        self._postmaster.wait_until_ready(self.cluster.folder)

    def _launch(self) -> None:
        home = self.cluster.home
        home.mkdir(exist_ok=True)
        account = account_for(self.cluster.folder)
        binaries = binaries_for(account, home.parent)
        prepare(self.cluster, account, binaries, fsync=True)
        clear_left_over(self.cluster.folder, self.cluster.sockets)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "60",
            "shared_buffers": "32MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [binaries.postgres, "-D", self.cluster.folder, *options]
        self._postmaster = Postmaster(command, account, self.cluster.log)

    def url(self, port: int | None = None, name: str | None = None) -> str:
        """The address of the database, or of another one of the server, perhaps by way of another port."""
        password = quote(self.cluster.password(), safe="")
        return f"postgresql://{USER}:{password}@127.0.0.1:{port or self.port}/{name or self.name}"

    @property
    def running(self) -> bool:
        """The postmaster lives."""
        return self._postmaster is not None and self._postmaster.alive

    def stop(self) -> None:
        """End the server in order."""
        if self._postmaster is not None:
            self.thaw()
            self._postmaster.stop()
            self._postmaster = None

    def kill(self) -> None:
        """SIGKILL the postmaster; what served connections ends by itself."""
        self._signal_postmaster(signal.SIGKILL)

    def shoot(self) -> None:
        """SIGKILL every process of the server at one moment, as the end of its machine would."""
        self._signal(self._processes(), signal.SIGKILL)
        self._postmaster = None

    def end_immediately(self) -> None:
        """What `pg_ctl stop -m immediate` does (SIGQUIT)."""
        self._signal_postmaster(signal.SIGQUIT)

    def freeze(self) -> None:
        """Stop every process of the server (SIGSTOP): connections stay open and nobody answers."""
        self._signal(self._processes(), signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(self._processes(), signal.SIGCONT)

    def _signal_postmaster(self, number: signal.Signals) -> None:
        assert self._postmaster is not None
        os.kill(self._postmaster.pid, number)
        while self._postmaster.alive:
            self._postmaster._keeper.join(_POLL_SECONDS)
        self._postmaster = None

    def _processes(self) -> list[psutil.Process]:
        if self._postmaster is None or not self._postmaster.alive:
            return []
        try:
            postmaster = psutil.Process(self._postmaster.pid)
            return [postmaster, *postmaster.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    @staticmethod
    def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def move(self, home: Path) -> None:
        """Serve from a copy of the data folder below another home from now on; the port stays."""
        self.stop()
        old, self.cluster = self.cluster, Cluster(home)
        account = account_for(old.folder)
        home.mkdir(exist_ok=True)
        shutil.copytree(old.folder, self.cluster.folder)
        for path in (self.cluster.folder, *self.cluster.folder.rglob("*")):
            account.own(path)
        self.start()
        shutil.rmtree(old.home)

    async def make_standby(self, home: Path) -> "Database":
        """Make a standby of this server in `home` and start it; once it is there, a commit waits until it has it."""
        standby = Database(home)
        await asyncio.to_thread(self._copy_to, standby)
        await asyncio.to_thread(standby._launch)
        await standby.until_it_says("SELECT pg_is_in_recovery()")
        await self.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await self.say("SELECT pg_reload_conf()")
        await self.until_it_says("SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication")
        return standby

    def _copy_to(self, standby: "Database") -> None:
        home = standby.cluster.home
        home.mkdir()
        account = account_for(self.cluster.folder)
        binaries = binaries_for(account, home.parent)
        account.own(home)
        command = [binaries.folder / "pg_basebackup", "-D", standby.cluster.folder, "-R", "-X", "stream"]
        done = account.run([*command, "--checkpoint=fast", "--no-sync", "-d", self.url()])
        assert done.returncode == 0, done.stderr

    async def promote(self) -> None:
        """Become a primary; returns when writes are taken."""
        assert await self.say("SELECT pg_promote(true, 20)")

    async def say(self, statement: str) -> object:
        """Execute one statement on a connection of its own; gives its first value."""
        connection = await asyncpg.connect(self.url())
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def until_it_says(self, question: str) -> None:
        """Ask until the answer is true."""

        async def holds() -> bool:
            try:
                return bool(await self.say(question))
            except (OSError, asyncpg.PostgresError):
                return False

        await until(holds, READY_SECONDS_MAX)
