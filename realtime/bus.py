"""The bus: how the nodes of one installation tell each other what is new in their open lists.

It may lose, double, delay and reorder whatever it carries, and may be gone altogether: the log in PostgreSQL is what
counts, and every node compares with it (ROOM-17, BUS-3). A node does not hear itself.

| implementation | carries between |
| `MemoryBus` | hubs of one process that share a `Medium`; with one node there is nobody to tell |
| `realtime.redis_bus.RedisBus` | nodes that share a Redis or Valkey |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from realtime.core.effects import ToNodes
from realtime.core.words import FromNodes, as_heard, hint

Take = Callable[[FromNodes], None]
"""Takes what another node says of a list, at once."""


class Bus(Protocol):
    """What a node knows of the other ones."""

    def listen(self, list_id: str, take: Take) -> None:
        """Give `take` whatever other nodes say of the list from now on; it replaces who listened before."""

    def forget(self, list_id: str, take: Take) -> None:
        """Listen no more, if it is still `take` that listens."""

    def publish(self, list_id: str, effect: ToNodes) -> None:
        """Tell the other nodes; never waits and never fails."""


class Medium:
    """What several buses in one process have in common: who listens to which list at which node."""

    def __init__(self) -> None:
        self.takers: dict[str, dict[str, Take]] = {}


class MemoryBus:
    """`Bus` within one process."""

    def __init__(self, node: str, medium: Medium | None = None) -> None:
        self._node = node
        self._takers = (medium or Medium()).takers

    def listen(self, list_id: str, take: Take) -> None:
        """Give `take` whatever other nodes say of the list."""
        self._takers.setdefault(list_id, {})[self._node] = take

    def forget(self, list_id: str, take: Take) -> None:
        """Listen no more."""
        takers = self._takers.get(list_id, {})
        if takers.get(self._node) == take:
            del takers[self._node]
            if not takers:
                del self._takers[list_id]

    def publish(self, list_id: str, effect: ToNodes) -> None:
        """Tell the other nodes at once."""
        heard = as_heard(self._node, hint(effect))
        for node, take in list(self._takers.get(list_id, {}).items()):
            if node != self._node:
                take(heard)
