"""What a process may hold follows from what its groups and its machine leave to it."""

from math import inf
from pathlib import Path

import pytest

from api.memory import DEFAULT_SHARE, default_bytes_max, resident_bytes

MACHINE = {"proc/meminfo": "MemTotal:       2000 kB\nMemFree:        1 kB\n"}
TWO, ONE = "sys/fs/cgroup", "sys/fs/cgroup/memory"


@pytest.mark.rule("OPS-53")
@pytest.mark.parametrize(
    ("files", "there_is"),
    [
        ({}, inf),
        (MACHINE, 2_048_000),
        (MACHINE | {f"{TWO}/memory.max": "max\n"}, 2_048_000),
        (MACHINE | {f"{TWO}/memory.max": "1000\n"}, 1000),
        (
            MACHINE
            | {"proc/self/cgroup": "0::/a/b\n", f"{TWO}/a/memory.max": "700\n", f"{TWO}/a/b/memory.max": "900\n"},
            700,
        ),
        (MACHINE | {"proc/self/cgroup": "3:cpu,memory:/c\n", f"{ONE}/c/memory.limit_in_bytes": "800\n"}, 800),
        (MACHINE | {f"{ONE}/memory.limit_in_bytes": "9223372036854771712\n"}, 2_048_000),
    ],
    ids=["unknown", "machine", "no limit", "container", "groups in groups", "version 1", "version 1 without"],
)
def test_the_tightest_of_what_there_is_counts(tmp_path: Path, files: dict[str, str], there_is: float) -> None:
    """Eight tenths of it are the default."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert default_bytes_max(tmp_path) == DEFAULT_SHARE * there_is


@pytest.mark.rule("OPS-53")
def test_what_a_process_holds_is_a_part_of_what_there_is() -> None:
    """Where the system says it, it is at least what Python needs; else 0, which is never too much."""
    held = resident_bytes()
    assert held == 0 or 4 << 20 < held < default_bytes_max() / DEFAULT_SHARE
