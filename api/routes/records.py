"""Records: the rows of a list, by the names of its columns.

Every change is one commit, and is answered after it: the records of the answer are what SQL reads.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import ListAccess, ListDoor, ServicesOf
from api.errors import Code, FieldProblem, Problem, not_found
from api.fields import FieldKeys, Fields
from api.placement import move, put_new
from api.record_answers import HistoryAnswer, HistoryPageAnswer, RecordAnswer, RecordPageAnswer
from api.records import (
    RECORDS_MAX,
    ChangedRecords,
    Intake,
    NewRecords,
    RecordChange,
    plan_change,
    plan_changes,
    plan_new,
)
from api.routes.lists import schema_of
from api.schemas import is_id
from api.services import Services
from api.writing import Place, WritePlan, carry_out
from auth.permissions import Action
from persistence.members import members_of
from realtime.core.writes import TrashRow
from snapshots.columns import Column
from snapshots.history import row_history
from snapshots.queries import PAGE_ROWS_MAX, SEARCH_CHARACTERS_MAX, RecordQuery, record_of, records_of, records_page
from snapshots.sorting import Sort

router = APIRouter(prefix="/api/lists/{list_id}/records", tags=["records"])

CURSOR_CHARACTERS_MAX: Final = 16_384

Reader = Annotated[ListAccess, Depends(ListDoor(Action.LISTS_READ))]
Editor = Annotated[ListAccess, Depends(ListDoor(Action.ROWS_EDIT))]
Keys = Annotated[FieldKeys, Query(description="Whether `fields` are called by column name or by column id.")]


class PageQuery(BaseModel):
    """Which records to read. `sort` is a field, `-` before it sorts downwards; `fields` may be repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sort: str | None = None
    fields: list[str] = Field(default_factory=list, max_length=1_000)
    search: str | None = Field(default=None, max_length=SEARCH_CHARACTERS_MAX)
    limit: int = Field(default=100, ge=1, le=PAGE_ROWS_MAX)
    cursor: str | None = Field(default=None, max_length=CURSOR_CHARACTERS_MAX)
    trashed: bool = False
    field_keys: FieldKeys = FieldKeys.NAME


@router.get("")
async def read_records(query: Annotated[PageQuery, Query()], access: Reader, services: ServicesOf) -> RecordPageAnswer:
    """Read a page of records, in the list's own order or sorted by a field."""
    fields = Fields(schema_of(access.list), query.field_keys)
    wanted = [_column(fields, key, "fields") for key in query.fields] or None
    wish = RecordQuery(
        limit=query.limit,
        cursor=query.cursor,
        sort=_sort(fields, query.sort),
        columns=[column.id for column in wanted] if wanted else None,
        search=query.search,
        trashed=query.trashed,
    )
    async with services.reading() as connection:
        page = await records_page(connection, access.list.id, fields.schema, wish)
    items = [RecordAnswer.of(record, fields, wanted) for record in page.records]
    return RecordPageAnswer(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_records(
    body: NewRecords, access: Editor, services: ServicesOf, field_keys: Keys = FieldKeys.NAME
) -> RecordPageAnswer:
    """Make records, all in one commit: at the end of the list, or next to another record."""
    intake = await _intake(access, services, field_keys, typecast=body.typecast)
    plan, ids = plan_new(intake, body.records, services.random_id)
    await put_new(plan, body, services, access)
    await carry_out(plan, services, access)
    return await _answer(services, access, intake.fields, ids)


@router.patch("")
async def change_records(
    body: ChangedRecords, access: Editor, services: ServicesOf, field_keys: Keys = FieldKeys.NAME
) -> RecordPageAnswer:
    """Change fields of records, or move them together next to another one, all in one commit."""
    intake = await _intake(access, services, field_keys, typecast=body.typecast)
    plan = plan_changes(intake, body.records)
    ids = [record.id for record in body.records]
    await _require(services, access, plan, ids, "records.{}.id")
    await move(plan, body, services, access, ids)
    await carry_out(plan, services, access)
    return await _answer(services, access, intake.fields, ids)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def delete_records(
    access: Editor,
    services: ServicesOf,
    ids: Annotated[list[str], Query(alias="id", min_length=1, max_length=RECORDS_MAX)],
) -> None:
    """Put records into the trash, all in one commit."""
    plan = WritePlan()
    await _require(services, access, plan, ids, "id.{}")
    for number, row in enumerate(ids):
        plan.add(TrashRow(row, trashed=True), Place(f"id.{number}", number))
    await carry_out(plan, services, access)


@router.get("/{row_id}")
async def read_record(
    row_id: str, access: Reader, services: ServicesOf, field_keys: Keys = FieldKeys.NAME
) -> RecordAnswer:
    """Read a record, in the trash or not."""
    return await _one(services, access, Fields(schema_of(access.list), field_keys), row_id)


@router.patch("/{row_id}")
async def change_record(
    row_id: str,
    body: RecordChange,
    access: Editor,
    services: ServicesOf,
    field_keys: Keys = FieldKeys.NAME,
    *,
    typecast: bool = False,
) -> RecordAnswer:
    """Change fields of a record, or move it next to another one."""
    intake = await _intake(access, services, field_keys, typecast=typecast)
    await _one(services, access, intake.fields, row_id)
    plan = plan_change(intake, row_id, body)
    await move(plan, body, services, access, [row_id])
    await carry_out(plan, services, access)
    return await _one(services, access, intake.fields, row_id)


@router.delete("/{row_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_record(row_id: str, access: Editor, services: ServicesOf) -> None:
    """Put a record into the trash."""
    await _trash(services, access, row_id, trashed=True)


@router.post("/{row_id}/restore")
async def restore_record(
    row_id: str, access: Editor, services: ServicesOf, field_keys: Keys = FieldKeys.NAME
) -> RecordAnswer:
    """Take a record out of the trash."""
    await _trash(services, access, row_id, trashed=False)
    return await _one(services, access, Fields(schema_of(access.list), field_keys), row_id)


@router.get("/{row_id}/history")
async def read_history(
    row_id: str,
    access: Reader,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=PAGE_ROWS_MAX)] = 100,
    cursor: Annotated[str | None, Query(max_length=CURSOR_CHARACTERS_MAX)] = None,
    field_keys: Keys = FieldKeys.NAME,
) -> HistoryPageAnswer:
    """Read who changed what in a record, and when, newest first."""
    fields = Fields(schema_of(access.list), field_keys)
    await _one(services, access, fields, row_id)
    async with services.reading() as connection:
        page = await row_history(connection, access.list.id, row_id, limit=limit, cursor=cursor)
    return HistoryPageAnswer(
        items=[HistoryAnswer.of(entry, fields) for entry in page.entries], next_cursor=page.next_cursor
    )


async def _intake(access: ListAccess, services: Services, field_keys: FieldKeys, *, typecast: bool) -> Intake:
    members: frozenset[str] = frozenset()
    if typecast:
        async with services.reading() as connection:
            members = frozenset(member.user_id for member in await members_of(connection, access.list.workspace_id))
    return Intake(Fields(schema_of(access.list), field_keys), members, typecast)


async def _require(services: Services, access: ListAccess, plan: WritePlan, ids: list[str], place: str) -> None:
    """Note each record that the list does not have."""
    async with services.reading() as connection:
        found = await records_of(connection, access.list.id, [row for row in ids if is_id(row)])
    for number, row in enumerate(ids):
        if row not in found:
            plan.refuse(Place(place.format(number), number), Code.UNKNOWN_RECORD, "The list has no such record.")


async def _answer(services: Services, access: ListAccess, fields: Fields, ids: list[str]) -> RecordPageAnswer:
    async with services.reading() as connection:
        found = await records_of(connection, access.list.id, ids)
    return RecordPageAnswer(items=[RecordAnswer.of(found[row], fields) for row in ids])


async def _one(services: Services, access: ListAccess, fields: Fields, row_id: str) -> RecordAnswer:
    """Read one record; raises the 404."""
    if is_id(row_id):
        async with services.reading() as connection:
            record = await record_of(connection, access.list.id, row_id)
        if record is not None:
            return RecordAnswer.of(record, fields)
    raise not_found("record")


async def _trash(services: Services, access: ListAccess, row_id: str, *, trashed: bool) -> None:
    record = await _one(services, access, Fields(schema_of(access.list), FieldKeys.ID), row_id)
    if (record.trashed_at is not None) == trashed:
        return
    plan = WritePlan()
    plan.add(TrashRow(row_id, trashed), Place("row_id"))
    await carry_out(plan, services, access)


def _column(fields: Fields, key: str, place: str) -> Column:
    column = fields.column(key)
    if column is None:
        message = f"The list has no column {key!r}."
        raise Problem(Code.UNKNOWN_FIELD, message, [FieldProblem(place, message, Code.UNKNOWN_FIELD)])
    return column


def _sort(fields: Fields, said: str | None) -> Sort | None:
    """Read `Price` or `-Price`; a column whose name begins with `-` is found by its whole name first."""
    if said is None:
        return None
    if fields.column(said) is None and said.startswith("-"):
        return Sort(_column(fields, said[1:], "sort"), descending=True)
    return Sort(_column(fields, said, "sort"))
