"""`rowhouse rebuild` on the demo: the same list in another epoch, or the list as it was and a sentence that says why."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from api.app import Services, open_services
from api.demo import make_demo
from api.rebuilding import rebuild_list
from api.settings import Settings
from api.verification import verify_lists
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import OpenedList, Source
from persistence.pool import create_pool
from persistence.postgres_states import PostgresStates
from persistence.renewal import RenewalRefused
from persistence.retention import PostgresRetention
from realtime.condensing import condense_apart
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.update import decode
from realtime.core.writes import AddRow
from realtime.hub import Busy
from realtime.keeper import Keeper
from realtime.verifying import Difference

KEPT = ("records", "links", "comments")
ALL = ("lists", "documents", "updates", "facts", "client_ids", "events", *KEPT)


@dataclass
class Scene:
    """A database after honest traffic, a node on it, and the list `Properties` in it."""

    dsn: str
    services: Services
    connection: Any
    list_id: str
    keeper: Keeper

    async def rebuild(self) -> tuple[int, list[Difference]]:
        """The new epoch, and what did not fit."""
        found: list[Difference] = []
        return await rebuild_list(self.dsn, self.list_id, found.append), found

    async def refused(self) -> str:
        """Why there is no rebuild; nothing is changed by the try."""
        before = await self.rows(*ALL)
        with pytest.raises(RenewalRefused) as refusal:
            await self.rebuild()
        assert await self.rows(*ALL) == before
        return str(refusal.value)

    async def verify(self) -> list[str]:
        """What verifying says."""
        found: list[Difference] = []
        await verify_lists(self.dsn, (), found.append)
        return [one.line(values=True) for one in found]

    async def opened(self) -> OpenedList:
        """The list as a node opens it."""
        opened = await self.services.store.open_list(self.list_id)
        assert opened is not None
        return opened

    async def rows(self, *tables: str) -> dict[str, list[Any]]:
        """Everything in these tables."""
        found = {table: await self.connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables}
        assert found[tables[0]], "there is something to compare"
        return found

    async def plant(self, statement: str) -> None:
        """Change something behind the server's back."""
        assert await self.connection.execute(statement, self.list_id) != "UPDATE 0"


@pytest.fixture
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    """The demo with rows in bulk, edits through the rooms, and comments."""
    assert settings.database_url is not None
    async with open_services(settings, volatile_allowed=True) as services:
        await make_demo(services, rows=60, edits=120)
        connection = await asyncpg.connect(settings.database_url)
        pool = await create_pool(settings.database_url, volatile_allowed=True)
        try:
            list_id = await connection.fetchval("SELECT id FROM lists WHERE name = 'Properties'")
            keeper = Keeper(PostgresStates(pool), PostgresRetention(pool, 30), condense_apart)
            yield Scene(settings.database_url, services, connection, list_id, keeper)
        finally:
            await pool.close()
            await connection.close()


def document_of(opened: OpenedList) -> ListDocument:
    """The document that a node makes of it."""
    document = ListDocument(opened.epoch)
    document.apply([*([] if opened.state is None else [opened.state]), *(entry.update for entry in opened.log)])
    return document


def said(document: ListDocument) -> dict[str, object]:
    """Everything that a document says."""
    return {root: document.held(root) for root in keys.ROOTS}


@pytest.mark.rule("LOG-23", "LOG-24", "OPS-48", "OPS-50")
async def test_a_rebuilt_list_says_the_same_in_another_epoch(scene: Scene) -> None:
    """Document and rows are what they were, all under one new client id; number, fact, chain and act are there once, and all agrees, twice. A quarantine stays."""
    await scene.plant("INSERT INTO quarantines (list_id, at) VALUES ($1, now())")
    for epoch in (2, 3):
        before, rows = await scene.opened(), await scene.rows(*KEPT)
        assert await scene.rebuild() == (epoch, [])
        after = await scene.opened()
        assert (after.epoch, after.head, after.state_seq) == (epoch, before.head + 1, before.head + 1)
        assert said(document_of(after)) == said(document_of(before))
        assert after.state is not None
        assert {client for client, _, _ in decode(after.state).blocks} == {epoch}
        assert after.client_owners == {}
        assert await scene.rows(*KEPT) == rows
        assert await scene.verify() == []
        facts = await scene.connection.fetch(
            "SELECT kind, attribute, old, new, actor, source, seal IS NOT NULL AS sealed FROM facts WHERE list_id = $1 AND seq = $2",
            *(scene.list_id, after.head),
        )
        assert [tuple(fact) for fact in facts] == [
            ("meta", "epoch", str(epoch - 1), str(epoch), "system", "system", True)
        ]
    assert await scene.connection.fetchval("SELECT list_id FROM quarantines") == scene.list_id
    acts = await scene.connection.fetch("SELECT subject, detail ->> 'epoch' FROM events WHERE action = 'list.rebuilt'")
    assert [tuple(act) for act in acts] == [(scene.list_id, "2"), (scene.list_id, "3")]


@pytest.mark.rule("LOG-12", "LOG-26")
async def test_a_rebuilt_list_goes_on(scene: Scene) -> None:
    """A node that has the old epoch writes nothing in it, not even where nobody told it; then rows come, a state follows, and all agrees."""
    before = await scene.opened()
    await scene.rebuild()
    actor = await scene.connection.fetchrow(
        "SELECT user_id, version FROM members WHERE role = 'owner' ORDER BY user_id LIMIT 1"
    )
    owner = Principal(actor["user_id"], "Ana", Role.OWNER, actor["version"])
    with pytest.raises(Busy):
        await scene.services.rooms.write(scene.list_id, owner, [AddRow("row-too-early")], source=Source.API)
    for number in range(3):
        await scene.services.rooms.write(scene.list_id, owner, [AddRow(f"row-{number:010}")], source=Source.API)
    opened = await scene.opened()
    assert opened.head == opened.state_seq + 3 == before.head + 4
    assert await scene.verify() == []
    assert await scene.keeper.keep(scene.list_id)
    assert await scene.verify() == []
    await scene.plant("UPDATE facts SET new = '7' WHERE list_id = $1 AND attribute = 'epoch'")
    assert len(await scene.verify()) == 1, "the rebuild's fact is in the chain"


@pytest.mark.rule("LOG-25")
@pytest.mark.parametrize("change", ["state = '\\x0000'", "seq = seq - 1"])
async def test_a_broken_state_is_made_again_from_the_log(scene: Scene, change: str) -> None:
    """A list that nobody could open, or that says something else than its log, is what people wrote."""
    before = said(document_of(await scene.opened()))
    assert await scene.keeper.keep(scene.list_id)
    await scene.plant(f"UPDATE documents SET {change} WHERE list_id = $1")
    epoch, found = await scene.rebuild()
    assert (epoch, [one.mendable for one in found]) == (2, [True])
    assert said(document_of(await scene.opened())) == before
    assert await scene.verify() == []


REFUSED = (
    (
        "There is no list",
        "UPDATE lists SET id = 'list-elsewhere' WHERE id = $1",
        "UPDATE lists SET id = $1 WHERE id = 'list-elsewhere'",
    ),
    (
        "is in the trash",
        "UPDATE lists SET trashed_at = now() WHERE id = $1",
        "UPDATE lists SET trashed_at = NULL WHERE id = $1",
    ),
    ("there are no more", "UPDATE lists SET epoch = 1023 WHERE id = $1", "UPDATE lists SET epoch = 1 WHERE id = $1"),
    (
        "The workspace",
        "UPDATE workspaces SET trashed_at = now() WHERE id = (SELECT workspace_id FROM lists WHERE id = $1)",
        "UPDATE workspaces SET trashed_at = NULL WHERE id = (SELECT workspace_id FROM lists WHERE id = $1)",
    ),
)


@pytest.mark.rule("OPS-47")
async def test_what_cannot_be_rebuilt_is_left_as_it_was(scene: Scene) -> None:
    """The sentence says why and what to do; every table is as it was before. A pruned log cannot tell what a broken state said."""
    for why, statement, undo in REFUSED:
        await scene.plant(statement)
        assert why in await scene.refused()
        await scene.plant(undo)
    assert await scene.keeper.keep(scene.list_id)
    await scene.plant("UPDATE documents SET log_from = seq + 1, state = '\\x0000' WHERE list_id = $1")
    assert "differences" in await scene.refused()
    await scene.plant("DELETE FROM documents WHERE list_id = $1")
    await scene.plant("UPDATE records SET position = 'zz' WHERE list_id = $1")
    assert "docs/BACKUP.md" in await scene.refused()
