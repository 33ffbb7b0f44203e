"""The simulation in the suite: many seeds, each fault seen, the same trace for the same seed.

`ROWHOUSE_SIMULATION_SEEDS` sets how many seeds (default 2,000), `ROWHOUSE_FUZZ_SEED` the first.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import report
from tests.simulation.found import FOUND
from tests.simulation.planted import refusals_ignored
from tests.simulation.play import Play
from tests.simulation.report import run
from tests.simulation.world import Violation

ROOT = Path(__file__).resolve().parents[2]
SEEDS = os.environ.get("ROWHOUSE_SIMULATION_SEEDS", "2000")
FIRST = os.environ.get("ROWHOUSE_FUZZ_SEED", "1")
SEEDS_FEW = 50


def simulate(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with this seed for the hashes of strings."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.rule("ROOM-12", "ROOM-13", "GATE-8")
@pytest.mark.timeout(900)
def test_no_seed_violates_anything() -> None:
    """Under all faults nothing uncommitted is shown, everything kept agrees in the end, and every fault has occurred."""
    done = simulate("--seeds", SEEDS, "--first", FIRST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"0 violations in {int(SEEDS):,} seeds" in done.stdout


@pytest.mark.parametrize("seed", [1, 2, 33])
def test_a_seed_is_the_same_run_in_any_process(seed: int) -> None:
    """The same seed gives the same trace, whatever the hashes of strings are."""
    played = Play(seed)
    played.run()
    shown = [simulate("--seed", str(seed), hash_seed=hash_seed) for hash_seed in ("1", "2")]
    assert shown[0].stdout == shown[1].stdout
    assert shown[0].stdout.splitlines()[-1] == f"no violation, hash {played.world.digest()}"


@pytest.mark.parametrize("seed", FOUND, ids=lambda seed: f"{seed}")
def test_what_a_seed_found_stays_found(seed: int) -> None:
    """A seed that once found a bug finds none any more."""
    Play(seed).run()


def test_a_violation_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that finds something names the seed and how to see it again, and its exit status is 1."""
    refusals_ignored(monkeypatch)
    assert run(first=1, seeds=SEEDS_FEW, jobs=1) == 1
    told = re.search(r"python3 dev.py simulate --seed (\d+)", capsys.readouterr().out)
    assert told is not None
    with pytest.raises(Violation):
        Play(int(told[1])).run()


def test_what_never_occurred_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A run in which a fault has not struck proves nothing about it: it is named, and the exit status is 1."""
    monkeypatch.setattr(report, "SEEDS_FOR_EVERYTHING", 1)
    assert run(first=1, seeds=1, jobs=1) == 1
    shown = capsys.readouterr().out
    assert "0 violations in 1 seeds" in shown
    assert "never occurred: hold.timed_out (a list held by one node)" in shown
