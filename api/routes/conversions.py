"""Giving a column another type: a preview of what would not convert, the conversion, its report, and its undoing.

The new type is a new column in the place of the old one, which stays with all its values, deleted, until the conversion is undone.
"""

import csv
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api.access import ListAccess, ListDoor, ServicesOf
from api.columns import ColumnAnswer, check_column, put_column
from api.conversions import (
    ConversionBody,
    ConvertedAnswer,
    LaterEdit,
    PreviewAnswer,
    UndoneAnswer,
    counts,
    require_convertible,
    target_of,
)
from api.errors import Code, Problem, not_found
from api.routes.columns import columns_held, standing_column
from api.routes.lists import schema_of
from api.services import Services
from api.writing import Place, WritePlan, carry_out, refusals_in_words
from auth.permissions import Action
from persistence.contract import Json
from persistence.lists import list_of
from persistence.members import members_of
from realtime.apart import ApartFailed
from realtime.converter import Unsettled
from realtime.converting import Aim, Asked, WorkedOut
from realtime.core.writes import SwapColumns
from snapshots.columns import Column, ListSchema
from snapshots.conversion import Conversion, Names, shown
from snapshots.conversion_marks import CONVERTED, CONVERTING, reading_of, resumes, source_of, unmarked
from snapshots.exporting.injection import escaped
from snapshots.later_edits import later_edits
from snapshots.links import row_names
from snapshots.reading import Reading
from snapshots.surveying import Loss

router = APIRouter(prefix="/api/lists/{list_id}/columns/{column_id}/conversion", tags=["columns"])

Changer = Annotated[ListAccess, Depends(ListDoor(Action.COLUMNS_MANAGE))]
_NAME_CHARACTERS = 170
_BUSY = "The column is being converted or edited just now. Try again; nothing is lost."
_FAILED = "The conversion could not be worked out. Nothing has changed; try again."
_ROWS = 1_000


@router.post("/preview")
async def preview_conversion(
    column_id: str, body: ConversionBody, access: Changer, services: ServicesOf
) -> PreviewAnswer:
    """Tell what would become of a column's values in another type; nothing is changed."""
    async with columns_held(access, services) as held:
        source = standing_column(held.schema, column_id)
        target = target_of(body, source, services.random_id())
        _require(held.schema, source, target, held.lists)
    asked = await _asked(source, target, body, access, services)
    worked_out = await _worked_out(services.converter.look(access.list.id, asked))
    return PreviewAnswer.of(worked_out.survey, worked_out.conversion.reading, _new_options(worked_out, target))


@router.post("")
async def convert_column(
    column_id: str, body: ConversionBody, access: Changer, services: ServicesOf
) -> ConvertedAnswer:
    """Give a column another type. Answers once the new column stands in its place; called again after an error it goes on."""
    async with columns_held(access, services) as held:
        source = standing_column(held.schema, column_id)
        target = target_of(body, source, services.random_id())
        _require(held.schema, source, target, held.lists)
        left = (column for column in held.schema.columns.values() if resumes(column, source, target))
        target = next(left, None) or await _begin(source, target, access, services)
    asked = await _asked(source, target, body, access, services)
    with refusals_in_words(services, access, lambda _number: Place("column")):
        worked_out = await _worked_out(services.converter.convert(access.list.id, access.principal, asked))
    column = (await _schema(access, services)).columns[target.id]
    return ConvertedAnswer(column=ColumnAnswer.of(column), **counts(worked_out.survey))


@router.get("/report")
async def read_report(column_id: str, access: Changer, services: ServicesOf) -> StreamingResponse:
    """Download what did not convert when this column took the place of another: row, value, reason, as CSV."""
    column, source = await _converted(column_id, access, services)
    reading = reading_of(_mark(column).get("reading"))
    asked = Asked(
        source.id,
        replace(column, config=unmarked(column.config)),
        await _names(source, column, access, services),
        reading,
    )
    worked_out = await _worked_out(services.converter.look(access.list.id, asked, Aim.REPORT))
    headers = {"Content-Disposition": 'attachment; filename="not-converted.csv"'}
    return StreamingResponse(_csv(worked_out.losses), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/undo")
async def undo_conversion(column_id: str, access: Changer, services: ServicesOf) -> UndoneAnswer:
    """Put the old column back in the place of the one that it was converted to; tells what was edited or imported in that since."""
    column, source = await _converted(column_id, access, services)
    async with services.reading() as connection:
        later = await later_edits(connection, access.list.id, column.id)
    plan = WritePlan()
    plan.add(SwapColumns(column.id, source.id, source.config), Place("column"))
    await carry_out(plan, services, access)
    names = await _names(column, source, access, services)
    text = Conversion(column, column, Reading(), names).text
    values = {row: "" if value is None else shown(text(value)) for row, value in later.values.items()}
    back = (await _schema(access, services)).columns[source.id]
    return UndoneAnswer(
        column=ColumnAnswer.of(back),
        edited_since=len(later.rows),
        imported_since=len(later.imported),
        samples=[LaterEdit(row=row, value=value) for row, value in values.items()],
    )


def _require(schema: ListSchema, source: Column, target: Column, lists: Sequence[str]) -> None:
    plan = WritePlan()
    check_column(plan, target, "", lists)
    require_convertible(schema, source, target, plan)


async def _begin(source: Column, target: Column, access: ListAccess, services: Services) -> Column:
    """Make the column that is filled; until it takes the other one's place it is deleted and has a name of its own."""
    name = f"{source.name[:_NAME_CHARACTERS].rstrip()} {target.id}"
    column = replace(target, name=name, config={**target.config, CONVERTING: {"from": source.id}})
    plan = WritePlan()
    put_column(plan, column)
    await carry_out(plan, services, access)
    return column


async def _asked(source: Column, target: Column, body: ConversionBody, access: ListAccess, services: Services) -> Asked:
    reading = None if body.reading is None else body.reading.reading()
    return Asked(source.id, target, await _names(source, target, access, services), reading)


async def _names(source: Column, target: Column, access: ListAccess, services: Services) -> Names:
    """What the ids in both columns are called."""
    workspace = access.list.workspace_id
    async with services.transaction() as connection:  # row_names reads by a cursor
        people = {member.user_id: (member.email, member.name) for member in await members_of(connection, workspace)}
        lists = {column.target_list for column in (source, target)}
        rows = {name: await row_names(connection, workspace, name) for name in lists if name is not None}
    return Names(people, rows.get(source.target_list or "", {}), rows.get(target.target_list or "", {}))


async def _worked_out(work: Awaitable[WorkedOut]) -> WorkedOut:
    try:
        return await work
    except Unsettled as unsettled:
        raise Problem(Code.BUSY, _BUSY) from unsettled
    except ApartFailed as failed:
        raise Problem(Code.INTERNAL, _FAILED) from failed


def _new_options(worked_out: WorkedOut, target: Column) -> list[str]:
    options = worked_out.conversion.target.options
    return [option.label for option in options.values() if option.id not in target.options]


async def _schema(access: ListAccess, services: Services) -> ListSchema:
    async with services.reading() as connection:
        entry = await list_of(connection, access.list.id, access.user.id)
    if entry is None:
        raise not_found("list")
    return schema_of(entry)


async def _converted(column_id: str, access: ListAccess, services: Services) -> tuple[Column, Column]:
    """A column that has taken the place of another, and that one."""
    schema = await _schema(access, services)
    column = standing_column(schema, column_id)
    source = schema.columns.get(source_of(column) or "")
    if source is None or not source.deleted:
        raise Problem(Code.INVALID_REQUEST, f"{column.name} has not been converted from another type.")
    return column, source


def _mark(column: Column) -> Mapping[str, Json]:
    mark = column.config.get(CONVERTED)
    return mark if isinstance(mark, dict) else {}


def _csv(losses: Sequence[Loss]) -> Iterator[bytes]:
    buffer = StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow(["row", "value", "reason"])
    for first in range(0, max(1, len(losses)), _ROWS):
        table.writerows([loss.row, escaped(loss.value), loss.reason] for loss in losses[first : first + _ROWS])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
