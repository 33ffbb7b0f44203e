"""Scenes for tests of list stores: a workspace `harbour`, people in it, and a look at everything a list has kept."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import orjson

from auth.roles import Role
from persistence.contract import (
    AuditEntry,
    Batch,
    CommentPatch,
    Committed,
    Fact,
    FactKind,
    ListStore,
    LogEntry,
    LoggedUpdate,
    NewList,
    RowPatch,
    Source,
)
from persistence.memory import Membership, MemoryListStore, StoredFact, StoredList, StoredRow, StoredState
from persistence.memory_states import MemoryStates
from persistence.postgres import PostgresListStore
from persistence.postgres_states import PostgresStates
from persistence.states import StateStore

WORKSPACE = "harbour"
LIST = "properties"
ANA = "ana"
MIA = "mia"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Scene(Protocol):
    """A store, the hand that moves what lies outside of its contract, and a look at what it kept."""

    store: ListStore
    states: StateStore

    async def set_member(self, user: str, membership: Membership) -> None:
        """Make a membership, or replace the one that is there."""

    async def set_trashed(self, list_id: str) -> None:
        """Put the list into the trash."""

    async def set_workspace_trashed(self) -> None:
        """Put the workspace with all its lists into the trash."""

    async def lose_entry(self, list_id: str, seq: int) -> None:
        """Take one entry out of the list's log, as no store does."""

    async def kept(self, list_id: str) -> StoredList | None:
        """Everything that is kept of a list; facts in order, without their place in their batch."""


class MemoryScene:
    """The scene on `MemoryListStore`."""

    def __init__(self) -> None:
        self.store = MemoryListStore()
        self.states = MemoryStates(self.store)
        self.store.members[WORKSPACE] = {}

    async def set_member(self, user: str, membership: Membership) -> None:
        """Make a membership, or replace the one that is there."""
        self.store.members[WORKSPACE][user] = membership

    async def set_trashed(self, list_id: str) -> None:
        """Put the list into the trash."""
        self.store.lists[list_id].trashed = True

    async def set_workspace_trashed(self) -> None:
        """Put the workspace with all its lists into the trash."""
        self.store.trashed_workspaces.add(WORKSPACE)

    async def lose_entry(self, list_id: str, seq: int) -> None:
        """Take one entry out of the list's log, as no store does."""
        kept = self.store.lists[list_id]
        kept.log = [entry for entry in kept.log if entry.seq != seq]

    async def kept(self, list_id: str) -> StoredList | None:
        """Everything that is kept of a list."""
        kept = self.store.lists.get(list_id)
        if kept is None:
            return None
        facts = [replace(fact, entry=fact.entry._replace(update=0)) for fact in kept.facts]
        return replace(kept, facts=sorted(facts, key=lambda fact: (fact.seq, fact.ordinal)))


class PostgresScene:
    """The scene on `PostgresListStore` and a migrated database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.store = PostgresListStore(pool)
        self.states = PostgresStates(pool)

    async def set_member(self, user: str, membership: Membership) -> None:
        """Make a membership, or replace the one that is there."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO users (id, email, name, hue) VALUES ($1, $1, $1, 0) ON CONFLICT DO NOTHING", user
            )
            await connection.execute(
                """INSERT INTO members (workspace_id, user_id, role, version, removed_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (workspace_id, user_id) DO UPDATE
                SET role = excluded.role, version = excluded.version, removed_at = excluded.removed_at""",
                *(WORKSPACE, user, membership.role, membership.version, None if membership.active else START),
            )

    async def set_trashed(self, list_id: str) -> None:
        """Put the list into the trash."""
        await self.pool.execute("UPDATE lists SET trashed_at = now() WHERE id = $1", list_id)

    async def set_workspace_trashed(self) -> None:
        """Put the workspace with all its lists into the trash."""
        await self.pool.execute("UPDATE workspaces SET trashed_at = now() WHERE id = $1", WORKSPACE)

    async def lose_entry(self, list_id: str, seq: int) -> None:
        """Take one entry out of the list's log, as no store does."""
        await self.pool.execute("DELETE FROM updates WHERE list_id = $1 AND seq = $2", list_id, seq)

    async def kept(self, list_id: str) -> StoredList | None:
        """Everything that is kept of a list."""
        row = await self.pool.fetchrow("SELECT * FROM lists WHERE id = $1", list_id)
        if row is None:
            return None
        facts = [
            _fact(fact)
            for fact in await self._of(list_id, "SELECT * FROM facts WHERE list_id = $1 ORDER BY seq, ordinal")
        ]
        log = await self._of(list_id, "SELECT * FROM updates WHERE list_id = $1 ORDER BY seq")
        links = await self._of(list_id, "SELECT * FROM links WHERE list_id = $1")
        comments = await self._of(list_id, "SELECT * FROM comments WHERE list_id = $1")
        owners = await self._of(list_id, "SELECT * FROM client_ids WHERE list_id = $1")
        states = await self._of(list_id, "SELECT * FROM documents WHERE list_id = $1")
        return StoredList(
            workspace_id=row["workspace_id"],
            name=row["name"],
            head=row["head"],
            epoch=row["epoch"],
            schema=orjson.loads(row["schema"]),
            trashed=row["trashed_at"] is not None,
            log=[LogEntry(entry["seq"], entry["update"], entry["batch_id"], entry["actor"]) for entry in log],
            logged_at={entry["seq"]: entry["at"] for entry in log},
            rows={
                row["row_id"]: _row(row) for row in await self._of(list_id, "SELECT * FROM records WHERE list_id = $1")
            },
            links={
                (link["row_id"], link["column_id"], link["target_row_id"]): link["target_list_id"] for link in links
            },
            comments={comment["comment_id"]: _comment(comment) for comment in comments},
            facts=facts,
            facts_of=Counter(fact.seq for fact in facts),
            client_owners={owner["client_id"]: owner["user_id"] for owner in owners},
            state=next((StoredState(state["epoch"], state["seq"], state["state"]) for state in states), None),
        )

    async def _of(self, list_id: str, query: str) -> list[Any]:
        rows: list[Any] = await self.pool.fetch(query, list_id)
        return rows


async def postgres_scene(pool: asyncpg.Pool) -> PostgresScene:
    """A scene on a fresh database, with its workspace."""
    await pool.execute("INSERT INTO workspaces (id, name) VALUES ($1, 'Harbour Homes')", WORKSPACE)
    return PostgresScene(pool)


async def furnish(scene: Scene) -> None:
    """Ana (editor) and Mia (member) in the workspace, and a list whose first update made two rows."""
    await scene.set_member(ANA, Membership(Role.EDITOR))
    await scene.set_member(MIA, Membership(Role.MEMBER))
    first = batch(0, rows=[row_patch("quay", position="a0"), row_patch("mole", position="a1")])
    assert await scene.store.create_list(NewList(LIST, WORKSPACE, "Properties", ANA, START), first) == Committed(1)


def batch(head: int, updates: int = 1, *, list_id: str = LIST, batch_id: UUID | None = None, **parts: Any) -> Batch:
    """A batch of Ana's on top of `head`; `parts` are any of the batch's own fields."""
    logged = [LoggedUpdate(ANA, Source.SOCKET, bytes([n]), moment(head + n)) for n in range(updates)]
    return Batch(list_id, batch_id or uuid4(), **{"epoch": 1, "expected_head": head, "updates": logged, **parts})


def row_patch(
    row: str, cells: dict[str, Any] | None = None, *, update: int = 0, minute: int = 0, **parts: Any
) -> RowPatch:
    """A patch by Ana."""
    return RowPatch(row, update, ANA, moment(minute), cells or {}, **parts)


def cell_entry(row: str, column: str, old: Any, new: Any, *, update: int = 0, reason: str | None = None) -> AuditEntry:
    """What the audit says of a changed (or, with a reason, refused) cell."""
    fact = Fact(FactKind.CELL, row=row, column=column, old=old, new=new)
    return AuditEntry(update, fact, ANA, Source.SOCKET, START, reason)


def moment(minute: int) -> datetime:
    """A time `minute` minutes after the start of the scene."""
    return START + timedelta(minutes=minute)


def _row(row: Any) -> StoredRow:
    moments = (row["created_at"], row["created_by"], row["updated_at"], row["updated_by"])
    trash = (row["trashed_at"], row["trashed_by"])
    return StoredRow(row["position"], row["seq"], *moments, orjson.loads(row["data"]), *trash)


def _fact(row: Any) -> StoredFact:
    old, new = (None if row[name] is None else orjson.loads(row[name]) for name in ("old", "new"))
    place = (row["row_id"], row["column_id"], row["entity"], row["attribute"])
    fact = Fact(FactKind(row["kind"]), *place, old, new)
    entry = AuditEntry(0, fact, row["actor"], Source(row["source"]), row["at"], row["reason"])
    return StoredFact(row["seq"], row["ordinal"], entry)


def _comment(row: Any) -> CommentPatch:
    written = (row["comment_id"], row["row_id"], row["column_id"], row["parent_id"], row["author"], row["at"])
    moved = (row["resolved_by"], row["resolved_at"], row["deleted_by"], row["deleted_at"])
    return CommentPatch(*written, row["body"], row["mentions"], *moved)


async def kept(scene: Scene, list_id: str = LIST) -> StoredList:
    """What the store keeps of a list that must be there."""
    found = await scene.kept(list_id)
    assert found is not None
    return found
