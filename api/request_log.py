"""One line in the log for each call and each socket, and the id that ties everything said meanwhile to it.

The address is given as its route (`/api/lists/{list_id}`), never as it was called: a ticket may stand in it.
"""

import re
from collections.abc import Callable, MutableMapping
from time import perf_counter
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from api.answers import REQUEST_ID, REQUEST_ID_HEADER
from api.log_fields import FIELDS
from api.metrics import Metrics
from api.schemas import is_id

ELSEWHERE: Final = "/*"
"""What is not one of our routes: pages of the web client, and what is not there."""
ABNORMAL: Final = 1006
_GIVEN: Final = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)

_log = structlog.get_logger(__name__)


class RequestLog:
    """The outermost check: it names every call and tells how it ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics, new_id: Callable[[], str]) -> None:
        self._app = app
        self._metrics = metrics
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and note its end."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _GIVEN.fullmatch(given) else self._new_id()
        scope[REQUEST_ID] = request_id
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        visit = _Visit(scope, receive, send, request_id)
        try:
            await self._app(scope, visit.receive, visit.send)
        finally:
            self._note(scope, visit)

    def _note(self, scope: Scope, visit: "_Visit") -> None:
        seconds = round(perf_counter() - visit.begun, 6)
        place = {"route": route_of(scope), **ids_of(scope)}
        if scope["type"] == "websocket" and visit.accepted:
            self._metrics.socket_closed(visit.code)
            _log.info("socket closed", **place, code=visit.code, seconds=seconds)
            return
        method = str(scope.get("method", "WEBSOCKET"))
        self._metrics.answered(place["route"], method, visit.status, seconds)
        _log.info("call answered", **place, method=method, status=visit.status, seconds=seconds)


def route_of(scope: Scope) -> str:
    """Give the pattern of the route that took a call."""
    return str(getattr(scope.get("route"), "path", ELSEWHERE))


def ids_of(scope: Scope) -> dict[str, str]:
    """Give the ids that stand in the address and that a log may hold."""
    return {name: value for name, value in scope.get("path_params", {}).items() if name in FIELDS and is_id(value)}


class _Visit:
    """What passes by of one call."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self.begun = perf_counter()
        self.status = 500
        self.code = ABNORMAL
        self.accepted = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._request_id = request_id

    async def receive(self) -> Message:
        """Pass an event to the application."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and self.code == ABNORMAL:
            self.code = message.get("code", ABNORMAL)
        return message

    async def send(self, message: Message) -> None:
        """Pass an event of the application on, with the id on whatever is an answer's head."""
        kind = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self.status = int(message["status"])
            self._name(message)
        elif kind == "websocket.accept":
            self.accepted = True
            self._name(message)
            _log.info("socket opened", route=route_of(self._scope), **ids_of(self._scope))
        elif kind == "websocket.close":
            self.code, self.status = message.get("code", 1000), 403
        await self._send(message)

    def _name(self, message: MutableMapping[str, Any]) -> None:
        message.setdefault("headers", [])
        MutableHeaders(scope=message).setdefault(REQUEST_ID_HEADER, self._request_id)
