"""Presence under attack: nobody appears as somebody else, nobody is kept from appearing, nothing piles up."""

import json
from typing import Any

import pytest

from realtime.core.codec import buffer, string, uint
from tests.e2e.attacks.siege import Siege
from tests.e2e.socket_client import SocketClient

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK_MAX = 2**31 - 1
ANA_AS_SHOWN = {"cell": "hers"}


def said(*entries: tuple[int, int, str]) -> bytes:
    """A presence message."""
    body = b"".join(uint(client) + uint(clock) + string(state) for client, clock, state in entries)
    return b"\x01" + buffer(uint(len(entries)) + body)


async def shows_ana(siege: Siege) -> None:
    """Ana is shown, and everybody knows it."""
    await siege.writer.send_presence(siege.writer.doc.client_id, 1, ANA_AS_SHOWN)
    await siege.reader.until(lambda: siege.writer.doc.client_id in siege.reader.presence)


async def still_shows_ana(siege: Siege, attacker: SocketClient) -> None:
    """Ana's state is hers, her next one is shown, and the attacker's connection is open."""
    ana = siege.writer.doc.client_id
    assert attacker.closed is None
    assert siege.reader.presence[ana]["cell"] == "hers"
    await siege.writer.send_presence(ana, 2, {"cell": "next"})
    await siege.reader.until(lambda: siege.reader.presence.get(ana, {}).get("cell") == "next")
    assert siege.reader.presence[ana]["user"]["id"] == siege.ana.id
    await siege.stands()


async def mark(siege: Siege, attacker: SocketClient) -> dict[str, Any]:
    """A last, honest state of the attacker's, after which all that came before has been judged; as it is shown."""
    own = attacker.doc.client_id
    await attacker.send_presence(own, 1_000, {"cell": "mark"})
    await siege.reader.until(lambda: siege.reader.presence.get(own, {}).get("cell") == "mark")
    state: dict[str, Any] = siege.reader.presence[own]
    return state


@pytest.mark.rule("PRES-1", "PRES-2", "PRES-10", "WIRE-17")
@pytest.mark.parametrize(
    ("clock", "state"),
    [
        (1, '{"cell":"forged"}'),
        (2, '{"cell":"forged"}'),
        (CLOCK_MAX, '{"cell":"forged"}'),
        (1, "null"),
        (CLOCK_MAX, "null"),
        (0, "null"),
    ],
    ids=["the same clock", "the next clock", "the last clock", "gone", "gone for ever", "gone in the past"],
)
async def test_a_colleagues_id(siege: Siege, clock: int, state: str) -> None:
    """What is said of a colleague's client is dropped without a word, also between honest entries."""
    await shows_ana(siege)
    async with siege.attacker() as attacker:
        own, ana = attacker.doc.client_id, siege.writer.doc.client_id
        await attacker.send(said((own, 1, "{}"), (ana, clock, state), (own, 2, '{"cell":"own"}')))
        await mark(siege, attacker)
        await still_shows_ana(siege, attacker)


@pytest.mark.rule("PRES-1", "WIRE-17")
@pytest.mark.parametrize(
    "state",
    [
        '{"user":{"id":"%s","name":"Ana"}}',
        '{"user":null}',
        '{"user":"Ana","user":"Eve"}',
        '{"us\\u0065r":{"name":"Ana"}}',
    ],
)
async def test_a_users_name(siege: Siege, state: str) -> None:
    """Whatever stands as `user`, the server's own word is shown."""
    async with siege.attacker() as attacker:
        own = attacker.doc.client_id
        await attacker.send(said((own, 1, state.replace("%s", siege.ana.id))))
        await siege.reader.until(lambda: own in siege.reader.presence)
        user = siege.reader.presence[own]["user"]
        assert (user["id"], user["name"]) == (siege.ben.id, "Ben")
    await siege.stands()


@pytest.mark.rule("PRES-7", "WIRE-17")
@pytest.mark.parametrize(
    "state",
    [
        *("[]", "5", '"x"', "true", "", "{", '{"x":NaN}', '{"x":-Infinity}', '{"x":1e999}', '{"__proto__":{"x":1}}'),
        *('{"x":"\\ud800"}', '{"x":"\\u0000"}', '{"x":' + "9" * 5_000 + "}", '{"x":"' + "y" * 5_000 + '"}'),
        *("[" * 100_000, '{"x":' + "[" * 2_000 + "]" * 2_000 + "}", '{"x":' * 100_000 + "1" + "}" * 100_000),
    ],
    ids=lambda state: f"{len(state)} characters {state[:12]}",
)
async def test_a_state_that_is_none(siege: Siege, state: str) -> None:
    """No object, no JSON, too deep, too long: dropped, and the client's next state is shown."""
    await shows_ana(siege)
    async with siege.attacker() as attacker:
        own = attacker.doc.client_id
        await attacker.send(said((own, 999, state)))
        assert (await mark(siege, attacker))["cell"] == "mark"
        await still_shows_ana(siege, attacker)


@pytest.mark.rule("WIRE-1", "WIRE-17")
@pytest.mark.parametrize(
    "frame",
    [
        said((70_000, 2**31, "{}")),
        said((70_000, 2**62, "{}")),
        said((2**53, 1, "{}")),
        b"\x01" + buffer(uint(2) + uint(70_000) + uint(1) + string('{"cell":"kept?"}') + uint(70_001)),
        b"\x01" + buffer(uint(1) + uint(70_000) + uint(1) + b"\x02\xff\xff"),
        b"\x01" + buffer(b"\xff" * 200_000),
        said(*((100_000 + n, 1, "{}") for n in range(100_000))),
    ],
    ids=[
        "clock 2^31",
        "clock 2^62",
        "client 2^53",
        "half an entry",
        "no UTF-8",
        "200 KB of 0xFF",
        "100,000 invented ids",
    ],
)
async def test_a_message_that_is_none(siege: Siege, frame: bytes) -> None:
    """It is judged whole: nothing of it is shown, and its connection is closed."""
    async with siege.attacker() as attacker:
        await attacker.send(frame)
        assert (await attacker.until_closed())[0] == 4400
    await shows_ana(siege)
    assert set(siege.reader.presence) == {siege.writer.doc.client_id, siege.bystander.client}
    await siege.stands()


@pytest.mark.rule("PRES-7", "PRES-9", "WIRE-17")
async def test_invented_ids(siege: Siege) -> None:
    """A hundred thousand ids in good messages: a few are shown, none is reserved beside those, none of the server's."""
    await shows_ana(siege)
    async with siege.attacker() as attacker:
        await attacker.send(said(*((client, 1, "{}") for client in range(1_500))))
        for first in range(200_000, 300_000, 1_500):
            await attacker.send(said(*((first + n, 1, "{}") for n in range(1_500))))
        async with siege.attacker(siege.ana) as hers:
            await hers.send_presence(299_000, 1, {"cell": "not reserved"})
            await siege.reader.until(lambda: 299_000 in siege.reader.presence)
        shown = set(siege.reader.presence)
        assert len(shown) <= 64 + 2
        assert min(shown) > 1_023
        await still_shows_ana(siege, attacker)


@pytest.mark.rule("PRES-4", "WIRE-17")
async def test_a_flood_of_moves(siege: Siege) -> None:
    """Two thousand states as fast as they go are merged; the newest that counts is shown."""
    await shows_ana(siege)
    async with siege.attacker() as attacker:
        own = attacker.doc.client_id
        await siege.sends(attacker, (said((own, clock, json.dumps({"cell": clock}))) for clock in range(1, 2_000)))
        await siege.reader.until(lambda: siege.reader.presence.get(own, {}).get("cell", 0) > 100)
        await still_shows_ana(siege, attacker)


@pytest.mark.rule("PRES-11", "PRES-12", "WIRE-17")
async def test_the_largest_states_that_there_are(siege: Siege) -> None:
    """Sixty-four states of 4 KiB over and over: stock clients, which send on what they are shown, stay connected."""
    large = json.dumps({"x": "y" * 4_000})
    first, second = SocketClient(), SocketClient()
    async with first.connected(siege.ben, siege.homes.id), second.connected(siege.ben, siege.homes.id):
        for clock in range(1, 20):
            for client, offset in ((first, 400_000), (second, 500_000)):
                await client.send(said(*((offset + n, clock, large) for n in range(32))))
        await siege.reader.until(lambda: len(siege.reader.presence) > 20)
        late = await siege.bystander.clients.open(siege.ana, siege.homes.id, f"late {siege.homes.id}")
        await siege.stands()
        closes = [event for event in siege.bystander.clients.events if event["event"] == "close"]
        assert [event for event in closes if event["name"] in {late.name, siege.bystander.name}] == []
        await late.close()
    await siege.stands()


@pytest.mark.rule("PRES-2", "WIRE-17")
async def test_an_id_taken_before_its_owner_comes(siege: Siege) -> None:
    """An id that somebody else shows is not the attacker's to write with, and the other way round."""
    await shows_ana(siege)
    ana = siege.writer.doc.client_id
    async with siege.attacker() as attacker:
        await attacker.send_presence(600_000, 1, {"cell": "mine"})
        await siege.reader.until(lambda: 600_000 in siege.reader.presence)
        await siege.writer.send_presence(600_000, 2, {"cell": "stolen"})
        await siege.writer.send_presence(ana, 3, ANA_AS_SHOWN)
        await mark(siege, attacker)
        assert siege.reader.presence[600_000]["cell"] == "mine"
    await siege.stands()
