"""Which sites a browser may call from: the server's own, and those that the settings name.

A page of another site can make a browser send this site's cookie, or open a socket. Whatever changes
something, and every socket, therefore passes this check when the browser names an origin.
"""

from urllib.parse import urlsplit

from fastapi.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import problem_response
from api.errors import Code, Problem
from api.settings import Settings

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def from_own_site(connection: HTTPConnection, settings: Settings) -> bool:
    """Tell whether a call comes from an allowed site, or from a program (which names no origin)."""
    origin = connection.headers.get("origin")
    if origin is None or origin in settings.allowed_origins:
        return True
    try:
        named = urlsplit(origin)
    except ValueError:
        return False
    return named.scheme in {"http", "https"} and named.netloc != "" and named.netloc == connection.headers.get("host")


class OriginCheck:
    """Refuses changing calls from foreign sites (`foreign_origin`). Sockets are checked where they are opened."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or answer 403."""
        if (
            scope["type"] == "http"
            and scope["method"] not in _SAFE_METHODS
            and not from_own_site(HTTPConnection(scope), self._settings)
        ):
            refusal = Problem(Code.FOREIGN_ORIGIN, "Calls from this site are not allowed on this server.")
            await problem_response(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)
