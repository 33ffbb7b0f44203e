"""The layers and the purity of the core, as import contracts and as calls that must not be there."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

PURE = ("realtime/core/", "auth/roles.py", "auth/principals.py", "auth/permissions.py")
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "open", "print", "input"}


def test_imports_keep_every_contract(root: Path) -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    program = Path(sys.executable).parent / "lint-imports"
    ran = subprocess.run([program, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_pure_modules_ask_neither_clock_nor_chance_nor_disk(python_sources: list[Any]) -> None:
    """No pure module calls what reads the time, makes a random id, or does I/O."""
    calls = [
        f"{source.name}:{node.lineno} {name}"
        for source in python_sources
        if source.name.startswith(PURE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for name in [getattr(node.func, "attr", getattr(node.func, "id", ""))]
        if name in IMPURE_CALLS
    ]
    assert calls == []
