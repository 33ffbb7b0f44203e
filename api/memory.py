"""Memory: how much this process holds, and how much the machine or the container leaves to it.

Linux says both in files; elsewhere nothing is known, and nobody is sent away for it.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

DEFAULT_SHARE: Final = 0.8
"""What a process may hold of what there is, where nothing else is set; the rest is for what it does in a hurry."""
_STATM: Final = Path("/proc/self/statm")


def resident_bytes() -> int:
    """What this process holds in memory now; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def default_bytes_max(root: Path = Path("/")) -> float:
    """The share of what there is: of the tightest limit of the process's control groups, else of the machine's memory."""
    there_is = [*_group_limits(root), *_physical_bytes(root)]
    return DEFAULT_SHARE * min(there_is, default=float("inf"))


def _group_limits(root: Path) -> Iterator[float]:
    """The limits of the groups that the process is in and of those around them; `max`, or no file, is no limit."""
    folders = {root / "sys/fs/cgroup": "memory.max", root / "sys/fs/cgroup/memory": "memory.limit_in_bytes"}
    for group in _groups(root):
        for top, name in folders.items():
            for place in (group, *group.parents):
                text = _text(top / str(place).lstrip("/") / name).strip()
                if text.isdecimal():
                    yield float(text)


def _groups(root: Path) -> list[PurePosixPath]:
    """The groups of either version that count memory; inside a container the one at the top may be all that is seen."""
    lines = [line.split(":", 2) for line in _text(root / "proc/self/cgroup").splitlines()]
    named = [PurePosixPath(path) for _, kinds, path in lines if not kinds or "memory" in kinds.split(",")]
    return [PurePosixPath("/"), *named]


def _physical_bytes(root: Path) -> Iterator[float]:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            yield float(line.split()[1]) * 1024


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
