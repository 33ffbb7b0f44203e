"""Writes through the server's door (REST): what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from auth.principals import Principal
from persistence.contract import Json, Source
from realtime.core.reasons import Reason
from realtime.core.writes import AddComment, AddRow, ImportRows, SetCell, Write
from snapshots.columns import Column, ListSchema
from tests.property_list import NAME, OPEN, PIER, QUAY, RENT, SOLD, TAGS
from tests.simulation.checks import MUST_BE_REFUSED, Checks, is_unique
from tests.simulation.families import FIRSTS, standing, written
from tests.simulation.world import Violation, World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node

IMPORTS, BAD_VALUES, EDITED_AT_ONCE, ASKED_AGAIN = 0.25, 0.05, 0.3, 0.2
"""How often a call imports rows; a value of them is bad; one is edited right away; and all is asked for once more."""

APART = 100_000_000

Refusals = Sequence[tuple[int, Reason]]


class Outcome(Enum):
    """What came of a request that was not refused."""

    REPLIED = "replied"
    UNKNOWN = "unknown"


Answer = Outcome | Refusals


@dataclass(slots=True)
class Request:
    """A request under way: the node that it was given to, and the values that only it writes."""

    node: str
    values: list[Json]
    then: Callable[[Answer], None] | None = None


class Requests:
    """All requests of a simulation. Who gets no answer does not know; who gets one can rely on it."""

    def __init__(self, world: World, checks: Checks) -> None:
        self._world = world
        self._checks = checks
        self._open: dict[str, Request] = {}
        self._never: list[Json] = []
        self._twice: set[Json] = set()
        self._number = 0

    def send(self, node: Node, user: str) -> None:
        """Ask a node for one to three writes."""
        principal = node.principal(user)
        if principal is None:
            return
        random, writes = self._world.random, list[Write]()
        if random.random() < IMPORTS:
            self.bring(node, principal)
            return
        for _ in range(random.choice((1, 1, 2, 3))):
            self._number += 1
            unique, row, kind = 9_000_000 + self._number, random.choice((QUAY, PIER)), random.random()
            if kind < 0.4:
                writes.append(self._cell(node, row, NAME, f"v{unique}", unique))
            elif kind < 0.6:
                writes.append(AddRow(f"row-{unique}"))
            elif kind < 0.7:
                tags = random.choice(([SOLD], [OPEN], [SOLD, OPEN], None))
                writes.append(self._cell(node, row, TAGS, tags, unique))
            elif kind < 0.85:
                writes.append(AddComment(f"comment-{unique}", row, None, None, "Seen."))
            else:
                writes.append(self._cell(node, row, RENT, unique, unique))
        last = {(write.row, write.column): write.value for write in writes if isinstance(write, SetCell)}
        self.ask(node, principal, tuple(writes), [value for value in last.values() if is_unique(value)])

    def _column(self, node: Node, first: str) -> Column | None:
        """The column that has taken the place of a first one, if any has."""
        if not self._world.faults.conversions:
            return None
        column = standing(ListSchema.from_json(cast("Any", node.store.kept.schema)).columns, first)
        return None if column.id == first else column

    def _cell(self, node: Node, row: str, first: str, value: Json, unique: int) -> SetCell:
        """Write a cell: this value into a first column, and one that it takes into another."""
        column = self._column(node, first)
        if column is None:
            return SetCell(row, first, value)
        unique += APART * (1 + FIRSTS.index(first))  # a call may write into several columns of a row
        return SetCell(row, column.id, written(column, unique, f"v{unique}", self._world.random))

    def bring(self, node: Node, principal: Principal) -> None:
        """Import a few rows; perhaps edit one before it is committed, perhaps ask for all of it once more, as who got no answer does."""
        random, world = self._world.random, self._world
        rows, values, columns = list[list[Json]](), list[Json](), list[str]()
        for _ in range(random.choice((1, 2, 3, 8))):
            self._number += 1
            unique = 9_000_000 + self._number
            rent: Json = f"{MUST_BE_REFUSED}-{unique}" if random.random() < BAD_VALUES else unique
            tags: Json = random.choice(([SOLD], [SOLD, OPEN], [], None))
            cells = [self._cell(node, "", *cell, unique) for cell in ((NAME, f"v{unique}"), (RENT, rent), (TAGS, tags))]
            rows.append([f"row-{unique}", random.choice((None, None, "a5V")), *(cell.value for cell in cells)])
            values += [cell.value for cell in cells[:1] if is_unique(cell.value)]
            columns = [cell.column for cell in cells]
        brought = (ImportRows(columns, rows),)
        world.counts["imports"] += 1
        self.ask(node, principal, brought, values, Source.IMPORT)
        if random.random() < EDITED_AT_ONCE:
            self._number += 1
            marker = f"v{9_000_000 + self._number}"
            cell = self._cell(node, str(rows[0][0]), NAME, marker, 9_000_000 + self._number)
            self.ask(node, principal, (cell,), [cell.value] if is_unique(cell.value) else [])
        if random.random() < ASKED_AGAIN:
            world.counts["imports.asked_again"] += 1
            again = node.while_alive(lambda: self._bring_again(node, principal, brought, values))
            world.after(world.between(0.0, 0.5), again)

    def _bring_again(
        self, node: Node, principal: Principal, brought: tuple[Write, ...], values: Sequence[Json]
    ) -> None:
        self._twice.update(values)  # what was refused may be taken now: a column may have come back
        self._never = [value for value in self._never if value not in self._twice]
        self.ask(node, principal, brought, source=Source.IMPORT)

    def ask(
        self,
        node: Node,
        principal: Principal,
        writes: tuple[Write, ...],
        values: Sequence[Json] = (),
        source: Source = Source.API,
        then: Callable[[Answer], None] | None = None,
    ) -> None:
        """Ask a node for these writes, which alone write `values`; `then` hears what came of it."""
        self._number += 1
        request = f"request-{self._number}"
        self._world.counts["requests"] += 1
        self._world.note(f"{request} to {node.name}")
        self._open[request] = Request(node.name, list(values), then)
        node.request(request, principal, writes, source)

    def replied(self, request: str) -> None:
        """It is durable: its last value of each cell has been visible."""
        asked = self._open.pop(request)
        self._world.counts["requests.replied"] += 1
        self._world.note(f"{request} replied")
        if asked.values and not any(self._checks.became[value] for value in asked.values):
            raise Violation(f"{request} was answered and is not in the log")
        if asked.then is not None:
            asked.then(Outcome.REPLIED)

    def refused(self, request: str, refusals: Refusals) -> None:
        """Nothing of it was written, nor ever will be."""
        asked = self._open.pop(request)
        self._world.counts["requests.refused"] += 1
        self._never += [value for value in asked.values if value not in self._twice]
        self.check()
        if asked.then is not None:
            asked.then(refusals)

    def failed(self, request: str) -> None:
        """It was told to try again: it is not known what became of it."""
        asked = self._open.pop(request, None)
        if asked is not None:
            self._world.counts["requests.unknown"] += 1
            if asked.then is not None:
                asked.then(Outcome.UNKNOWN)

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
