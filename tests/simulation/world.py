"""The world of a simulation: virtual time, chance, faults, and a trace of all that happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import count
from random import Random

from tests.simulation.faults import Faults

Action = Callable[[], None]


class Violation(AssertionError):
    """Something that must never happen has happened."""


class World:
    """Everything that happens is an action at a virtual time (in seconds); one seed decides all of it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.faults = Faults(seed, self.random)
        self.now = 0.0
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []
        self._queue: list[tuple[float, int, Action]] = []
        self._numbers = count()

    def after(self, delay: float, action: Action) -> None:
        """Let something happen after so many seconds."""
        self.at(self.now + delay, action)

    def at(self, moment: float, action: Action) -> None:
        """Let something happen at a moment; what is to happen at the same one keeps its order."""
        heappush(self._queue, (moment, next(self._numbers), action))

    def between(self, least: float, most: float) -> float:
        """A random number of seconds."""
        return least + (most - least) * self.random.random()

    def strikes(self, fault: str) -> bool:
        """Tell whether a fault strikes here and now, and count it."""
        if not self.faults.strikes(fault):
            return False
        self.counts[fault] += 1
        return True

    def note(self, what: str) -> None:
        """Write something into the trace."""
        self.trace.append(f"{self.now:.6f} {what}")

    def run(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.now + seconds
        queue = self._queue
        while queue and queue[0][0] <= end:
            self.now, _, action = heappop(queue)
            self.counts["events"] += 1
            action()
        self.now = end

    def digest(self) -> str:
        """The hash of the trace."""
        return blake2b("\n".join(self.trace).encode(), digest_size=16).hexdigest()
