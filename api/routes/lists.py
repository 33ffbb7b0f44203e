"""Lists of a workspace. A deleted list lies in the trash until it is restored."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, status
from fractional_indexing import generate_n_keys_between
from pydantic import AfterValidator, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncConnection

from api.access import ListAccess, ListDoor, ServicesOf, WorkspaceAccess, WorkspaceDoor, open_list_entry
from api.columns import COLUMNS_MAX, ColumnAnswer, ColumnBody, build_column, check_column, check_name
from api.making import ListToBe, check_links, make_lists, plan_lists
from api.schemas import Answer, Name, Request
from api.services import Services
from api.writing import Place, WritePlan, carry_out
from auth.permissions import Action
from auth.roles import Role
from persistence.events import Act, add_event
from persistence.lists import ListEntry, list_ids_of, lists_of, set_list_trashed
from realtime.core.writes import SetKey
from snapshots.columns import Column, ColumnType, ListSchema
from snapshots.templates import TEMPLATES

router = APIRouter(prefix="/api", tags=["lists"])

FIRST_COLUMN = ColumnBody(name="Name", type=ColumnType.TEXT)


def _known(key: str) -> str:
    if key not in TEMPLATES:
        raise ValueError(f"is no template; these are: {', '.join(TEMPLATES)}")
    return key


TemplateKey = Annotated[str, AfterValidator(_known)]
Links = dict[TemplateKey, str]
"""Templates and the lists that stand for theirs."""


class NewListBody(Request):
    """A new list, of columns or of a template; without either it gets one text column `Name`. The first column names the records.

    `links` maps templates to lists of the workspace that the template's link columns may lead into.
    """

    name: Name
    columns: Annotated[list[ColumnBody], Field(max_length=COLUMNS_MAX)] | None = None
    template: TemplateKey | None = None
    links: Links = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.template is not None and self.columns is not None:
            raise ValueError("give either columns or a template")
        if self.template is None and self.links:
            raise ValueError("links are for a template; link columns of your own name their list in their config")
        return self


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


class LeftOut(Answer):
    """A link column that was not made, as there is no list of the template that it leads into."""

    column: str
    template: str


class MadeList(ListAnswer):
    """A list that was just made, and what was left out of its template."""

    left_out: list[LeftOut]

    @classmethod
    def made(cls, entry: ListEntry, plan: ListToBe) -> Self:
        """Make the answer of a list and the plan that it was made by."""
        left_out = [LeftOut(column=column.name, template=str(column.target)) for column in plan.left_out]
        return cls(**ListAnswer.of(entry).model_dump(), left_out=left_out)


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
) -> MadeList:
    """Make a list with its columns, in one commit."""
    if body.template is None:
        made = ListToBe(services.random_id(), body.name, await _columns(body, access, services))
    else:
        template = TEMPLATES[body.template]
        await check_links(body.links, [template], access, services)
        (made,) = plan_lists([(template, body.name)], body.links, services)
    await make_lists([made], access, services)
    return MadeList.made(await open_list_entry(made.id, access.person, services), made)


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
    bodies = [FIRST_COLUMN] if body.columns is None else body.columns
    positions = generate_n_keys_between(None, None, len(bodies))
    for number, (column_body, position) in enumerate(zip(bodies, positions, strict=True)):
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
