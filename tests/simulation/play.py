"""One simulation: people work and things fail for some virtual seconds, then all heals, and everything must come to agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from auth.roles import Role
from persistence.contract import Json
from realtime.core.writes import SetKey
from tests.property_list import ADAM, EDDA, EMIL, MIA, OLGA, STATE, WORKSPACE
from tests.simulation.agreement import check_end
from tests.simulation.bus import Bus
from tests.simulation.checks import Checks
from tests.simulation.clients import Client
from tests.simulation.clocks import Clocks
from tests.simulation.conversions import Conversions
from tests.simulation.foldings import Foldings
from tests.simulation.nodes import Node
from tests.simulation.requests import Requests
from tests.simulation.store import Store
from tests.simulation.world import Violation, World

STEPS: Final = 100
REST_SECONDS: Final = 0.5
"""How long people rest before all heals: what fails then is not made good by the next edit."""
NEWCOMERS: Final = 0.02
RUSHES: Final = 0.02
RUSH_TURNS: Final = 5
CLIENTS_MAX: Final = 8
QUIET_SECONDS_MAX: Final = 150.0
"""How long it may take, when nothing fails any more, until everything agrees: slow readers and silent nodes included."""
MOVABLE: Final = (EDDA.user_id, EMIL.user_id)


class Play:
    """The world of one seed with its cast."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        random = self.world.random
        self.checks = Checks()
        self.store = Store(self.world, self.checks)
        self.bus = Bus(self.world)
        self.checks.begin(self.store.truth)
        self.requests = Requests(self.world, self.checks)
        self.foldings = Foldings(self.world, self.requests)
        names = [f"node{number}" for number in range(random.choice((1, 2, 2, 3)))]
        self.nodes = [Node(self.world, name, self.store, self.bus, self.checks, self.requests) for name in names]
        self.conversions = Conversions(self.world, self.requests, self.store, self.nodes)
        people = (EDDA, EDDA, EMIL, ADAM, MIA, OLGA)[: random.choice((3, 4, 5, 6))]
        self.clients = [
            Client(self.world, number, who.user_id, self.nodes, control=number != 2, member=who is MIA)
            for number, who in enumerate(people)
        ]
        self._faults: dict[str, Callable[[], None]] = {
            "cut": lambda: self._cut(self.world.between(0.0, 0.1)),
            "half_open": lambda: self._cut(self.world.between(2.0, 20.0)),
            "offline": self._offline,
            "siblings": self._siblings,
            "slow_reader": self._slow_reader,
            "crash": lambda: self._node().crash("any time"),
            "pause": self._pause,
            "clock_ahead": lambda: self._node().clock.jump(timedelta(days=3650)),
            "clock_back": lambda: self._node().clock.jump(timedelta(hours=-1)),
            "clock_frozen": partial(self._disturb, Clocks.freeze),
            "clock_jump": partial(self._disturb, Clocks.jump_anywhere),
            "clock_drift": partial(self._disturb, Clocks.drift),
            "store_away": self._store_away,
            "store_parted": self._store_parted,
            "bus_away": self._bus_away,
            "bus_parted": self._bus_parted,
            "role_change": lambda: self._change_role(random.choice((Role.MEMBER, Role.EDITOR, Role.ADMIN))),
            "removal": lambda: self._change_role(None),
            "list_trash": self._trash_list,
            "schema_change": self._change_schema,
            "fold": lambda: self.foldings.go_on(self._node()),
            "epoch": self._rebuild,
            "convert": lambda: self.conversions.go_on(self._node()),
        }

    def run(self) -> None:
        """Play it to its end. Raises `Violation`, or whatever the product raises."""
        world = self.world
        for client in self.clients:
            world.after(world.between(0.0, 0.3), client.connect)
        moment = 0.3
        for _ in range(STEPS):
            moment += world.random.expovariate(1 / 0.05)
            world.after(moment, self._step)
        world.run(moment + REST_SECONDS)
        self._heal()
        self._until_quiet()
        check_end(self)
        self._note_end()

    def _step(self) -> None:
        random, weights = self.world.random, self.world.faults.weights
        roll = random.random() * (60.0 + sum(weights.values()))
        for name, weight in weights.items():
            roll -= weight
            if roll < 0:
                self.world.counts[name] += 1
                self.world.note(name)
                self._faults[name]()
                return
        if random.random() < 0.12:
            self.requests.send(self._node(), random.choice((OLGA, EDDA, EMIL)).user_id)
        elif random.random() < NEWCOMERS and len(self.clients) < CLIENTS_MAX:
            self._open_tab()
        elif random.random() < RUSHES:
            self._rush()
        else:
            random.choice(self.clients).write()

    def _open_tab(self) -> None:
        """Somebody opens the list in one more tab, with nothing in it."""
        who = self.world.random.choice(self.clients)
        number = len(self.clients)
        self.clients.append(Client(self.world, number, who.user, self.nodes, control=number != 2, member=who.member))
        self.world.counts["newcomers"] += 1
        self.clients[-1].connect()

    def _rush(self) -> None:
        """Everybody writes at once for a moment: nodes race for the next number."""
        self.world.counts["rushes"] += 1
        for turn in range(RUSH_TURNS):
            for client in self.clients:
                self.world.after(0.006 * turn + self.world.between(0.0, 0.006), client.write)

    # What may happen

    def _node(self) -> Node:
        return self.world.random.choice(self.nodes)

    def _disturb(self, disturbance: Callable[[Clocks], None]) -> None:
        disturbance(self._node().clock)

    def _cut(self, told_after: float) -> None:
        client = self.world.random.choice(self.clients)
        if client.connection is not None:
            client.connection.cut(told_after)

    def _offline(self) -> None:
        client = self.world.random.choice(self.clients)
        client.go_offline()
        self.world.after(self.world.between(0.2, 3.0), client.come_home)

    def _siblings(self) -> None:
        """Both tabs of one person lose their connection and go on together, offline."""
        first, second = self.clients[:2]
        for client in (first, second):
            client.go_offline()
            client.write()
        first.meet(second)
        for client in (first, second):
            self.world.after(self.world.between(0.2, 1.5), client.come_home)

    def _slow_reader(self) -> None:
        connection = self.world.random.choice(self.clients).connection
        if connection is not None:
            connection.slow_down()
            long = self.world.random.random() < 0.1
            self.world.after(self.world.between(30.0, 40.0) if long else self.world.between(0.1, 2.0), connection.drain)

    def _pause(self) -> None:
        long = self.world.random.random() < 0.15
        self._node().pause(self.world.between(31.0, 60.0) if long else self.world.between(0.1, 4.0))

    def _store_away(self) -> None:
        self.store.away = True

        def back() -> None:
            self.store.away = False

        self.world.after(self.world.between(0.1, 3.0), back)

    def _store_parted(self) -> None:
        name = self._node().name
        self.store.parted.add(name)
        self.world.after(self.world.between(0.1, 3.0), lambda: self.store.parted.discard(name))

    def _bus_away(self) -> None:
        self.bus.away = True

        def back() -> None:
            self.bus.away = False

        self.world.after(self.world.between(0.1, 4.0), back)

    def _bus_parted(self) -> None:
        name = self._node().name
        self.bus.parted.add(name)
        self.world.after(self.world.between(0.1, 4.0), lambda: self.bus.parted.discard(name))

    def _change_role(self, role: Role | None) -> None:
        user = self.world.random.choice(MOVABLE)
        members = self.store.truth.members[WORKSPACE]
        held = members[user]
        if role is None and not held.active:
            self.world.counts["re_added"] += 1
            role = held.role
        members[user] = replace(held, version=held.version + 1, active=role is not None, role=role or held.role)

    def _trash_list(self) -> None:
        self.store.set_trashed(trashed=True)
        self.world.after(self.world.between(0.05, 1.5), lambda: self.store.set_trashed(trashed=False))

    def _change_schema(self) -> None:
        """A column goes or comes back, by a REST call."""
        node, deleted = self._node(), self.world.random.random() < 0.5
        principal = node.principal(OLGA.user_id)
        assert principal is not None
        value: Json = deleted
        self.requests.ask(node, principal, (SetKey("columns", f"{STATE}:deleted", value),))

    def _rebuild(self) -> None:
        """The document is made anew while everybody writes."""
        self.store.rebuild()
        self._rush()

    def _heal(self) -> None:
        world, members = self.world, self.store.truth.members[WORKSPACE]
        world.note("all heals")
        world.faults.heal()
        self.store.away, self.store.kept.trashed = False, False
        self.store.parted.clear()
        self.bus.away = False
        self.bus.parted.clear()
        for user in MOVABLE:
            held = members[user]
            if not held.active:
                members[user] = replace(held, version=held.version + 1, active=True)
        for client in self.clients:
            client.come_home()

    def _until_quiet(self) -> None:
        world = self.world
        begun = world.now
        while world.now - begun < QUIET_SECONDS_MAX:
            world.run(0.5)
            for client in self.clients:
                client.listen()
            if self._quiet():
                return
        raise Violation(f"after {QUIET_SECONDS_MAX} s without faults there is no agreement: {self._restless()}")

    def _quiet(self) -> bool:
        return not self._restless()

    def _restless(self) -> list[str]:
        now = self.store.kept.epoch, self.store.kept.head
        restless = [f"{client.name} is not done" for client in self.clients if not client.settled()]
        for node in self.nodes:
            if not node.up or node.paused:
                restless.append(f"{node.name} is away")
            elif node.live is not None and (node.live.room.standing != now or not node.live.room.ledger.quiet):
                restless.append(f"{node.name} is at {node.live.room.standing} of {now}")
        if self.conversions.under_way:
            restless.append(f"{self.conversions.under_way} conversions are under way")
        if self.requests.waiting:
            restless.append(f"{self.requests.waiting} requests wait")
        return restless

    def _note_end(self) -> None:
        self.world.counts["clock.log_went_back"] += self.checks.times_back
        self.world.counts["imports.edited_at_once"] += self.checks.edited_at_once
        self.world.counts.update(self.checks.conversions.counts)
        self.world.note(f"head {self.store.kept.head}, {len(self.store.kept.facts)} facts")
        for row, stored in sorted(self.store.kept.rows.items()):
            self.world.note(f"{row} {stored.position} {stored.seq} {sorted(stored.cells.items())}")


def play(seed: int) -> Play:
    """Play one seed. Raises `Violation`, or whatever the product raises."""
    done = Play(seed)
    done.run()
    return done
