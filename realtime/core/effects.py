"""What a room wants done: the effects of its decision function, carried out in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from persistence.contract import Batch, LogEntry
from realtime.core.closing import CloseCode
from realtime.core.messages import PresenceEntry
from realtime.core.reasons import Reason, RowRefusal


@dataclass(frozen=True, slots=True)
class Send:
    """Write a message to one socket."""

    session: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Write one message to many sockets."""

    sessions: Sequence[str]
    message: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """Hand a batch to the store; answered by `Answered` or `Unanswered`."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read the log after a number; answered by `Fetched` or `Unanswered`. `hold`: nobody else is to commit until we have."""

    after: int
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Send `Rested` in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell the other nodes what is durable: the log up to `head`, these entries being the last of it."""

    epoch: int
    head: int
    entries: Sequence[LogEntry]


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the other nodes where our people are; `asking`: and want to know where theirs are."""

    entries: tuple[PresenceEntry, ...]
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A request's writes are durable and shown."""

    request: str
    head: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """A request was refused: (number of the write, reason), and more of imported rows; nothing of it was written."""

    request: str
    refusals: Sequence[tuple[int, Reason]]
    rows: Sequence[RowRefusal] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """Close a socket of `user` with a code and a sentence."""

    session: str
    code: int
    sentence: str
    user: str


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send `Woken` at this moment; a later `WakeAt` replaces an earlier one."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Abandon:
    """The room can't go on: close every socket with this code, fail what still waits, and forget the room."""

    code: int
    sentence: str


OVERLOADED: Final = Abandon(CloseCode.TRY_AGAIN_LATER, "The list is overloaded; try again in a moment.")
REBUILT: Final = Abandon(CloseCode.STALE_EPOCH, "This list was rebuilt; load it again.")

ToNodes = Publish | Announce
"""What goes to the other nodes. Any of it may be lost."""

Effect = Abandon | Send | Broadcast | Commit | Fetch | ToNodes | Reply | Refuse | Close | Rest | WakeAt
