"""The faults of a simulation, and which of them a seed has.

A seed has each fault or has not, so that over many seeds each is seen alone, with any other, and all together.
"""

from __future__ import annotations

from random import Random
from typing import Final

CHANCES: Final = {
    "frame.late": 0.15,
    "frame.split": 0.1,
    "frame.early_end": 0.1,
    "bus.lost": 0.3,
    "bus.doubled": 0.2,
    "bus.late": 0.3,
    "store.slow": 0.15,
    "store.refused": 0.08,
    "store.answer_lost": 0.1,
    "store.late": 0.12,
    "hold.answer_lost": 0.4,
    "hold.commit_late": 0.6,
    "node.hangs_in_hold": 0.3,
    "node.dies_in_hold": 0.3,
    "clock.apart": 0.7,
    "clock.uneven": 0.7,
    "node.dies_before_commit": 0.03,
    "node.dies_in_commit": 0.03,
    "node.dies_after_commit": 0.03,
}
"""How often a fault strikes where it may, in a seed that has it."""

WEIGHTS: Final = {
    "cut": 5.0,
    "half_open": 2.5,
    "offline": 5.0,
    "siblings": 3.0,
    "slow_reader": 4.0,
    "crash": 1.2,
    "pause": 1.5,
    "clock_ahead": 1.0,
    "clock_back": 1.5,
    "clock_frozen": 1.5,
    "clock_jump": 2.0,
    "clock_drift": 1.5,
    "store_away": 1.2,
    "store_parted": 1.5,
    "bus_parted": 2.0,
    "bus_away": 1.0,
    "role_change": 3.0,
    "removal": 2.0,
    "list_trash": 1.2,
    "schema_change": 4.0,
    "fold": 2.0,
    "epoch": 1.5,
}
"""What may happen as a step of its own, by how often beside a weight of 100 for people's work."""

CONVERSIONS: Final = {"convert": 6.0}
"""Drawn apart from all others, by so often, so that a seed without it is what it was before there were any."""
WITH_CONVERSIONS: Final = 0.4

NAMES: Final = (*CHANCES, *WEIGHTS)


class Faults:
    """The faults of one seed; `heal` ends them all."""

    def __init__(self, seed: int, random: Random) -> None:
        self._random = random
        if seed % 4 == 0:
            chosen = {NAMES[seed // 4 % len(NAMES)]}
        elif seed % 32 == 1:
            chosen = set(NAMES)
        else:
            share = random.choice((0.1, 0.3, 0.6))
            chosen = {name for name in NAMES if random.random() < share}
        self.chosen = tuple(name for name in NAMES if name in chosen)
        self._chances = {name: CHANCES[name] for name in self.chosen if name in CHANCES}
        self.weights = {name: WEIGHTS[name] for name in self.chosen if name in WEIGHTS}
        self.conversions = Random(f"conversions of {seed}").random() < WITH_CONVERSIONS
        if self.conversions:
            self.chosen += tuple(CONVERSIONS)
            self.weights |= CONVERSIONS

    def strikes(self, name: str) -> bool:
        """Tell whether a fault strikes here and now."""
        chance = self._chances.get(name)
        return chance is not None and self._random.random() < chance

    def heal(self) -> None:
        """From now on nothing fails."""
        self._chances.clear()
        self.weights.clear()
