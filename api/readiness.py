"""Readiness: may new people be sent to this node? A balancer asks `/readyz`, and sends nobody to a node that answers 503.

The database must answer and be migrated, and the node must neither be on its way out nor have its memory full. What a node can do without is told,
and leaves it ready.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.contract import StoreUnavailable
from persistence.revision import is_migrated

ANSWER_SECONDS_MAX: Final = 3.0


class Condition(StrEnum):
    """How something that a node needs is."""

    OK = "ok"
    DOWN = "down"
    NOT_MIGRATED = "not_migrated"
    DEGRADED = "degraded"
    DRAINING = "draining"
    MEMORY_FULL = "memory_full"


_READY: Final = frozenset({Condition.OK, Condition.DEGRADED})


@dataclass
class Readiness:
    """What one node says of itself. `spare` holds what it can do without, by name: each tells whether that works."""

    node: str
    spare: dict[str, Callable[[], bool]] = field(default_factory=dict)
    draining: bool = False
    full: Callable[[], bool] = lambda: False
    """Tells whether the process holds more than it may."""

    def drain(self) -> None:
        """Ask to be sent nobody any more; there is no way back."""
        self.draining = True

    async def examine(self, engine: AsyncEngine) -> "Examination":
        """Look at everything; takes at most `ANSWER_SECONDS_MAX`, and does not fail."""
        node = Condition.DRAINING if self.draining else Condition.MEMORY_FULL if self.full() else Condition.OK
        spare = {name: Condition.OK if works() else Condition.DEGRADED for name, works in self.spare.items()}
        return Examination(self.node, {"node": node, "database": await _database(engine)} | spare)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, by what was looked at."""

    node: str
    checks: Mapping[str, Condition]

    @property
    def ready(self) -> bool:
        """People may be sent here."""
        return _READY.issuperset(self.checks.values())

    @property
    def status(self) -> str:
        """The whole in one word: `ok`, `degraded` or `unavailable`."""
        if not self.ready:
            return "unavailable"
        return "ok" if set(self.checks.values()) == {Condition.OK} else "degraded"


async def _database(engine: AsyncEngine) -> Condition:
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX), engine.connect() as connection:
            return Condition.OK if await is_migrated(connection) else Condition.NOT_MIGRATED
    except (OSError, SQLAlchemyError, StoreUnavailable):  # refused, broken, too slow, or not to be asked
        return Condition.DOWN
