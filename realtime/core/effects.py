"""What a room wants done: the effects of its decision function, carried out in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from persistence.contract import Batch
from realtime.core.reasons import Reason


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
    """Read the log after a number; answered by `Fetched` or `Unanswered`."""

    after: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A request's writes are durable and shown."""

    request: str
    head: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """A request was refused: (number of the write, reason); nothing of it was written."""

    request: str
    refusals: Sequence[tuple[int, Reason]]


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


Effect = Abandon | Send | Broadcast | Commit | Fetch | Reply | Refuse | Close | WakeAt
