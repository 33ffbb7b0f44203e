"""The bus with a tally: what is said and heard between nodes, and where numbers are missing in it."""

from api.metrics import Metrics
from realtime.bus import Bus, Take
from realtime.core import events
from realtime.core.effects import Publish, ToNodes
from realtime.core.words import FromNodes, as_heard


class MeasuredBus:
    """A `Bus` that passes everything on. A gap is an update of another node that does not follow the last one said or heard."""

    def __init__(self, bus: Bus, metrics: Metrics) -> None:
        self._bus = bus
        self._metrics = metrics
        self._heads: dict[str, int] = {}
        self._takers: dict[str, tuple[Take, Take]] = {}

    def listen(self, list_id: str, take: Take) -> None:
        """Listen, and count what is heard."""

        def counted(heard: FromNodes) -> None:
            self._metrics.bus_message(type(heard), heard=True)
            if isinstance(heard, events.Heard):
                self._follow(list_id, heard)
            take(heard)

        self._heads.pop(list_id, None)
        self._takers[list_id] = (take, counted)
        self._bus.listen(list_id, counted)

    def forget(self, list_id: str, take: Take) -> None:
        """Listen no more, if it is still `take` that listens."""
        known = self._takers.get(list_id)
        if known is not None and known[0] == take:
            del self._takers[list_id]
            self._heads.pop(list_id, None)
            self._bus.forget(list_id, known[1])

    def publish(self, list_id: str, effect: ToNodes) -> None:
        """Count, and tell the other nodes."""
        self._metrics.bus_message(type(as_heard("", effect)), heard=False)
        if isinstance(effect, Publish) and list_id in self._takers:
            self._heads[list_id] = max(effect.head, self._heads.get(list_id, 0))
        self._bus.publish(list_id, effect)

    def _follow(self, list_id: str, heard: events.Heard) -> None:
        known = self._heads.get(list_id)
        if known is not None and heard.head - len(heard.entries) > known:
            self._metrics.bus_gap()
        self._heads[list_id] = max(heard.head, known or 0)
