"""The figures of one node, as Prometheus reads them: counters and histograms that others fill in as things happen.

No label takes an id, a name or anything else that grows with use: reasons, codes, routes and kinds are closed sets.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api.tally import Tally
from realtime.core import events
from realtime.core.closing import CloseCode
from realtime.core.reasons import Reason
from realtime.core.words import FromNodes

OTHER: Final = "other"
BUS_KINDS: Final[Mapping[type[FromNodes], str]] = MappingProxyType(
    {events.Heard: "update", events.Overheard: "presence"}
)
STATUS_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")
_CODES: Final = frozenset({*CloseCode, 1000, 1005, 1006, 1009, 1012})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
_GATE_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_WAIT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_UPDATES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics:
    """The registry of one node and what fills it; it is `realtime.measures.Measures` as well."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

        def counter(name: str, sentence: str, *labels: str) -> Counter:
            return Counter(f"rowhouse_{name}", sentence, labels, registry=registry)

        def tally(name: str, sentence: str, bounds: tuple[float, ...]) -> Tally:
            return Tally(f"rowhouse_{name}", sentence, bounds, registry)

        self._commit_seconds = tally("commit_seconds", "Time of one commit to the database.", _WAIT_SECONDS)
        self._commit_updates = tally("commit_updates", "Edits in one commit.", _UPDATES)
        self._gate_seconds = tally("gate_seconds", "Time to judge and answer one frame.", _GATE_SECONDS)
        self._loop_lag = tally("loop_lag_seconds", "How late a timer of the event loop was.", _WAIT_SECONDS)
        self._http = Histogram(
            "rowhouse_http_request_seconds",
            "Time of one call.",
            ("route", "method", "status"),
            buckets=_WAIT_SECONDS,
            registry=registry,
        )
        self._refusals = counter("refusals", "Refused edits of live lists, by reason.", "reason")
        self._closes = counter("socket_closes", "Closed sockets, by close code.", "code")
        self._turned_away = counter("knocks_turned_away", "Requests for a socket that were answered with 429, unread.")
        self._unavailable = counter("store_unavailable", "Calls that the database did not answer.", "call")
        self._conflicts = counter("commit_conflicts", "Commits that came second to another node's.")
        self._resyncs = counter("resyncs", "Times a room read the log because it might lack something.")
        self._catch_ups = counter("catch_ups", "Differences sent to slow readers instead of what they had missed.")
        self._gaps = counter("bus_gaps", "Messages of other nodes that did not follow what a room has.")
        messages = counter("bus_messages", "Messages between nodes.", "kind", "way")
        self._heard_or_said = {
            (kind, heard): messages.labels(name, "heard" if heard else "said")
            for kind, name in BUS_KINDS.items()
            for heard in (False, True)
        }
        self._begin()

    def _begin(self) -> None:
        """Show what has not happened yet as 0, so that a first time is seen as a rise."""
        for reason in Reason:
            self._refusals.labels(reason.value)
        for code in CloseCode:
            self._closes.labels(str(int(code)))
        for call in ("open", "read", "commit"):
            self._unavailable.labels(call)

    def register(self, collector: Collector) -> None:
        """Let a collector be asked whenever the figures are read."""
        self.registry.register(collector)

    def text(self) -> bytes:
        """Give all figures in the text format of Prometheus."""
        return generate_latest(self.registry)

    # The shell of the API

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a call by the pattern of its route."""
        known = method if method in _METHODS else OTHER
        self._http.labels(route, known, STATUS_CLASSES[min(max(status // 100, 1), 5) - 1]).observe(seconds)

    def socket_closed(self, code: int) -> None:
        """Count a socket that has ended; peers may make codes up."""
        self._closes.labels(str(int(code)) if code in _CODES else OTHER).inc()

    def turned_away(self) -> None:
        """Count a request for a socket by somebody who was not let in again and again."""
        self._turned_away.inc()

    def lagged(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._loop_lag.observe(seconds)

    # The store

    def resync(self) -> None:
        """Count a look at the log."""
        self._resyncs.inc()

    def conflict(self) -> None:
        """Count a commit that came second."""
        self._conflicts.inc()

    def committed(self, seconds: float, updates: int) -> None:
        """Note a commit that was answered."""
        self._commit_seconds.observe(seconds)
        self._commit_updates.observe(updates)

    def refused(self, reason: str) -> None:
        """Count a refused edit."""
        self._refusals.labels(reason).inc()

    def unavailable(self, call: str) -> None:
        """Count a call that the database did not answer: `open`, `read` or `commit`."""
        self._unavailable.labels(call).inc()

    # `realtime.measures.Measures`

    def gated(self, seconds: float) -> None:
        """Note a frame."""
        self._gate_seconds.observe(seconds)

    def caught_up(self) -> None:
        """Count a slow reader that has caught up."""
        self._catch_ups.inc()

    # The bus

    def bus_gap(self) -> None:
        """Count a message that did not follow."""
        self._gaps.inc()

    def bus_message(self, kind: type[FromNodes], *, heard: bool) -> None:
        """Count a message between nodes."""
        self._heard_or_said[kind, heard].inc()
