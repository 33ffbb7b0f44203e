"""A town: honest people of every role who edit one list through two nodes, online and offline, as one seed says."""

from random import Random
from typing import Any

from auth.roles import Role
from persistence.contract import Json, Source
from persistence.memory import MemoryListStore
from realtime.core import codec, events, keys
from realtime.core.document import ListDocument
from realtime.core.index import Index
from realtime.core.limits import Limits
from realtime.core.update import decode
from realtime.core.writes import AddRow, SetCell
from tests.property_list import (
    ADAM,
    AT,
    EDDA,
    EMIL,
    LOCKED,
    MIA,
    NAME,
    OLGA,
    OPEN,
    PIER,
    QUAY,
    RENT,
    SOLD,
    STATE,
    TAGS,
    furnished_store,
    step_2_frame,
    update_frame,
)
from tests.room_scenes import Seat, Stage, body_of

LIMITS = Limits(refusals_burst_max=1e9)


def assert_known(node: Stage) -> None:
    """What a draft knows, however it came about, is what one knows that is made from the same document."""
    draft = node.room.ledger.draft
    fresh, index = ListDocument(1), Index()
    fresh.apply([draft.document.difference()])
    fresh.scan()
    update = decode(fresh.difference())
    index.add(update)
    for client, _, _ in update.blocks:
        end = index.known(client)
        assert draft.index.known(client) == end
        assert draft.index.living(client, 0, end) == index.living(client, 0, end)
    assert len(draft.index) == len(index)
    assert set(draft.document.rows()) == set(fresh.rows())
    for row in fresh.rows():
        assert draft.document.members(row, TAGS) == fresh.members(row, TAGS)


class Town:
    """Two nodes on one store, their people, and a marker in every value that must be refused."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.store: MemoryListStore = furnished_store()
        self.nodes = [Stage(self.store, LIMITS)]
        self.nodes[0].request(OLGA, AddRow(QUAY), AddRow(PIER))
        self.nodes[0].settle()
        self.nodes.append(Stage(self.store, LIMITS))
        self.seats: list[tuple[Stage, Seat]] = []
        self.away: set[str] = set()
        self.frames: list[bytes] = []
        self.rows = [QUAY, PIER]
        for number, person in enumerate((EDDA, EDDA, ADAM, MIA, EMIL, OLGA)):
            node = self.nodes[number % 2]
            self.seats.append((node, node.join(person, 5000 + number)))

    def step(self) -> None:
        """One thing happens."""
        roll = self.random.random()
        node, seat = self.random.choice(self.seats)
        if roll < 0.55:
            self.write(node, seat)
        elif roll < 0.62:
            self.toggle(node, seat)
        elif roll < 0.66:
            value: Json = self.random.randrange(100)
            node.request(OLGA, SetCell(self.random.choice((QUAY, PIER)), RENT, value), SetCell(QUAY, TAGS, [SOLD]))
        elif roll < 0.68:
            node.set_role(EMIL, self.random.choice((Role.EDITOR, Role.MEMBER, Role.ADMIN)))
        elif node.commits:
            node.commit()
        elif node.fetches:
            node.fetch()
            assert_known(node)

    def write(self, node: Stage, seat: Seat) -> None:
        """Someone writes, online or not."""
        values = {} if not seat.peer.values() else self.values(seat)
        if values:
            update = seat.peer.set(values)
            if seat.session not in self.away:
                node.send(seat, update_frame(update))

    def values(self, seat: Seat) -> dict[str, Any]:
        """One to three keys as this person's client would write them, allowed or not."""
        random, held = self.random, seat.peer.held(keys.OVERLAYS)
        marker = f"refuse-me-{random.random()}"
        refused = seat.principal is MIA
        values: dict[str, Any] = {}
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            row = random.choice([row for row in self.rows if f"r:{row}" in held])
            kind = random.random()
            if kind < 0.35:
                values[f"c:{row}:{NAME}"] = marker if refused else f"Name {random.random()}"
            elif kind < 0.45:
                values[f"c:{row}:{RENT}"] = marker if refused or random.random() < 0.3 else random.randrange(99) / 4
            elif kind < 0.5:
                values[f"c:{row}:{LOCKED}"] = 5
            elif kind < 0.6:
                values[f"e:{row}:{TAGS}:{random.choice((SOLD, OPEN))}"] = random.random() < 0.6
            elif kind < 0.65:
                values[f"c:{row}:{STATE}"] = random.choice((SOLD, OPEN, None, marker))
            elif kind < 0.75:
                new = f"row-{random.randrange(10**9):09}"
                self.rows.append(new)
                values |= {f"r:{new}": random.choice(("a5", "a6V")), f"c:{new}:{NAME}": marker if refused else "New"}
            elif kind < 0.8:
                values[f"t:{row}"] = random.choice((None, {"by": seat.principal.user_id, "at": AT}))
            elif kind < 0.9:
                written = {"row": row, "author": seat.principal.user_id, "at": AT, "body": "Seen.", "mentions": []}
                values[f"comments/comment-{random.randrange(10**6):06}"] = written
            else:
                values |= {name: ... for name in random.sample(sorted(held), 1) if name[0] in "cet"}
        return values

    def toggle(self, node: Stage, seat: Seat) -> None:
        """Someone goes offline, or comes back with what they wrote meanwhile."""
        if seat.session in self.away:
            self.come_back(node, seat)
        else:
            self.away.add(seat.session)
            self.frames += seat.take()
            node.leave(seat)

    def come_back(self, node: Stage, seat: Seat) -> None:
        """As a stock client: it answers the server's SyncStep1 and asks for what it lacks."""
        self.away.discard(seat.session)
        seat.principal = next(p for p in (EDDA, ADAM, MIA, EMIL, OLGA) if p.user_id == seat.principal.user_id)
        node.rejoin(seat, sync=False)
        question = next(message for message in seat.inbox if message[:2] == b"\x00\x00")
        node.send(seat, step_2_frame(seat.peer.doc.get_update(body_of(question))))
        node.send(seat, b"\x00\x00" + codec.buffer(seat.peer.doc.get_state()))

    def end(self) -> None:
        """Everybody is back, and both nodes have taken in what the other has committed."""
        for node, seat in self.seats:
            if seat.session in self.away:
                self.come_back(node, seat)
        for node in (*self.nodes, *self.nodes):
            for other in self.nodes:
                other.settle()
            node.request(OLGA, SetCell(QUAY, RENT, self.random.random()))
            node.settle()
        self.nodes[0].handle(events.Requested("last", OLGA, Source.API, (SetCell(QUAY, RENT, 1),)))
        self.nodes[0].settle()
        for _, seat in self.seats:
            self.frames += seat.take()
