"""Memberships: who has which role in a workspace.

Every change makes the membership's version grow, removal included: an edit that was judged under an older
version is not committed. Removed memberships keep their row, so that a version never comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.roles import Role
from persistence.tables import members, users


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace."""

    user_id: str
    email: str
    name: str
    hue: int
    role: Role
    version: int
    joined_at: datetime


async def members_of(connection: AsyncConnection, workspace_id: str) -> Sequence[Member]:
    """Read a workspace's members, in the order in which they joined."""
    statement = _select(workspace_id).order_by(members.c.joined_at, members.c.user_id)
    rows = (await connection.execute(statement)).all()
    return [Member(r.user_id, r.email, r.name, r.hue, Role(r.role), r.version, r.joined_at) for r in rows]


async def member_of(connection: AsyncConnection, workspace_id: str, user_id: str) -> Member | None:
    """Read one member."""
    r = (await connection.execute(_select(workspace_id).where(members.c.user_id == user_id))).first()
    return None if r is None else Member(r.user_id, r.email, r.name, r.hue, Role(r.role), r.version, r.joined_at)


async def count_owners(connection: AsyncConnection, workspace_id: str) -> int:
    """Count a workspace's owners; stable while the caller holds `lock_workspace`."""
    statement = select(func.count()).where(
        members.c.workspace_id == workspace_id, members.c.role == Role.OWNER.value, members.c.removed_at.is_(None)
    )
    return int(await connection.scalar(statement) or 0)


async def put_member(connection: AsyncConnection, workspace_id: str, user_id: str, role: Role, now: datetime) -> int:
    """Give a person a role in a workspace, new, changed or come back; the membership's new version."""
    fresh = insert(members).values(workspace_id=workspace_id, user_id=user_id, role=role.value, joined_at=now)
    statement = fresh.on_conflict_do_update(
        index_elements=[members.c.workspace_id, members.c.user_id],
        set_={
            "role": role.value,
            "version": members.c.version + 1,
            "joined_at": case((members.c.removed_at.is_(None), members.c.joined_at), else_=now),
            "removed_at": None,
        },
    ).returning(members.c.version)
    return int(await connection.scalar(statement) or 0)


async def remove_member(connection: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> int:
    """End a membership; its new version, or 0 if there was none."""
    statement = (
        update(members)
        .where(members.c.workspace_id == workspace_id, members.c.user_id == user_id, members.c.removed_at.is_(None))
        .values(removed_at=now, version=members.c.version + 1)
        .returning(members.c.version)
    )
    return int(await connection.scalar(statement) or 0)


def _select(workspace_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            members.c.user_id,
            users.c.email,
            users.c.name,
            users.c.hue,
            members.c.role,
            members.c.version,
            members.c.joined_at,
        )
        .join(users, users.c.id == members.c.user_id)
        .where(members.c.workspace_id == workspace_id, members.c.removed_at.is_(None))
    )
