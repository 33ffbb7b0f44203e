"""Workspaces: what a team owns together. A trashed workspace is gone for everyone who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.roles import Role
from persistence.contract import Json
from persistence.tables import members, workspaces

_MEMBERS_EXPORT: Final = "members_export"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as one of its members sees it: with their role and the version of their membership."""

    id: str
    name: str
    created_at: datetime
    role: Role
    membership_version: int
    members_export: bool = False
    """A switch: whether members may export."""


async def add_workspace(connection: AsyncConnection, workspace_id: str, name: str, now: datetime) -> None:
    """Make a workspace without members."""
    await connection.execute(insert(workspaces).values(id=workspace_id, name=name, created_at=now))


async def workspaces_of(connection: AsyncConnection, user_id: str) -> Sequence[Workspace]:
    """Read the workspaces that a person is a member of, oldest first."""
    return await _read(connection, user_id)


async def workspace_of(connection: AsyncConnection, workspace_id: str, user_id: str) -> Workspace | None:
    """Read one workspace, if the person is a member of it."""
    found = await _read(connection, user_id, workspace_id)
    return found[0] if found else None


async def rename_workspace(connection: AsyncConnection, workspace_id: str, name: str) -> None:
    """Give a workspace another name."""
    await connection.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(name=name))


async def let_members_export(connection: AsyncConnection, workspace_id: str, *, on: bool) -> None:
    """Turn the switch by which members may export."""
    settings = workspaces.c.settings.concat({_MEMBERS_EXPORT: on})
    await connection.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(settings=settings))


def members_may_export(settings: Mapping[str, Json]) -> bool:
    """Tell whether the switch is on in what stands in `workspaces.settings`."""
    return settings.get(_MEMBERS_EXPORT) is True


async def trash_workspace(connection: AsyncConnection, workspace_id: str, now: datetime) -> None:
    """Put a workspace into the trash."""
    statement = update(workspaces).where(workspaces.c.id == workspace_id, workspaces.c.trashed_at.is_(None))
    await connection.execute(statement.values(trashed_at=now))


async def lock_workspace(connection: AsyncConnection, workspace_id: str) -> None:
    """Hold a workspace until the transaction ends: changes of its members take turns."""
    await connection.execute(select(workspaces.c.id).where(workspaces.c.id == workspace_id).with_for_update())


async def _read(connection: AsyncConnection, user_id: str, workspace_id: str | None = None) -> Sequence[Workspace]:
    statement = (
        select(
            workspaces.c.id,
            workspaces.c.name,
            workspaces.c.created_at,
            workspaces.c.settings,
            members.c.role,
            members.c.version,
        )
        .join(members, members.c.workspace_id == workspaces.c.id)
        .where(members.c.user_id == user_id, members.c.removed_at.is_(None), workspaces.c.trashed_at.is_(None))
        .order_by(workspaces.c.created_at, workspaces.c.id)
    )
    if workspace_id is not None:
        statement = statement.where(workspaces.c.id == workspace_id)
    rows = (await connection.execute(statement)).all()
    return [
        Workspace(row.id, row.name, row.created_at, Role(row.role), row.version, members_may_export(row.settings))
        for row in rows
    ]
