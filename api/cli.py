"""The command line: `rowhouse up` runs everything on one machine, the others do one part each.

Without `DATABASE_URL` a command starts the embedded PostgreSQL in the state folder and stops it at its end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import uuid4

import typer

from api.app import create_app, open_services
from api.demo import ACCOUNTS, PASSWORD, PROPERTIES_DEFAULT, PROPERTIES_MAX, make_demo
from api.error_reports import open_error_reports
from api.exporting.command import export_list
from api.importing.beside import WorkerBeside
from api.importing.command import import_file, worker
from api.logs import catch_strays, configure_logs
from api.operating import Data, database, dsn_of, explained, running, settings_in, stop
from api.rebuilding import rebuild_list
from api.serving import is_loopback, serve
from api.settings import Settings
from api.verification import verify_lists
from persistence.backup import back_up, restore, rewound
from persistence.contract import StoreUnavailable
from persistence.embedded import EmbeddedPostgres, PostgresRefused
from persistence.migrate import upgrade
from persistence.pool import create_pool
from persistence.quarantine import PostgresQuarantine
from realtime.blackbox import BlackBox

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Rowhouse: lists that people edit together, live.",
)
quarantine_commands = typer.Typer(
    no_args_is_help=True, help="Lists that are closed because processes have died of them."
)
app.add_typer(quarantine_commands, name="quarantine")
app.command()(worker)
app.command("import")(import_file)
app.command("export")(export_list)
_Answer = TypeVar("_Answer")

Rows = Annotated[int, typer.Option(min=1, max=PROPERTIES_MAX, help="How many properties the demo has.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="The port to serve on; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


@app.command()
def up(
    data: Data = None,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    rows: Rows = PROPERTIES_DEFAULT,
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Make no demo workspace.")] = False,
) -> None:
    """Start the database, migrate it, make the demo workspace if there is none, and serve."""
    if not no_demo and not is_loopback(host):
        raise stop("The demo's password is public, so it is made on loopback only: add --no-demo, or leave out --host.")
    with database(settings_in(data)) as settings:
        asyncio.run(upgrade(dsn_of(settings)))
        if not no_demo:
            asyncio.run(_demo(settings, rows))
        _serve(settings, host, port, demo=not no_demo)


@app.command("serve")
def serve_only(data: Data = None, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Serve on a database that is migrated already."""
    with database(settings_in(data)) as settings:
        _serve(settings, host, port, demo=False)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the newest revision."""
    with database(settings_in(data)) as settings:
        asyncio.run(upgrade(dsn_of(settings)))


@app.command()
def demo(data: Data = None, rows: Rows = PROPERTIES_DEFAULT) -> None:
    """Make the demo workspace with its four accounts, if it is not there."""
    with database(settings_in(data)) as settings:
        asyncio.run(upgrade(dsn_of(settings)))
        if asyncio.run(_demo(settings, rows)):
            typer.echo("The demo workspace was made.")


@app.command()
def verify(
    lists: Annotated[list[str] | None, typer.Argument(help="The lists to verify; all without one.")] = None,
    data: Data = None,
    *,
    values: Annotated[bool, typer.Option("--values", help="Print the values too: they are personal data.")] = False,
) -> None:
    """Rebuild every list from its document, log and audit, and print what the tables have otherwise."""
    with running(settings_in(data)) as settings, explained():
        seen, differences = asyncio.run(
            verify_lists(dsn_of(settings), lists or (), lambda found: typer.echo(found.line(values=values)))
        )
    typer.echo(f"{seen} lists, {differences} differences", err=True)
    if differences:
        raise typer.Exit(1)


@app.command()
def rebuild(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="The list to rebuild.")], data: Data = None
) -> None:
    """Give a list a new document that says the same, in a new epoch, while the server runs or not."""
    with running(settings_in(data)) as settings, explained():
        epoch = asyncio.run(rebuild_list(dsn_of(settings), list_id, lambda found: typer.echo(found.line())))
    typer.echo(f"The list {list_id} is rebuilt, in epoch {epoch}. Who has it open starts again by themselves.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write.")], data: Data = None) -> None:
    """Write a consistent backup of the database to a file, while the server runs or not."""
    with running(settings_in(data)) as settings, explained():
        asyncio.run(back_up(dsn_of(settings), file))
    typer.echo(f"The backup is in {file}. It holds personal data.")


@app.command("restore")
def restore_backup(
    file: Annotated[Path, typer.Argument(help="A file of `rowhouse backup`.")], data: Data = None
) -> None:
    """Bring a backup into an empty database (of `DATABASE_URL`, or of a new state folder)."""
    with database(settings_in(data)) as settings, explained():
        asyncio.run(restore(dsn_of(settings), file))
        asyncio.run(upgrade(dsn_of(settings)))
    typer.echo("The backup is restored. Everybody has to sign in again.")


@app.command("rewound")
def rewound_database(data: Data = None) -> None:
    """Say that PostgreSQL was brought back to an earlier moment: every list gets another epoch, every sign-in ends."""
    with running(settings_in(data)) as settings, explained():
        lists = asyncio.run(rewound(dsn_of(settings)))
    typer.echo(f"{lists} lists have another epoch. Everybody has to sign in again.")


@app.command("db-url")
def db_url(data: Data = None) -> None:
    """Print the connection string of the running database, for psql and others."""
    settings = settings_in(data)
    try:
        typer.echo(settings.database_url or EmbeddedPostgres(settings.state_folder).dsn)
    except PostgresRefused as refused:
        raise stop(str(refused)) from refused


@quarantine_commands.command("list")
def list_quarantined(data: Data = None) -> None:
    """Print the lists that no node opens, because processes have died of them."""
    for held in _operate(settings_in(data), lambda quarantine: quarantine.all()):
        typer.echo(f"{held.list_id}  {held.at:%Y-%m-%d %H:%M} UTC  {held.name} (workspace {held.workspace_id})")


@quarantine_commands.command("lift")
def lift(list_id: str, data: Data = None) -> None:
    """Let a list be opened again, and forget its strikes."""
    if not _operate(settings_in(data), lambda quarantine: quarantine.lift(list_id, datetime.now(UTC))):
        raise stop(f"The list {list_id} is not quarantined.")
    typer.echo(f"The list {list_id} can be opened again.")


def main() -> None:
    """Run the command line."""
    catch_strays()
    configure_logs("info", "auto")  # until the settings are read, and for what is wrong with them
    app()


def _operate(settings: Settings, act: Callable[[PostgresQuarantine], Awaitable[_Answer]]) -> _Answer:
    """Do something with the quarantines of the installation, whose database runs."""

    async def reach(dsn: str) -> _Answer:
        async with await create_pool(dsn, volatile_allowed=True) as pool:
            return await act(PostgresQuarantine(pool))

    try:
        return asyncio.run(reach(settings.database_url or EmbeddedPostgres(settings.state_folder).dsn))
    except (PostgresRefused, StoreUnavailable) as refused:
        raise stop(f"The database cannot be reached: {refused}") from refused


async def _demo(settings: Settings, rows: int) -> bool:
    """Make the demo unless one of its accounts exists; true if it was made."""
    async with open_services(settings) as services:
        return await make_demo(services, rows=rows, tell=typer.echo)


def _serve(settings: Settings, host: str, port: int, *, demo: bool) -> None:
    """Serve; on loopback, only to the names of loopback: a page of another site cannot borrow ours."""
    if is_loopback(host) and settings.allowed_hosts == ("*",):
        settings = settings.model_copy(update={"allowed_hosts": (*LOOPBACK_NAMES, host)})

    def announce(bound_port: int) -> None:
        typer.echo(f"Rowhouse is at http://{host}:{bound_port}")
        if demo:
            typer.echo(f"Sign in with the password {PASSWORD} as")
            for account in ACCOUNTS:
                typer.echo(f"  {account.email} ({account.role})")
        typer.echo("Stop with Ctrl-C.")

    recorder = BlackBox(settings.black_box_folder, uuid4(), settings.document_work_seconds_max)
    application = create_app(settings, recorder=recorder)
    node = application.state.readiness.node
    try:
        with open_error_reports(settings.sentry_dsn, node) as report:
            configure_logs(settings.log_level, settings.log_format, node=node, report=report)
            with WorkerBeside(settings) if settings.worker else nullcontext():
                serve(application, settings, host, port, announce)
        recorder.close()
    except OSError as taken:
        raise stop(f"Cannot listen on {host}:{port}: {taken.strerror}. Choose another with --port.") from taken


if __name__ == "__main__":
    main()
