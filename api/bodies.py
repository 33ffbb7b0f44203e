"""A limit on request bodies that holds before anything parses them, with or without a stated length."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_response
from api.errors import MEANINGS, Code, Problem


class BodyLimit:
    """Refuses bodies above `bytes_max` (`too_large`): at once by their stated length, else when they pass it."""

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and count what is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isascii() or not stated.isdigit() or int(stated[:20]) > self._bytes_max:
            await problem_response(Problem(Code.TOO_LARGE, self._sentence))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._bytes_max:
                raise HTTPException(MEANINGS[Code.TOO_LARGE].status, self._sentence)
            return message

        await self._app(scope, counted, send)

    @property
    def _sentence(self) -> str:
        return f"A request may hold {self._bytes_max} bytes at most. Split it into several."
