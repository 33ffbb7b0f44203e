"""Incidents on their way into the audit: bounded, never in the way, and dropped where they cannot be written."""

import asyncio
from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.incidents import PER_PERSON_PER_MINUTE_MAX, WAITING_MAX, Incidents
from persistence.engine import open_engine
from persistence.events import Act, Event
from tests.integration.api.people import Clock

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def event(actor: str, clock: Clock) -> Event:
    """An incident of someone."""
    return Event(Act.SOCKET_CLOSED, "workspace-01", actor, "list-0000001", clock(), {"code": 4400})


async def count(engine: AsyncEngine) -> int:
    """How many are written."""
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM events")) or 0)


@pytest.mark.rule("API-27")
async def test_a_person_has_so_many_a_minute(database_url: str) -> None:
    """What is beyond it is counted in one line of the log when the minute is over; others are not held up by it."""
    clock, engine = Clock(), open_engine(database_url)
    incidents = Incidents(engine, clock)
    incidents.start()
    with structlog.testing.capture_logs() as log:
        for _ in range(50):
            incidents.note(event("user-mia-----", clock))
        incidents.note(event("user-edda----", clock))
        await incidents.settle()
        assert await count(engine) == PER_PERSON_PER_MINUTE_MAX + 1
        assert log == []
        clock.pass_by(minutes=1)
        incidents.note(event("user-mia-----", clock))
        await incidents.close()
    assert await count(engine) == PER_PERSON_PER_MINUTE_MAX + 2
    assert [(line["event"], line["count"]) for line in log] == [("incidents beyond the limit", 40)]
    await engine.dispose()


@pytest.mark.rule("API-27")
async def test_without_a_database_they_are_dropped_and_counted() -> None:
    """Noting one neither waits nor fails; the log tells how many were lost."""
    clock, engine = Clock(datetime(2026, 3, 1, tzinfo=UTC)), open_engine(NOWHERE)
    incidents = Incidents(engine, clock)
    incidents.start()
    with structlog.testing.capture_logs() as log:
        for number in range(5):
            incidents.note(event(f"user-{number:08}", clock))
        await incidents.close()
    assert [(line["event"], line["count"]) for line in log] == [("incidents not written", 5)]
    await engine.dispose()


@pytest.mark.rule("API-27")
async def test_so_many_wait_and_no_more() -> None:
    """While nothing can be written the number of those that wait is bounded."""
    clock, engine = Clock(), open_engine(NOWHERE)
    incidents = Incidents(engine, clock)
    with structlog.testing.capture_logs() as log:
        for number in range(WAITING_MAX + 5):
            incidents.note(event(f"user-{number:08}", clock))
        incidents.start()
        async with asyncio.timeout(20):
            await incidents.close()
    assert sum(line["count"] for line in log if line["event"] == "incidents beyond the limit") == 5
    assert sum(line["count"] for line in log if line["event"] == "incidents not written") == WAITING_MAX
    await engine.dispose()
