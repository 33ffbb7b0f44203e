"""Keeps an embedded PostgreSQL up: when its process ends and nobody asked for that, it is started again.

Without it a server whose own database was killed (out of memory, by hand) would go on for ever without one.
"""

import threading
from types import TracebackType
from typing import Final, Self

import structlog

from persistence.embedded.refusal import PostgresRefused
from persistence.embedded.server import EmbeddedPostgres

_LOOK_SECONDS: Final = 0.1
_PAUSE_SECONDS_MIN: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 30.0
_log = structlog.get_logger(__name__)


class Supervisor:
    """Starts `server` on entry, stops it on exit, and in between starts it again whenever it is gone.

    The address stays the same. A server that does not stay up is tried again after pauses that grow to 30 seconds.
    """

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="postgres-supervisor", daemon=True)

    def __enter__(self) -> Self:
        """Start the server. Raises `PostgresRefused`."""
        self._server.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server for good."""
        self._ending.set()
        self._thread.join()
        self._server.stop()

    def _watch(self) -> None:
        pause = _PAUSE_SECONDS_MIN
        while not self._ending.wait(_LOOK_SECONDS):
            if self._server.pid is not None:
                continue
            _log.error("the embedded PostgreSQL ended and is started again")
            try:
                self._server.start_again(self._ending)
            except PostgresRefused:
                _log.exception("the embedded PostgreSQL does not start", seconds=pause)
                self._ending.wait(pause)
                pause = min(2 * pause, _PAUSE_SECONDS_MAX)
            else:
                pause = _PAUSE_SECONDS_MIN
