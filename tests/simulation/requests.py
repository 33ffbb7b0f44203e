"""Writes through the server's door (REST): what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core.writes import AddComment, AddRow, ImportRows, SetCell, Write
from tests.property_list import NAME, OPEN, PIER, QUAY, RENT, SOLD, TAGS
from tests.simulation.checks import MUST_BE_REFUSED, Checks
from tests.simulation.world import Violation, World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node

IMPORTS, BAD_VALUES, EDITED_AT_ONCE, ASKED_AGAIN = 0.25, 0.05, 0.3, 0.2
"""How often a call imports rows; a value of them is bad; one is edited right away; and all is asked for once more."""


@dataclass(slots=True)
class Request:
    """A request under way: the node that it was given to, and the values that only it writes."""

    node: str
    values: list[Json]


class Requests:
    """All requests of a simulation. Who gets no answer does not know; who gets one can rely on it."""

    def __init__(self, world: World, checks: Checks) -> None:
        self._world = world
        self._checks = checks
        self._open: dict[str, Request] = {}
        self._never: list[Json] = []
        self._number = 0

    def send(self, node: Node, user: str) -> None:
        """Ask a node for one to three writes."""
        principal = node.principal(user)
        if principal is None:
            return
        random, writes, values = self._world.random, list[Write](), list[Json]()
        if random.random() < IMPORTS:
            self._bring(node, principal)
            return
        for _ in range(random.choice((1, 1, 2, 3))):
            self._number += 1
            unique, row, kind = 9_000_000 + self._number, random.choice((QUAY, PIER)), random.random()
            if kind < 0.4:
                writes.append(SetCell(row, NAME, f"v{unique}"))
                values.append(f"v{unique}")
            elif kind < 0.6:
                writes.append(AddRow(f"row-{unique}"))
            elif kind < 0.7:
                writes.append(SetCell(row, TAGS, random.choice(([SOLD], [OPEN], [SOLD, OPEN], None))))
            elif kind < 0.85:
                writes.append(AddComment(f"comment-{unique}", row, None, None, "Seen."))
            else:
                writes.append(SetCell(row, RENT, unique))
                values.append(unique)
        self.ask(node, principal, tuple(writes), values)

    def _bring(self, node: Node, principal: Principal) -> None:
        """Import a few rows; perhaps edit one before it is committed, perhaps ask for all of it once more, as who got no answer does."""
        random, world = self._world.random, self._world
        rows, values = list[list[Json]](), list[Json]()
        for _ in range(random.choice((1, 2, 3, 8))):
            self._number += 1
            unique = 9_000_000 + self._number
            rent: Json = f"{MUST_BE_REFUSED}-{unique}" if random.random() < BAD_VALUES else unique
            tags: Json = random.choice(([SOLD], [SOLD, OPEN], [], None))
            rows.append([f"row-{unique}", random.choice((None, None, "a5V")), f"v{unique}", rent, tags])
            values.append(f"v{unique}")
        brought = (ImportRows([NAME, RENT, TAGS], rows),)
        world.counts["imports"] += 1
        self.ask(node, principal, brought, values, Source.IMPORT)
        if random.random() < EDITED_AT_ONCE:
            self._number += 1
            marker = f"v{9_000_000 + self._number}"
            self.ask(node, principal, (SetCell(str(rows[0][0]), NAME, marker),), [marker])
        if random.random() < ASKED_AGAIN:
            world.counts["imports.asked_again"] += 1
            world.after(world.between(0.0, 0.5), node.while_alive(lambda: self._bring_again(node, principal, brought)))

    def _bring_again(self, node: Node, principal: Principal, brought: tuple[Write, ...]) -> None:
        self.ask(node, principal, brought, source=Source.IMPORT)

    def ask(
        self,
        node: Node,
        principal: Principal,
        writes: tuple[Write, ...],
        values: Sequence[Json] = (),
        source: Source = Source.API,
    ) -> None:
        """Ask a node for these writes, which alone write `values`."""
        self._number += 1
        request = f"request-{self._number}"
        self._world.counts["requests"] += 1
        self._world.note(f"{request} to {node.name}")
        self._open[request] = Request(node.name, list(values))
        node.request(request, principal, writes, source)

    def replied(self, request: str) -> None:
        """It is durable: its last value of each cell has been visible."""
        asked = self._open.pop(request)
        self._world.counts["requests.replied"] += 1
        self._world.note(f"{request} replied")
        if asked.values and not any(self._checks.became[value] for value in asked.values):
            raise Violation(f"{request} was answered and is not in the log")

    def refused(self, request: str) -> None:
        """Nothing of it was written, nor ever will be."""
        asked = self._open.pop(request)
        self._world.counts["requests.refused"] += 1
        self._never += asked.values
        self.check()

    def failed(self, request: str) -> None:
        """It was told to try again: it is not known what became of it."""
        if self._open.pop(request, None) is not None:
            self._world.counts["requests.unknown"] += 1

    def lost(self, node: str) -> None:
        """A node has died, or ended its room."""
        for request in [name for name, asked in self._open.items() if asked.node == node]:
            self.failed(request)

    def check(self) -> None:
        """What was refused has never become visible."""
        for value in self._never:
            if self._checks.became[value]:
                raise Violation(f"a request was refused and yet {value} was written")

    @property
    def waiting(self) -> int:
        """How many are still without an answer."""
        return len(self._open)
