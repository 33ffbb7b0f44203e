"""The contract suites run on every implementation of the contract."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from persistence.pool import create_pool
from tests.list_scenes import MemoryScene, PostgresScene, Scene, furnish, postgres_scene


@pytest.fixture(params=["memory_list_scene", "postgres_list_scene"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A furnished scene on the memory store, and one on PostgreSQL."""
    chosen: Scene = request.getfixturevalue(request.param)
    return chosen


@pytest_asyncio.fixture
async def memory_list_scene() -> MemoryScene:
    """The scene on dictionaries."""
    scene = MemoryScene()
    await furnish(scene)
    return scene


@pytest_asyncio.fixture
async def postgres_list_scene(database_url: str) -> AsyncIterator[PostgresScene]:
    """The scene on a fresh database."""
    pool = await create_pool(database_url, volatile_allowed=True)
    try:
        scene = await postgres_scene(pool)
        await furnish(scene)
        yield scene
    finally:
        await pool.close()
