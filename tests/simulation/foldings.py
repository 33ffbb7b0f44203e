"""Folding in a simulation: a node begins a generation, works out how the older one is folded, and asks for one step after another.

Nodes do not know of each other, so several may be at it; nodes die, edits come between, and answers are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core.document import ListDocument
from realtime.core.folding import Step, fold
from realtime.core.writes import DropGenerations, OpenGeneration
from tests.simulation.requests import Requests
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node
    from tests.simulation.rooms import LiveList

SYSTEM: Final = Principal("system", "Rowhouse", Role.OWNER, 0)


class Foldings:
    """All foldings of a simulation."""

    def __init__(self, world: World, requests: Requests) -> None:
        self._world = world
        self._requests = requests
        self._ids = count(1)

    def go_on(self, node: Node) -> None:
        """Begin a generation, or fold what is older than the newest."""
        node.alive(lambda: self._go_on(node))

    def _go_on(self, node: Node) -> None:
        if node.live is None or node.live.abandoned:
            return
        draft = node.live.room.ledger.draft
        generations = draft.document.generations()
        if len(generations) == 1:
            self._world.counts["fold.begun"] += 1
            self._requests.ask(node, SYSTEM, (OpenGeneration(generations[0]),), source=Source.SYSTEM)
            return
        apart = ListDocument(node.live.room.live.epoch)
        apart.apply([draft.document.whole()])
        apart.scan()
        steps = list(fold(apart, generations[1], lambda: f"segment-{next(self._ids):09}"))
        self._world.counts["fold.worked_out"] += 1
        self._ask(node, node.live, [replace(step, as_of=draft.changes_below) for step in steps])

    def _ask(self, node: Node, live: LiveList, steps: Sequence[Step]) -> None:
        """Ask the room that it was worked out for; what has become of another one is not known."""
        if node.live is not live or live.abandoned:
            return
        first, *others = steps
        self._world.counts["fold.done"] += isinstance(first, DropGenerations)
        self._requests.ask(node, SYSTEM, (first,), source=Source.SYSTEM)
        if others:
            self._world.after(self._world.between(0.01, 0.3), node.while_alive(lambda: self._ask(node, live, others)))
