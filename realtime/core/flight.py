"""What a ledger has under way at the store, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from auth.roles import Role
from persistence.contract import Batch, LogEntry
from realtime.core.entry import Entry
from realtime.core.reasons import Excessive, Unsound, WritesRefused

Memberships = Mapping[str, tuple[Role, int] | None]
"""The role and version of people's memberships, `None` where one has ended."""
DOUBTS_MAX: Final = 64
RETRY_AFTER: Final = timedelta(milliseconds=250)


@dataclass(slots=True)
class Committing:
    """A batch is at the store; what follows our head meanwhile, as other nodes tell it, is kept in `overheard`."""

    batch: Batch
    entries: list[Entry]
    overheard: list[LogEntry]


class Doubts:
    """The batches that may still be written: their statements were not answered, and the head has not moved since.

    Only the newest are kept, the tries of some 16 seconds: what takes effect later still is taken for another node's.
    """

    def __init__(self) -> None:
        self._flights: dict[UUID, Committing] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def add(self, flight: Committing) -> bool:
        """What became of this batch is not known; tells whether it is the first one."""
        self._flights[flight.batch.batch_id] = flight
        if len(self._flights) > DOUBTS_MAX:
            del self._flights[next(iter(self._flights))]
        return len(self._flights) == 1

    def of(self, batch_id: UUID) -> Committing | None:
        """The batch with this id, if it is in doubt."""
        return self._flights.get(batch_id)

    def clear(self) -> None:
        """The head has moved: none of them can be written any more."""
        self._flights.clear()


@dataclass(slots=True)
class Fetching:
    """The log after our head is being read; `refused`: there must be something in it, since a batch was refused."""

    refused: bool
    retry_at: datetime | None = None

    def due_again(self, now: datetime) -> list[datetime]:
        """When it is to be read again, if it failed: never later than `RETRY_AFTER` from now, since clocks go back."""
        if self.retry_at is None:
            return []
        self.retry_at = min(self.retry_at, now + RETRY_AFTER)
        return [self.retry_at]

    def woken(self, planned: datetime | None, now: datetime) -> bool:
        """Whether it is read again now that the moment `planned` has come; the clock may stand still meanwhile."""
        if self.retry_at is None or (planned is not None and max(planned, now) < self.retry_at):
            return False
        self.retry_at = None
        return True


@dataclass(frozen=True, slots=True)
class Shown:
    """Something is durable: the message that shows it (`None` if there is nothing to see), our entries, and their log."""

    message: bytes | None
    entries: Sequence[Entry]
    log: Sequence[LogEntry] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that, judged again, can't be taken any more."""

    entry: Entry
    error: WritesRefused | Unsound | Excessive


def under(memberships: Memberships, entries: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
    """The entries with the rights that their people have now, without those of who is no member; the requests among the latter."""
    kept, dropped = [], []
    for entry in entries:
        membership = memberships.get(entry.principal.user_id, ())
        if membership is None:
            dropped.append(entry.request)
            continue
        if membership:
            role, version = membership
            entry.principal = replace(entry.principal, role=role, membership_version=version)
        kept.append(entry)
    return kept, [request for request in dropped if request is not None]
