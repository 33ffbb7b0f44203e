"""The census: what is true of a node at the moment when its figures are read, and how late its event loop is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Final

import asyncpg
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from api.measured_store import MeasuredStore
from api.readiness import Readiness
from realtime.hub import Hub
from realtime.watch import Watch

GAUGES: Final = {
    "open_rooms": "Lists that are open on this node.",
    "sessions": "Sockets that have a seat in a list.",
    "congested_sockets": "Sockets whose readers have fallen behind.",
    "held_bytes": "Bytes that sockets have not passed on yet.",
    "document_bytes_estimate": "Bytes of state and updates of the open lists: an estimate of what their rooms keep.",
    "largest_document_bytes_estimate": "The same for the largest open list.",
    "watch_age_seconds": "Time since the rights of the open lists were last compared with the database.",
    "draining": "1 while the node asks to be sent nobody.",
    "memory_full": "1 while the process holds more memory than it may, and takes nobody new in.",
    "degraded": "1 while something that the node can do without does not work: the bus to the other nodes.",
}


class Census(Collector):
    """Counts one node's rooms, sockets and connections when asked."""

    def __init__(
        self,
        readiness: Readiness,
        store: MeasuredStore,
        pool: asyncpg.Pool,
        engine: AsyncEngine,
        hub: Hub,
        watch: Watch,
        clock: Callable[[], datetime],
    ) -> None:
        self._readiness = readiness
        self._store = store
        self._pool = pool
        self._engine = engine
        self._hub = hub
        self._watch = watch
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Count."""
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"rowhouse_{name}", GAUGES[name], value=value)
        build = GaugeMetricFamily("rowhouse_build_info", "The version that runs.", labels=["version"])
        build.add_metric([version("rowhouse")], 1)
        yield build
        connections = GaugeMetricFamily(
            "rowhouse_pool_connections",
            "Connections to the database by pool; `waiting` are calls without one (an estimate).",
            labels=["pool", "state"],
        )
        for labels, count in self._connections():
            connections.add_metric(labels, count)
        yield connections

    def _gauges(self) -> dict[str, float]:
        hub, store = self._hub, self._store
        seats = hub.seats
        open_lists = hub.live.keys()
        store.keep(open_lists)
        looked_at = self._watch.looked_at
        return {
            "open_rooms": len(open_lists),
            "sessions": len(seats),
            "congested_sockets": sum(seat.outbox.congested for seat in seats),
            "held_bytes": sum(seat.outbox.held_bytes() for seat in seats),
            "document_bytes_estimate": sum(store.document_bytes.values()),
            "largest_document_bytes_estimate": max(store.document_bytes.values(), default=0),
            "watch_age_seconds": 0.0 if looked_at is None else (self._clock() - looked_at).total_seconds(),
            "draining": float(self._readiness.draining),
            "memory_full": float(self._readiness.full()),
            "degraded": float(not all(works() for works in self._readiness.spare.values())),
        }

    def _connections(self) -> Iterator[tuple[list[str], int]]:
        used = self._pool.get_size() - self._pool.get_idle_size()
        yield ["lists", "used"], used
        yield ["lists", "free"], self._pool.get_max_size() - used
        yield ["lists", "waiting"], max(0, self._store.calls - used)
        pool = self._engine.pool
        assert isinstance(pool, QueuePool), "the engine keeps a queue of connections"
        yield ["api", "used"], pool.checkedout()
        yield ["api", "free"], pool.size() - pool.checkedout()
