"""The ground of every command: its settings, its database, and how it says what is wrong.

Without `DATABASE_URL` a command starts the embedded PostgreSQL in the state folder and stops it at its end.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from asyncpg import PostgresError
from pydantic import ValidationError

from api.logs import configure_logs
from api.settings import Settings
from persistence.backup import BackupFailed, answers
from persistence.embedded import EmbeddedPostgres, PostgresRefused
from persistence.embedded.supervisor import Supervisor
from persistence.renewal import RenewalRefused

Data = Annotated[Path | None, typer.Option("--data", help="The folder that holds the server's state.")]


def settings_in(data: Path | None) -> Settings:
    """Read the settings, for a state folder or the usual one, and set up the log."""
    try:
        settings = Settings()
    except ValidationError as wrong:
        raise stop(
            "\n".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors())
        ) from wrong
    configure_logs(settings.log_level, settings.log_format)
    return settings if data is None else settings.model_copy(update={"state_folder": data.expanduser().absolute()})


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Give settings with the address of a running database."""
    if settings.database_url is not None:
        yield settings
        return
    try:
        server = EmbeddedPostgres(settings.state_folder)
        with Supervisor(server):
            yield settings.model_copy(update={"database_url": server.dsn})
    except PostgresRefused as refused:
        raise stop(str(refused)) from refused


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Give settings with the address of the database that runs, else start it."""
    if settings.database_url is None:
        settings = settings.model_copy(update={"database_url": _address_of_running(settings)})
    with database(settings) as reachable:
        yield reachable


def _address_of_running(settings: Settings) -> str | None:
    try:
        address = EmbeddedPostgres(settings.state_folder).dsn
    except PostgresRefused:
        return None
    return address if asyncio.run(answers(address)) else None


@contextmanager
def explained() -> Iterator[None]:
    """Say what stops a command, in one sentence."""
    try:
        yield
    except (BackupFailed, RenewalRefused) as failed:
        raise stop(str(failed)) from failed
    except (OSError, PostgresError) as error:
        raise stop(f"The database does not answer: {error}") from error


def dsn_of(settings: Settings) -> str:
    """Give the address of the database that `database` has found."""
    assert settings.database_url is not None, "`database` gives an address"
    return settings.database_url


def stop(sentence: str) -> typer.Exit:
    """Say what is wrong, and end with status 1."""
    typer.echo(sentence, err=True)
    return typer.Exit(1)
