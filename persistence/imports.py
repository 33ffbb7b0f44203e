"""Imports: the file that somebody brought, what they chose about it, and how far a worker has come with it.

Functions take a connection and never commit. A worker *takes* an import up under a new attempt, and every later word of an older attempt
is lost: a worker that was thought dead changes nothing any more.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grants import Grant, GrantKind
from persistence.contract import Json
from persistence.import_tables import import_chunks, import_problems, imports

CHUNK_BYTES: Final = 1024 * 1024
PROBLEMS_MAX: Final = 100_000
"""So many problems of an import are kept for its report; all are counted."""
_PROBLEMS_AT_ONCE: Final = 1_000


class ImportState(StrEnum):
    """How far an import has come; the last three are ends."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNDER_WAY: Final = (ImportState.QUEUED, ImportState.RUNNING)
ENDED: Final = (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED)


@dataclass(frozen=True, slots=True)
class Import:
    """An import. `choices` are complete once it is queued; `last_row` is the last row of the file that is dealt with."""

    id: str
    workspace_id: str
    list_id: str | None
    new_list: bool
    filename: str
    size_bytes: int
    state: ImportState
    created_at: datetime
    created_by: str
    grant: Grant
    finished_at: datetime | None = None
    choices: Mapping[str, Json] | None = None
    error: Mapping[str, str] | None = None
    cancelling: bool = False
    attempt: int = 0
    stalled: int = 0
    last_row: int = 0
    problems: int = 0
    rows_total: int | None = None
    rows_read: int = 0
    rows_created: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_refused: int = 0
    values_refused: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A value, or a row (its `name` is empty), that was not taken: the row as a spreadsheet counts it."""

    row: int
    name: str
    value: str
    reason: str


@dataclass(slots=True)
class Progress:
    """What one step adds to an import. `last_row` is where the step ended."""

    last_row: int
    rows_read: int = 0
    rows_created: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_refused: int = 0
    values_refused: int = 0


async def add_import(connection: AsyncConnection, new: Import) -> None:
    """Keep a new import, without its file."""
    await connection.execute(
        insert(imports).values(
            id=new.id,
            workspace_id=new.workspace_id,
            list_id=new.list_id,
            new_list=new.new_list,
            filename=new.filename,
            size_bytes=new.size_bytes,
            state=new.state.value,
            created_at=new.created_at,
            created_by=new.created_by,
            grant_kind=new.grant.kind.value,
            grant_id=new.grant.id,
        )
    )


async def add_chunk(connection: AsyncConnection, import_id: str, number: int, chunk: bytes) -> None:
    """Keep a piece of the file; pieces are numbered from 0."""
    await connection.execute(insert(import_chunks).values(import_id=import_id, number=number, bytes=chunk))


async def chunks_of(connection: AsyncConnection, import_id: str) -> AsyncIterator[bytes]:
    """Read the file, a piece at a time."""
    number = 0
    wanted = select(import_chunks.c.bytes).where(import_chunks.c.import_id == import_id)
    while (chunk := await connection.scalar(wanted.where(import_chunks.c.number == number))) is not None:
        yield bytes(chunk)
        number += 1


async def import_of(connection: AsyncConnection, import_id: str) -> Import | None:
    """Read an import."""
    row = (await connection.execute(select(imports).where(imports.c.id == import_id))).first()
    return None if row is None else _import(row)


async def count_imports(connection: AsyncConnection, workspace_id: str, states: Sequence[ImportState]) -> int:
    """Count a workspace's imports in these states."""
    wanted = (imports.c.workspace_id == workspace_id) & imports.c.state.in_([state.value for state in states])
    return int(await connection.scalar(select(func.count()).where(wanted)) or 0)


async def queue_import(
    connection: AsyncConnection, import_id: str, choices: Mapping[str, Json], rows_total: int | None
) -> bool:
    """Note what was chosen; false if it was queued before or has ended."""
    uploaded = (imports.c.id == import_id) & (imports.c.state == ImportState.UPLOADED.value)
    values = {"state": ImportState.QUEUED.value, "choices": choices, "rows_total": rows_total}
    return (await connection.execute(update(imports).where(uploaded).values(values))).rowcount == 1


async def take_import(connection: AsyncConnection, import_id: str) -> Import | None:
    """Take an import up under a new attempt; `None` if there is nothing to do any more."""
    waiting = (imports.c.id == import_id) & imports.c.state.in_([state.value for state in UNDER_WAY])
    statement = (
        update(imports)
        .where(waiting)
        .values(state=ImportState.RUNNING.value, attempt=imports.c.attempt + 1, stalled=imports.c.stalled + 1)
    )
    row = (await connection.execute(statement.returning(imports))).first()
    return None if row is None else _import(row)


async def name_list(connection: AsyncConnection, running: Import, list_id: str) -> bool:
    """Note which list an import has made; false if another attempt has taken over."""
    return await _update(connection, running, list_id=list_id)


async def advance(
    connection: AsyncConnection, running: Import, progress: Progress, problems: Sequence[Problem]
) -> Import | None:
    """Add a step to an import, with what was not taken; `None` if another attempt has taken over."""
    counted = (field.name for field in fields(Progress) if field.name != "last_row")
    values: dict[str, Any] = {name: imports.c[name] + getattr(progress, name) for name in counted}
    values |= {"last_row": progress.last_row, "stalled": 0, "problems": imports.c.problems + len(problems)}
    statement = update(imports).where(_ours(running)).values(values).returning(imports)
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    advanced = _import(row)
    await _add_problems(connection, running.id, advanced.problems - len(problems), problems)
    return advanced


async def end_import(
    connection: AsyncConnection,
    running: Import,
    state: ImportState,
    now: datetime,
    error: Mapping[str, str] | None = None,
    rows_total: int | None = None,
) -> bool:
    """End an import; false if another attempt has taken over."""
    values: dict[str, Any] = {"state": state.value, "finished_at": now, "error": error}
    return await _update(connection, running, **values, **({} if rows_total is None else {"rows_total": rows_total}))


async def cancel_import(connection: AsyncConnection, import_id: str, now: datetime) -> None:
    """End an import that no worker has taken up, and let the worker of a running one end it."""
    mine = imports.c.id == import_id
    waiting = imports.c.state.in_([ImportState.UPLOADED.value, ImportState.QUEUED.value])
    ended = {"state": ImportState.CANCELLED.value, "finished_at": now, "cancelling": True}
    await connection.execute(update(imports).where(mine, waiting).values(ended))
    running = imports.c.state == ImportState.RUNNING.value
    await connection.execute(update(imports).where(mine, running).values(cancelling=True))


async def problems_of(connection: AsyncConnection, import_id: str, after: int, most: int) -> Sequence[Problem]:
    """Read problems of an import in order, those after the first `after`."""
    table = import_problems.c
    statement = select(table.row_number, table.name, table.value, table.reason).where(
        table.import_id == import_id, table.number >= after
    )
    rows = (await connection.execute(statement.order_by(table.number).limit(most))).all()
    return [Problem(*row) for row in rows]


def _ours(running: Import) -> Any:
    mine = (imports.c.id == running.id) & (imports.c.attempt == running.attempt)
    return mine & (imports.c.state == ImportState.RUNNING.value)


async def _update(connection: AsyncConnection, running: Import, **values: Any) -> bool:
    return (await connection.execute(update(imports).where(_ours(running)).values(values))).rowcount == 1


async def _add_problems(connection: AsyncConnection, import_id: str, before: int, problems: Sequence[Problem]) -> None:
    kept = problems[: max(0, PROBLEMS_MAX - before)]
    for first in range(0, len(kept), _PROBLEMS_AT_ONCE):
        part = kept[first : first + _PROBLEMS_AT_ONCE]
        rows = [
            {
                "import_id": import_id,
                "number": number,
                "row_number": problem.row,
                "name": problem.name,
                "value": problem.value,
                "reason": problem.reason,
            }
            for number, problem in enumerate(part, start=before + first)
        ]
        await connection.execute(insert(import_problems), rows)


def _import(row: Row[*tuple[Any, ...]]) -> Import:
    said = {name: getattr(row, name) for name in imports.c.keys() if name not in {"grant_kind", "grant_id"}}  # noqa: SIM118 - a collection of columns
    grant = Grant(GrantKind(row.grant_kind), row.grant_id)
    return Import(**{**said, "state": ImportState(row.state), "grant": grant})
