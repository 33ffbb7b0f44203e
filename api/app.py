"""The composition root: settings in, one ASGI application out. What opens here closes in reverse order."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, TypedDict, Unpack

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.answers import install_answers
from api.attempts import Attempts
from api.bodies import BodyLimit
from api.origins import OriginCheck
from api.routes import auth, health, me, members, ticket, workspaces
from api.services import Rooms, Services
from api.settings import Settings
from api.shield import SecurityHeaders
from api.web import WebClient
from auth.opaque import OPAQUE_BYTES
from auth.tokens import signing_key
from persistence.engine import open_engine

ID_BYTES: Final = 12
ROUTERS: Final = (health.router, auth.router, me.router, workspaces.router, members.router, ticket.router)


class Overrides(TypedDict, total=False):
    """The parts that a test may put in the place of the real ones."""

    rooms: Rooms
    clock: Callable[[], datetime]


def create_app(settings: Settings, **overrides: Unpack[Overrides]) -> FastAPI:
    """Make the application. It opens the database and the rooms when it starts, and closes them when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services = await _open_services(settings, overrides, stack)
            yield

    app = FastAPI(
        title="Rowhouse",
        version=version("rowhouse"),
        description="Lists that people edit together, live; every edit is checked, durable, audited and queryable.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from other hosts, which the content policy forbids
        redoc_url=None,
        lifespan=lifespan,
    )
    install_answers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/", WebClient(settings.web_folder))
    _install_middleware(app, settings)
    return app


async def _open_services(settings: Settings, overrides: Overrides, stack: AsyncExitStack) -> Services:
    """Open what a request may need; the stack closes it."""
    if settings.database_url is None:
        raise ValueError("DATABASE_URL is not set; `rowhouse up` starts a PostgreSQL of its own")
    engine = open_engine(settings.database_url)
    stack.push_async_callback(engine.dispose)
    return Services(
        settings=settings,
        engine=engine,
        rooms=overrides["rooms"],
        token_key=signing_key(settings.signing_secret),
        clock=overrides.get("clock", _utc_now),
        random_id=lambda: secrets.token_urlsafe(ID_BYTES),
        random_secret=lambda: secrets.token_urlsafe(OPAQUE_BYTES),
        attempts=Attempts(settings),
    )


def _install_middleware(app: FastAPI, settings: Settings) -> None:
    """Put the checks around the routes; what is added last sees a call first."""
    app.add_middleware(OriginCheck, settings=settings)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(BodyLimit, bytes_max=settings.body_bytes_max)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.add_middleware(SecurityHeaders, settings=settings)


def _utc_now() -> datetime:
    return datetime.now(UTC)
