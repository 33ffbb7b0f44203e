"""Sockets that may not be opened: the right HTTP status at the upgrade, and a sentence that helps."""

import json
import secrets
from datetime import timedelta

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.signing import signed_for
from tests.e2e.socket_client import SocketClient

COLUMNS = [{"name": "Name", "type": "text"}]


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the list."""
    return await newcomer("Ana")


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list of Ana's."""
    return await ana.make_list("Homes", COLUMNS)


async def refused(
    address: str, token: str = "", origin: str | None = None, subprotocols: list[str] | None = None
) -> tuple[int, str]:
    """Try to open a socket that must not open; the status and the sentence."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with pytest.raises(InvalidStatus) as caught:
        async with connect(
            address,
            additional_headers=headers,
            origin=None if origin is None else Origin(origin),
            subprotocols=[Subprotocol(name) for name in subprotocols or []] or None,
        ):
            pass
    response = caught.value.response
    assert response.headers["content-type"] == "application/problem+json"
    problem = json.loads(response.body or b"")
    assert problem["status"] == response.status_code
    return response.status_code, problem["detail"]


@pytest.mark.rule("AUTH-2", "API-1")
async def test_nobody_comes_in_without_credentials(house: House, homes: List) -> None:
    """No token, or one that this server has not signed: 401."""
    address = f"{house.socket_url}/{homes.id}"
    for token in ("", "nonsense", "a.b.c"):
        status, sentence = await refused(address, token)
        assert (status, bool(sentence)) == (401, True)
    status, sentence = await refused(address, subprotocols=["rowhouse", "bearer.nonsense"])
    assert (status, bool(sentence)) == (401, True)


@pytest.mark.rule("AUTH-1")
async def test_an_expired_token_is_refused(house: House, ana: Person, homes: List) -> None:
    """A token past its end: 401, and the sentence says how to get another."""
    token = signed_for(house, ana, -timedelta(seconds=1))
    status, sentence = await refused(f"{house.socket_url}/{homes.id}", token)
    assert status == 401
    assert "expired" in sentence


@pytest.mark.rule("API-6")
async def test_unknown_lists_are_not_found(house: House, ana: Person) -> None:
    """A list that does not exist, or whose id cannot be one: 404."""
    for list_id in (secrets.token_urlsafe(12), "x", "no%20list", "a" * 2000):
        status, sentence = await refused(f"{house.socket_url}/{list_id}", ana.token)
        assert (status, bool(sentence)) == (404, True)


@pytest.mark.rule("API-6")
async def test_lists_of_strangers_are_not_found(house: House, homes: List, newcomer: Newcomer) -> None:
    """A list of a workspace that one is no member of looks as if it did not exist: 404."""
    stranger = await newcomer("Stranger")
    status, sentence = await refused(f"{house.socket_url}/{homes.id}", stranger.token)
    assert (status, bool(sentence)) == (404, True)
    assert (await stranger("POST", f"/api/lists/{homes.id}/ticket")).status_code == 404


async def test_other_sites_may_not_open_sockets(house: House, ana: Person, homes: List) -> None:
    """A page of another site is refused before its credentials are looked at: 403."""
    for origin in ("https://evil.example", "null", house.url.replace("http:", "https:") + "0"):
        status, sentence = await refused(f"{house.socket_url}/{homes.id}", ana.token, origin=origin)
        assert (status, bool(sentence)) == (403, True)
    async with connect(
        f"{house.socket_url}/{homes.id}",
        origin=Origin(house.url),
        additional_headers={"Authorization": f"Bearer {ana.token}"},
    ) as own:
        assert isinstance(await own.recv(), bytes)


@pytest.mark.rule("AUTH-11")
async def test_a_ticket_opens_one_socket_once(house: House, ana: Person, homes: List, sql: Sql) -> None:
    """A ticket is single use, for one list, and for 30 seconds; otherwise 401."""
    ticket = await ana.ticket(homes.id)
    client = SocketClient()
    async with client.connected(ana, homes.id, query=f"ticket={ticket}"):
        assert client.control[0]["user"]["id"] == ana.id
    assert (await refused(f"{house.socket_url}/{homes.id}?ticket={ticket}"))[0] == 401

    other = await ana.make_list("Other", COLUMNS)
    elsewhere = await ana.ticket(other.id)
    assert (await refused(f"{house.socket_url}/{homes.id}?ticket={elsewhere}"))[0] == 401

    expired = await ana.ticket(homes.id)
    await sql.execute("UPDATE tickets SET expires_at = now() - interval '1 second' WHERE list_id = $1", homes.id)
    status, sentence = await refused(f"{house.socket_url}/{homes.id}?ticket={expired}")
    assert status == 401
    assert "ticket" in sentence
    assert (await refused(f"{house.socket_url}/{homes.id}?ticket=%00%ff"))[0] == 401


@pytest.mark.rule("AUTH-11")
async def test_a_removed_member_cannot_come_back(house: House, ana: Person, homes: List, newcomer: Newcomer) -> None:
    """A ticket that was given before a removal does not open the list afterwards."""
    ben = await newcomer("Ben")
    await ana.admit(ben, "editor")
    ticket = await ben.ticket(homes.id)
    assert (await ana("DELETE", f"/api/workspaces/{ana.workspace}/members/{ben.id}")).status_code == 204
    assert (await refused(f"{house.socket_url}/{homes.id}?ticket={ticket}"))[0] in {401, 404}
    assert (await refused(f"{house.socket_url}/{homes.id}", ben.token))[0] == 404


@pytest.mark.rule("ROOM-44")
@pytest.mark.parametrize(("epoch", "code"), [("0", 4409), ("2", 1013), ("1", None), ("one", None)])
async def test_a_copy_of_another_epoch_is_turned_away(
    house: House, ana: Person, homes: List, epoch: str, code: int | None
) -> None:
    """Before anything else is said; what is no number says nothing."""
    headers = {"Authorization": f"Bearer {ana.token}"}
    async with connect(f"{house.socket_url}/{homes.id}?epoch={epoch}", additional_headers=headers) as socket:
        if code is None:
            assert (await socket.recv())[:2] == b"\x00\x00"
            return
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == code
