"""Which key each struct of an update writes: the first of a key names its parent, every later one its origin."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from persistence.contract import FactKind
from realtime.core import keys
from realtime.core.reasons import Flaw, Unsound
from realtime.core.update import Content, Id, Struct, Update

if TYPE_CHECKING:
    from realtime.core.index import Index


def resolve(update: Update, index: Index) -> dict[Id, str | None]:
    """Find the path of every struct of `update` by its (client, first clock); raises `Unsound`.

    Origins may lead through other structs of the same update, in any order of its blocks.
    """
    found: dict[Id, str | None] = {}
    generations: dict[Id, str | None] = {}
    waiting = False
    for client, _, structs in update.blocks:
        for struct in structs:
            reference = reference_of(struct)
            if reference is None:
                found[client, struct.clock] = None if struct.content is Content.GC else f"{struct.parent}/{struct.sub}"
            elif reference[1] < index.known(reference[0]):
                if struct.origin is not None:
                    found[client, struct.clock] = index.path(reference)
                    continue
                if reference not in generations:
                    generations[reference] = _generation(reference, index)
                found[client, struct.clock] = _below(struct, generations[reference])
            else:
                waiting = True
    if waiting:
        _follow(update, found)
    return found


_Blocks = dict[int, tuple[list[int], list[Struct]]]


def _follow(update: Update, found: dict[Id, str | None]) -> None:
    """Resolve the structs whose reference lies inside the update itself, in an order in which they can be applied.

    A struct waits for its reference and for the one before it in its block; each waits once, so this is linear.
    """
    blocks = {client: ([struct.clock for struct in structs], structs) for client, _, structs in update.blocks}
    placed = dict.fromkeys(blocks, 0)
    for client, (_, structs) in blocks.items():
        trail = {client: len(structs) - 1}  # each is placed up to here because the one before it waits for that
        while trail:
            last, until = next(reversed(trail.items()))
            wanted = _place(last, until, blocks, placed, found)
            if wanted is None:
                del trail[last]
            elif wanted[0] in trail:
                raise Unsound(Flaw.UNKNOWN_REFERENCE, "items refer to each other in a circle")
            else:
                trail[wanted[0]] = wanted[1]


def _place(client: int, until: int, blocks: _Blocks, placed: dict[int, int], found: dict[Id, str | None]) -> Id | None:
    """Place the structs of a client in their order, or return the client and place of one that must come first."""
    structs = blocks[client][1]
    while placed[client] <= until:
        struct = structs[placed[client]]
        if (client, struct.clock) not in found:
            holder, place = _locate(blocks, struct)
            if place >= placed[holder]:
                return holder, place
            found[client, struct.clock] = _below(struct, found[holder, blocks[holder][0][place]])
        placed[client] += 1
    return None


def _locate(blocks: _Blocks, struct: Struct) -> Id:
    """The client, and the place in its block, of the struct that another one refers to."""
    reference = reference_of(struct)
    assert reference is not None, "only structs with a reference wait for one"
    client, clock = reference
    clocks, structs = blocks.get(client, ([], []))
    place = bisect_right(clocks, clock) - 1
    if place < 0 or clock >= structs[place].clock + structs[place].length:
        raise Unsound(Flaw.UNKNOWN_REFERENCE, "an item refers to one that nobody has")
    return client, place


def reference_of(struct: Struct) -> Id | None:
    """The id that a struct's place depends on: its origin, or the nested map it lies in."""
    if struct.origin is not None:
        return struct.origin
    return struct.parent if isinstance(struct.parent, tuple) else None


def _generation(reference: Id, index: Index) -> str | None:
    """The path of a known map that something is written into for the first time; `None` where it is a generation that is gone."""
    path = index.path(reference)
    if path is None or index.alive(reference):
        return path
    key = keys.parse(path)
    return None if key is not None and key.kind is FactKind.GENERATION else path


def _below(struct: Struct, reference: str | None) -> str | None:
    if reference is None or struct.origin is not None:
        return reference
    return f"{reference}/{struct.sub}"
