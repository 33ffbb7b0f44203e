"""Uploaded files: from a request into the database in pieces, and from there to the disk of whoever reads one."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path, PurePath
from typing import Final

from anyio import to_thread

from api.services import Services
from persistence.imports import CHUNK_BYTES, Import, add_chunk, add_import, chunks_of

_NAME: Final = "file"


async def keep_file(services: Services, new: Import, read: Callable[[int], Awaitable[bytes]]) -> None:
    """Keep a new import with its file, both or neither; `read` gives the next bytes, at most so many."""
    async with services.transaction() as connection:
        await add_import(connection, new)
        number = 0
        while chunk := await read(CHUNK_BYTES):
            await add_chunk(connection, new.id, number, chunk)
            number += 1


@asynccontextmanager
async def on_disk(services: Services, held: Import) -> AsyncIterator[Path]:
    """The file of an import in a folder of its own, which is removed again. Its name keeps the ending, which tells CSV from JSON."""
    with tempfile.TemporaryDirectory(prefix="rowhouse-import-") as folder:
        suffix = PurePath(held.filename).suffix.lower()
        path = Path(folder) / (_NAME + (suffix if suffix[1:].isalnum() else ""))
        with path.open("wb") as file:
            async with services.reading() as connection:
                async for chunk in chunks_of(connection, held.id):
                    await to_thread.run_sync(file.write, chunk)
        yield path
