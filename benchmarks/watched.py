"""The processes of a server with its worker: what they use while something goes on."""

import threading
from collections.abc import Iterator
from typing import Final, Self

import psutil

from tests.e2e.house import House

_MIB: Final = 1 << 20
_LOOK_SECONDS: Final = 0.02


class Watched:
    """What the processes of a server use from entry to exit: seconds of a processor, and the most memory in mebibytes."""

    def __init__(self, house: House) -> None:
        self._server = psutil.Process(house.pid)
        self._before: dict[str, float] = {}
        self._ending = threading.Event()
        self._looking = threading.Thread(target=self._look)
        self._readers: dict[int, float] = {}
        self.cpu: dict[str, float] = {}
        self.peak = dict.fromkeys(("worker", "reader", "server"), 0.0)

    def __enter__(self) -> Self:
        """Begin."""
        self._before = self._usage()
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Come to the end."""
        self._ending.set()
        self._looking.join()
        after = self._usage()
        self.cpu = {name: round(after[name] - self._before[name], 2) for name in after}
        self.cpu["reader"] = round(sum(self._readers.values()), 2)

    def _usage(self) -> dict[str, float]:
        used = dict.fromkeys(("worker", "reader", "server", "PostgreSQL"), 0.0)
        for role, process in self._processes():
            if role != "reader":
                used[role] += _seconds(process)
        return used

    def _processes(self) -> Iterator[tuple[str, psutil.Process]]:
        yield "server", self._server
        for process in self._server.children(recursive=True):
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if words[-2:] == ["api.cli", "worker"]:
                yield "worker", process
            elif words[-1:] == ["snapshots.importing.child"]:
                yield "reader", process
            elif words and "postgres" in words[0]:
                yield "PostgreSQL", process

    def _look(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            for role, process in self._processes():
                try:
                    if role in self.peak:
                        self.peak[role] = max(self.peak[role], process.memory_info().rss / _MIB)
                    if role == "reader":
                        self._readers[process.pid] = _seconds(process)
                except psutil.Error:
                    continue


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
