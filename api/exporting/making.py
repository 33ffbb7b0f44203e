"""Making the file of an export, in a process that is killed when nobody waits for it any more.

The file has no name: it is gone with the last process that has it open, whatever happens to either.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final

import structlog

from api.errors import Code, FieldProblem, Problem, not_found
from api.saved_views import rows_of_view
from api.services import Services
from api.settings import Settings
from persistence.contract import Json
from persistence.events import Act, add_event
from persistence.lists import ListEntry, list_of
from persistence.members import members_of
from snapshots.exporting.formats import Format
from snapshots.exporting.order import Made, Order
from snapshots.exporting.selecting import rows_statement
from snapshots.view_rows import RowChoice

SECONDS_MAX: Final = 300.0
_LOOK_SECONDS: Final = 0.1
TRIES_MAX: Final = 3
_AGAIN: Final = {"Retry-After": "30"}
_ENDED: Final = "The export ended before its file was whole, and nothing was sent. Try again."
_TOO_LONG: Final = f"The export takes longer than {SECONDS_MAX:g} seconds, and was ended."
_NOT_WAITED_FOR: Final = "The export was ended: its client is gone, or the server is about to end."

_CHANGING: Final = "The columns of the list were changed while it was exported. Try again."

Unwanted = Callable[[], Awaitable[bool]]
"""Tells whether nobody waits for an export any more."""

_log = structlog.get_logger(__name__)


def open_file(settings: Settings) -> IO[bytes]:
    """Open a file without a name in the state folder."""
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=settings.state_folder)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported of a list: in which format, and which view of it, if not all."""

    format: Format
    view: str | None = None


async def make_export(
    services: Services, entry: ListEntry, user_id: str, asked: Asked, file: IO[bytes], unwanted: Unwanted
) -> Made:
    """Write a list into an open file, with the columns and rows of one moment. Raises `Problem`."""
    found: ListEntry | None = entry
    for _ in range(TRIES_MAX):
        if found is None:
            raise not_found("list")
        choice = await rows_of_view(services, found, asked.view, user_id)
        async with services.reading() as connection:
            people = {member.user_id: member.email for member in await members_of(connection, found.workspace_id)}
        order = _order(services.settings, found, choice, people, asked.format, file)
        made = await _write_apart(order, unwanted)
        if made.refused is not None:
            place = FieldProblem("format", made.refused, Code.INVALID_REQUEST)
            raise Problem(Code.INVALID_REQUEST, made.refused, [place])
        if not made.changed:
            return made
        async with services.reading() as connection:
            found = await list_of(connection, entry.id, user_id)
    raise Problem(Code.BUSY, _CHANGING, headers=_AGAIN)


async def note_export(services: Services, entry: ListEntry, user_id: str, asked: Asked, made: Made) -> None:
    """Write into the audit who takes how much out of the list."""
    view: dict[str, Json] = {} if asked.view is None else {"view": asked.view}
    async with services.transaction() as connection:
        await add_event(
            connection,
            Act.LIST_EXPORTED,
            workspace_id=entry.workspace_id,
            actor=user_id,
            subject=entry.id,
            at=services.clock(),
            detail={"format": asked.format.value, "rows": made.rows, **view},
        )


def _order(
    settings: Settings, entry: ListEntry, choice: RowChoice, people: Mapping[str, str], kind: Format, file: IO[bytes]
) -> Order:
    assert settings.database_url is not None, "a server has found its database"
    return Order(
        database_url=settings.database_url,
        list_id=entry.id,
        schema=entry.schema,
        columns=[column.id for column in choice.columns],
        statement=rows_statement(entry.id, [choice.condition], choice.order_by),
        people=people,
        format=kind,
        target=file.fileno(),
        parent=os.getpid(),
    )


async def _write_apart(order: Order, unwanted: Unwanted) -> Made:
    """Let a process write the file, and ask now and then whether anybody waits for it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "snapshots.exporting.child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # an exception may quote values
        pass_fds=(order.target,),
    )
    answering = asyncio.create_task(process.communicate(order.to_json()))
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while not (await asyncio.wait([answering], timeout=_LOOK_SECONDS))[0]:
                if await unwanted():
                    raise Problem(Code.BUSY, _NOT_WAITED_FOR, headers=_AGAIN)
    except TimeoutError as late:
        raise Problem(Code.BUSY, _TOO_LONG, headers=_AGAIN) from late
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        said, _ = await answering
    if process.returncode != 0:
        _log.error("an export ended by itself", code=process.returncode, list_id=order.list_id)
        raise Problem(Code.BUSY, _ENDED, headers=_AGAIN)
    return Made.from_json(said)
