"""Bringing a database to the current schema.

Every node may call `upgrade` when it starts: an advisory lock lets one of them work while the others wait, and
the whole upgrade is one transaction, so a node that dies half-way leaves nothing behind.
"""

from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_LOCK_KEY: Final = 0x726F77686F757365
"""The advisory lock of the upgrade: the word `rowhouse` in ASCII, a signed 64-bit number."""


async def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the database at `dsn` (`postgresql://...`) to a revision, by default the newest; does nothing when it is there.

    Raises asyncpg's and SQLAlchemy's errors: without its schema a node cannot start.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
