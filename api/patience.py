"""How long a connection is waited for before it has said what it wants: uvicorn's HTTP protocol with deadlines.

uvicorn waits for ever for a request's head, and holds however many bytes of it have come. Here a head and a body
have their seconds, a head its bytes, and what is not whole by then ends the connection (WIRE-12).
"""

import asyncio
import json
from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, cast

import uvicorn
from fastapi.requests import HTTPConnection
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api.errors import Code, Problem
from api.importing.uploads import is_upload
from api.knocks import AGAIN_LATER
from api.settings import Settings

HEAD_BYTES_MAX: Final = 16 * 1024
CUT_OFF_SECONDS: Final = 5.0
"""A peer that does not take the last bytes written to it within this time is cut off."""


Door = Callable[[HTTPConnection], int]
"""Says how many seconds whoever asks for a socket has to stay outside; 0: they may knock."""

_AGAIN_LATER: Final = json.dumps(Problem(Code.RATE, AGAIN_LATER).body()).encode()


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration, with the settings that our protocols keep and what they hold together."""

    def __init__(self, app: Any, settings: Settings, *, door: Door = lambda _: 0, **rest: Any) -> None:
        super().__init__(app, **rest)
        self.settings = settings
        self.door = door
        self.proxies = ProxyHeadersMiddleware(app, self.forwarded_allow_ips).trusted_hosts
        self.unfinished_bytes = 0
        """Bytes of messages that are not whole yet, on all sockets of this node."""


class _Awaited(Enum):
    """What the next bytes of a connection belong to."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()


class PatientHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol; a connection that dawdles over a request is ended."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, ServerConfig), "`serve` configures the protocols"
        self._node = config
        self._settings = config.settings
        self._awaited = _Awaited.NOTHING
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    @property
    def answered(self) -> bool:
        """Some request has come on this connection: it is answered, or will be."""
        return self.__dict__["cycle"] is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come: they owe a head."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._await(_Awaited.HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._await(_Awaited.NOTHING)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; those of a head are counted until it is whole."""
        if self._awaited is _Awaited.NOTHING:
            self._await(_Awaited.HEAD)
        self._head_bytes += len(data)
        super().data_received(data)
        if self._awaited is _Awaited.HEAD and self._head_bytes > HEAD_BYTES_MAX:
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins, perhaps right behind another one."""
        super().on_message_begin()
        if self._awaited is not _Awaited.HEAD:
            self._await(_Awaited.HEAD)

    def on_headers_complete(self) -> None:
        """The head is whole: the body may follow."""
        self._await(_Awaited.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._await(_Awaited.NOTHING)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """The connection is a socket from here on, unless whoever asks has to stay outside (ROOM-66)."""
        self._await(_Awaited.NOTHING)
        query = self.url.partition(b"?")[2]
        seconds = self._node.door(HTTPConnection({**self.scope, "client": self._caller(), "query_string": query}))
        if seconds:
            self._turn_away(seconds)
        else:
            super().handle_websocket_upgrade()

    def _caller(self) -> tuple[str, int] | None:
        """The address that asks; of what a trusted proxy passes on, the one that it names."""
        named = b", ".join(value for name, value in self.scope["headers"] if name == b"x-forwarded-for")
        if named and self.client is not None and self.client[0] in self._node.proxies:
            caller = self._node.proxies.get_trusted_client_address(named.decode("latin1"))
            return caller if caller[0] else self.client
        return self.client

    def _turn_away(self, seconds: int) -> None:
        head = (
            f"retry-after: {seconds}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(_AGAIN_LATER)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[HTTPStatus.TOO_MANY_REQUESTS] + head.encode() + _AGAIN_LATER)
        self.transport.close()
        self.loop.call_later(CUT_OFF_SECONDS, self.transport.abort)

    def _await(self, awaited: _Awaited) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._awaited = awaited
        if awaited is _Awaited.HEAD:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(self._settings.request_head_seconds_max, self._run_out)
        elif awaited is _Awaited.BODY:
            self._deadline = self.loop.call_later(self._body_seconds_max(), self._run_out)

    def _body_seconds_max(self) -> float:
        """A file is large, and may come over a slow line."""
        path = self.url.partition(b"?")[0].decode("latin1")
        upload = is_upload(self.parser.get_method().decode(), path)
        return self._settings.upload_seconds_max if upload else self._settings.request_body_seconds_max

    def _run_out(self) -> None:
        cycle: RequestResponseCycle | None = self.__dict__["cycle"]  # uvicorn does not say that there may be none
        if self._awaited is _Awaited.HEAD and cycle is not None and not cycle.response_complete:
            self._await(_Awaited.HEAD)  # an answer is under way, and what is behind it waits for that
            return
        self._end(HTTPStatus.REQUEST_TIMEOUT)

    def _end(self, status: HTTPStatus) -> None:
        """Say why where nothing has been answered yet, and close."""
        if self.transport.is_closing():
            return
        if self._awaited is _Awaited.HEAD:
            head = STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head)
        self._await(_Awaited.NOTHING)
        self.transport.close()
        self.loop.call_later(CUT_OFF_SECONDS, self.transport.abort)
