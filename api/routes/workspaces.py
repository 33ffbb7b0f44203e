"""Workspaces: what a team owns together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, status
from sqlalchemy.ext.asyncio import AsyncConnection

from api.access import InPerson, ServicesOf, SignedInPerson, WorkspaceAccess, WorkspaceDoor
from api.schemas import Answer, Name, Request
from api.services import Services
from auth.permissions import Action
from auth.roles import Role
from persistence.contract import Json
from persistence.events import Act, add_event
from persistence.lists import list_ids_of
from persistence.members import put_member
from persistence.workspaces import (
    Workspace,
    add_workspace,
    let_members_export,
    rename_workspace,
    trash_workspace,
    workspaces_of,
)

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"])


class WorkspaceName(Request):
    """What a workspace is called."""

    name: Name


class WorkspaceChange(Request):
    """What changes in a workspace; `members_export` lets members export its lists."""

    name: Name | None = None
    members_export: bool | None = None


class WorkspaceAnswer(Answer):
    """A workspace, with the caller's role in it, and whether members may export its lists."""

    id: str
    name: str
    role: Role
    created_at: datetime
    members_export: bool

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Make the answer of a workspace."""
        return cls(
            id=workspace.id,
            name=workspace.name,
            role=workspace.role,
            created_at=workspace.created_at,
            members_export=workspace.members_export,
        )


class WorkspacePage(Answer):
    """Workspaces, oldest first."""

    items: list[WorkspaceAnswer]
    next_cursor: str | None = None


@router.get("")
async def read_workspaces(person: SignedInPerson, services: ServicesOf) -> WorkspacePage:
    """List the caller's workspaces."""
    async with services.reading() as connection:
        found = await workspaces_of(connection, person.user.id)
    return WorkspacePage(items=[WorkspaceAnswer.of(workspace) for workspace in found if person.enters(workspace.id)])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_workspace(body: WorkspaceName, person: InPerson, services: ServicesOf) -> WorkspaceAnswer:
    """Make a workspace that the caller owns."""
    now, workspace_id = services.clock(), services.random_id()
    async with services.transaction() as connection:
        await add_workspace(connection, workspace_id, body.name, now)
        await put_member(connection, workspace_id, person.user.id, Role.OWNER, now)
        await add_event(
            connection,
            Act.WORKSPACE_CREATED,
            workspace_id=workspace_id,
            actor=person.user.id,
            subject=workspace_id,
            at=now,
        )
    return WorkspaceAnswer(id=workspace_id, name=body.name, role=Role.OWNER, created_at=now, members_export=False)


@router.get("/{workspace_id}")
async def read_workspace(
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_READ))],
) -> WorkspaceAnswer:
    """Read a workspace."""
    return WorkspaceAnswer.of(access.workspace)


@router.patch("/{workspace_id}")
async def change_workspace(
    body: WorkspaceChange,
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.WORKSPACE_UPDATE))],
    services: ServicesOf,
) -> WorkspaceAnswer:
    """Rename a workspace, or turn its switch; what is not named stays as it is."""
    old = access.workspace
    new = replace(old, **body.model_dump(exclude_none=True))
    async with services.transaction() as connection:
        if body.name is not None:
            await rename_workspace(connection, old.id, new.name)
            detail: dict[str, Json] = {"old": old.name, "new": new.name}
            await _note(connection, Act.WORKSPACE_RENAMED, access, services, detail)
        if body.members_export is not None:
            await let_members_export(connection, old.id, on=new.members_export)
            detail = {"setting": "members_export", "old": old.members_export, "new": new.members_export}
            await _note(connection, Act.WORKSPACE_CHANGED, access, services, detail)
    return WorkspaceAnswer.of(new)


@router.delete("/{workspace_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_workspace(
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.WORKSPACE_DELETE))], services: ServicesOf
) -> None:
    """Put a workspace into the trash; its lists close for everyone."""
    workspace_id = access.workspace.id
    async with services.transaction() as connection:
        await trash_workspace(connection, workspace_id, services.clock())
        list_ids = await list_ids_of(connection, workspace_id)
        await add_event(
            connection,
            Act.WORKSPACE_TRASHED,
            workspace_id=workspace_id,
            actor=access.user.id,
            subject=workspace_id,
            at=services.clock(),
        )
    for list_id in list_ids:
        await services.rooms.list_trashed(list_id)


async def _note(
    connection: AsyncConnection, act: Act, access: WorkspaceAccess, services: Services, detail: Mapping[str, Json]
) -> None:
    place = access.workspace.id
    person, now = access.user.id, services.clock()
    await add_event(connection, act, workspace_id=place, actor=person, subject=place, at=now, detail=detail)
