"""The audit of administrative acts: who changed members, lists and settings of a workspace, and when."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import events


class Act(StrEnum):
    """The administrative acts that the audit knows; that a list was made stands in its own facts."""

    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_RENAMED = "workspace.renamed"
    WORKSPACE_TRASHED = "workspace.trashed"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    LIST_TRASHED = "list.trashed"
    LIST_RESTORED = "list.restored"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"


async def add_event(
    connection: AsyncConnection,
    act: Act,
    *,
    workspace_id: str,
    actor: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Json] | None = None,
) -> None:
    """Write an act into the audit, in the transaction that performs it."""
    await connection.execute(
        insert(events).values(
            workspace_id=workspace_id, actor=actor, action=act.value, subject=subject, at=at, detail=dict(detail or {})
        )
    )
