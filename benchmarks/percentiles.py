"""The spread of many times: its median, its high percentiles and its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """How times are spread, in the unit of the times. Without any time everything is 0."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, times: Iterable[float]) -> Self:
        """The spread of some times (nearest rank)."""
        ordered = sorted(times)
        if not ordered:
            return cls(0, 0.0, 0.0, 0.0, 0.0)

        def at(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)

        return cls(len(ordered), at(0.5), at(0.95), at(0.99), round(ordered[-1], 4))
