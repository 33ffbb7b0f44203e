"""Rights that change while people are connected take effect on the sockets of another node within a second."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.socket_client import SocketClient
from tests.e2e.two_nodes import NAME, Scene, effective_in_time, note, two_nodes


@pytest.fixture
async def scene(newcomer: Newcomer, neighbour: House) -> AsyncIterator[Scene]:
    """A list, open at two nodes."""
    async with two_nodes(newcomer, neighbour) as made:
        yield made


@pytest.mark.rule("ROOM-8", "ROOM-17")
async def test_a_role_changes_without_a_reconnect(scene: Scene) -> None:
    """Fewer rights hold from the next frame on, more rights too, on the very connection."""
    cell, client = scene.homes.cell(0, NAME), SocketClient()
    async with client.connected(scene.ben, scene.homes.id):
        with effective_in_time():
            await scene.set_role(scene.ben, "member")
            await client.until(lambda: {"type": "role", "role": "member"} in client.control)
        await client.write({cell: "not mine to say"})
        await client.until(lambda: bool(client.denied))
        assert client.denied[0]["refused"] == [{"key": cell, "reason": "role"}]
        await client.until_saved()
        assert client.values[cell] == "12 Oak Lane"
        with effective_in_time():
            await scene.set_role(scene.ben, "editor")
            await client.until(lambda: {"type": "role", "role": "editor"} in client.control)
        await client.write({cell: "1 Elm Street"})
        await client.until_saved()
    shown = await scene.ben.get(f"/api/lists/{scene.homes.id}/records/{scene.homes.rows[0]}")
    assert shown["fields"][NAME] == "1 Elm Street"


@pytest.mark.rule("ROOM-8", "ROOM-17", "ROOM-18")
async def test_who_is_removed_is_closed_and_sees_nothing_more(scene: Scene) -> None:
    """With 4403; what teammates write afterwards is not sent to them; who comes back works again."""
    cell, client, owner = scene.homes.cell(0, NAME), SocketClient(), SocketClient()
    async with owner.connected(scene.ana_there, scene.homes.id), client.connected(scene.ben, scene.homes.id):
        with effective_in_time():
            assert (await scene.ana("DELETE", scene.member(scene.ben))).status_code == 204
            assert (await client.until_closed())[0] == 4403
        seen = client.updates_seen
        await client.send_unread(b"\x00\x02", client.make({cell: "too late"}))
        await owner.write({cell: "after the removal"})
        await owner.until_saved()
        assert client.updates_seen == seen
        assert owner.values[cell] == "after the removal"
        assert (await scene.ben("GET", f"/api/lists/{scene.homes.id}")).status_code == 404
        await scene.ana.admit(scene.ben, "editor")
        again = SocketClient()
        async with again.connected(scene.ben, scene.homes.id):
            await again.until(lambda: again.values[cell] == "after the removal")
            await again.write({cell: "back again"})
            await again.until_saved()
        await owner.until(lambda: owner.values[cell] == "back again")


@pytest.mark.rule("ROOM-15", "ROOM-17")
async def test_a_list_in_the_trash_closes(scene: Scene) -> None:
    """With 4404, also for its owner; restored, it opens again."""
    client, owner = SocketClient(), SocketClient()
    async with owner.connected(scene.ana_there, scene.homes.id), client.connected(scene.ben, scene.homes.id):
        with effective_in_time():
            assert (await scene.ana("DELETE", f"/api/lists/{scene.homes.id}")).status_code == 204
            assert [(await one.until_closed())[0] for one in (client, owner)] == [4404, 4404]
    assert (await scene.ana("POST", f"/api/lists/{scene.homes.id}/restore")).status_code == 200
    async with client.connected(scene.ben, scene.homes.id):
        assert client.values[scene.homes.cell(0, NAME)] == "12 Oak Lane"


@pytest.mark.rule("ROOM-15", "ROOM-17")
async def test_a_list_that_goes_into_the_trash_amid_edits_closes(scene: Scene) -> None:
    """With 4404, also where an edit finds it gone before the watch does; what came before is kept."""
    cell, client = scene.homes.cell(0, NAME), SocketClient()
    async with client.connected(scene.ben, scene.homes.id):
        await client.write({cell: "before"})
        await client.until_saved()
        assert (await scene.ana("DELETE", f"/api/lists/{scene.homes.id}")).status_code == 204
        await client.send_unread(b"\x00\x02", client.make({cell: "too late"}))
        assert (await client.until_closed())[0] == 4404
    assert (await scene.ana("POST", f"/api/lists/{scene.homes.id}/restore")).status_code == 200
    shown = await scene.ben.get(f"/api/lists/{scene.homes.id}/records/{scene.homes.rows[0]}")
    assert shown["fields"][NAME] == "before"


@pytest.mark.rule("ROOM-15", "ROOM-17")
async def test_a_deleted_workspace_closes(scene: Scene) -> None:
    """All its lists close with 4404."""
    client = SocketClient()
    async with client.connected(scene.ben, scene.homes.id):
        with effective_in_time():
            assert (await scene.ana("DELETE", f"/api/workspaces/{scene.ana.workspace}")).status_code == 204
            assert (await client.until_closed())[0] == 4404


@pytest.mark.rule("ROOM-17", "AUTH-12")
async def test_signing_out_closes_every_socket_of_the_sign_in(scene: Scene) -> None:
    """Those opened with its access token and those opened with its tickets; another sign-in of the person stays."""
    by_token, by_ticket, other = SocketClient(), SocketClient(), SocketClient()
    elsewhere = scene.beside(scene.ben)
    await elsewhere.sign_in()
    query = f"ticket={await scene.ben.ticket(scene.homes.id)}"
    async with (
        by_token.connected(scene.ben, scene.homes.id),
        by_ticket.connected(scene.ben, scene.homes.id, query=query),
        other.connected(elsewhere, scene.homes.id),
    ):
        with effective_in_time():
            assert (await scene.beside(scene.ben, here=True)("POST", "/api/auth/logout")).status_code == 204
            assert [(await one.until_closed())[0] for one in (by_token, by_ticket)] == [4401, 4401]
        await other.write({scene.homes.cell(0, NAME): "still here"})
        await other.until_saved()


@pytest.mark.rule("ROOM-17", "AUTH-12")
async def test_a_reused_refresh_token_closes_the_sockets_of_the_sign_in(scene: Scene, sql: Sql) -> None:
    """A spent token that comes back ends the sign-in, whichever node meets it."""
    client, thief = SocketClient(), scene.beside(scene.ben, here=True)
    assert (await scene.ben("POST", "/api/auth/refresh")).status_code == 200
    await sql.execute(
        "UPDATE sessions SET rotated_at = rotated_at - interval '1 minute' WHERE user_id = $1", scene.ben.id
    )
    async with client.connected(scene.ben, scene.homes.id):
        with effective_in_time():
            answer = await thief("POST", "/api/auth/refresh")
            assert (answer.status_code, answer.json()["code"]) == (401, "revoked_credentials")
            assert (await client.until_closed())[0] == 4401


@pytest.mark.rule("ROOM-17", "AUTH-12", "AUTH-15")
async def test_a_revoked_key_closes_its_sockets(scene: Scene) -> None:
    """Those opened with the key and with its tickets; the person's own stay."""
    made = await scene.ben.make("/api/keys", {"workspace_id": scene.ana.workspace, "name": "Robot"})
    robot = scene.beside(scene.ben)
    robot.token = made["key"]
    by_key, by_ticket, own = SocketClient(), SocketClient(), SocketClient()
    query = f"ticket={await robot.ticket(scene.homes.id)}"
    async with (
        by_key.connected(robot, scene.homes.id),
        by_ticket.connected(robot, scene.homes.id, query=query),
        own.connected(scene.ben, scene.homes.id),
    ):
        await by_key.write({scene.homes.cell(0, NAME): "written by a key"})
        await by_key.until_saved()
        with effective_in_time():
            assert (await scene.beside(scene.ben, here=True)("DELETE", f"/api/keys/{made['id']}")).status_code == 204
            assert [(await one.until_closed())[0] for one in (by_key, by_ticket)] == [4401, 4401]
        await own.write({scene.homes.cell(0, NAME): "still here"})
        await own.until_saved()


@pytest.mark.rule("ROOM-17", "AUTH-15")
async def test_an_expired_key_closes_its_sockets(scene: Scene, sql: Sql) -> None:
    """When its day has come."""
    body = {"workspace_id": scene.ana.workspace, "name": "Robot", "expires_in_days": 1}
    made = await scene.ben.make("/api/keys", body)
    robot, client = scene.beside(scene.ben), SocketClient()
    robot.token = made["key"]
    async with client.connected(robot, scene.homes.id):
        with effective_in_time():
            await sql.execute("UPDATE api_keys SET expires_at = now() WHERE id = $1", made["id"])
            assert (await client.until_closed())[0] == 4401
    assert (await robot("GET", "/api/me")).json()["code"] == "expired_credentials"


@pytest.mark.rule("ROOM-7", "LOG-3", "ROOM-17")
async def test_no_edit_is_accepted_after_a_role_change_has_committed(scene: Scene, sql: Sql) -> None:
    """While an editor floods, the role is taken by SQL: what the log took before stands, everything later is refused."""
    cell, client = scene.homes.cell(0, NAME), SocketClient()
    async with client.connected(scene.ben, scene.homes.id):
        for number in range(300):
            await client.write({cell: f"{note()} {number}"})
            if number == 100:
                await client.until(lambda: client.saved > 20)
                async with sql.transaction():
                    await sql.execute(
                        "UPDATE members SET role = 'member', version = version + 1 WHERE workspace_id = $1 AND user_id = $2",
                        *(scene.ana.workspace, scene.ben.id),
                    )
                    # Commits of edits hold the membership: what was under way is done, what comes next must wait.
                    head = await sql.fetchval("SELECT head FROM lists WHERE id = $1", scene.homes.id)
        await client.until_saved()
        assert client.denied
        facts = await sql.fetch(
            "SELECT seq, new, reason FROM facts WHERE list_id = $1 AND actor = $2 ORDER BY seq, ordinal",
            *(scene.homes.id, scene.ben.id),
        )
        accepted = [fact for fact in facts if fact["reason"] is None]
        refused = [fact for fact in facts if fact["reason"] is not None]
        assert accepted
        assert max(fact["seq"] for fact in accepted) <= head < min(fact["seq"] for fact in refused)
        assert {fact["reason"] for fact in refused} == {"role"}
        assert client.values[cell] == json.loads(accepted[-1]["new"])


@pytest.mark.rule("ROOM-22")
async def test_a_member_of_another_node_may_be_named(scene: Scene, newcomer: Newcomer) -> None:
    """Within a second after they were added, on a connection that was open before."""
    cleo = await newcomer("Cleo")
    agent = (await scene.ana_there.make(f"/api/lists/{scene.homes.id}/columns", {"name": "Agent", "type": "user"}))[
        "id"
    ]
    cell, client = f"c:{scene.homes.rows[0]}:{agent}", SocketClient()
    async with client.connected(scene.ben, scene.homes.id):
        await client.write({cell: cleo.id})
        await client.until(lambda: bool(client.denied))
        assert client.denied[0]["refused"] == [{"key": cell, "reason": "invalid_value"}]
        with effective_in_time():
            await scene.ana.admit(cleo, "member")
            while client.denied:
                await scene.ana.get("/api/me")  # a call between two tries keeps them below the limit on refusals
                client.denied.clear()
                await client.write({cell: cleo.id})
                await client.until_saved()
        assert client.values[cell] == cleo.id
