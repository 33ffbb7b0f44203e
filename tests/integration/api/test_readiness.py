"""Readiness: when a balancer may send people to a node, and what it is told."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from persistence.revision import revisions
from tests.integration.api.people import caller


@pytest.mark.rule("OPS-1")
async def test_a_node_that_has_all_it_needs_is_ready(app: FastAPI) -> None:
    """The body names the node and what was looked at; the process answers for itself."""
    answer = await caller(app, "").http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "node": app.state.readiness.node,
        "checks": {"node": "ok", "database": "ok"},
    }
    assert (await caller(app, "").http.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.rule("OPS-1")
async def test_a_node_that_drains_is_alive_but_not_ready(app: FastAPI) -> None:
    """From the moment it drains it asks to be sent nobody."""
    app.state.readiness.drain()
    answer = await caller(app, "").http.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["node"]) == (503, "draining")
    assert (await caller(app, "").http.get("/healthz")).status_code == 200


@pytest.mark.rule("OPS-1")
async def test_what_a_node_can_do_without_is_told_and_leaves_it_ready(app: FastAPI) -> None:
    """A node cut off from the other nodes serves on: its edits go through the database all the same."""
    app.state.readiness.spare["bus"] = lambda: False
    answer = await caller(app, "").http.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["checks"]["bus"]) == ("degraded", "degraded")


@pytest.mark.rule("OPS-1")
@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        (f"UPDATE alembic_version SET version_num = '{revisions()[-1]}'", "not_migrated"),
        ("DELETE FROM alembic_version", "not_migrated"),
        ("DROP TABLE alembic_version", "not_migrated"),
        ("UPDATE alembic_version SET version_num = 'of_a_newer_program'", "ok"),
    ],
)
async def test_a_database_that_is_not_migrated_is_not_ready(app: FastAPI, statement: str, condition: str) -> None:
    """An older schema or none keeps people away; a newer one does not, or a rolling upgrade would stop the old nodes."""
    async with app.state.services.transaction() as connection:
        await connection.execute(text(statement))
    answer = await caller(app, "").http.get("/readyz")
    assert answer.json()["checks"]["database"] == condition
    assert answer.status_code == (200 if condition == "ok" else 503)


@pytest.mark.rule("OPS-1")
async def test_a_database_that_cannot_be_reached_is_told(app: FastAPI) -> None:
    """The answer says that the database is down, and nothing of where it is."""
    engine = app.state.services.engine
    await engine.dispose()

    def refused(*_args: object, **_named: object) -> None:
        raise ConnectionRefusedError("postgresql://canary")

    engine.sync_engine.dialect.connect = refused
    answer = await caller(app, "").http.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "down")
    assert "canary" not in answer.text
