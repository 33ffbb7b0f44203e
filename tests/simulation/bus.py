"""The bus of a simulation: it loses, doubles, delays and reorders what nodes tell each other, and is gone for a while."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from realtime.core.effects import ToNodes
from realtime.core.words import decode, encode, hint
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node


class Bus:
    """What lies between the nodes. While it is `away` nothing gets through; nor between nodes of which one is `parted`."""

    def __init__(self, world: World) -> None:
        self.nodes: list[Node] = []
        self.away = False
        self.parted: set[str] = set()
        self._world = world
        self._said = 0
        self._heard: dict[tuple[str, str], int] = {}

    def publish(self, speaker: Node, effect: ToNodes) -> None:
        """Tell the other nodes, each on its own way."""
        words = encode(speaker.name, hint(effect))
        self._said += 1
        for node in self.nodes:
            if node is not speaker:
                self._carry(speaker, node, words)

    def _carry(self, speaker: Node, node: Node, words: bytes) -> None:
        world = self._world
        if self.away or node.name in self.parted or speaker.name in self.parted:
            world.counts["bus.silent"] += 1
            return
        if world.strikes("bus.lost"):
            return
        for _ in range(2 if world.strikes("bus.doubled") else 1):
            late = world.strikes("bus.late")
            delay = world.between(0.02, 1.0) if late else world.between(0.0005, 0.003)
            world.counts["bus.carried"] += 1
            world.after(delay, node.while_alive(partial(self._arrive, speaker, node, words, self._said)))

    def _arrive(self, speaker: Node, node: Node, words: bytes, number: int) -> None:
        newest = self._heard.get((speaker.name, node.name), 0)
        self._world.counts["bus.reordered"] += number < newest
        self._heard[speaker.name, node.name] = max(newest, number)
        node.hear(decode(words)[1])
