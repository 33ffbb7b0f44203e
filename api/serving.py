"""Running the application under uvicorn: its loop, its socket protocol, its clean end."""

import signal
import socket as sockets
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.patience import PatientHttpProtocol, ServerConfig
from api.settings import Settings
from api.wire import ListSocketProtocol

SHUTDOWN_SECONDS_MAX: Final = 8


def is_loopback(host: str) -> bool:
    """Tell whether a host to listen on can be reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(app: FastAPI, settings: Settings, host: str, port: int, announce: Callable[[int], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `announce` is called with the port once calls are answered.

    Raises `OSError` if the address cannot be listened on. Addresses are not logged: a ticket may stand in one.
    """
    config = ServerConfig(
        app,
        settings,
        http=PatientHttpProtocol,
        ws=ListSocketProtocol,
        ws_max_size=settings.list_limits.sync_bytes_max,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=settings.ping_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
        access_log=False,
        server_header=False,
        log_config=None,
    )
    listening = _listen(host, port)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _Server(config, lambda: announce(listening.getsockname()[1])).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()


class _Server(uvicorn.Server):
    """A server that tells when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[sockets.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()


def _listen(host: str, port: int) -> sockets.socket:
    family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
    return sockets.create_server((host, port), family=family, backlog=2048)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that what is open is closed in order."""
    raise KeyboardInterrupt
