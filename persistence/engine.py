"""The SQLAlchemy engine for accounts, workspaces and reads; edits of lists go through the store's own pool.

Functions of this package that take a connection never commit: the caller's `engine.begin()` is the boundary.
"""

from typing import Final

import orjson
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECTIONS_MAX: Final = 10
WAIT_SECONDS_MAX: Final = 10
STATEMENT_SECONDS_MAX: Final = 30


def open_engine(dsn: str) -> AsyncEngine:
    """Make an engine for a `postgresql://` address; it connects on first use. Close it with `dispose()`."""
    url = make_url(dsn).set(drivername="postgresql+asyncpg")
    return create_async_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS_MAX,
        pool_pre_ping=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"statement_timeout": str(STATEMENT_SECONDS_MAX * 1000), "timezone": "UTC"}},
    )
