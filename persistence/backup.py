"""Backups with PostgreSQL's own programs: one consistent dump of a running database, and a dump into an empty database.

The programs are those on PATH, else those of the wheel; a dump needs programs that are not older than the server.

What a restored server cannot know is what happened after the dump. So every sign-in ends, since some may have been ended meanwhile;
and every list gets a new epoch, so that the server never writes again under clocks that somebody may hold already.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from persistence.embedded.binaries import wheel_folder
from persistence.embedded.refusal import PostgresRefused

_VERSION: Final = re.compile(r"(\d+)\.")
_FORMAT: Final = ("--format=custom", "--no-owner", "--no-privileges")
_REWOUND: Final = """
UPDATE lists SET epoch = epoch + 1;
UPDATE documents SET epoch = epoch + 1;
UPDATE sessions SET revoked_at = now() WHERE revoked_at IS NULL;
UPDATE users SET token_version = token_version + 1;
"""


class BackupFailed(Exception):
    """There is no backup, or no restored database: the sentence says why."""


async def back_up(dsn: str, target: Path) -> None:
    """Dump the database to a file that only its owner may read; edits go on meanwhile. Raises `BackupFailed`.

    The file is there only once it is whole.
    """
    program = await _program("pg_dump", dsn)
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.touch(mode=0o600)
        await _run(dsn, program, *_FORMAT, f"--file={partial}")
        partial.replace(target)
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


async def restore(dsn: str, source: Path) -> None:
    """Bring a dump into an empty database, whole or not at all. Raises `BackupFailed`."""
    connection = await _connected(dsn)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')"):
            raise BackupFailed("The database is not empty. A backup is restored into an empty one, never over another.")
        program = await _program("pg_restore", dsn)
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        await _run(dsn, program, *options, str(source))
        await _rewind(connection)
    finally:
        await connection.close()


async def rewound(dsn: str) -> int:
    """Take in that the database was brought back to an earlier moment, after which there was more; returns how many lists it has.

    Every list gets another epoch and every sign-in ends, both or neither. Raises `BackupFailed`.
    """
    connection = await _connected(dsn)
    try:
        await _rewind(connection)
        return int(await connection.fetchval("SELECT count(*) FROM lists"))
    finally:
        await connection.close()


async def _rewind(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute(_REWOUND)


async def answers(dsn: str) -> bool:
    """Tell whether a server answers at this address."""
    try:
        await (await asyncpg.connect(dsn)).close()
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
        return False
    return True


async def _connected(dsn: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn)
    except (OSError, asyncpg.PostgresError) as error:
        raise BackupFailed(f"The database cannot be reached: {error}") from error


async def _program(name: str, dsn: str) -> Path:
    connection = await _connected(dsn)
    try:
        wanted = connection.get_server_version().major
    finally:
        await connection.close()
    for program in _candidates(name):
        said = await _output(program, "--version")
        major = _VERSION.search(said)
        if major is not None and int(major[1]) >= wanted:
            return program
    raise BackupFailed(f"There is no {name} of PostgreSQL {wanted} or newer on PATH.")


def _candidates(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path is not None:
        yield Path(on_path)
    try:
        bundled = wheel_folder() / name
    except PostgresRefused:
        return
    if bundled.exists():
        yield bundled


async def _run(dsn: str, program: Path, *options: str) -> None:
    """Run a program on the database; the password goes through the environment, where `ps` does not show it."""
    address = urlsplit(dsn)
    environment = dict(os.environ)
    if address.password is not None:
        environment["PGPASSWORD"] = unquote(address.password)
        place = address.netloc.rpartition("@")[2]
        address = address._replace(netloc=f"{address.username or ''}@{place}")
    process = await asyncio.create_subprocess_exec(
        *(str(program), *options, f"--dbname={urlunsplit(address)}"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise BackupFailed(f"{program.name} failed: {said.decode(errors='replace').strip()}")


async def _output(program: Path, option: str) -> str:
    process = await asyncio.create_subprocess_exec(program, option, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return said.decode(errors="replace")
