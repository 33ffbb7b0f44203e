"""Sending the file of an export, in pieces, and letting go of it: when it is sent, and when it cannot be."""

import asyncio
import os
import unicodedata
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from typing import IO, Final
from urllib.parse import quote

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from snapshots.exporting.formats import Format

PIECE_BYTES: Final = 256 * 1024
SENDING_SECONDS_MAX: Final = 900.0
NAME_CHARACTERS_MAX: Final = 100
_FORBIDDEN: Final = '<>:"/\\|?*'


class FileSent(Response):
    """An open file as an attachment; `held` is let go of when it has been sent, when its client is gone, or after 15 minutes."""

    def __init__(self, file: IO[bytes], media_type: str, name: str, held: ExitStack) -> None:
        self._file = file
        self._held = held
        headers: Mapping[str, str] = {
            "Content-Disposition": disposition(name),
            "Content-Length": str(os.fstat(file.fileno()).st_size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        super().__init__(headers=headers, media_type=media_type)

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        leaving = asyncio.create_task(_gone(receive))
        sending = asyncio.create_task(self._send(send))
        try:
            await asyncio.wait([leaving, sending], timeout=SENDING_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        finally:
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
            self._held.close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        place, more = 0, True
        while more:
            piece = await asyncio.to_thread(os.pread, self._file.fileno(), PIECE_BYTES, place)
            place, more = place + len(piece), bool(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def file_name(list_name: str, day: date, kind: Format) -> str:
    """Give a file its name: that of the list, as far as every system can write it, the day, and the suffix."""
    shown = "".join(letter if letter.isprintable() and letter not in _FORBIDDEN else " " for letter in list_name)
    name = " ".join(shown[:NAME_CHARACTERS_MAX].split()).lstrip(". ")
    return f"{name or 'list'} {day.isoformat()}.{kind.suffix}"


def disposition(name: str) -> str:
    """Say what an attachment is called (RFC 6266): in ASCII for who reads no more, and as it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
