"""The audit of a workspace beside its lists' own facts: administrative acts, and what was turned away at the doors.

An act is written in the transaction that performs it. What was turned away changed nothing; it is written on its own.
Nothing here changes or removes what is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json
from persistence.tables import events


class Act(StrEnum):
    """The events that the audit knows; that a list was made or renamed stands in its own facts."""

    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_RENAMED = "workspace.renamed"
    WORKSPACE_CHANGED = "workspace.changed"
    WORKSPACE_TRASHED = "workspace.trashed"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    LIST_TRASHED = "list.trashed"
    LIST_RESTORED = "list.restored"
    LIST_EXPORTED = "list.exported"
    LIST_QUARANTINED = "list.quarantined"
    LIST_RELEASED = "list.released"
    LIST_REBUILT = "list.rebuilt"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    CALL_REFUSED = "call.refused"
    SOCKET_CLOSED = "socket.closed"


LIST_EVENT: Final = """
INSERT INTO events (workspace_id, actor, action, subject, at, detail)
SELECT workspace_id, $2, $3, id, $4, $5 FROM lists WHERE id = $1
"""
"""What happened to a list, for connections of asyncpg: list, actor, act, time, detail as JSON text."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a workspace: who did what to which subject (a member, a list, the workspace), when."""

    act: Act
    workspace_id: str
    actor: str
    subject: str
    at: datetime
    detail: Mapping[str, Json] = field(default_factory=dict)


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
    await add_events(connection, [Event(act, workspace_id, actor, subject, at, detail or {})])


async def add_events(connection: AsyncConnection, written: Sequence[Event]) -> None:
    """Write events into the audit, in their order."""
    rows = [
        {
            "workspace_id": event.workspace_id,
            "actor": event.actor,
            "action": event.act.value,
            "subject": event.subject,
            "at": event.at,
            "detail": dict(event.detail),
        }
        for event in written
    ]
    await connection.execute(insert(events), rows)
