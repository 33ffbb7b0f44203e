"""`rowhouse worker` and `rowhouse import`: imports without a web server.

`import` brings a file as the API does and is a worker itself until that import has ended, so it needs no other; where there are others, one
of them may take it. If the command is killed, a worker goes on with the import.
"""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

import typer
from anyio import open_file
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.app import open_services
from api.errors import Problem
from api.importing.acting import Actor, schema_in
from api.importing.choices import Choices, UpsertChoice
from api.importing.completing import Ground
from api.importing.endings import Ended
from api.importing.files import keep_file
from api.importing.job import NAME
from api.importing.preview import preview_import, settle
from api.importing.report import report_lines
from api.importing.worker import at_work, work
from api.operating import Data, explained, running, settings_in, stop
from api.services import Services
from api.settings import Settings
from auth.grants import sign_in
from persistence.accounts import user_by_email
from persistence.imports import (
    ENDED,
    Import,
    ImportState,
    cancel_import,
    import_of,
    problems_of,
    queue_import,
)
from persistence.jobs import put_job
from persistence.lists import list_ids_of, list_of
from realtime.blackbox import BlackBox
from snapshots.importing.refusals import FileRefused

NOT_ALL: Final = 3
"""The exit status where something of the file was not taken."""
_CANCELLED: Final = 128 + signal.SIGINT
_LOOK_SECONDS: Final = 0.2
_SHOWN: Final = 5


def worker(data: Data = None) -> None:
    """Do what is done in the background (imports), on a database that is migrated already; a server starts one by itself."""
    with running(settings_in(data)) as settings:
        recorder = BlackBox(settings.black_box_folder, uuid4(), settings.document_work_seconds_max)
        asyncio.run(work(settings, recorder))
        recorder.close()


@dataclass(frozen=True, slots=True)
class Order:
    """What the command was asked for."""

    file: Path
    list_id: str | None
    workspace_id: str | None
    email: str
    choices: Choices
    upsert: tuple[str, ...]
    report: Path | None


def import_file(  # noqa: PLR0913, PLR0917 - each is an option of the command
    file: Annotated[Path, typer.Argument(help="A CSV, Excel (.xlsx) or JSON file.", exists=True, dir_okay=False)],
    email: Annotated[str, typer.Option("--as", help="The e-mail address of who imports; their role is kept.")],
    list_id: Annotated[str | None, typer.Option("--list", help="The list to import into.")] = None,
    workspace_id: Annotated[str | None, typer.Option("--workspace", help="Where to make a new list.")] = None,
    name: Annotated[str | None, typer.Option(help="What the new list is called.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a text, if it is not found.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What parts the cells of a text, if it is not found.")] = None,
    upsert: Annotated[
        list[str] | None, typer.Option(help="A column of the file that tells which record a row is; may be repeated.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where to write what was not taken, as CSV.")] = None,
    *,
    create_linked: Annotated[bool, typer.Option(help="Make the linked records that are missing.")] = False,
    create_options: Annotated[bool | None, typer.Option(help="Make the options that are missing.")] = None,
    data: Data = None,
) -> None:
    """Import a file into a list, or into a new one. Exit status 3: something of it was not taken."""
    if (list_id is None) == (workspace_id is None):
        raise stop("Say either --list or --workspace.")
    choices = Choices(
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
        list_name=name,
        create_options=create_options,
        create_linked=create_linked,
    )
    order = Order(file, list_id, workspace_id, email, choices, tuple(upsert or ()), report)
    with running(settings_in(data)) as settings, explained():
        try:
            status = asyncio.run(_carry_out(settings, order))
        except Problem as problem:
            raise stop(problem.detail) from problem
        except (FileRefused, Ended) as refused:
            raise stop(refused.sentence) from refused
    raise typer.Exit(status)


async def _carry_out(settings: Settings, order: Order) -> int:
    """Import, and say what came of it; the exit status."""
    async with open_services(settings) as services:
        held = await _bring(services, order)
        ground = await _ground(services, held)
        upsert = None
        if order.upsert:
            seen = await preview_import(services, held, ground, order.choices)
            upsert = UpsertChoice(on=_sources([column.heading for column in seen.columns], order.upsert))
        chosen = order.choices.model_copy(update={"upsert": upsert})
        choices, rows = await settle(services, held, ground, chosen)
        async with services.transaction() as connection:
            await queue_import(connection, held.id, choices.model_dump(mode="json"), rows)
            await put_job(connection, NAME, held.id)
        ended = await _followed(services, held)
        await _tell(services, ended, order.report)
    if ended.state is ImportState.CANCELLED:
        return _CANCELLED
    if ended.state is ImportState.FAILED:
        return 1
    return NOT_ALL if ended.rows_refused or ended.values_refused else 0


async def _bring(services: Services, order: Order) -> Import:
    async with services.reading() as connection:
        found = await user_by_email(connection, order.email)
        entry = None
        if found is not None and order.list_id is not None:
            entry = await list_of(connection, order.list_id, found[0].id)
    if found is None:
        raise stop(f"Nobody has the e-mail address {order.email}.")
    if order.list_id is not None and entry is None:
        raise stop(f"There is no list {order.list_id}, or {order.email} has no access to it.")
    new = Import(
        id=services.random_id(),
        workspace_id=entry.workspace_id if entry is not None else order.workspace_id or "",
        list_id=order.list_id,
        new_list=entry is None,
        filename=order.file.name,
        size_bytes=order.file.stat().st_size,
        state=ImportState.UPLOADED,
        created_at=services.clock(),
        created_by=found[0].id,
        grant=sign_in("command"),
    )
    await _ground(services, new)  # who may not import brings no file
    async with await open_file(order.file, "rb") as file:
        await keep_file(services, new, file.read)
    return new


async def _ground(services: Services, held: Import) -> Ground:
    actor = Actor(services, held)
    async with services.reading() as connection:
        lists = await list_ids_of(connection, held.workspace_id)
    if held.list_id is None:
        _workspace, principal = await actor.in_workspace()
        return Ground(held.id, None, lists, principal.role, principal.credential)
    entry, principal = await actor.at(held.list_id)
    return Ground(held.id, schema_in(entry), lists, principal.role, principal.credential)


def _sources(headings: list[str], wanted: tuple[str, ...]) -> list[int]:
    for name in wanted:
        if name not in headings:
            raise stop(f"The file has no column {name!r}. It has: {', '.join(headings)}.")
    return [headings.index(name) for name in wanted]


async def _followed(services: Services, held: Import) -> Import:
    """Be a worker, and show how far the import is until it has ended. Ctrl-C cancels it."""
    cancelled = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, cancelled.set)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task(held.filename, total=None)
            async with at_work(services) as working:
                while (now := await _look(services, held, cancel=cancelled.is_set())).state not in ENDED:
                    progress.update(bar, completed=now.rows_read, total=now.rows_total)
                    await asyncio.wait([working], timeout=_LOOK_SECONDS)
                    if working.done():
                        working.result()
                return now
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


async def _look(services: Services, held: Import, *, cancel: bool) -> Import:
    if cancel:
        async with services.transaction() as connection:
            await cancel_import(connection, held.id, services.clock())
    async with services.reading() as connection:
        now = await import_of(connection, held.id)
    if now is None:
        raise stop("The import is gone: its workspace was deleted.")
    return now


async def _tell(services: Services, ended: Import, report: Path | None) -> None:
    """Say what came of the import, and write the report."""
    if ended.error is not None:
        typer.echo(ended.error["detail"], err=True)
    typer.echo(
        f"List {ended.list_id}: {ended.state.value}. {ended.rows_read} rows read: {ended.rows_created} created, "
        f"{ended.rows_updated} updated, {ended.rows_unchanged} unchanged, {ended.rows_refused} refused; "
        f"{ended.values_refused} values refused."
    )
    if report is not None:
        async with await open_file(report, "w", encoding="utf-8", newline="") as file:
            async for lines in report_lines(services, ended):
                await file.write(lines)
        return
    async with services.reading() as connection:
        for problem in await problems_of(connection, ended.id, 0, _SHOWN):
            typer.echo(f"  row {problem.row}, {problem.name or 'the whole row'}: {problem.reason}", err=True)
    if ended.problems > _SHOWN:
        typer.echo(f"  and {ended.problems - _SHOWN} more; --report FILE writes all of them", err=True)
