"""A house: the real server as a process of its own, with the embedded PostgreSQL, fsync on, in a state folder.

It is started through the public door (`rowhouse up`), killed as the world kills processes, and started again on
the same folder.
"""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
ROWHOUSE = Path(sys.executable).parent / "rowhouse"
START_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 30.0
LOG = "server.log"
ADDRESS = re.compile(r"Rowhouse is at (http://\S+)")
ROOMY = {
    "ROWHOUSE_WORKER": "false",
    "ROWHOUSE_REGISTRATIONS_PER_HOUR": "100000",
    "ROWHOUSE_LOGIN_ATTEMPTS_PER_MINUTE": "100000",
    "ROWHOUSE_FAILED_UPGRADES_BURST_MAX": "100000",
    "ROWHOUSE_LIMITS": '{"joins_burst_max": 100000, "strikes_burst_max": 100000}',
}


class House:
    """One server and its state folder; a neighbour serves a database that runs.

    `options` go to `rowhouse up`, `settings` are variables of its environment.
    """

    def __init__(self, folder: Path, *options: str, served: str | None = None, **settings: str) -> None:
        self.folder = folder
        self.options = options
        self.settings = settings
        self._served = served
        self._log = folder / (LOG if served is None else f"neighbour-{LOG}")
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._listener: threading.Thread | None = None
        self._database_url = ""

    def start(self) -> None:
        """Start the server on a free port; returns when it answers calls."""
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= ROOMY | self.settings
        if self._served is not None:
            environment["DATABASE_URL"] = self._served
        verb = "up" if self._served is None else "serve"
        command = [str(ROWHOUSE), verb, "--port", "0", "--data", str(self.folder), *self.options]
        self._lines = queue.Queue()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self.url, self._database_url = self._announced(), ""

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def _announced(self) -> str:
        while (line := self._lines.get(timeout=START_SECONDS_MAX)) is not None:
            found = ADDRESS.search(line)
            if found:
                return found.group(1)
        raise AssertionError(f"the server ended before it listened: {self.log()}")

    def neighbour(self) -> "House":
        """Another node, not started yet: a server of its own on the same database, with the same secret."""
        return House(self.folder, served=self.database_url, **self.settings)

    @property
    def socket_url(self) -> str:
        """The address below which lists are opened as sockets."""
        return f"{self.url.replace('http', 'ws', 1)}/ws/lists"

    @property
    def database_url(self) -> str:
        """What `rowhouse db-url` prints: the way in for SQL."""
        if not self._database_url:
            command = [str(ROWHOUSE), "db-url", "--data", str(self.folder)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            self._database_url = done.stdout.strip()
        return self._database_url

    @property
    def pid(self) -> int:
        """The server's process id, while it runs."""
        assert self._process is not None, "the server runs"
        return self._process.pid

    @property
    def running(self) -> bool:
        """The server's process lives."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """What the server said on its error output."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def kill_database(self) -> None:
        """End the embedded PostgreSQL alone (SIGKILL of its postmaster); the server starts it again."""
        (pid_file,) = self.folder.rglob("postmaster.pid")
        os.kill(int(pid_file.read_text(encoding="utf-8").splitlines()[0]), signal.SIGKILL)

    def stop(self) -> None:
        """End the server as Ctrl-C does."""
        self._end(signal.SIGINT)

    def terminate(self) -> None:
        """End the server as an orchestrator does (SIGTERM)."""
        self._end(signal.SIGTERM)

    def wait(self) -> None:
        """Wait until the server has ended by itself."""
        self._end(None)

    def _end(self, number: int | None) -> None:
        if self._process is None:
            return
        if self._process.poll() is None and number is not None:
            self._process.send_signal(number)
        self._process.wait(timeout=STOP_SECONDS_MAX)
        assert self._listener is not None
        self._listener.join(timeout=STOP_SECONDS_MAX)
        self._process = None
