"""The migrations and the tables that the code believes in."""

import asyncio

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from persistence import import_tables, quarantine_tables
from persistence.migrate import upgrade

TABLES = import_tables.metadata
assert quarantine_tables.metadata is TABLES, "the modules add to one collection"


async def test_models_and_migrations_agree(database_url: str) -> None:
    """A migrated database and the models differ in nothing that Alembic can compare."""
    engine = create_async_engine(database_url.replace("postgresql:", "postgresql+asyncpg:", 1))

    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), TABLES))

    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


async def test_collations_and_unlogged_tables_agree(database_url: str) -> None:
    """Ids and positions are compared by code unit, and only tickets may be lost in a crash."""
    connection = await asyncpg.connect(database_url)
    try:
        by_code_unit = await connection.fetch(
            """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND collation_name = 'C'"""
        )
        unlogged = await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'")
    finally:
        await connection.close()
    declared = {
        (table.name, column.name)
        for table in TABLES.tables.values()
        for column in table.columns
        if getattr(column.type, "collation", None) == "C"
    }
    assert {tuple(row) for row in by_code_unit} == declared
    assert [row["relname"] for row in unlogged] == ["tickets"]


async def test_nodes_that_start_together_do_not_collide(empty_database_url: str) -> None:
    """Four upgrades at once and one after them leave one schema at its newest revision."""
    await asyncio.gather(*(upgrade(empty_database_url) for _ in range(4)))
    await upgrade(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
        assert await connection.fetchval("SELECT count(*) FROM lists") == 0
    finally:
        await connection.close()
