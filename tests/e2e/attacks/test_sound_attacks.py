"""Attacks whose frames are sound, or nearly: they are judged, refused or do nothing, and floods cost their sender."""

import json

import pytest

from realtime.core.codec import any_value, buffer, uint
from tests.e2e.attacks.contents import nested
from tests.e2e.attacks.forged import after, named, writing
from tests.e2e.attacks.raw_socket import BINARY, frame, raw_socket
from tests.e2e.attacks.siege import Siege, state_vector
from tests.e2e.hostile import live
from tests.e2e.people import person
from tests.e2e.socket_client import SocketClient

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEP_1 = b"\x00\x00"
QUERY = b"\x03"


def with_value(client: SocketClient, cell: str, value: bytes) -> bytes:
    """An update that sets a cell to these bytes."""
    stand_in = any_value("stand-in")
    update = client.make({cell: "stand-in"})
    assert update.count(stand_in) == 1
    return update.replace(stand_in, value)


@pytest.mark.rule("GATE-2", "WIRE-17")
async def test_an_id_of_one_who_left(siege: Siege) -> None:
    """A client id stays its person's after they have left."""
    eve = await person(siege.house.url, "Eve").register()
    await siege.ana.admit(eve, "editor")
    async with siege.attacker(eve) as leaving:
        await leaving.write({siege.cell: "by Eve"})
        await leaving.until_saved()
        left, clock = leaving.doc.client_id, state_vector(leaving.doc)[leaving.doc.client_id]
    assert (await siege.ana("DELETE", f"/api/workspaces/{siege.ana.workspace}/members/{eve.id}")).is_success
    await siege.refuses([writing(left, clock, named())], "foreign_client")
    await eve.http.aclose()
    await siege.stands()


@pytest.mark.rule("GATE-2", "WIRE-17")
async def test_the_own_other_tab_is_allowed(siege: Siege) -> None:
    """What another tab of the same person made may come over this one's socket, and goes on there."""
    other = SocketClient()
    async with siege.attacker() as tab:
        other.doc.apply_update(tab.doc.get_update())
        other._made.clear()
        await tab.send(live(other.make({siege.cell: "made in the other tab"})))
        await siege.reader.until(lambda: siege.reader.values[siege.cell] == "made in the other tab")
        assert tab.closed is None
    async with other.connected(siege.ben, siege.homes.id):
        await other.write({siege.cell: "and goes on there"})
        await other.until_saved()
    await siege.stands()


@pytest.mark.rule("GATE-3", "WIRE-17")
async def test_equivocation(siege: Siege) -> None:
    """A second content under a known id and clock is not looked at, for the own id and for a colleague's."""
    async with siege.attacker() as attacker:
        own = attacker.doc.client_id
        await attacker.write({siege.cell: "the first"})
        await attacker.until_saved()
        head = await siege.head()
        await attacker.send(writing(own, 0, named("the second")))
        await attacker.send(writing(siege.writer.doc.client_id, 0, named("the second")))
        await attacker.send(writing(1, 0, named("the second")))
        await attacker.write({siege.cell: "the third"})
        await siege.reader.until(lambda: siege.reader.values[siege.cell] == "the third")
        assert attacker.closed is None
    assert await siege.head() == head + 1
    await siege.stands()


@pytest.mark.rule("GATE-12", "GATE-8", "WIRE-4", "WIRE-17")
@pytest.mark.parametrize(
    "value",
    [
        any_value({"__proto__": {"polluted": True}}),
        any_value({"constructor": 1}),
        any_value("a\0b"),
        any_value("x" * 10_001),
        any_value("x" * 1_000_000),
        any_value(["x"] * 100_000),
        nested(32),
        b"\x7b\xff\xef\xff\xff\xff\xff\xff\xff",
    ],
    ids=["__proto__", "constructor", "NUL", "10,001 characters", "1 MB", "100,000 elements", "32 deep", "-1.8e308"],
)
async def test_a_value_that_its_column_does_not_take(siege: Siege, value: bytes) -> None:
    """It is refused, and the old value stands on every screen, the sender's included."""
    async with siege.attacker() as attacker:
        await attacker.send(live(with_value(attacker, siege.cell, value)))
        await attacker.until(lambda: bool(attacker.denied) and attacker.values.get(siege.cell) == "before")
        assert attacker.denied[0]["refused"][0] == {"key": siege.cell, "reason": "invalid_value"}
    await siege.stands()


@pytest.mark.rule("WIRE-4", "SNAP-2", "WIRE-17")
@pytest.mark.parametrize(
    "number",
    [b"\x7b\x80" + bytes(7), b"\x7d\x40", b"\x7c\x80" + bytes(3), b"\x7b\x00\x00\x00\x00\x00\x00\x00\x01"],
    ids=["-0 as a double", "-0 as an integer", "-0 as a float", "the smallest double"],
)
async def test_an_odd_zero(siege: Siege, number: bytes) -> None:
    """Whatever stands for nought: all replicas and SQL agree on it."""
    price = siege.homes.cell(0, "Price")
    async with siege.attacker() as attacker:
        await attacker.send(live(with_value(attacker, price, number)))
        await siege.reader.until(lambda: price in siege.reader.values)
    await siege.stands()


@pytest.mark.rule("GATE-13", "GATE-8", "WIRE-17")
async def test_delete_everything_that_is_known(siege: Siege) -> None:
    """All that a colleague and the server ever wrote, in one small delete set: rows and columns stay as they are."""
    async with siege.attacker() as attacker:
        known = state_vector(attacker.doc)
        ranges = b"".join(uint(client) + uint(1) + uint(0) + uint(clock) for client, clock in known.items())
        await siege.sends(attacker, [live(uint(0) + uint(len(known)) + ranges)])
    async with siege.attacker() as again:
        rows = [key for key in again.values if key.startswith("r:")]
        assert rows == [f"r:{siege.homes.rows[0]}"]
        assert again.values.get(siege.cell) is None or again.values[siege.cell] == "before"
    await siege.stands()


@pytest.mark.rule("GATE-4", "GATE-8", "WIRE-17")
async def test_what_one_update_writes_over_and_over(siege: Siege) -> None:
    """Three thousand values for one cell, each after the last: one fact, of the last."""
    async with siege.attacker() as attacker:
        own = attacker.doc.client_id
        await attacker.write({siege.cell: "0"})
        await attacker.send(writing(own, 1, *[after((own, n), f"value {n}") for n in range(3_000)]))
        await siege.reader.until(lambda: siege.reader.values[siege.cell] == "value 2999")
    await siege.stands()


@pytest.mark.rule("WIRE-5", "WIRE-17")
@pytest.mark.parametrize(
    ("vector", "closes"),
    [
        (uint(100_000) + b"".join(uint(n) + uint(1) for n in range(1_024, 101_024)), False),
        (uint(250_000) + b"".join(uint(n) + uint(1) for n in range(1_024, 251_024)), True),
        (uint(50_000) + (uint(5_000) + uint(1)) * 50_000, True),
    ],
    ids=["100,000 clients", "250,000 clients", "one client 50,000 times"],
)
async def test_a_bomb_of_a_state_vector(siege: Siege, vector: bytes, *, closes: bool) -> None:
    """A replica that claims to know very many clients is answered or closed."""
    async with siege.attacker() as attacker:
        await siege.sends(attacker, [STEP_1 + buffer(vector)] * 3)
        if closes:
            assert (await attacker.until_closed())[0] == 4400
    await siege.stands()


@pytest.mark.rule("WIRE-6", "WIRE-17")
async def test_a_flood_of_first_steps_and_queries(siege: Siege) -> None:
    """Who asks for the whole document and for everybody, over and over, and reads nothing of it."""
    nothing, nobody = STEP_1 + buffer(b"\x00"), STEP_1 + buffer(uint(1) + uint(1) + uint(1))
    async with raw_socket(siege.ben, siege.homes.id) as raw:
        await raw.send(*[frame(BINARY, part) for part in (nothing, nobody, QUERY)] * 400)
        await siege.stands()
    await siege.stands()


@pytest.mark.rule("WIRE-17", "ROOM-13")
async def test_a_flood_of_edits(siege: Siege) -> None:
    """A thousand honest edits as fast as they go: they may be slowed, none of those shown is lost, others go on."""
    async with siege.attacker() as attacker:
        edits = [live(attacker.make({siege.cell: f"flood {number}"})) for number in range(1_000)]
        await siege.sends(attacker, edits)
        await siege.reader.until(lambda: str(siege.reader.values[siege.cell]).startswith("flood"))
    await siege.stands()


@pytest.mark.rule("GATE-8", "ROOM-11", "WIRE-17")
async def test_a_flood_of_refusals(siege: Siege) -> None:
    """Who goes on writing what is not theirs is closed, and nobody ever saw any of it."""
    async with siege.attacker() as attacker:
        columns = attacker.doc.get("columns", type=type(attacker.overlays))
        names = [f"col-made-{number:03}:name" for number in range(500)]
        edits = [live(attacker.make(dict.fromkeys(names, f"mine {turn}"), columns)) for turn in range(6)]
        await siege.sends(attacker, edits)
        code, _sentence = await attacker.until_closed()
    assert code == 4429
    assert "mine" not in await siege.sql.fetchval("SELECT schema::text FROM lists WHERE id = $1", siege.homes.id)
    assert "mine" not in json.dumps(siege.reader.doc.get("columns", type=type(attacker.overlays)).to_py())
    await siege.stands()
