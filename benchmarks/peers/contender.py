"""What every server that is compared must be able to do, and the lists that scenarios are played on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from typing import Any

from benchmarks.clients import Hand
from benchmarks.load import Target
from benchmarks.peers.visitor import Visitor, until, visit
from benchmarks.processes import Processes

ROWS, ROWS_PER_WRITER = 1_000, 20
WRITERS_MAX = ROWS // ROWS_PER_WRITER
ID_BYTES = 12
PART_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """A list as a target, and one hand for each writer."""

    target: Target
    hands: Sequence[Hand]


@dataclass(frozen=True, slots=True)
class Node:
    """One process of a server, and where its sockets are."""

    processes: Processes
    address: str


class Contender(ABC):
    """A server with a data folder of its own, which outlives its process."""

    name: str
    durability: str
    two_nodes = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keepers: list[Visitor] = []

    async def part(self) -> None:
        """Close what the driver itself still has open."""
        for keeper in self.keepers:
            keeper.leave()
        await until(lambda: all(keeper.ended for keeper in self.keepers), PART_SECONDS_MAX)
        self.keepers.clear()

    @abstractmethod
    def start(self, redis_port: int | None = None) -> None:
        """Start it; returns when it answers. With a port, it shares its lists over that Redis."""

    @abstractmethod
    def stop(self) -> None:
        """End it, and its second node, as Ctrl-C does; nothing if it does not run."""

    @abstractmethod
    def kill(self) -> None:
        """End it with SIGKILL."""

    @abstractmethod
    def processes(self) -> Processes:
        """Its processes, while it runs."""

    @abstractmethod
    async def make_list(self, rows: int = ROWS) -> Place:
        """Make a list of so many rows, whose cells to be written are empty; one client stays in it."""

    @abstractmethod
    async def make_big_list(self, rows: Sequence[Sequence[Any]]) -> Target:
        """Make the big list in the server's best layout."""

    @abstractmethod
    async def make_small_lists(self, count: int) -> Sequence[Target]:
        """So many lists to open and write one entry into; made before, if the server's lists must be."""

    @abstractmethod
    def again(self, target: Target) -> Target:
        """The same list where it is after another start."""

    @abstractmethod
    def second_node(self, place: Place) -> str:
        """Start another node beside the first; the address of a list there."""

    async def visit(self, target: Target, number: int = 0, *, keeps: bool = False) -> Visitor:
        """Open a list as the client of this number."""
        headers: Mapping[str, str] = target.headers[number % len(target.headers)]
        return await visit(target.address, headers, target.dialect, keeps=keeps)


def new_id() -> str:
    """A fresh id, as long as ours are."""
    return token_urlsafe(ID_BYTES)


def hands_of(rows: Sequence[str], columns: Sequence[str]) -> list[Hand]:
    """Each writer writes into rows of their own."""

    def hand(own: Sequence[str]) -> Hand:
        def write(random: Random) -> tuple[str, Any]:
            return f"c:{random.choice(own)}:{random.choice(columns)}", f"Called back on day {random.randrange(10_000)}"

        return write

    shares = range(0, min(len(rows), ROWS), ROWS_PER_WRITER)
    return [hand(rows[share : share + ROWS_PER_WRITER]) for share in shares]


def big_rows(count: int, columns: int) -> list[list[Any]]:
    """The rows of the big list: two words, then numbers and short texts by turns; the same in every run."""
    random = Random(count)
    streets = ("Oak Lane", "Mill Road", "Harbour View", "Church Street", "Elm Avenue")
    return [
        [
            random.randrange(1_000_000) if column % 3 == 1 else f"{random.randrange(9_999)} {random.choice(streets)}"
            for column in range(columns)
        ]
        for _ in range(count)
    ]
