"""What one person may use, through the public door: connections, frames, patience; and that colleagues do not notice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

from realtime.core.limits import Limits
from tests.e2e.colleagues import works_on
from tests.e2e.conftest import Newcomer, newcomers, running
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient

LIMITS = Limits()
FAILED_MAX, WAIT_SECONDS = 20, 100


@pytest.fixture(scope="module")
def strict(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server with the limits that a new one has; what failed at its door is forgotten more slowly."""
    yield from running(
        House(
            make_state_folder(),
            "--no-demo",
            ROWHOUSE_LIMITS="{}",
            ROWHOUSE_FAILED_UPGRADES_BURST_MAX=str(FAILED_MAX),
            ROWHOUSE_FAILED_UPGRADES_PER_SECOND_MAX=str(1 / WAIT_SECONDS),
        )
    )


@pytest.fixture
async def newcomer(strict: House) -> AsyncIterator[Newcomer]:
    """Registers someone there."""
    async with newcomers(strict) as register:
        yield register


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner, who works while the other one tries out limits."""
    return await newcomer("Ana")


@pytest.fixture
async def ben(newcomer: Newcomer, ana: Person) -> Person:
    """An editor in Ana's workspace."""
    editor = await newcomer("Ben")
    await ana.admit(editor, "editor")
    return editor


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Note", "type": "text"}])
    await ana.add_rows(made, [{"Note": "before"}])
    return made


@asynccontextmanager
async def knocking(person: Person, list_id: str) -> AsyncIterator[ClientConnection]:
    """A connection that does nothing by itself."""
    address = f"{person.server.replace('http', 'ws', 1)}/ws/lists/{list_id}"
    async with connect(address, additional_headers={"Authorization": f"Bearer {person.token}"}) as connection:
        yield connection


async def greeted(connection: ClientConnection) -> int | None:
    """`None` if the server lets the connection in (and asks what it has), else the code that it is closed with."""
    try:
        frame = await connection.recv()
    except ConnectionClosed:
        return connection.close_code
    assert frame[:2] == b"\x00\x00"
    return None


@pytest.mark.rule("ROOM-25")
async def test_a_person_has_so_many_connections(ana: Person, ben: Person, homes: List) -> None:
    """One more is asked to come back (1013); a colleague gets in, and so does the next one when one has gone."""
    async with AsyncExitStack() as open_ones:
        for _ in range(LIMITS.sessions_per_user_max):
            assert await greeted(await open_ones.enter_async_context(knocking(ben, homes.id))) is None
        async with knocking(ben, homes.id) as refused:
            assert await greeted(refused) == 1013
        async with knocking(ana, homes.id) as colleague:
            assert await greeted(colleague) is None
    async with knocking(ben, homes.id) as again:
        assert await greeted(again) is None


@pytest.mark.rule("ROOM-27")
async def test_who_is_closed_again_and_again_stays_outside(ana: Person, ben: Person, homes: List) -> None:
    """After so many unsound frames the door answers 4429; the person can still read over HTTP; colleagues go on."""
    for _ in range(int(LIMITS.strikes_burst_max)):
        async with knocking(ben, homes.id) as hostile:
            assert await greeted(hostile) is None
            await hostile.send(b"\x2a\x00")
            await hostile.wait_closed()
            assert hostile.close_code == 4400
    async with knocking(ben, homes.id) as barred:
        assert await greeted(barred) == 4429
        assert "try again" in str(barred.close_reason)
    assert (await ben.get(f"/api/lists/{homes.id}/records"))["items"][0]["fields"]["Note"] == "before"
    writer, reader = SocketClient(), SocketClient()
    async with writer.connected(ana, homes.id), reader.connected(ana, homes.id):
        await works_on(writer, reader, homes.cell(0, "Note"))


async def refused(server: str, door: str, token: str | None = None, address: str = "127.0.0.1") -> Response:
    """Ask for a socket in the name of an address, as a proxy passes it on; the answer that is none."""
    headers = {"X-Forwarded-For": address} | ({"Authorization": f"Bearer {token}"} if token else {})
    with pytest.raises(InvalidStatus) as met:
        async with connect(f"{server.replace('http', 'ws', 1)}/ws/lists/{door}", additional_headers=headers):
            pass
    return met.value.response


@pytest.mark.rule("ROOM-66")
async def test_a_barred_person_who_knocks_on_is_turned_away_unread(ana: Person, ben: Person, homes: List) -> None:
    """After so many 4429 they get 429 and when to come back, with a ticket too, and no other one; a colleague at the same address gets in."""
    ticket = (await ben.make(f"/api/lists/{homes.id}/ticket", {}))["ticket"]
    for _ in range(int(LIMITS.strikes_burst_max)):
        async with knocking(ben, homes.id) as hostile:
            await hostile.send(b"\x2a\x00")
            await hostile.wait_closed()
    for _ in range(FAILED_MAX):
        async with knocking(ben, homes.id) as barred:
            assert await greeted(barred) == 4429
    told = await refused(ben.server, homes.id, ben.token)
    assert (told.status_code, told.headers["Retry-After"]) == (429, str(WAIT_SECONDS))
    assert told.headers["Content-Type"] == "application/problem+json"
    assert (await refused(ben.server, f"{homes.id}?ticket={ticket}")).status_code == 429
    another = await ben("POST", f"/api/lists/{homes.id}/ticket")
    assert (another.status_code, another.headers["Retry-After"]) == (429, str(WAIT_SECONDS))
    async with knocking(ana, homes.id) as colleague:
        assert await greeted(colleague) is None


@pytest.mark.rule("ROOM-66")
async def test_an_address_that_guesses_is_turned_away_unread(ana: Person, homes: List) -> None:
    """Each guess another token, until strangers from there get 429; a ticket gets in there, and elsewhere one may still guess."""
    server, office, elsewhere = ana.server, "2001:db8::7", "2001:db8:1::7"
    statuses = [(await refused(server, homes.id, f"guess {n}", office)).status_code for n in range(FAILED_MAX * 12)]
    assert statuses[: FAILED_MAX * 10] == [401] * FAILED_MAX * 10
    assert statuses[-1] == 429
    assert (await refused(server, homes.id, "guess", "2001:db8::8")).status_code == 429
    assert (await refused(server, homes.id, "guess", elsewhere)).status_code == 401
    ticket = (await ana.make(f"/api/lists/{homes.id}/ticket", {}))["ticket"]
    address = f"{server.replace('http', 'ws', 1)}/ws/lists/{homes.id}?ticket={ticket}"
    async with connect(address, additional_headers={"X-Forwarded-For": office}) as colleague:
        assert await greeted(colleague) is None


@pytest.mark.rule("ROOM-66")
async def test_an_address_that_no_trusted_proxy_names_is_not_believed(make_state_folder: Callable[[], Path]) -> None:
    """Who names another address with each guess is counted by the one they have, where their peer is not a trusted proxy."""
    limits = {"ROWHOUSE_FAILED_UPGRADES_BURST_MAX": "1", "ROWHOUSE_FAILED_UPGRADES_PER_SECOND_MAX": "0.01"}
    for house in running(House(make_state_folder(), "--no-demo", FORWARDED_ALLOW_IPS="192.0.2.1", **limits)):
        guesses = [await refused(house.url, "none", f"guess {n}", f"203.0.113.{n}") for n in range(30)]
        assert [guess.status_code for guess in guesses[:10]] == [401] * 10
        assert guesses[-1].status_code == 429


@pytest.mark.rule("ROOM-25")
@pytest.mark.parametrize("frame", [b"\x03", b"\x00\x00\x01\x00", b"\x01\x01\x00"], ids=["presence", "sync", "nothing"])
async def test_a_flood_is_read_slowly_and_answered_whole(ana: Person, ben: Person, homes: List, frame: bytes) -> None:
    """Colleagues work on while it lasts; the flooding client is not closed, and what it asks is answered."""
    writer, reader = SocketClient(), SocketClient()
    frames = int(LIMITS.frames_per_second_max * LIMITS.burst_seconds) + 200
    async with writer.connected(ana, homes.id), reader.connected(ana, homes.id), knocking(ben, homes.id) as flooding:
        taking = asyncio.create_task(count_answers(flooding))
        for _ in range(frames):
            await flooding.send(frame)
        await works_on(writer, reader, homes.cell(0, "Note"))
        await flooding.send(b"\x2a\x00")  # read after all that came before
        answers = await taking
        assert flooding.close_code == 4400
    assert answers >= (frames if frame != b"\x01\x01\x00" else 0)


async def count_answers(connection: ClientConnection) -> int:
    """How many messages come until the connection is closed."""
    count = 0
    try:
        async for _ in connection:
            count += 1
    except ConnectionClosed:
        pass
    return count
