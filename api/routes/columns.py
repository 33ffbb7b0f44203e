"""Columns of a list, with the options of its selects.

Two columns of one name are refused. The check and the write of a list's columns take turns through a lock in
the database, so that two callers who add the same name at the same moment do not both succeed.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, status

from api.access import ListAccess, ListDoor, ServicesOf
from api.columns import (
    COLUMNS_MAX,
    ColumnAnswer,
    ColumnBody,
    ColumnChange,
    build_column,
    build_options,
    check_column,
    check_name,
    next_position,
    put_column,
)
from api.errors import Code, Problem, not_found
from api.routes.lists import schema_of
from api.schemas import Answer
from api.services import Services
from api.writing import WritePlan, carry_out
from auth.permissions import Action
from persistence.lists import hold_list, list_ids_of, list_of
from snapshots.columns import Column, ListSchema
from snapshots.conversion_marks import marks_of, unmarked

router = APIRouter(prefix="/api/lists/{list_id}/columns", tags=["columns"])

Changer = Annotated[ListAccess, Depends(ListDoor(Action.COLUMNS_MANAGE))]


@dataclass(frozen=True, slots=True)
class HeldColumns:
    """A list's columns while nobody else changes them, and the lists that a link may point into."""

    schema: ListSchema
    lists: Sequence[str]


class ColumnPage(Answer):
    """The columns in their order."""

    items: list[ColumnAnswer]
    next_cursor: str | None = None


@router.get("")
async def read_columns(access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_READ))]) -> ColumnPage:
    """List a list's columns."""
    return ColumnPage(items=[ColumnAnswer.of(column) for column in schema_of(access.list).standing()])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_column(body: ColumnBody, access: Changer, services: ServicesOf) -> ColumnAnswer:
    """Add a column behind the others."""
    async with columns_held(access, services) as held:
        if len(held.schema.standing()) >= COLUMNS_MAX:
            raise Problem(Code.INVALID_REQUEST, f"A list has {COLUMNS_MAX} columns at most.")
        column = build_column(body, next_position(held.schema), services.random_id)
        await _write(column, None, held, access, services)
    return ColumnAnswer.of(column)


@router.patch("/{column_id}")
async def change_column(column_id: str, body: ColumnChange, access: Changer, services: ServicesOf) -> ColumnAnswer:
    """Change a column's name, configuration, flags or options."""
    async with columns_held(access, services) as held:
        before = standing_column(held.schema, column_id)
        changes = body.model_dump(exclude_none=True, exclude={"options"})
        if body.config is not None:
            changes["config"] = {**unmarked(body.config), **marks_of(before.config)}
        column = replace(before, **changes)
        if body.options is not None:
            column = replace(column, options=build_options(body.options, dict(before.options), services.random_id))
        await _write(column, before, held, access, services)
    return ColumnAnswer.of(column)


@router.delete("/{column_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_column(column_id: str, access: Changer, services: ServicesOf) -> None:
    """Delete a column; its values stay in the list's history."""
    async with columns_held(access, services) as held:
        before = standing_column(held.schema, column_id)
        plan = WritePlan()
        put_column(plan, replace(before, deleted=True), before)
        await carry_out(plan, services, access)


async def _write(
    column: Column, before: Column | None, held: HeldColumns, access: ListAccess, services: Services
) -> None:
    """Check and commit a column."""
    plan = WritePlan()
    check_name(plan, column.name, (other for other in held.schema.standing() if other.id != column.id), "")
    check_column(plan, column, "", held.lists)
    put_column(plan, column, before)
    await carry_out(plan, services, access)


@asynccontextmanager
async def columns_held(access: ListAccess, services: Services) -> AsyncIterator[HeldColumns]:
    """Hold the list's columns against other callers, and give them as they stand then."""
    async with services.transaction() as connection:
        await hold_list(connection, access.list.id)
        entry = await list_of(connection, access.list.id, access.user.id)
        if entry is None:
            raise not_found("list")
        lists = await list_ids_of(connection, entry.workspace_id)
        await services.rooms.lists_known(entry.workspace_id, frozenset(lists))
        yield HeldColumns(schema_of(entry), lists)


def standing_column(schema: ListSchema, column_id: str) -> Column:
    """Find a column that is not deleted; else the one 404."""
    column = schema.columns.get(column_id)
    if column is None or column.deleted:
        raise not_found("column")
    return column
