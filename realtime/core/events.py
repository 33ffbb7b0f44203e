"""What can happen to a room: the events of its decision function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import CommitResult, LogEntry, Source
from realtime.core.closing import CloseCode
from realtime.core.messages import PresenceEntry
from realtime.core.writes import Write


@dataclass(frozen=True, slots=True)
class Joined:
    """A socket has been let in; `control` where it asked for our control messages; `copy`: the epoch of its copy, if it said."""

    session: str
    principal: Principal
    hue: int
    control: bool
    copy: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A socket is gone."""

    session: str


@dataclass(frozen=True, slots=True)
class Received:
    """A frame has arrived on a socket."""

    session: str
    frame: bytes


@dataclass(frozen=True, slots=True)
class Requested:
    """A door of the server asks for writes; answered by `Reply` or `Refuse` with the same request id."""

    request: str
    principal: Principal
    source: Source
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The store has answered a commit."""

    result: CommitResult


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The store has not answered a commit or a fetch: what became of it is unknown."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The log after our head, in order."""

    entries: Sequence[LogEntry]


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """A membership changed; `role` is `None` where it ended."""

    user_id: str
    role: Role | None
    version: int


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A socket has lost what it rests on: it is closed with this code and sentence."""

    session: str
    code: CloseCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """A socket has brought a fresh access token: it may stay until then (`None` = as long as its sign-in)."""

    session: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkspaceKnown:
    """The workspace as the database has it now.

    Link columns may point into its `lists`; cells may name its `members` (`None`: nothing is said of them), as of this sum
    of the versions of all memberships.
    """

    lists: frozenset[str]
    members: frozenset[str] | None = None
    members_version: int = 0


@dataclass(frozen=True, slots=True)
class Congested:
    """A socket's outbox is full: what is shown from now on is not written to it."""

    session: str


@dataclass(frozen=True, slots=True)
class Drained:
    """A congested socket has taken everything that was written to it."""

    session: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The list is at this epoch and head, says another node or the database; `entries`, if given, are the log up to there."""

    epoch: int
    head: int
    entries: Sequence[LogEntry] = ()


@dataclass(frozen=True, slots=True)
class Overheard:
    """Another node says where its people are; `asking`: it has just opened the list and wants to know where ours are."""

    node: str
    entries: tuple[PresenceEntry, ...]
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """The list has been put into the trash or deleted."""


@dataclass(frozen=True, slots=True)
class Rested:
    """What `Rest` asked for is over."""


@dataclass(frozen=True, slots=True)
class Woken:
    """The moment of the last `WakeAt` has come."""


News = RightsChanged | Dismissed | Renewed | WorkspaceKnown
"""What a room hears of rights."""

Event = (
    Joined
    | Left
    | Received
    | Requested
    | Answered
    | Unanswered
    | Fetched
    | News
    | Congested
    | Drained
    | Heard
    | Overheard
    | Removed
    | Rested
    | Woken
)
