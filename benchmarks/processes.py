"""Processor time: what the server's process, its PostgreSQL and the driver itself have used so far."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processor time, user and system, and the seconds that passed. Two usages can be subtracted."""

    server: float
    database: float
    driver: float
    passed: float

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(
            self.server - earlier.server,
            self.database - earlier.database,
            self.driver - earlier.driver,
            self.passed - earlier.passed,
        )


class Processes:
    """The processes of one server: its own, and those of its database (`None` where it has none)."""

    def __init__(self, server: int, database: int | None) -> None:
        self._server = psutil.Process(server)
        self._database = None if database is None else psutil.Process(database)
        self._driver = psutil.Process()

    def usage(self) -> Usage:
        """What they have used until this moment; ticks of 10 ms."""
        return Usage(
            _own_seconds(self._server),
            0.0 if self._database is None else _family_seconds(self._database),
            _own_seconds(self._driver),
            time.perf_counter(),
        )

    def server_bytes(self) -> int:
        """The resident memory of the server's process."""
        return int(self._server.memory_info().rss)


def postmaster_pid(folder: Path) -> int:
    """The process id of the PostgreSQL that runs below a state folder."""
    (pid_file,) = folder.rglob("postmaster.pid")
    return int(pid_file.read_text(encoding="utf-8").splitlines()[0])


def _own_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _family_seconds(parent: psutil.Process) -> float:
    """A process, its living descendants, and the children that it has waited for."""
    ended = parent.cpu_times()
    total = _own_seconds(parent) + float(ended.children_user + ended.children_system)
    for child in parent.children(recursive=True):
        try:
            total += _own_seconds(child)
        except psutil.NoSuchProcess:  # it ended between the two calls; its parent has its times from now on
            continue
    return total
