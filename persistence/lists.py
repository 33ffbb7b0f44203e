"""Lists as accounts see them: where they belong, who may open them, and whether they are in the trash.

What a list holds is written by the list store alone; this module reads its metadata and moves it to the trash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.roles import Role
from persistence.contract import Json
from persistence.tables import lists, members, workspaces
from persistence.workspaces import members_may_export

# Made once: to put a statement together takes longer than to run it.
_OF_PERSON: Final = (
    select(
        lists.c.id,
        lists.c.workspace_id,
        lists.c.name,
        lists.c.head,
        lists.c.epoch,
        lists.c.schema,
        lists.c.created_at,
        lists.c.trashed_at,
        workspaces.c.settings,
        members.c.role,
        members.c.version,
    )
    .join(workspaces, workspaces.c.id == lists.c.workspace_id)
    .join(members, members.c.workspace_id == lists.c.workspace_id)
    .where(members.c.user_id == bindparam("person"), members.c.removed_at.is_(None), workspaces.c.trashed_at.is_(None))
)
_ONE: Final = _OF_PERSON.where(lists.c.id == bindparam("list"))


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A list as one member of its workspace sees it: with their role and the version of their membership."""

    id: str
    workspace_id: str
    name: str
    head: int
    epoch: int
    schema: Json
    created_at: datetime
    trashed_at: datetime | None
    role: Role
    membership_version: int
    members_export: bool
    """Whether its workspace lets members export."""


async def list_of(connection: AsyncConnection, list_id: str, user_id: str) -> ListEntry | None:
    """Read a list, in the trash or not, if the person is a member of its workspace."""
    row = (await connection.execute(_ONE, {"person": user_id, "list": list_id})).first()
    return None if row is None else _entry(row)


async def lists_of(
    connection: AsyncConnection, workspace_id: str, user_id: str, *, trashed: bool = False
) -> Sequence[ListEntry]:
    """Read a workspace's lists that are (not) in the trash, by name."""
    wanted = lists.c.trashed_at.is_not(None) if trashed else lists.c.trashed_at.is_(None)
    statement = _OF_PERSON.where(lists.c.workspace_id == workspace_id, wanted)
    ordered = statement.order_by(lists.c.created_at, lists.c.id)
    rows = (await connection.execute(ordered, {"person": user_id})).all()
    return [_entry(row) for row in rows]


async def list_ids_of(connection: AsyncConnection, workspace_id: str) -> Sequence[str]:
    """Read the ids of a workspace's lists that are not in the trash."""
    statement = select(lists.c.id).where(lists.c.workspace_id == workspace_id, lists.c.trashed_at.is_(None))
    return list((await connection.scalars(statement)).all())


async def hold_list(connection: AsyncConnection, list_id: str) -> None:
    """Take the turn to change a list's columns until the transaction ends; edits of cells are not held up."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(list_id, 0))))


async def set_list_trashed(connection: AsyncConnection, list_id: str, trashed_at: datetime | None) -> bool:
    """Put a list into the trash or take it out; false if it was there already."""
    moved = lists.c.trashed_at.is_(None) if trashed_at else lists.c.trashed_at.is_not(None)
    statement = update(lists).where(lists.c.id == list_id, moved).values(trashed_at=trashed_at).returning(lists.c.id)
    return (await connection.execute(statement)).first() is not None


def _entry(row: Row[*tuple[Any, ...]]) -> ListEntry:
    return ListEntry(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        head=row.head,
        epoch=row.epoch,
        schema=row.schema,
        created_at=row.created_at,
        trashed_at=row.trashed_at,
        role=Role(row.role),
        membership_version=row.version,
        members_export=members_may_export(row.settings),
    )
