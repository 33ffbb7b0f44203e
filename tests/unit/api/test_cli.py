"""The command line's refusals; what it does when all is well is shown end to end."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.demo import PROPERTIES_MAX
from api.serving import is_loopback

RUN = CliRunner()
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "rowhouse.example.com"])  # noqa: S104 - refused here
def test_the_demo_is_not_made_for_the_world(host: str, tmp_path: Path) -> None:
    """Its password is public: on another address than loopback `up` asks for --no-demo and does nothing."""
    result = RUN.invoke(app, ["up", "--host", host, "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "--no-demo" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("localhost.evil.test", False)],
)
def test_loopback_is_recognised(host: str, *, loopback: bool) -> None:
    """Every address of this machine alone is loopback; a name that looks like it is not."""
    assert is_loopback(host) is loopback


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wrong environment ends with a sentence that names the setting."""
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")
    result = RUN.invoke(app, ["migrate", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "DATABASE_URL" in result.stderr


def test_without_a_cluster_there_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`db-url` says that nothing was made yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = RUN.invoke(app, ["db-url", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.strip()


@pytest.mark.rule("DATA-89")
@pytest.mark.parametrize("rows", ["0", "-1", "1000001", "many", "1e3", "\u0665"])
def test_a_number_of_rows_that_no_demo_has_is_refused(rows: str, tmp_path: Path) -> None:
    """`rowhouse up`, `rowhouse demo` and `dev.py up` say what is wrong before anything is made, and name the same limits."""
    for command in ("up", "demo"):
        result = RUN.invoke(app, [command, f"--rows={rows}", "--data", str(tmp_path)])
        assert result.exit_code == 2
        assert "--rows" in result.stderr
    data = f"--data={tmp_path}"
    told = subprocess.run(
        [sys.executable, ROOT / "dev.py", "up", f"--rows={rows}", data], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert f"from 1 to {PROPERTIES_MAX}" in told.stderr
    assert list(tmp_path.iterdir()) == []
