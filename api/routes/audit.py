"""The audit of a workspace, for owners and admins. It is read here and written where things happen; nothing changes it."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.access import ServicesOf, WorkspaceAccess, WorkspaceDoor
from api.schemas import Answer
from auth.permissions import Action
from persistence.contract import Source
from snapshots.audit import AUDIT_PAGE_MAX, AuditKind, AuditQuery, AuditRecord, audit_page
from snapshots.text import ID

router = APIRouter(prefix="/api/workspaces/{workspace_id}/audit", tags=["audit"])

Id = Annotated[str, Field(pattern=rf"^{ID.pattern}$")]


class AuditPageQuery(BaseModel):
    """Which entries to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=100, ge=1, le=AUDIT_PAGE_MAX)
    cursor: str | None = Field(default=None, max_length=1_000)
    actor: Id | None = None
    list: Id | None = None
    kind: AuditKind | None = None


class AuditAnswer(Answer):
    """One entry of the audit.

    `kind` is `act` (of administration), `incident` (a call refused, a socket closed), `refusal` (a refused edit, with
    what was attempted in `new`) or `change` (of a list's name, description or columns).
    """

    kind: AuditKind
    action: str
    at: datetime
    actor: str
    actor_name: str | None
    list: str | None
    list_name: str | None
    subject: str | None
    subject_name: str | None
    row: str | None
    column: str | None
    entity: str | None
    attribute: str | None
    old: JsonValue
    new: JsonValue
    source: Source | None
    reason: str | None
    detail: dict[str, JsonValue]

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        """Make the answer of an entry."""
        return cls(
            kind=record.kind,
            action=record.action,
            at=record.at,
            actor=record.actor,
            actor_name=record.actor_name,
            list=record.list_id,
            list_name=record.list_name,
            subject=record.subject,
            subject_name=record.subject_name,
            row=record.row,
            column=record.column,
            entity=record.entity,
            attribute=record.attribute,
            old=record.old,
            new=record.new,
            source=record.source,
            reason=record.reason,
            detail=dict(record.detail),
        )


class AuditPageAnswer(Answer):
    """Entries, newest first; `next_cursor` leads to older ones."""

    items: list[AuditAnswer]
    next_cursor: str | None


@router.get("")
async def read_audit(
    query: Annotated[AuditPageQuery, Query()],
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.AUDIT_READ))],
    services: ServicesOf,
) -> AuditPageAnswer:
    """Read who administered what, what was refused and who was turned away, newest first."""
    wish = AuditQuery(query.limit, query.cursor, query.actor, query.list, query.kind)
    async with services.reading() as connection:
        page = await audit_page(connection, access.workspace.id, wish)
    return AuditPageAnswer(items=[AuditAnswer.of(record) for record in page.records], next_cursor=page.next_cursor)
