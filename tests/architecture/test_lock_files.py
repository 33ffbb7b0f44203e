"""The lock files work on every machine: hashes for all, addresses for none."""

import json
import re
import tomllib
from pathlib import Path

import pytest

PYTHON_LOCKS = (
    "requirements.lock",
    "requirements-server.lock",
    "requirements-node.lock",
    "benchmarks/peers/requirements.lock",
)


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_python_locks_hold_no_address(root: Path, name: str) -> None:
    """A lock file names no index, no host and no local folder."""
    text = (root / name).read_text(encoding="utf-8")
    assert re.findall(r"^.*(?://|--(?:index|extra-index|find-links)|file:).*$", text, re.MULTILINE) == []


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_python_locks_pin_and_hash_everything(root: Path, name: str) -> None:
    """Every package has one version and at least one hash."""
    joined = (root / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in joined.splitlines() if line and not line.startswith("#")]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_python_lock_has_what_pyproject_asks_for(root: Path) -> None:
    """Every dependency of pyproject.toml is in the lock file."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in asked}
    locked = set(
        re.findall(r"^([a-z0-9._-]+)==", (root / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert names - locked == set()


@pytest.mark.parametrize("folder", ["client", "tests/e2e/stock", "benchmarks/peers"])
def test_npm_locks_hold_no_address(root: Path, folder: str) -> None:
    """No npm package is tied to a registry, and each has its integrity hash."""
    packages = json.loads((root / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: entry for name, entry in packages.items() if "node_modules/" in name and not entry.get("link")}
    assert fetched
    assert [name for name, entry in packages.items() if "://" in str(entry.get("resolved", ""))] == []
    assert [name for name, entry in fetched.items() if "integrity" not in entry and not entry.get("inBundle")] == []
