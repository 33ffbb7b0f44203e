"""The closing line that adds up several runs of pytest."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.suites import closing_line, count_outcomes, run_steps


def test_outcomes_of_all_runs_are_added_up(tmp_path: Path) -> None:
    """Passed is what is left of a run's tests after failures, errors and skips."""
    counts = {"first.xml": (10, 1, 2, 0), "second.xml": (5, 0, 0, 1)}
    for name, (tests, failures, errors, skipped) in counts.items():
        suite = f'<testsuite tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"/>'
        (tmp_path / name).write_text(f"<testsuites>{suite}</testsuites>", encoding="utf-8")
    found = count_outcomes([tmp_path / name for name in counts])
    assert found == Counter(passed=11, failed=1, errors=2, skipped=1)


def test_a_run_without_a_report_is_an_error(tmp_path: Path) -> None:
    """A run that crashed before its end cannot pass for one without failures."""
    assert count_outcomes([tmp_path / "absent.xml"]) == Counter(errors=1)


def test_the_closing_line_reads_like_that_of_pytest() -> None:
    """What reads pytest's last line can read ours."""
    line = closing_line(Counter(passed=11, failed=1), 2.5)
    assert line.strip("=") == " 1 failed, 11 passed in 2.50s "
    assert closing_line(Counter(), 0).strip("=") == " no tests ran in 0.00s "


def test_a_failed_step_does_not_stop_the_next(capfd: pytest.CaptureFixture[str]) -> None:
    """Every step runs, and each one that failed or found nothing to do is named."""
    steps = [("bad", ["false"]), ("empty", ["sh", "-c", "exit 5"]), ("good", ["echo", "here"])]
    assert run_steps(steps) == ["bad", "empty"]
    shown = capfd.readouterr().out
    assert "no tests" in shown
    assert "here" in shown


def test_what_runs_beside_is_told_whole_and_apart(capfd: pytest.CaptureFixture[str]) -> None:
    """Its words never stand among those of another step; that it failed is named, and what comes after it runs."""
    beside = [("bad aside", ["sh", "-c", "echo one; echo two >&2; exit 3"]), ("good aside", ["echo", "three"])]
    assert run_steps([("slow", ["sh", "-c", "echo begin; echo end"])], beside) == ["bad aside"]
    lines = [re.sub(r"\d\.\d s", "0 s", line) for line in capfd.readouterr().out.splitlines() if line]
    whole = [
        ["[1/3] bad aside", "one", "two", "[1/3] bad aside: failed with status 3 (0 s)"],
        ["[2/3] good aside", "three", "[2/3] good aside: ok (0 s)"],
        ["[3/3] slow", "begin", "end", "[3/3] slow: ok (0 s)"],
    ]
    assert lines == [*whole[2], *whole[0], *whole[1]]
