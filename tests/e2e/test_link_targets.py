"""A link column points into a list of its own workspace, whichever door sets it."""

import secrets

import pytest
from pycrdt import Map

from tests.e2e.conftest import Newcomer
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.two_nodes import effective_in_time

COLUMNS = [{"name": "Name", "type": "text"}]


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


def column(target: str) -> dict[str, object]:
    """The keys of a new link column; `new` is its id."""
    new = secrets.token_urlsafe(12)
    said = {"name": f"Link {new}", "type": "link", "pos": "a5", "config": {"list": target}}
    return {f"{new}:{attribute}": value for attribute, value in said.items()}


def config_key(made: dict[str, object]) -> str:
    """The key of a column's configuration."""
    return next(key for key in made if key.endswith(":config"))


@pytest.mark.rule("ROOM-21", "GATE-8")
async def test_a_link_to_a_foreign_list_is_refused_on_the_socket(ana: Person, newcomer: Newcomer) -> None:
    """The list of another workspace, and one that does not exist, are no target; the rest of the update stands."""
    stranger = await newcomer("Eve")
    homes, people = await ana.make_list("Homes", COLUMNS), await ana.make_list("People", COLUMNS)
    foreign = await stranger.make_list("Secret", COLUMNS)
    client = SocketClient()
    columns: Map[object] = client.doc.get("columns", type=Map)
    async with client.connected(ana, homes.id):
        for target, sound in ((foreign.id, False), ("l" * 16, False), (people.id, True), (homes.id, True)):
            made = column(target)
            client.denied.clear()
            await client.write(made, columns)
            await client.until_saved()
            refused = [{"key": f"columns/{config_key(made)}", "reason": "invalid_value"}]
            assert [told["refused"] for told in client.denied] == ([] if sound else [refused])
            assert (columns.get(config_key(made)) == {"list": target}) is sound


@pytest.mark.rule("ROOM-21", "ROOM-19")
async def test_a_list_of_another_node_is_a_target_at_once(ana: Person, neighbour: House) -> None:
    """By REST at once; on a socket within a second."""
    there: Person = ana.at(neighbour.url)
    homes: List = await ana.make_list("Homes", COLUMNS)
    client = SocketClient()
    columns: Map[object] = client.doc.get("columns", type=Map)
    async with there.http, client.connected(there, homes.id):
        people = await ana.make_list("People", COLUMNS)
        body = {"name": "Owner", "type": "link", "config": {"list": people.id}}
        await there.make(f"/api/lists/{homes.id}/columns", body)
        with effective_in_time():
            agents = await ana.make_list("Agents", COLUMNS)
            accepted = False
            while not accepted:
                await ana.get("/api/me")  # a call between two tries keeps them below the limit on refusals
                made = column(agents.id)
                client.denied.clear()
                await client.write(made, columns)
                await client.until_saved()
                accepted = client.denied == []
