"""The repository's own files, read once for the tests that judge them."""

import ast
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "dist", "test-results", "coverage", "__pycache__"}
TEXTS = {".py", ".ts", ".tsx", ".css", ".html", ".md", ".toml", ".json", ".yml", ".yaml", ".mjs", ".sql", ".mako", ""}


@dataclass(frozen=True)
class Source:
    """One text file of the repository; `name` is its path from the root."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, self.name)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Every text file of the repository that is written by hand, and the lock files."""
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS and not name.endswith(".egg-info")]
        below[:] = [name for name in below if not name.startswith(".") or name in {".ci", ".github"}]
        for name in names:
            path = Path(folder, name)
            if path.suffix in TEXTS and not path.is_symlink():
                found.append(Source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")))
    return sorted(found, key=lambda source: source.name)


@pytest.fixture(scope="session")
def python_sources(sources: list[Source]) -> list[Source]:
    """Every Python file."""
    return [source for source in sources if source.name.endswith(".py")]


@pytest.fixture(scope="session")
def script_sources(sources: list[Source]) -> list[Source]:
    """Every TypeScript file."""
    return [source for source in sources if source.name.endswith((".ts", ".tsx"))]
