"""The worker beside a server: a process that begins and ends with it, and is started again when it ends by itself.

It is started by a thread that lives as long as it does, because Linux sends the parent-death signal when the starting *thread* ends. So
a server that is killed takes its worker with it.
"""

import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

import structlog

from api.settings import Settings
from persistence.embedded.postmaster import TRAMPOLINE

_PAUSE_SECONDS_MIN: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 30.0
_LIVED_SECONDS: Final = 60.0
"""A worker that lived so long is started again at once when it ends."""
_END_SECONDS_MAX: Final = 6.0

_log = structlog.get_logger(__name__)


class WorkerBeside:
    """Keeps a worker running from entry to exit."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None, "a server has found its database"
        self._environment = os.environ | {
            "DATABASE_URL": settings.database_url,
            "ROWHOUSE_DATA": str(settings.state_folder),
        }
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id of the worker, while there is one."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> Self:
        """Start the worker, and come back at once."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask the worker to end, and end it if it takes long."""
        self._ending.set()
        process = self._process
        if process is not None:
            process.terminate()
        self._thread.join(_END_SECONDS_MAX)
        if process is not None and self._thread.is_alive():
            process.kill()
            self._thread.join()

    def _keep(self) -> None:
        pause = _PAUSE_SECONDS_MIN
        while not self._ending.is_set():
            begun = time.monotonic()
            trampoline = (sys.executable, "-I", "-S", str(TRAMPOLINE), "-1", "-1", str(os.getpid()))
            command = (sys.executable, "-m", "api.cli", "worker")
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*trampoline, *command], stdin=subprocess.DEVNULL, env=self._environment, start_new_session=True
            )
            if self._ending.is_set():  # it was asked for before there was anything to end
                self._process.terminate()
            status = self._process.wait()
            if self._ending.is_set():
                return
            pause = _PAUSE_SECONDS_MIN if time.monotonic() - begun > _LIVED_SECONDS else pause
            _log.error("the worker ended and is started again", code=status, seconds=pause)
            self._ending.wait(pause)
            pause = min(2 * pause, _PAUSE_SECONDS_MAX)
