"""The real server as a process of its own, on an embedded PostgreSQL with fsync on, and the browser in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from persistence.embedded import EmbeddedPostgres

PROPERTIES = 40
START_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 30.0
PAUSE_SECONDS = 0.05


@dataclass
class Server:
    """A server that tests start, kill and start again on the same state folder and port."""

    state: Path
    port: int
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        """The address of the server's database."""
        return EmbeddedPostgres(self.state).dsn

    def start(self) -> None:
        """Start the server and return when it says that all is up."""
        command = [Path(sys.executable).parent / "rowhouse", "up", "--port", str(self.port), "--data", str(self.state)]
        with (self.state / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--rows", str(PROPERTIES)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | self.variables,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._ready():
            assert self.process.poll() is None, f"the server ended:\n{self.log}"
            assert time.monotonic() < deadline, f"the server was not ready in time:\n{self.log}"

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)

    def stop(self) -> None:
        """End the server as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(STOP_SECONDS_MAX)

    @property
    def log(self) -> str:
        """The last of what the server printed."""
        return (self.state / "server.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _ready(self) -> bool:
        try:
            with httpx.Client(timeout=httpx.Timeout(1.0)) as client:
                return client.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            # Nobody listens yet: waiting for the server's end is the pause between two questions.
            assert self.process is not None
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PAUSE_SECONDS)
            return False


@pytest.fixture(scope="session")
def server(make_state_folder: Callable[[], Path]) -> Iterator[Server]:
    """The one server with the demo workspace that the tests share; each works in a list or on rows of its own."""
    running = Server(make_state_folder(), free_port())
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def own_server(make_state_folder: Callable[[], Path]) -> Iterator[Server]:
    """A server with a state folder of its own, not started yet: for tests that kill it."""
    private = Server(make_state_folder(), free_port())
    try:
        yield private
    finally:
        private.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the browser that `dev.py` found; root's browser cannot use the sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    found = os.environ.get("ROWHOUSE_CHROMIUM")
    return browser_type_launch_args | {"args": arguments} | ({"executable_path": found} if found else {})


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
