"""The permission table through real sockets: a key of each root by each role, and what the audit says afterwards."""

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from pycrdt import Map
from websockets.exceptions import InvalidStatus

from auth.permissions import Action, allows
from auth.roles import Role
from realtime.core import keys
from realtime.core.timestamps import write_time
from tests.e2e.conftest import Newcomer
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.property_list import item, update_of

SERVER_ROOTS = (keys.SEGMENTS, f"{keys.OVERLAYS} itself")


@pytest.fixture
async def ana(newcomer: Newcomer) -> Person:
    """The owner of the workspace."""
    return await newcomer("Ana")


@pytest.fixture
async def people(newcomer: Newcomer, ana: Person) -> dict[Role, Person]:
    """One person of each role."""
    found = {Role.OWNER: ana}
    for role in (Role.ADMIN, Role.EDITOR, Role.MEMBER):
        found[role] = await newcomer(role.value.title())
        await ana.admit(found[role], role.value)
    return found


@pytest.fixture
async def homes(ana: Person) -> List:
    """A list with one row."""
    made = await ana.make_list("Homes", [{"name": "Name", "type": "text"}, {"name": "Price", "type": "number"}])
    await ana.add_rows(made, [{"Name": "12 Oak Lane", "Price": 100}])
    return made


def attempts(homes: List, person: Person) -> dict[str, tuple[Action, str, Any]]:
    """By root: the action that a key of it needs, the key, and a value."""
    comment = {"row": homes.rows[0], "author": person.id, "at": write_time(datetime.now(UTC))}
    return {
        keys.META: (Action.LISTS_MANAGE, "name", f"Homes of {person.name}"),
        keys.COLUMNS: (Action.COLUMNS_MANAGE, f"{homes.columns['Price']}:name", f"Price for {person.name}"),
        keys.VIEWS: (Action.VIEWS_SHARE, f"{secrets.token_urlsafe(12)}:name", f"View of {person.name}"),
        keys.COMMENTS: (Action.COMMENTS_WRITE, secrets.token_urlsafe(12), {**comment, "body": "Nice.", "mentions": []}),
        keys.OVERLAYS: (Action.ROWS_EDIT, homes.cell(0, "Name"), f"{person.name} Lane"),
    }


def root_of(client: SocketClient, name: str) -> Map[Any]:
    """A root as the client writes it: of the overlays, the newest generation."""
    return client.generation if name == keys.OVERLAYS else client.doc.get(name, type=Map)


@pytest.mark.rule("GATE-37")
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_writes_what_the_table_allows_it(
    ana: Person, people: dict[Role, Person], homes: List, role: Role
) -> None:
    """Each root but the server's own: saved and seen by another, or denied, taken back and in the audit as attempted."""
    person, client, witness = people[role], SocketClient(), SocketClient()
    refused = []
    async with client.connected(person, homes.id), witness.connected(ana, homes.id):
        for root, (action, key, value) in attempts(homes, person).items():
            target = root_of(client, root)
            before, told = target.to_py(), len(client.denied)
            await client.write({key: value}, target)
            await client.until_saved()
            if allows(role, action):
                assert client.denied[told:] == []
                shown = root_of(witness, root)
                await witness.until(lambda shown=shown, key=key, value=value: (shown.to_py() or {}).get(key) == value)
            else:
                (denied,) = client.denied[told:]
                assert [said["reason"] for said in denied["refused"]] == ["role"]
                assert target.to_py() == before
                refused.append((person.id, value, "role"))
    audit = await ana.get(f"/api/workspaces/{ana.workspace}/audit", params={"kind": "refusal", "list": homes.id})
    assert [(one["actor"], one["new"], one["reason"]) for one in reversed(audit["items"])] == refused


@pytest.mark.rule("GATE-37", "GATE-39", "API-27")
@pytest.mark.parametrize("root", SERVER_ROOTS)
async def test_what_is_the_servers_alone_closes_even_an_owners_socket(ana: Person, homes: List, root: str) -> None:
    """Segments and generations: closed with 4400, and one incident in the audit, with the flaw and without the bytes."""
    client = SocketClient()
    path = f"{root.partition(' ')[0]}/{'2' if root.startswith(keys.OVERLAYS) else 'segment-0001'}"
    async with client.connected(ana, homes.id):
        update = update_of(item(client.doc.client_id, 0, "secret bytes", path))
        await client.send_unread(b"\x00\x02", update)
        code, _ = await client.until_closed()
    assert code == 4400
    incident = await first_incident(ana)
    assert (incident["action"], incident["actor"], incident["list"]) == ("socket.closed", ana.id, homes.id)
    assert incident["detail"]["code"] == 4400
    assert incident["detail"]["why"].startswith("nested_type: ")
    assert "secret" not in str(incident)


@pytest.mark.rule("GATE-39", "WIRE-1")
async def test_a_text_frame_is_an_incident_as_well(ana: Person, homes: List) -> None:
    """What is no binary frame is as unsound as any other, to the audit too."""
    client = SocketClient()
    async with client.connected(ana, homes.id):
        await client.send("hello")
        assert (await client.until_closed())[0] == 4400
    incident = await first_incident(ana)
    assert (incident["action"], incident["detail"]["code"]) == ("socket.closed", 4400)


async def first_incident(person: Person) -> dict[str, Any]:
    """The newest incident of a person's workspace, as soon as it is written."""
    while True:
        audit = await person.get(f"/api/workspaces/{person.workspace}/audit", params={"kind": "incident"})
        if audit["items"]:
            found: dict[str, Any] = audit["items"][0]
            return found


@pytest.mark.rule("GATE-37")
async def test_strangers_and_removed_people_have_no_door(
    ana: Person, people: dict[Role, Person], homes: List, newcomer: Newcomer
) -> None:
    """A stranger is answered 404 before the upgrade; who is removed is closed with 4403 and is a stranger from then on."""
    stranger, removed, client = await newcomer("Eve"), people[Role.ADMIN], SocketClient()
    async with client.connected(removed, homes.id):
        answer = await ana("DELETE", f"/api/workspaces/{ana.workspace}/members/{removed.id}")
        assert answer.status_code == 204
        assert (await client.until_closed())[0] == 4403
    for person in (stranger, removed):
        with pytest.raises(InvalidStatus) as turned_away:
            async with SocketClient().connected(person, homes.id):
                pass
        assert turned_away.value.response.status_code == 404
        audit = await person("GET", f"/api/workspaces/{ana.workspace}/audit")
        assert audit.status_code == 404
