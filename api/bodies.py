"""A limit on request bodies that holds before anything parses them, with or without a stated length; a larger one for files."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_response
from api.errors import MEANINGS, Code, Problem
from api.importing.uploads import is_upload

FORM_BYTES_MAX: Final = 16 * 1024
"""What a form may hold beside its file."""


class BodyLimit:
    """Refuses bodies above `bytes_max`, of files above `upload_bytes_max` (`too_large`): at once by their stated length, else when they pass it."""

    def __init__(self, app: ASGIApp, bytes_max: int, upload_bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max
        self._upload_bytes_max = upload_bytes_max + FORM_BYTES_MAX

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and count what is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = is_upload(scope["method"], scope["path"])
        most = self._upload_bytes_max if upload else self._bytes_max
        sentence = _sentence(most, upload=upload)
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isascii() or not stated.isdigit() or int(stated[:20]) > most:
            await problem_response(Problem(Code.TOO_LARGE, sentence))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(MEANINGS[Code.TOO_LARGE].status, sentence)
            return message

        await self._app(scope, counted, send)


def _sentence(most: int, *, upload: bool) -> str:
    if upload:
        return f"A file may have {(most - FORM_BYTES_MAX) // 1024**2} MB. Cut it into several files."
    return f"A request may hold {most} bytes at most. Split it into several."
