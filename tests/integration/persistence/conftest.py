"""A furnished scene on a fresh database."""

from collections.abc import AsyncIterator

import pytest_asyncio

from persistence.pool import create_pool
from tests.list_scenes import PostgresScene, furnish, postgres_scene


@pytest_asyncio.fixture
async def scene(database_url: str) -> AsyncIterator[PostgresScene]:
    """A workspace with Ana and Mia, and a list of two rows."""
    pool = await create_pool(database_url, volatile_allowed=True)
    try:
        scene = await postgres_scene(pool)
        await furnish(scene)
        yield scene
    finally:
        await pool.close()
