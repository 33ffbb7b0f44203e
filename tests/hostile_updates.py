"""A seeded generator of updates that are nearly honest, and of bytes that hardly are.

An honest update is bent in one or two places: another clock, a foreign client id, an origin that nobody has, a
key of the server's, a value of the wrong type, a deletion of what is not there yet. Bytes are bent by flipping,
cutting and repeating. A fuzz that is refused at once tests only refusals, so most cases stay close to the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from persistence.contract import Json
from realtime.core.index import Index
from realtime.core.update import Content, Id, Struct, encode
from realtime.core.update import Update as Decoded
from tests.property_list import AT, GENERATION, LOCKED, NAME, OPEN, PIER, QUAY, RENT, SOLD, STATE, SUM, TAGS

ROWS = (QUAY, PIER, "row-mole0001", "row-dock0001")
COMMENTS = ("comment-0001", "comment-0002")
BROKEN_NAMES = ("", "x", "c:", "c:a:b", "1/r:row-mole0001", "__proto__", "\0", "r:row-mole0001:x", "é" * 40)


def values(random: Random, author: str) -> list[Json]:
    """Values that some key would take, and some that none would."""
    written: Json = {"row": QUAY, "author": author, "at": AT, "body": "Seen.", "mentions": []}
    return [
        *("Text", "", 5, -1.5, True, False, None, SOLD, "a0", "a1V", "zzzz", "number", "\0", "x" * 300),
        *([], [1, "a"], {}, {"by": author, "at": AT}, {"by": "user-other--", "at": AT}, written),
        *({"label": "Let", "colour": "red", "pos": "a2"}, {"__proto__": 1}, 2**60 * 1.0, random.random()),
    ]


def fitting(random: Random, name: str, author: str) -> Json:
    """A value that the key would take from someone who may write it."""
    kind, _, rest = name.partition(":")
    signed: Json = {"by": author, "at": AT}
    written: Json = {"row": QUAY, "author": author, "at": AT, "body": random.choice(("Seen.", "Sold?")), "mentions": []}
    by_column: dict[str, Json] = {NAME: "Text", RENT: random.randrange(900), LOCKED: 7, STATE: SOLD}
    match kind:
        case "c":
            return random.choice((None, by_column.get(rest.rpartition(":")[2], "Text")))
        case "e":
            return random.random() < 0.6
        case "r":
            return random.choice(("a0", "a1V", "Zz"))
        case "t":
            return random.choice((None, signed))
    if kind in COMMENTS:
        return {"": written, "body": "Edited."}.get(rest, signed)
    return {"owner": author, "locked": True, "primary": NAME, "type": "text"}.get(rest or kind, "Let it be")


class HostileClient:
    """Makes updates for the client ids of one person against what a document knows."""

    def __init__(self, random: Random, author: str, own: tuple[int, ...], foreign: tuple[int, ...]) -> None:
        self._random = random
        self._author = author
        self._own = own
        self._foreign = foreign

    def update(self, index: Index) -> bytes:
        """A grammatical update, bent in a few places."""
        random = self._random
        structs: list[Struct] = []
        ends: dict[int, int] = {}
        for _ in range(random.choice((0, 1, 1, 1, 1, 2, 2, 3, 5))):
            client = random.choice(self._own) if random.random() < 0.97 else random.choice(self._foreign)
            known = index.known(client)
            clock = ends.get(client)
            if clock is None:
                clock = max(0, known + random.choice((0,) * 30 + (1, -1, -2, -known, 7)))
            struct = self._struct(client, clock, index, structs)
            ends[client] = clock + struct.length
            structs.append(struct)
        blocks: dict[int, list[Struct]] = {}
        for struct in structs:
            blocks.setdefault(struct.client, []).append(struct)
        order = list(blocks.items())
        random.shuffle(order)
        deletions = self._deletions(index, ends)
        return encode(Decoded([(client, held[0].clock, held) for client, held in order], deletions))

    def bytes_like(self, honest: bytes) -> bytes:
        """Some honest bytes with a few of them flipped, cut, repeated or made up."""
        random = self._random
        bent = bytearray(honest)
        if random.random() < 0.5:
            place = random.randrange(len(bent))
            bent[place] = max(0, min(255, bent[place] + random.choice((-2, -1, 1, 2))))
            return bytes(bent)
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            place = random.randrange(len(bent) + 1)
            bend: Callable[[], None] = random.choice(
                (
                    lambda place=place: bent.__setitem__(slice(place, place + 1), bytes((random.randrange(256),))),
                    lambda place=place: bent.__delitem__(slice(place, place + random.choice((1, 1, 3, 20)))),
                    lambda place=place: bent.__setitem__(
                        slice(place, place), random.randbytes(random.choice((1, 2, 9)))
                    ),
                    lambda place=place: bent.__setitem__(slice(place, place), bent[place : place + 8]),
                    lambda place=place: bent.__setitem__(slice(place, place), b"\xff" * random.choice((1, 4, 8, 9))),
                )
            )
            bend()
        return bytes(bent)

    def _struct(self, client: int, clock: int, index: Index, before: list[Struct]) -> Struct:
        random = self._random
        roll = random.random()
        if roll < 0.02:
            return Struct(client, clock, random.choice((1, 2, 50)), Content.GC)
        struct = Struct(client, clock, 1, Content.ANY, values=(random.choice(values(random, self._author)),))
        self._place(struct, index, before)
        name = struct.sub or self._name_of(struct, index)
        if random.random() < 0.75:
            struct.values = (fitting(random, name, self._author),)
        if roll < 0.08:
            struct.content, struct.length = Content.DELETED, random.choice((1, 1, 2, 30))
        elif roll < 0.11:
            struct.length, struct.values = 2, struct.values * 2
        elif roll < 0.12:
            struct.content, struct.binary = Content.BINARY, b"\x01\x02"
        elif roll < 0.13:
            struct.content = Content.MAP
        return struct

    def _place(self, struct: Struct, index: Index, before: list[Struct]) -> None:
        random = self._random
        roll = random.random()
        if roll < 0.40:
            struct.origin = self._known_id(index)
        elif roll < 0.50 and before:
            chosen = random.choice(before)
            struct.origin = (chosen.client, chosen.clock + random.choice((chosen.length - 1, 0, 0, 1)))
        elif roll < 0.52:
            struct.origin = (random.choice(self._own + self._foreign), random.randrange(60))
        if struct.origin is None:
            struct.parent, struct.sub = self._key(index)

    def _name_of(self, struct: Struct, index: Index) -> str:
        """The key that a struct's origin wrote, if the document knows it."""
        origin = struct.origin
        known = origin is not None and origin[1] < index.known(origin[0])
        path = index.path(origin) if known and origin is not None else None
        return (path or "").rpartition("/")[2]

    def _key(self, index: Index) -> tuple[str | Id, str]:
        random = self._random
        row, comment = random.choice(ROWS), random.choice(COMMENTS)
        column = random.choice((NAME, RENT, TAGS, STATE, LOCKED, SUM, "col-unknown1"))
        below = (
            *(f"c:{row}:{column}",) * 4,
            *(f"e:{row}:{column}:{random.choice((SOLD, OPEN, 'option-none1'))}",) * 2,
            *(f"r:{row}", f"t:{row}", f"r:{row}"),
        )
        if random.random() < 0.6:
            return GENERATION, random.choice(below)
        if random.random() < 0.1:
            return self._known_id(index), random.choice(below + BROKEN_NAMES)
        root, names = random.choice(
            (
                ("meta", ("name", "format", "primary", "icon", "other")),
                ("columns", (f"{column}:name", f"{column}:type", f"{column}:locked", f"{column}:option:{SOLD}")),
                ("views", ("view-0000001:name", "view-0000001:owner", "view-0000001:locked")),
                ("comments", (comment, comment, f"{comment}:body", f"{comment}:resolved", f"{comment}:deleted")),
                ("segments", ("segment-00001",)),
                ("overlays", ("1", "2", "01")),
                ("elsewhere", ("name",)),
            )
        )
        return root, random.choice(names if random.random() < 0.95 else BROKEN_NAMES)

    def _known_id(self, index: Index) -> Id:
        random = self._random
        client = random.choice([c for c in (1, *self._own, *self._foreign) if index.known(c)] or [1])
        return client, random.randrange(index.known(client))

    def _deletions(self, index: Index, ends: dict[int, int]) -> list[tuple[int, int, int]]:
        random = self._random
        ranges: list[tuple[int, int, int]] = []
        for client in random.sample((1, *self._own, *self._foreign), random.choice((0, 0, 0, 1, 1, 2))):
            end = max(index.known(client), ends.get(client, 0)) + random.choice((0,) * 12 + (1, 9))
            clock = 0
            for _ in range(random.choice((1, 1, 2))):
                clock += random.randrange(max(1, end - clock))
                if clock < end:
                    length = min(random.choice((1, 1, 1, 2, 5)), end - clock)
                    ranges.append((client, clock, length))
                    clock += length
        return ranges
