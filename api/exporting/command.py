"""`rowhouse export`: a list as a file, without a web server, with the rights of one person."""

import asyncio
import secrets
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from api.app import open_services
from api.errors import Problem
from api.exporting.making import Asked, make_export, note_export
from api.operating import Data, explained, running, settings_in, stop
from api.saved_views import view_called
from api.settings import Settings
from auth.permissions import Action, allows
from persistence.accounts import user_by_email
from persistence.lists import list_of
from snapshots.exporting.formats import Format

STANDARD_OUTPUT: Final = Path("-")


def export_list(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="The list to export.")],
    email: Annotated[str, typer.Option("--as", help="The e-mail address of who exports; their role is kept.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - for standard output.")],
    kind: Annotated[Format, typer.Option("--format", help="What is written.")] = Format.CSV,
    view: Annotated[str | None, typer.Option("--view", help="A saved view, by its name or id, if not all.")] = None,
    data: Data = None,
) -> None:
    """Export a list to a file: all rows that are not in the trash, as they stand now, or those of a saved view."""
    with running(settings_in(data)) as settings, explained():
        try:
            with tempfile.TemporaryFile(dir=None if output == STANDARD_OUTPUT else output.absolute().parent) as file:
                rows = asyncio.run(_export(settings, list_id, email, Asked(kind, view), file))
                _deliver(file, output)
        except Problem as problem:
            raise stop(problem.detail) from problem
    typer.echo(f"{rows} rows. They may hold personal data.", err=True)


async def _export(settings: Settings, list_id: str, email: str, asked: Asked, file: IO[bytes]) -> int:
    async with open_services(settings) as services:
        async with services.reading() as connection:
            found = await user_by_email(connection, email)
            entry = None if found is None else await list_of(connection, list_id, found[0].id)
        if found is None:
            raise stop(f"Nobody has the e-mail address {email}.")
        if entry is None or entry.trashed_at is not None:
            raise stop(f"There is no list {list_id}, or {email} has no access to it.")
        if not allows(entry.role, Action.EXPORT, switched_on=entry.members_export):
            raise stop(f"As {entry.role} of this workspace {email} may not export. An owner or admin can let members.")
        if asked.view is not None:
            asked = replace(asked, view=await view_called(services, entry, asked.view, found[0].id))
        made = await make_export(services, entry, found[0].id, asked, file, _wanted)
        await note_export(services, entry, found[0].id, asked, made)
    return made.rows


async def _wanted() -> bool:
    """Who has typed a command waits for it."""
    return False


def _deliver(file: IO[bytes], output: Path) -> None:
    """Give the whole file; one that stands there is replaced at once or not at all."""
    file.seek(0)
    if output == STANDARD_OUTPUT:
        shutil.copyfileobj(file, sys.stdout.buffer)
        return
    draft = output.with_name(f"{output.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as whole:
            shutil.copyfileobj(file, whole)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
