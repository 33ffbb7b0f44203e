"""Sockets that are closed for what their people do: the right close code, a sentence, and nobody else notices."""

import pytest

from tests.e2e.colleagues import works_on
from tests.e2e.conftest import Newcomer
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient

REFUSALS_BURST = 2_000
REFUSALS_A_FRAME = 500


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner, who works while the others attack."""
    return await newcomer("Ana")


@pytest.fixture
async def ben(newcomer: Newcomer, ana: Person) -> Person:
    """An editor in Ana's workspace, whose client sends what it should not."""
    editor = await newcomer("Ben")
    await ana.admit(editor, "editor")
    return editor


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Note", "type": "text"}, {"name": "Other", "type": "text"}])
    await ana.add_rows(made, [{"Note": "before"}])
    return made


@pytest.mark.rule("ROOM-11")
async def test_too_many_refusals_close_the_connection(ana: Person, newcomer: Newcomer, homes: List) -> None:
    """Who goes on sending what their role does not allow is closed with 4429; nobody else is touched."""
    mia = await newcomer("Mia")
    await ana.admit(mia, "member")
    writer, reader, member = SocketClient(), SocketClient(), SocketClient()
    cells = [f"c:row-{number:010}:{homes.columns['Note']}" for number in range(REFUSALS_A_FRAME)]
    async with writer.connected(ana, homes.id), reader.connected(ana, homes.id):
        async with member.connected(mia, homes.id):
            for number in range(REFUSALS_BURST // REFUSALS_A_FRAME + 1):
                await member.send_unread(b"\x00\x02", member.make(dict.fromkeys(cells, f"refused {number}")))
            code, sentence = await member.until_closed()
        assert code == 4429
        assert sentence
        await works_on(writer, reader, homes.cell(0, "Other"))


@pytest.mark.rule("ROOM-15")
async def test_a_deleted_list_closes_its_sockets(ana: Person, ben: Person, homes: List) -> None:
    """When a list goes into the trash its sockets are closed with 4404, and it opens again when restored."""
    client = SocketClient()
    async with client.connected(ben, homes.id):
        assert (await ana("DELETE", f"/api/lists/{homes.id}")).status_code == 204
        code, sentence = await client.until_closed()
    assert (code, bool(sentence)) == (4404, True)
    assert (await ana("POST", f"/api/lists/{homes.id}/restore")).status_code == 200
    async with client.connected(ben, homes.id):
        assert client.values[homes.cell(0, "Note")] == "before"
