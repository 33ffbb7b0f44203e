"""What a ledger has under way at the store, and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from persistence.contract import Batch, LogEntry
from realtime.core.entry import Entry
from realtime.core.reasons import Excessive, Unsound, WritesRefused


@dataclass(slots=True)
class Committing:
    """A batch is at the store; what follows our head meanwhile, as other nodes tell it, is kept in `overheard`."""

    batch: Batch
    entries: list[Entry]
    overheard: list[LogEntry]


@dataclass(slots=True)
class Fetching:
    """The log after our head is being read; `refused`: there must be something in it, since a batch was refused."""

    refused: bool
    retry_at: datetime | None = None


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
