"""Which revision of the schema a database is at, and whether this program can work on it."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@cache
def revisions() -> tuple[str, ...]:
    """Give the revisions that this program knows, the newest, for which it was written, first."""
    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    return tuple(script.revision for script in scripts.walk_revisions())


async def is_migrated(connection: AsyncConnection) -> bool:
    """Tell whether the database is at this program's revision, or at one that this program does not know.

    An unknown revision is a newer program's: during a rolling upgrade the old nodes go on beside it.
    """
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return False
    found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found is not None and (found == revisions()[0] or found not in revisions())
