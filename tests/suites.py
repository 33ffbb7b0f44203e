"""Runs the suites one after another, whatever became of the ones before, and ends with pytest's closing line.

The browser's tests run in a process of their own. The closing line adds up all runs of pytest.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NOTHING_COLLECTED = 5

Step = tuple[str, list[str]]


def main() -> int:
    """Run what the argument names, `static` or `all`; the exit status is 0 only if every step passed."""
    return run_all() if sys.argv[1:] == ["all"] else run_static()


def run_static() -> int:
    """Run the steps that need neither a database nor a browser."""
    failed = run_steps([*static_steps(), ("architecture", pytest("tests/architecture"))])
    report(failed)
    return 1 if failed else 0


def run_all() -> int:
    """Run every suite."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rowhouse-reports-") as folder:
        reports = [Path(folder) / name for name in ("main.xml", "clients.xml", "browser.xml")]
        steps = [
            *static_steps(),
            ("client: tests", ["npm", "test", "--prefix", "client"]),
            ("tests", pytest("tests", "--ignore=tests/e2e", f"--junitxml={reports[0]}")),
            ("tests with stock clients", pytest("tests/e2e", "--ignore=tests/e2e/browser", f"--junitxml={reports[1]}")),
            ("tests in the browser", pytest("tests/e2e/browser", f"--junitxml={reports[2]}")),
        ]
        failed = run_steps(steps)
        counts = count_outcomes(reports)
    report(failed)
    print(closing_line(counts, time.monotonic() - started))
    return 1 if failed else 0


def static_steps() -> list[Step]:
    """The steps that read the code without running it."""
    return [
        ("ruff", [str(BIN / "ruff"), "check", "."]),
        ("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("mypy", [str(BIN / "mypy")]),
        ("client: types and lint", ["npm", "run", "check", "--prefix", "client"]),
    ]


def pytest(*arguments: str) -> list[str]:
    """The command of one run of pytest."""
    return [sys.executable, "-m", "pytest", *arguments]


def run_steps(steps: list[Step]) -> list[str]:
    """Run all steps and return the names of those that failed."""
    failed = []
    for number, (name, command) in enumerate(steps, start=1):
        print(f"\n[{number}/{len(steps)}] {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode
        verdict = {0: "ok", NOTHING_COLLECTED: "failed: no tests"}.get(status, f"failed with status {status}")
        print(f"[{number}/{len(steps)}] {name}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
        if status != 0:
            failed.append(name)
    return failed


def report(failed: list[str]) -> None:
    """Say which steps failed."""
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nEvery step passed.", flush=True)


def count_outcomes(reports: Iterable[Path]) -> Counter[str]:
    """Add up the outcomes in pytest's reports; one that was not written counts as an error."""
    counts: Counter[str] = Counter()
    for path in reports:
        if not path.exists():
            counts["errors"] += 1
            continue
        for suite in ET.parse(path).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
            bad = {"failed": "failures", "errors": "errors", "skipped": "skipped"}
            seen = {outcome: int(suite.get(name, "0")) for outcome, name in bad.items()}
            counts.update(seen, passed=int(suite.get("tests", "0")) - sum(seen.values()))
    return counts


def closing_line(counts: Counter[str], seconds: float) -> str:
    """The closing line of pytest, for all of its runs together."""
    parts = [f"{counts[outcome]} {outcome}" for outcome in ("failed", "passed", "skipped", "errors") if counts[outcome]]
    return f" {', '.join(parts) or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


if __name__ == "__main__":
    sys.exit(main())
