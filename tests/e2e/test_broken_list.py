"""A list whose log has a hole, on a running server."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House


@pytest.mark.rule("LOG-17")
async def test_a_socket_is_never_given_half_a_list(newcomer: Newcomer, sql: Sql, house: House) -> None:
    """It is told to come again, and is shown nothing, not even an empty list."""
    ana = await newcomer("Ana")
    homes = await ana.make_list("Homes", [{"name": "Name", "type": "text"}])
    await sql.execute("UPDATE lists SET head = head + 1 WHERE id = $1", homes.id)
    headers = {"Authorization": f"Bearer {ana.token}"}
    async with connect(f"{house.socket_url}/{homes.id}", additional_headers=headers) as connection:
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
    assert await sql.fetchval("SELECT count(*) FROM updates WHERE list_id = $1", homes.id) == 1
