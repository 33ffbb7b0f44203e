"""The suites' own database fixture: migrated, private to a test, and quick."""

import asyncpg


async def test_a_test_gets_a_migrated_database_of_its_own(database_url: str) -> None:
    """The database is at a revision of the migrations and has a name of its own."""
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT version_num FROM alembic_version")
        assert (await connection.fetchval("SELECT current_database()")).startswith("test_")
        assert await connection.fetchval("SHOW fsync") == "off"
    finally:
        await connection.close()
