"""Updates against a document, from a seed: honest ones, nearly honest ones, and bytes that hardly are.

Most are bent in one or two places only: another clock, a foreign client id, an origin that nobody has, a key of the
server's, a value of the wrong type, a deletion of what is not there yet. A fuzz that is refused at once tests only refusals.
"""

from __future__ import annotations

from typing import Any

from realtime.core.update import Content, Id, Struct, Update, encode
from tests.fuzz.grammar import bend
from tests.oracle.assignments import Writer
from tests.oracle.expectation import Person
from tests.oracle.knowledge import Knowledge
from tests.oracle.world import CLIENTS, World

BROKEN_NAMES = ("", "x", "c:", "c:a:b", "1/r:row-mole0001", "__proto__", "\0", "r:row-00000001:x", "é" * 40)
EVERYONE = tuple(client for own in CLIENTS.values() for client in own[::2])


class Author(Writer):
    """Makes updates for the client ids of one person."""

    def __init__(self, world: World, person: Person, knowledge: Knowledge) -> None:
        super().__init__(world, person)
        self._own = CLIENTS[person.id][::2]  # the one between is that of the honest replica
        self._knowledge = knowledge

    def update(self) -> bytes:
        """A grammatical update, bent in a few places."""
        random = self._random
        structs: list[Struct] = []
        ends: dict[int, int] = {}
        said = list(self.assignments().items())
        if random.random() < 0.08:
            said += [(path, self.value(path)) for path, _ in said[:1]]  # two values at one place, often of two clients
        for path, value in said:
            client = self._own[0] if random.random() < 0.7 else random.choice(self._own)
            if random.random() < 0.01:
                client = random.choice((*EVERYONE, 1, 900, 4444))
            known = self._knowledge.known(client)
            clock = ends.get(client)
            if clock is None:
                clock = max(0, known + random.choice((0,) * 40 + (1, -1, -2, -known, 7)))
            struct = self._struct(client, clock, path, value, structs)
            ends[client] = clock + struct.length
            structs.append(struct)
        blocks: dict[int, list[Struct]] = {}
        for struct in structs:
            blocks.setdefault(struct.client, []).append(struct)
        order = list(blocks.items())
        random.shuffle(order)
        return encode(Update([(c, held[0].clock, held) for c, held in order], self._deletions(ends)))

    def undo_history(self) -> bytes:
        """A run of values as an undo history keeps it, the earlier ones deleted."""
        random, client = self._random, self._own[0]
        clock, path = self._knowledge.known(client), self.path()
        values_ = tuple(self.value(path) for _ in range(random.choice((2, 3, 5))))
        struct = Struct(client, clock, len(values_), Content.ANY, values=values_)
        self._place(struct, path)
        return encode(Update([(client, clock, [struct])], [(client, clock, len(values_) - 1)]))

    def bent(self) -> bytes:
        """The bytes of an update with a few of them bent."""
        random, update = self._random, bytearray(self.update())
        if random.random() < 0.5:
            place = random.randrange(len(update))
            update[place] = max(0, min(255, update[place] + random.choice((-2, -1, 1, 2))))
            return bytes(update)
        return bend(random, bytes(update))

    def _struct(self, client: int, clock: int, path: str, value: Any, before: list[Struct]) -> Struct:
        random = self._random
        roll = random.random()
        if roll < 0.01:
            return Struct(client, clock, random.choice((1, 2, 50, 300_000)), Content.GC)
        struct = Struct(client, clock, 1, Content.ANY, values=(value,))
        self._place(struct, path)
        self._displace(struct, before)
        roll = random.random()
        if roll < 0.06:
            struct.content, struct.length, struct.values = Content.DELETED, random.choice((1, 1, 2, 30)), ()
        elif roll < 0.08:
            struct.length, struct.values = 2, (self.value(path), value)
        elif roll < 0.087:
            struct.content, struct.binary, struct.values = Content.BINARY, b"\x01\x02", ()
        elif roll < 0.094:
            struct.content, struct.values = Content.MAP, ()
        return struct

    def _place(self, struct: Struct, path: str) -> None:
        """Put a struct where a client would: after the key's last item, or first below its map."""
        random, last = self._random, self._knowledge.latest.get(path)
        if last is not None and random.random() < 0.8:
            struct.origin = last
            return
        root, _, key = path.partition("/")
        generation, below, name = key.partition("/")
        if root != "overlays" or not below:
            struct.parent, struct.sub = root, key
            return
        held = self._knowledge.latest.get(f"overlays/{generation}")
        struct.parent, struct.sub = held or (1, 0), name

    def _displace(self, struct: Struct, before: list[Struct]) -> None:
        """Now and then a struct refers to something else."""
        random, roll = self._random, self._random.random()
        if roll < 0.03 and before:
            chosen = random.choice(before)
            struct.origin = (chosen.client, chosen.clock + random.choice((chosen.length - 1, 0, 0, 1)))
        elif roll < 0.05:
            struct.origin = self._any_known()
        elif roll < 0.056:
            struct.origin = (random.choice(EVERYONE), random.randrange(60))
        elif roll < 0.07:
            struct.origin, struct.parent = None, self._any_known()
            struct.sub = random.choice((f"c:{self._rows[0]}:{self._columns[0]}", random.choice(BROKEN_NAMES)))
        elif roll < 0.08:
            struct.origin, struct.parent = None, random.choice(("overlays", "segments", "elsewhere", "meta"))
            struct.sub = random.choice(("1", "2", "01", "segment-00001", "name", *BROKEN_NAMES))

    def _any_known(self) -> Id:
        client = self._random.choice(list(self._knowledge.clients))
        return client, self._random.randrange(self._knowledge.known(client))

    def _deletions(self, ends: dict[int, int]) -> list[tuple[int, int, int]]:
        random = self._random
        ranges: list[tuple[int, int, int]] = []
        clients = list({*self._knowledge.clients, *ends})
        for client in random.sample(clients, min(len(clients), random.choice((0, 0, 0, 0, 1, 1, 2)))):
            end = max(self._knowledge.known(client), ends.get(client, 0)) + random.choice((0,) * 16 + (1, 9))
            clock = 0
            for _ in range(random.choice((1, 1, 2))):
                clock += random.randrange(max(1, end - clock))
                if clock < end:
                    length = min(random.choice((1, 1, 1, 2, 5)), end - clock)
                    ranges.append((client, clock, length))
                    clock += length
        return ranges
