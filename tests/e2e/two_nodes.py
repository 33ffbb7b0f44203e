"""A list that people have open at two nodes of one installation, and a stopwatch for what must reach both."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from tests.e2e.conftest import Newcomer
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.timing import in_time

EFFECTIVE_SECONDS_MAX = 1.0
NAME = "Name"


@dataclass
class Scene:
    """Ana, the owner, acts at one node; her clients, and Ben the editor with everything of his, are at the other one."""

    ana: Person
    ana_there: Person
    ben: Person
    homes: List
    stack: AsyncExitStack

    def beside(self, person: Person, *, here: bool = False) -> Person:
        """The same person with another client, at the other node or (`here`) at the first."""
        other = person.at(self.ana.server if here else self.ana_there.server)
        self.stack.push_async_callback(other.http.aclose)
        return other

    def member(self, person: Person) -> str:
        """The address of somebody's membership."""
        return f"/api/workspaces/{self.ana.workspace}/members/{person.id}"

    async def set_role(self, person: Person, role: str) -> None:
        """Change a role at the first node."""
        answer = await self.ana("PATCH", self.member(person), json={"role": role})
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def two_nodes(newcomer: Newcomer, neighbour: House) -> AsyncIterator[Scene]:
    """Set the scene: a list with one row."""
    async with AsyncExitStack() as stack:
        ana, ben = await newcomer("Ana"), await newcomer("Ben")
        await ana.admit(ben, "editor")
        homes = await ana.make_list("Homes", [{"name": NAME, "type": "text"}])
        await ana.add_rows(homes, [{NAME: "12 Oak Lane"}])
        scene = Scene(ana, ana.at(neighbour.url), ben.at(neighbour.url), homes, stack)
        for someone in (scene.ana_there, scene.ben):
            stack.push_async_callback(someone.http.aclose)
        yield scene


@contextmanager
def effective_in_time() -> Iterator[None]:
    """What is awaited within takes effect within a second, the call that brings it about included."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    yield
    took = loop.time() - begun
    assert in_time(took, EFFECTIVE_SECONDS_MAX), f"it took {took:.2f} s"


def note() -> str:
    """A text that no other edit has."""
    return f"note {secrets.token_hex(6)}"
