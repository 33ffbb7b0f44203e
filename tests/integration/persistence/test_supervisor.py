"""An embedded PostgreSQL that is killed under its server comes back by itself."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from persistence.embedded import EmbeddedPostgres
from persistence.embedded.binaries import _site
from persistence.embedded.supervisor import Supervisor
from tests.integration.persistence.test_embedded_postgres import is_gone, run_sql, wait_until


def said(home: Path) -> str:
    """What the server has logged in its run before this one; a start moves the file there."""
    try:
        return (home / "postgres.log.1").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def answers(address: str) -> bool:
    """Tell whether a server takes connections at an address."""
    psql = _site() / "embedded_postgres" / "pginstall" / "bin" / "psql"
    return subprocess.run([psql, address, "-Atc", "SELECT 1"], capture_output=True, check=False).returncode == 0


@pytest.mark.rule("OPS-57")
@pytest.mark.parametrize("name", ["short", "n" * 110], ids=["socket", "loopback"])
async def test_a_supervised_server_comes_back_at_its_address(open_folder: Path, name: str) -> None:
    """Killed twice, it is there again with what was committed; stopped, it stays away."""
    server = EmbeddedPostgres(open_folder / name)
    with Supervisor(server):
        address = server.dsn
        await run_sql(address, "CREATE TABLE kept AS SELECT 7 AS number")
        for _ in range(2):
            killed = server.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda killed=killed: answers(address) and server.pid not in {None, killed})
            assert await run_sql(address, "SELECT number FROM kept") == 7
        last = server.pid
    assert last is not None
    assert is_gone(last)


@pytest.mark.rule("OPS-57")
async def test_a_supervised_server_that_does_not_start_is_tried_again(open_folder: Path) -> None:
    """While its files are out of reach it fails; once they are back it runs."""
    server = EmbeddedPostgres(open_folder)
    with Supervisor(server):
        killed = server.pid
        assert killed is not None
        control = open_folder / "postgres" / "data" / "global" / "pg_control"
        control.rename(control.with_suffix(".away"))
        os.kill(killed, signal.SIGKILL)
        logs = open_folder / "postgres"
        wait_until(lambda: "could not find the database system" in said(logs))
        control.with_suffix(".away").rename(control)
        wait_until(lambda: answers(server.dsn))
