"""Runs the suites, whatever became of the ones before, and ends with pytest's closing line.

What mostly waits (for servers, databases, the browser) runs one after another, and tells as it goes. What only computes runs beside
it on the time that is left over, at low priority, so that nothing timed is slowed by it; what that says is held back and
shown between two steps. The closing line adds up all runs of pytest.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NOTHING_COLLECTED = 5

COMPUTING = ("tests/architecture", "tests/properties", "tests/simulation")
"""The folders whose tests wait for nothing and measure no time."""
COMPUTING_SECONDS_MAX = 600
"""How long one of them may take that has only what others leave over."""
LOW_PRIORITY = ("nice", "-n", "10")

Step = tuple[str, list[str]]


@dataclass(frozen=True)
class Ended:
    """A step that has ended; `said` is what it printed, unless that went to the terminal."""

    label: str
    name: str
    status: int
    seconds: float
    said: str = ""


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
        names = ("computing.xml", "main.xml", "clients.xml", "browser.xml")
        computing, main_, clients, browser = reports = [Path(folder) / name for name in names]
        beside = [
            *static_steps(),
            ("client: tests", ["npm", "test", "--prefix", "client"]),
            (
                "tests that compute",
                pytest(*COMPUTING, f"--timeout={COMPUTING_SECONDS_MAX}", f"--junitxml={computing}"),
            ),
        ]
        apart = [f"--ignore={folder}" for folder in (*COMPUTING, "tests/e2e")]
        steps = [
            ("tests", pytest("tests", *apart, f"--junitxml={main_}")),
            ("tests with stock clients", pytest("tests/e2e", "--ignore=tests/e2e/browser", f"--junitxml={clients}")),
            ("tests in the browser", pytest("tests/e2e/browser", f"--junitxml={browser}")),
        ]
        failed = run_steps(steps, beside)
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


def run_steps(steps: Sequence[Step], beside: Sequence[Step] = ()) -> list[str]:
    """Run all steps, with others beside them, and return the names of those that failed."""
    total = len(beside) + len(steps)
    failed: list[str] = []

    def tell(ended: Ended) -> None:
        verdict = {0: "ok", NOTHING_COLLECTED: "failed: no tests"}.get(
            ended.status, f"failed with status {ended.status}"
        )
        print(f"{ended.label}: {verdict} ({ended.seconds:.1f} s)", flush=True)
        if ended.status != 0:
            failed.append(ended.name)

    def show(held: Future[Ended]) -> None:
        ended = held.result()
        print(f"\n{ended.label}\n{ended.said}", end="", flush=True)
        tell(ended)

    numbered = [(f"[{number}/{total}] {step[0]}", step) for number, step in enumerate((*beside, *steps), start=1)]
    aside = ThreadPoolExecutor(max_workers=1)
    try:
        held = deque(aside.submit(perform_aside, label, step) for label, step in numbered[: len(beside)])
        for label, step in numbered[len(beside) :]:
            print(f"\n{label}", flush=True)
            tell(perform(label, step))
            while held and held[0].done():
                show(held.popleft())
        while held:
            show(held.popleft())
    finally:
        aside.shutdown(cancel_futures=True)
    return failed


def perform(label: str, step: Step) -> Ended:
    """Run a step, and let it say what it says."""
    name, command = step
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode
    return Ended(label, name, status, time.monotonic() - started)


def perform_aside(label: str, step: Step) -> Ended:
    """Run a step at low priority, and keep what it says."""
    name, command = step
    started = time.monotonic()
    done = subprocess.run(
        [*LOW_PRIORITY, *command],
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return Ended(label, name, done.returncode, time.monotonic() - started, done.stdout)


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
