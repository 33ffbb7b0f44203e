"""Lists of a workspace. A deleted list lies in the trash until it is restored."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, status
from fractional_indexing import generate_n_keys_between
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from api.access import ListAccess, ListDoor, ServicesOf, WorkspaceAccess, WorkspaceDoor, open_list_entry
from api.answers import busy
from api.columns import COLUMNS_MAX, ColumnAnswer, ColumnBody, build_column, check_column, check_name
from api.schemas import Answer, Name, Request
from api.services import Services
from api.writing import Place, WritePlan, carry_out
from auth.permissions import Action
from auth.roles import Role
from persistence.contract import Committed, NewList
from persistence.events import Act, add_event
from persistence.lists import ListEntry, list_ids_of, lists_of, set_list_trashed
from realtime.core.new_list import new_list
from realtime.core.writes import SetKey
from snapshots.columns import Column, ColumnType, ListSchema

router = APIRouter(prefix="/api", tags=["lists"])

FIRST_COLUMN = ColumnBody(name="Name", type=ColumnType.TEXT)


class NewListBody(Request):
    """A new list; without columns it gets one text column `Name`. The first column names the records."""

    name: Name
    columns: list[ColumnBody] = Field(default_factory=lambda: [FIRST_COLUMN], max_length=COLUMNS_MAX)


class ListChange(Request):
    """What changes in a list; `primary` is the id of the column that names the records."""

    name: Name | None = None
    primary: str | None = None


class ListAnswer(Answer):
    """A list with its columns. `head` is the number of its last update, `epoch` that of its document."""

    id: str
    workspace_id: str
    name: str
    primary: str | None
    columns: list[ColumnAnswer]
    head: int
    epoch: int
    role: Role
    created_at: datetime
    trashed_at: datetime | None

    @classmethod
    def of(cls, entry: ListEntry) -> Self:
        """Make the answer of a list."""
        schema = schema_of(entry)
        return cls(
            id=entry.id,
            workspace_id=entry.workspace_id,
            name=entry.name,
            primary=schema.primary,
            columns=[ColumnAnswer.of(column) for column in schema.standing()],
            head=entry.head,
            epoch=entry.epoch,
            role=entry.role,
            created_at=entry.created_at,
            trashed_at=entry.trashed_at,
        )


class ListPage(Answer):
    """Lists, oldest first."""

    items: list[ListAnswer]
    next_cursor: str | None = None


def schema_of(entry: ListEntry) -> ListSchema:
    """Read the columns of a list as its last commit left them."""
    return ListSchema.from_json(entry.schema if isinstance(entry.schema, dict) else {})


@router.get("/workspaces/{workspace_id}/lists")
async def read_lists(
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_READ))],
    services: ServicesOf,
    *,
    trashed: Annotated[bool, Query()] = False,
) -> ListPage:
    """List a workspace's lists, or those in its trash."""
    async with services.reading() as connection:
        found = await lists_of(connection, access.workspace.id, access.user.id, trashed=trashed)
    return ListPage(items=[ListAnswer.of(entry) for entry in found if access.person.opens(entry.id)])


@router.post("/workspaces/{workspace_id}/lists", status_code=status.HTTP_201_CREATED)
async def create_list(
    body: NewListBody,
    access: Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_MANAGE))],
    services: ServicesOf,
) -> ListAnswer:
    """Make a list with its columns, in one commit."""
    columns = await _columns(body, access, services)
    list_id, now, user_id = services.random_id(), services.clock(), access.user.id
    batch = new_list(list_id, body.name, columns, {}, actor=user_id, now=now, batch_id=uuid4())
    judged = replace(batch, memberships={user_id: access.workspace.membership_version})
    new = NewList(list_id, access.workspace.id, body.name, user_id, now)
    if not isinstance(await services.store.create_list(new, judged), Committed):
        raise busy()  # the caller's role changed at this moment: the next try is judged by the new one
    return ListAnswer.of(await open_list_entry(list_id, access.person, services))


@router.get("/lists/{list_id}")
async def read_list(access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_READ))]) -> ListAnswer:
    """Read a list and its columns."""
    return ListAnswer.of(access.list)


@router.patch("/lists/{list_id}")
async def change_list(
    body: ListChange, access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_MANAGE))], services: ServicesOf
) -> ListAnswer:
    """Rename a list, or name its records by another column."""
    plan = WritePlan()
    for key, value in body.model_dump(exclude_none=True).items():
        plan.add(SetKey("meta", key, value), Place(key))
    await carry_out(plan, services, access)
    return ListAnswer.of(await open_list_entry(access.list.id, access.person, services))


@router.delete("/lists/{list_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_list(
    access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_MANAGE))], services: ServicesOf
) -> None:
    """Put a list into the trash; its sockets close."""
    async with services.transaction() as connection:
        if await set_list_trashed(connection, access.list.id, services.clock()):
            await _note(connection, services, Act.LIST_TRASHED, access)
    await services.rooms.list_trashed(access.list.id)


@router.post("/lists/{list_id}/restore")
async def restore_list(
    access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_MANAGE, trashed=True))], services: ServicesOf
) -> ListAnswer:
    """Take a list out of the trash."""
    async with services.transaction() as connection:
        if await set_list_trashed(connection, access.list.id, None):
            await _note(connection, services, Act.LIST_RESTORED, access)
    return ListAnswer.of(await open_list_entry(access.list.id, access.person, services))


async def _columns(body: NewListBody, access: WorkspaceAccess, services: Services) -> list[Column]:
    """Make the columns of a new list; raises `Problem` naming each that is wrong."""
    async with services.reading() as connection:
        lists = await list_ids_of(connection, access.workspace.id)
    plan = WritePlan()
    columns: list[Column] = []
    positions = generate_n_keys_between(None, None, len(body.columns))
    for number, (column_body, position) in enumerate(zip(body.columns, positions, strict=True)):
        column = build_column(column_body, position, services.random_id)
        check_name(plan, column.name, columns, f"columns.{number}.")
        check_column(plan, column, f"columns.{number}.", lists)
        columns.append(column)
    plan.require_sound()
    return columns


async def _note(connection: AsyncConnection, services: Services, act: Act, access: ListAccess) -> None:
    await add_event(
        connection,
        act,
        workspace_id=access.list.workspace_id,
        actor=access.user.id,
        subject=access.list.id,
        at=services.clock(),
    )
