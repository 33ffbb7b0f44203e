"""A socket outlives its access token if its client brings a fresh one in band."""

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from auth import tokens
from realtime.core import codec
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.signing import signed_for
from tests.e2e.socket_client import SocketClient

SHORT = timedelta(seconds=10)
"""As long as a client waits for its handshake: whoever is slower has failed by that."""


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Name", "type": "text"}])
    await ana.add_rows(made, [{"Name": "12 Oak Lane"}])
    return made


def renewal(token: str) -> bytes:
    """The frame that brings a fresh token."""
    return codec.uint(100) + codec.string(json.dumps({"type": "token", "token": token}))


async def renewed(client: SocketClient) -> dict[str, str]:
    """The server's word that the socket was renewed."""
    await client.until(lambda: any(said["type"] == "renewed" for said in client.control) or client.closed is not None)
    assert client.closed is None, client.closed
    return next(said for said in reversed(client.control) if said["type"] == "renewed")


@pytest.mark.rule("AUTH-1", "AUTH-13", "AUTH-14", "ROOM-18", "WIRE-7")
async def test_a_socket_ends_with_its_token_unless_it_is_renewed(house: House, ana: Person, homes: List) -> None:
    """With 4401 once its token has ended, not before; the renewed one stays without a reconnect, and is told the new end."""
    client, ending, full = SocketClient(), SocketClient(), ana.token
    ana.token, ends = signed_for(house, ana, SHORT), datetime.now(UTC) + SHORT
    async with ending.connected(ana, homes.id), client.connected(ana, homes.id):
        await client.send(renewal(full))
        end = datetime.fromisoformat((await renewed(client))["expires_at"])
        assert timedelta(minutes=13) < end - datetime.now(UTC) <= tokens.ACCESS_LIFE
        assert await ending.until_closed() == (4401, "Your access token has expired.")
        assert datetime.now(UTC) > ends - timedelta(seconds=1), "a token ends at a full second"
        await client.write({homes.cell(0, "Name"): "still here"})
        await client.until_saved()
    ana.token = full


@pytest.mark.rule("AUTH-12", "AUTH-14")
async def test_a_renewed_socket_rests_on_the_new_sign_in(ana: Person, homes: List) -> None:
    """It survives the end of the sign-in that it was opened by, and ends with the one that renewed it."""
    client, other = SocketClient(), ana.at(ana.server)
    async with client.connected(ana, homes.id), other.http:
        await other.sign_in()
        await client.send(renewal(other.token))
        await renewed(client)
        assert (await ana("POST", "/api/auth/logout")).status_code == 204
        await client.write({homes.cell(0, "Name"): "still here"})
        await client.until_saved()
        assert (await other("POST", "/api/auth/logout")).status_code == 204
        assert (await client.until_closed())[0] == 4401


@pytest.mark.rule("AUTH-14")
async def test_a_ticket_socket_is_renewed_without_an_end(ana: Person, homes: List) -> None:
    """It has no end of its own before, and none afterwards."""
    client = SocketClient()
    async with client.connected(ana, homes.id, query=f"ticket={await ana.ticket(homes.id)}"):
        await client.send(renewal(ana.token))
        assert (await renewed(client))["expires_at"] is None


@pytest.mark.rule("AUTH-14")
async def test_a_stock_client_hears_nothing_of_a_renewal(ana: Person, homes: List) -> None:
    """Control messages go to those who asked for them; the renewal holds all the same."""
    client, other = SocketClient(), ana.at(ana.server)
    async with client.connected(ana, homes.id, ours=False), other.http:
        await other.sign_in()
        await client.send(renewal(other.token))
        assert (await other("POST", "/api/auth/logout")).status_code == 204
        assert (await client.until_closed())[0] == 4401
        assert client.control == []


@pytest.mark.rule("AUTH-14")
async def test_a_token_of_somebody_else_closes(ana: Person, homes: List, newcomer: Newcomer) -> None:
    """With 4403: a socket never changes hands, not even to a teammate."""
    client, ben = SocketClient(), await newcomer("Ben")
    await ana.admit(ben, "admin")
    async with client.connected(ana, homes.id):
        await client.send(renewal(ben.token))
        assert (await client.until_closed())[0] == 4403


@pytest.mark.rule("AUTH-14")
@pytest.mark.parametrize("kind", ["garbage", "expired", "signed out", "an API key"])
async def test_a_token_that_is_not_valid_closes(house: House, ana: Person, homes: List, kind: str) -> None:
    """With 4401, whatever is wrong with it."""
    client, other = SocketClient(), ana.at(ana.server)
    async with client.connected(ana, homes.id), other.http:
        await other.sign_in()
        token = {"garbage": "x.y.z", "expired": signed_for(house, other, -timedelta(seconds=1))}.get(kind, other.token)
        if kind == "signed out":
            await other("POST", "/api/auth/logout")
        elif kind == "an API key":
            token = (await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot"}))["key"]
        await client.send(renewal(token))
        assert (await client.until_closed())[0] == 4401


@pytest.mark.rule("AUTH-14")
async def test_a_socket_by_key_cannot_become_a_sign_in(ana: Person, homes: List) -> None:
    """A key's limits are not shed: its socket takes no token."""
    client, robot = SocketClient(), ana.at(ana.server)
    robot.token = (await ana.make("/api/keys", {"workspace_id": ana.workspace, "name": "Robot", "read_only": True}))[
        "key"
    ]
    async with robot.http, client.connected(robot, homes.id):
        await client.send(renewal(ana.token))
        assert (await client.until_closed())[0] == 4401


@pytest.mark.rule("AUTH-14", "WIRE-1")
@pytest.mark.parametrize(
    "frame",
    [
        codec.uint(100),
        codec.uint(100) + codec.string("no json"),
        codec.uint(100) + codec.string("[" * 2_000),
        codec.uint(100) + codec.string('{"type":"token"}'),
        codec.uint(100) + codec.string('{"type":"token","token":7}'),
        codec.uint(100) + codec.string('{"type":"other","token":"x"}'),
        codec.uint(100) + codec.string('{"type":"token","token":"x","more":1}'),
        codec.uint(100) + codec.string('{"type":"token","token":"x"}') + b"\x00",
        codec.uint(100) + codec.string(json.dumps({"type": "token", "token": "x" * 5_000})),
    ],
)
async def test_a_malformed_renewal_closes(ana: Person, homes: List, frame: bytes) -> None:
    """With 4400, as any other malformed frame."""
    client = SocketClient()
    async with client.connected(ana, homes.id):
        await client.send(frame)
        assert (await client.until_closed())[0] == 4400


@pytest.mark.rule("AUTH-14")
async def test_renewals_are_limited(ana: Person, homes: List) -> None:
    """Each costs a look into the database: a client that goes on and on is closed with 4429; others work."""
    client, other = SocketClient(), SocketClient()
    async with other.connected(ana, homes.id), client.connected(ana, homes.id):
        for _ in range(50):
            await client.send_unread(renewal(ana.token))
        assert (await client.until_closed())[0] == 4429
        await other.write({homes.cell(0, "Name"): secrets.token_hex(4)})
        await other.until_saved()
