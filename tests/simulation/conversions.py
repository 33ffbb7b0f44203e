"""Conversions in a simulation: people give columns another type and take that back, as the API does, by the product's own converter.

Several nodes may convert one column at once; nodes die, edits and folding come between, answers are lost, and people ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, cast

from api.columns import put_column
from api.conversions import ConversionBody, target_of
from api.writing import WritePlan
from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import Source
from realtime.converter import Converter, Unsettled
from realtime.converting import Aim, Asked, WorkedOut, work_out
from realtime.core import events
from realtime.core.converting import ConversionBase
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.reasons import WritesRefused
from realtime.core.replica import Replica
from realtime.core.writes import SwapColumns, Write
from realtime.runner import Busy, Runner
from snapshots.columns import Column, ColumnType, ListSchema
from snapshots.conversion import Names
from snapshots.conversion_marks import CONVERTING, resumes, source_of
from tests.property_list import ADAM, EDDA, LIST, OLGA
from tests.simulation.coroutines import Answered, Done, drive
from tests.simulation.families import FIRSTS, TARGETS, heir_of, standing
from tests.simulation.requests import Answer, Outcome, Requests
from tests.simulation.store import Store
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.nodes import Node
    from tests.simulation.rooms import LiveList

UNDONE, ASKED_AGAIN, TWICE, RUSHES = 0.4, 0.7, 0.5, 0.15
"""How often a converted column is undone rather than another converted; who got no answer asks again; two ask at once; and
rows come in bulk at every node just before a conversion is worked out."""
TRIES_MAX: Final = 4
AT_ONCE_MAX: Final = 2
"""So many a node takes up at once; more would wait in its converter, which is not what is simulated."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: a column that they see, in another type. `tries` they have made."""

    user: str
    source: str
    type: ColumnType
    tries: int = 1


@dataclass(eq=False, slots=True)
class Run:
    """A conversion under way at a node, in one of its lives."""

    node: Node
    life: int


class Opened:
    """What a converter sees of a live list."""

    def __init__(self, live: LiveList, requests: Requests) -> None:
        self.list_id = LIST
        self._live = live
        self._requests = requests

    @property
    def draft(self) -> Draft:
        """The candidate document."""
        return self._live.room.ledger.draft

    @property
    def live(self) -> Replica:
        """What people have been shown."""
        return self._live.room.live

    async def request(self, asked: events.Requested) -> None:
        """Ask the room for writes. Raises `WritesRefused`, `Busy`."""
        node = self._live.node
        if self._live.abandoned or node.live is not self._live:
            raise Busy

        def ask(done: Done[None]) -> None:
            def then(answer: Answer) -> None:  # once all that follows from it has been done
                node.world.after(0.0, lambda: _hear(done, answer))

            self._requests.ask(node, asked.principal, tuple(asked.writes), source=asked.source, then=then)

        await Answered(ask)


def _hear(done: Done[None], answer: Answer) -> None:
    if isinstance(answer, Outcome):
        done(None if answer is Outcome.REPLIED else Busy())
    else:
        done(WritesRefused(answer))


class Conversions:
    """All conversions of a simulation."""

    def __init__(self, world: World, requests: Requests, store: Store, nodes: Sequence[Node]) -> None:
        self._world = world
        self._requests = requests
        self._store = store
        self._nodes = nodes
        self._converters: dict[tuple[str, int], Converter] = {}
        self._runs: set[Run] = set()
        self._asked: dict[str, Asked] = {}
        """What was worked out last, by the column that is filled."""
        self._columns, self._ids, self._numbers = count(1), count(1), count(1)

    @property
    def under_way(self) -> int:
        """How many are at work."""
        return sum(run.life == run.node.life for run in self._runs)

    def go_on(self, node: Node) -> None:
        """Somebody converts a column, or takes a conversion back."""
        random = self._world.random
        user = random.choice((OLGA, ADAM, EDDA)).user_id
        columns = self._schema().columns
        undoable = [column.id for column in columns.values() if not column.deleted and source_of(column) is not None]
        if undoable and random.random() < UNDONE:
            column = random.choice(undoable)
            node.alive(lambda: self._undo(node, user, column))
            return
        source = standing(columns, random.choice(FIRSTS))
        types = [kind for kind in TARGETS[source.type] if self._fits(source, kind)]
        if source.deleted or not types:
            return
        wish = Wish(user, source.id, random.choice(types))
        self._world.counts["convert.wanted"] += 1
        self._grant(node, wish)
        if random.random() < TWICE:
            self._world.after(self._world.between(0.0, 0.5), partial(self._grant, random.choice(self._nodes), wish))

    def _schema(self) -> ListSchema:
        return ListSchema.from_json(cast("Any", self._store.kept.schema))

    def _fits(self, source: Column, kind: ColumnType) -> bool:
        return self._schema().primary != source.id or kind is not ColumnType.MULTI_SELECT

    def _grant(self, node: Node, wish: Wish) -> None:
        node.alive(lambda: self._convert(node, wish))

    def _principal(self, node: Node, user: str) -> Principal | None:
        """Who asks, if they may, and the node can read what it has to know."""
        principal = node.principal(user)
        reached = not (self._store.away or node.name in self._store.parted)
        return principal if reached and principal is not None and principal.may(Action.COLUMNS_MANAGE) else None

    # Converting

    def _convert(self, node: Node, wish: Wish) -> None:
        """Make the column that is filled, or find what was left of it, and fill it."""
        principal, columns = self._principal(node, wish.user), self._schema().columns
        source = columns[wish.source]
        busy = sum(run.node is node and run.life == node.life for run in self._runs) >= AT_ONCE_MAX
        if principal is None or source.deleted or busy:
            return
        target = target_of(ConversionBody(type=wish.type), source, heir_of(source.id, next(self._columns)))
        left = next((column for column in columns.values() if resumes(column, source, target)), None)
        run = Run(node, node.life)
        self._runs.add(run)
        if left is not None:
            self._world.counts["convert.resumed"] += 1
            self._fill(run, wish, principal, left)
            return
        self._world.counts["convert.begun"] += 1
        made = replace(target, name=f"{source.name} {target.id}", config={CONVERTING: {"from": source.id}})
        plan = WritePlan()
        put_column(plan, made)

        def hear(answer: Answer) -> None:
            if answer is Outcome.REPLIED:
                self._fill(run, wish, principal, made)
            else:
                self._broken_off(run, wish)

        heard = _in_this_life(node, hear)
        self._ask(node, principal, plan.writes, lambda answer: self._world.after(0.0, lambda: heard(answer)))

    def _ask(self, node: Node, principal: Principal, writes: Sequence[Write], then: Any = None) -> None:
        self._requests.ask(node, principal, tuple(writes), source=Source.API, then=then)

    def _fill(self, run: Run, wish: Wish, principal: Principal, target: Column) -> None:
        life = (run.node.name, run.life)
        converter = self._converters.get(life)
        if converter is None:
            converter = self._converters[life] = Converter(
                _Rooms(run.node, self._requests, self._rush), self._work_out, lambda: f"run-{next(self._numbers)}"
            )
        asked = Asked(wish.source, target, Names())

        def done(outcome: Any) -> None:
            if isinstance(outcome, WorkedOut):
                self._runs.discard(run)
                self._world.counts["convert.told"] += 1
                self._world.note(f"{wish.source} is converted to {target.id}")
            elif isinstance(outcome, Busy | Unsettled | WritesRefused):
                self._broken_off(run, wish)
            else:
                raise outcome

        work = cast("Any", converter.convert(LIST, principal, asked))
        drive(work, done, lambda take: _in_this_life(run.node, take))

    def _broken_off(self, run: Run, wish: Wish) -> None:
        """Nobody knows what has become of it: the person asks again, of any node."""
        self._runs.discard(run)
        self._world.counts["convert.broken_off"] += 1
        if wish.tries < TRIES_MAX and self._world.random.random() < ASKED_AGAIN:
            node = self._world.random.choice(self._nodes)
            again = replace(wish, tries=wish.tries + 1)
            self._world.after(self._world.between(0.05, 1.0), partial(self._grant, node, again))

    def _rush(self) -> None:
        """A list is opened to be converted: perhaps rows are imported at all nodes, which are not durable when it is worked out."""
        if self._world.random.random() < RUSHES:
            self._world.counts["convert.rushes"] += 1
            for node in self._nodes:
                principal = node.principal(OLGA.user_id)
                assert principal is not None, "the owner stays"
                self._requests.bring(node, principal)

    async def _work_out(self, base: ConversionBase, asked: Asked, aim: Aim) -> WorkedOut:
        """What a process of its own does: it takes a while, in which everything goes on."""
        self._world.counts["convert.worked_out"] += 1
        self._world.counts["convert.again"] += self._asked.get(asked.target.id) is asked
        self._asked[asked.target.id] = asked
        await Answered(lambda done: self._world.after(self._world.between(0.005, 0.4), lambda: done(None)))
        document = ListDocument(base.epoch)
        document.apply([base.state])
        document.scan()
        return work_out(document, asked, aim, lambda: f"converted-{next(self._ids):08}")

    # Taking it back

    def _undo(self, node: Node, user: str, column: str) -> None:
        principal, columns = self._principal(node, user), self._schema().columns
        source = columns.get(source_of(columns[column]) or "")
        if principal is not None and not columns[column].deleted and source is not None and source.deleted:
            self._world.counts["undo.asked"] += 1
            self._ask(node, principal, [SwapColumns(column, source.id, source.config)])


class _Rooms:
    """What opens a node's live list for its converter."""

    def __init__(self, node: Node, requests: Requests, opened: Callable[[], None]) -> None:
        self._node = node
        self._requests = requests
        self._opened = opened

    async def open(self, list_id: str) -> Runner:
        """The live list. Raises `Busy`."""
        assert list_id == LIST, "a simulation has one list"

        def ask(done: Done[LiveList]) -> None:
            self._node.open(done, lambda _code: done(Busy()))

        live = await Answered(ask)
        self._opened()
        return cast("Runner", Opened(live, self._requests))


def _in_this_life(node: Node, take: Done[Any]) -> Done[Any]:
    """Take an answer as long as the node has not died; who was paused takes it when it goes on."""
    return node.answer(take)
