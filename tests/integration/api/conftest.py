"""The real application on a real database, and people who call it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings
from tests.integration.api.desk import COLUMNS, Desk
from tests.integration.api.people import Caller, Clock, SilentRooms, caller

Newcomer = Callable[[str], Awaitable[Caller]]


@pytest.fixture
def clock() -> Clock:
    """The server's clock, moved by the test."""
    return Clock()


@pytest.fixture
def rooms() -> SilentRooms:
    """What the rooms heard."""
    return SilentRooms()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a server on the test's own database."""
    return Settings(database_url=database_url, secret="s" * 40, registrations_per_hour=1000)


@pytest.fixture
async def app(settings: Settings, clock: Clock, rooms: SilentRooms) -> AsyncIterator[FastAPI]:
    """A started application whose rooms are silent."""
    application = create_app(settings, rooms=rooms, clock=clock, volatile_allowed=True)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def newcomer(app: FastAPI) -> Newcomer:
    """Registers someone by their first name."""

    async def register(name: str) -> Caller:
        return await caller(app, f"{name.lower()}@example.com").register(name)

    return register


@pytest.fixture
async def live(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application with its real rooms."""
    application = create_app(settings, volatile_allowed=True)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def desk(live: FastAPI) -> Desk:
    """Ana at her list of properties."""
    ana = await caller(live, "ana@example.com").register("Ana")
    body = {"name": "Properties", "columns": COLUMNS}
    answer = await ana("POST", f"/api/workspaces/{ana.workspace}/lists", json=body)
    assert answer.status_code == 201, answer.text
    return Desk(ana, answer.json())
