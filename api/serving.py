"""Running the application under uvicorn: its loop, its socket protocol, its clean end.

A server that is told to end drains first (docs/adr/0022-drain.md), in this order: it says that it is not ready,
lets calls under way finish, closes its sockets one after another, and only then its database.
"""

import asyncio
import os
import signal
import socket as sockets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from fastapi.requests import HTTPConnection

from api.access import address_of
from api.collector import spare_collector
from api.knocks import Knocks
from api.offers import Offer
from api.patience import PatientHttpProtocol, ServerConfig
from api.settings import Settings
from api.wire import ListSocketProtocol

CALLS_SECONDS_MAX: Final = 2
"""How long calls that are still under way are waited for once every socket is closed."""
EXIT_SECONDS_MAX: Final = 9.5
"""So long after the signal the process ends, whatever hangs."""
_HASTY_STATUS: Final = 1


def is_loopback(host: str) -> bool:
    """Tell whether a host to listen on can be reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(app: FastAPI, settings: Settings, host: str, port: int, announce: Callable[[int], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `announce` is called with the port once calls are answered.

    From the signal on the process has `EXIT_SECONDS_MAX` to live: what the caller still has to do must be done by then.

    Raises `OSError` if the address cannot be listened on. Addresses are not logged: a ticket may stand in one.
    """

    def door(request: HTTPConnection) -> int:
        knocks: Knocks = app.state.services.knocks
        return knocks.wait_seconds(address_of(request), Offer.of(request).credential)

    config = ServerConfig(
        app,
        settings,
        door=door,
        http=PatientHttpProtocol,
        ws=ListSocketProtocol,
        ws_max_size=settings.list_limits.sync_bytes_max,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=settings.ping_seconds,
        timeout_graceful_shutdown=CALLS_SECONDS_MAX,
        access_log=False,
        server_header=False,
        log_config=None,
    )
    listening = _listen(host, port)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _Server(config, app, lambda: announce(listening.getsockname()[1])).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()


class _Server(uvicorn.Server):
    """A server that tells when it has started, and drains before it ends."""

    def __init__(self, config: ServerConfig, app: FastAPI, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._settings = config.settings
        self._tell_started = started

    async def startup(self, sockets: list[sockets.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        spare_collector()
        if self.started:
            self._tell_started()

    async def shutdown(self, sockets: list[sockets.socket] | None = None) -> None:
        """Drain: nobody who comes meanwhile is lost, and nobody who is here is sent away before their edits are safe."""
        _limit_life()
        drain = self._app.state.services.drain
        drain.begin()
        closing = (b"connection", b"close")
        self.server_state.default_headers = [*self.server_state.default_headers, closing]
        await asyncio.sleep(self._settings.drain_notice_seconds)
        await self._stop_listening(sockets or [])
        for connection in list(self.server_state.connections):
            if isinstance(connection, PatientHttpProtocol) and connection.answered:
                connection.shutdown()  # who has just been let in and has not asked yet is still answered
        await drain.empty(self._settings.drain_spread_seconds)
        await super().shutdown(sockets)

    async def _stop_listening(self, listening: Sequence[sockets.socket]) -> None:
        """Stop, and let in whom the system has accepted in our name: they would be cut off with the listening socket."""
        kept = [own.dup() for own in listening]
        for server in self.servers:
            server.close()
        for own in listening:
            own.close()
        for own in kept:
            for came in _accepted(own):
                await asyncio.get_running_loop().connect_accepted_socket(self._protocol, came)

    def _protocol(self) -> PatientHttpProtocol:
        return PatientHttpProtocol(self.config, self.server_state, self.lifespan.state)


def _accepted(listening: sockets.socket) -> list[sockets.socket]:
    """Take everybody who waits at a listening socket, and close it."""
    came = []
    with listening, suppress(BlockingIOError):
        listening.setblocking(False)
        while True:
            came.append(listening.accept()[0])
    return came


def _limit_life() -> None:
    """End the process after a while: a database that hangs must not keep a server that is told to end."""
    limit = threading.Timer(EXIT_SECONDS_MAX, os._exit, [_HASTY_STATUS])
    limit.daemon = True
    limit.start()


def _listen(host: str, port: int) -> sockets.socket:
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    return sockets.create_server((host, port), family=family, backlog=2048)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that what is open is closed in order."""
    raise KeyboardInterrupt
