"""The composition root: settings in, one ASGI application out. What opens here closes in reverse order."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from time import monotonic
from typing import Final, Protocol, TypedDict, Unpack
from uuid import uuid4

import structlog
from asyncpg import Pool
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.answers import install_answers
from api.attempts import Attempts
from api.bodies import BodyLimit
from api.census import Census
from api.clock import SteadyClock
from api.deaths import own_up
from api.draining import Drain
from api.exporting.turns import Turns
from api.incidents import Incidents
from api.knocks import Knocks
from api.measured_bus import MeasuredBus
from api.measured_store import MeasuredStore
from api.metrics import Metrics
from api.origins import OriginCheck
from api.pressure import Pressure
from api.readiness import Readiness
from api.request_log import RequestLog
from api.routing import ROUTERS
from api.services import Rooms, Services
from api.settings import Settings
from api.shield import SecurityHeaders
from api.web import WebClient
from auth.opaque import OPAQUE_BYTES
from auth.tokens import signing_key
from persistence.contract import Json, ListStore
from persistence.engine import for_reads, open_engine
from persistence.events import Act, Event
from persistence.pool import create_pool
from persistence.postgres import PostgresListStore
from persistence.postgres_states import PostgresStates
from persistence.quarantine import PostgresQuarantine
from persistence.retention import PostgresRetention
from persistence.rights import PostgresRights
from realtime.blackbox import Containment, Recorder, Unrecorded
from realtime.bus import Bus, MemoryBus
from realtime.condensing import condense_apart
from realtime.converter import Converter
from realtime.converting import convert_apart
from realtime.core.limits import Limits
from realtime.folder import Folder, Rules
from realtime.folding import fold_apart
from realtime.hub import Hub
from realtime.incident import Incident
from realtime.keeper import Keeper, Thresholds
from realtime.redis_bus import RedisBus
from realtime.watch import Watch

ID_BYTES: Final = 12
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Instruments:
    """What tells of a node from outside: whether it is ready, and its figures."""

    readiness: Readiness
    metrics: Metrics


class Overrides(TypedDict, total=False):
    """The parts that a test may put in the place of the real ones."""

    rooms: Rooms
    limits: Limits
    volatile_allowed: bool
    clock: Callable[[], datetime]
    recorder: Recorder


def create_app(settings: Settings, **overrides: Unpack[Overrides]) -> FastAPI:
    """Make the application. It opens the database and the rooms when it starts, and closes them when it ends."""
    instruments = Instruments(Readiness(node=_random_id()), Metrics())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with open_services(settings, instruments, **overrides) as services:
                app.state.services = services
                yield
        except Exception:  # told here with its trace and raised: uvicorn would tell it as one text, which is withheld
            _log.exception("the node could not start or end well")
            raise

    app = FastAPI(
        title="Rowhouse",
        version=version("rowhouse"),
        description="Lists that people edit together, live; every edit is checked, durable, audited and queryable.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from other hosts, which the content policy forbids
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.readiness, app.state.metrics = instruments.readiness, instruments.metrics
    install_answers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/", WebClient(settings.web_folder))
    _install_middleware(app, settings, instruments.metrics)
    return app


@asynccontextmanager
async def open_services(
    settings: Settings, instruments: Instruments | None = None, **overrides: Unpack[Overrides]
) -> AsyncIterator[Services]:
    """Open what a request may need, and close it again. The settings must name a database."""
    instruments = instruments or Instruments(Readiness(node=_random_id()), Metrics())
    async with AsyncExitStack() as stack:
        yield await _open_services(settings, instruments, overrides, stack)


async def _open_services(
    settings: Settings, instruments: Instruments, overrides: Overrides, stack: AsyncExitStack
) -> Services:
    if settings.database_url is None:
        raise ValueError("DATABASE_URL is not set; `rowhouse up` starts a PostgreSQL of its own")
    clock = overrides.get("clock") or SteadyClock(lambda: datetime.now(UTC), monotonic)
    pool = await create_pool(settings.database_url, volatile_allowed=overrides.get("volatile_allowed", False))
    stack.push_async_callback(pool.close)
    engine = open_engine(settings.database_url)
    stack.push_async_callback(engine.dispose)
    metrics = instruments.metrics
    store = MeasuredStore(PostgresListStore(pool), metrics)
    incidents = Incidents(engine, clock)
    drain = Drain(instruments.readiness)
    pressure = Pressure(settings.lag_seconds_max, settings.memory_bytes_max, metrics.lagged)
    instruments.readiness.full = lambda: pressure.full
    _run(stack, incidents, _keeper(pool, settings), pressure)
    if "rooms" in overrides:
        rooms: Rooms = overrides["rooms"]
    else:
        limits = overrides.get("limits", settings.list_limits)
        quarantine = PostgresQuarantine(pool)
        await own_up(settings.black_box_folder, quarantine, clock(), settings.quarantine_window)
        bus = await stack.enter_async_context(_open_bus(settings, instruments))
        containment = Containment(overrides.get("recorder", Unrecorded()), quarantine.holds)
        hub = await stack.enter_async_context(_open_hub(store, bus, limits, clock, incidents, containment, metrics))
        watch = Watch(hub, PostgresRights(pool), clock)
        _run(stack, watch, _folder(hub, pool, settings, clock))
        metrics.register(Census(instruments.readiness, store, pool, engine, hub, watch, clock))
        rooms, drain = hub, Drain(instruments.readiness, hub)
    return Services(
        settings=settings,
        engine=engine,
        reader=for_reads(engine),
        store=store,
        rooms=rooms,
        converter=Converter(rooms, convert_apart),
        token_key=signing_key(settings.signing_secret),
        clock=clock,
        random_id=_random_id,
        random_secret=lambda: secrets.token_urlsafe(OPAQUE_BYTES),
        attempts=Attempts(settings),
        incidents=incidents,
        drain=drain,
        pressure=pressure,
        knocks=Knocks(settings, clock, metrics.turned_away),
        exports=Turns(settings.exports_max),
    )


class _Part(Protocol):
    def start(self) -> None: ...

    async def close(self) -> None: ...


def _run(stack: AsyncExitStack, *parts: _Part) -> None:
    """Start them, and close them with the stack."""
    for part in parts:
        part.start()
        stack.push_async_callback(part.close)


def _keeper(pool: Pool, settings: Settings) -> Keeper:
    thresholds = Thresholds(settings.state_tail_entries_max, settings.state_tail_bytes_max)
    retention = PostgresRetention(
        pool, settings.log_retention_days, settings.facts_retention_days, settings.import_retention_days
    )
    return Keeper(PostgresStates(pool), retention, condense_apart, thresholds)


def _folder(hub: Hub, pool: Pool, settings: Settings, clock: Callable[[], datetime]) -> Folder:
    grace = timedelta(hours=settings.fold_grace_hours)
    rules = Rules(settings.fold_edits_min, settings.fold_edits_urgent, grace, settings.fold_look_seconds)
    return Folder(hub, PostgresStates(pool), fold_apart, clock, rules)


@asynccontextmanager
async def _open_bus(settings: Settings, instruments: Instruments) -> AsyncIterator[Bus]:
    """Lead to the other nodes, where there is a Redis; a node is named anew with every start."""
    readiness, metrics = instruments.readiness, instruments.metrics
    if settings.redis_url is None:
        yield MemoryBus(readiness.node)
        return
    bus = RedisBus(settings.redis_url, settings.bus_key, readiness.node)
    readiness.spare["bus"] = lambda: bus.alive
    bus.start()
    try:
        yield MeasuredBus(bus, metrics)
    finally:
        await bus.close()


@asynccontextmanager
async def _open_hub(
    store: ListStore,
    bus: Bus,
    limits: Limits,
    clock: Callable[[], datetime],
    incidents: Incidents,
    containment: Containment,
    metrics: Metrics,
) -> AsyncIterator[Hub]:
    def report(incident: Incident) -> None:
        detail: dict[str, Json] = {"code": incident.code, "why": incident.sentence}
        place = (incident.workspace_id, incident.user_id, incident.list_id)
        incidents.note(Event(Act.SOCKET_CLOSED, *place, incident.at, detail))

    hub = Hub(
        store,
        limits,
        clock=clock,
        new_id=_random_id,
        new_batch_id=uuid4,
        bus=bus,
        report=report,
        measures=metrics,
        containment=containment,
    )
    hub.start()
    try:
        yield hub
    finally:
        await hub.close()


def _install_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
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
    app.add_middleware(BodyLimit, bytes_max=settings.body_bytes_max, upload_bytes_max=settings.import_bytes_max)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(RequestLog, metrics=metrics, new_id=_random_id)


def _random_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)
