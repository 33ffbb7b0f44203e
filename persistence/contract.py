"""The store contract of the realtime engine: what one commit of a list holds, and what comes back.

Two implementations keep it (PostgreSQL and memory), and one contract suite runs on both. Everything here is a plain value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from persistence.fills import ColumnFill

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Source(StrEnum):
    """The door through which an edit came in."""

    SOCKET = "socket"
    API = "api"
    IMPORT = "import"
    RESTORE = "restore"
    SYSTEM = "system"


class FactKind(StrEnum):
    """What a fact speaks about; the first part of its name in the list document."""

    META = "meta"
    COLUMN = "column"
    VIEW = "view"
    COMMENT = "comment"
    SEGMENT = "segment"
    GENERATION = "generation"
    ROW = "row"
    CELL = "cell"
    ELEMENT = "element"
    TRASH = "trash"


class Fact(NamedTuple):
    """One visible change: what was there before and what is there now (`None` = nothing).

    | kind | row | column | entity | attribute | values |
    | meta | | | | name, description, ... | scalar |
    | column | | column id | | name, type, ..., `option:<id>` | JSON |
    | view | | | view id | name, kind, ... | JSON |
    | comment | row of the comment | | comment id | `""`, body, resolved, deleted | JSON |
    | row | row id | | | | position |
    | cell | row id | column id | | | value |
    | element | row id | column id | | element id | true or false |
    | trash | row id | | | | `{by, at}` |
    | generation | | | | | none: a refused edit that nobody would have seen |
    """

    kind: FactKind
    row: str | None = None
    column: str | None = None
    entity: str | None = None
    attribute: str | None = None
    old: Json = None
    new: Json = None


class AuditEntry(NamedTuple):
    """A fact as it stands in the audit log: who, through which door, when; a refusal carries its reason.

    `update` is the position (from 0) in the batch of the update that the entry belongs to; entries of one update are numbered in the order given.
    """

    update: int
    fact: Fact
    actor: str
    source: Source
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedUpdate:
    """One Yjs update (v1 bytes) in the list's log."""

    actor: str
    source: Source
    update: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class RowPatch:
    """What a batch changes in one row of the relational snapshot.

    `cells` holds the new merged value of each changed column (`None` = empty; arrays for set-valued columns).
    `position` is `None` where it did not change. `trashed` is `None` where it did not change, else whether it is in the trash. `update` is the batch position of the last update that touched the row.
    """

    row: str
    update: int
    actor: str
    at: datetime
    cells: Mapping[str, Json] = field(default_factory=dict)
    position: str | None = None
    trashed: bool | None = None


@dataclass(frozen=True, slots=True)
class LinkPatch:
    """A link that a batch adds (`present`) or removes."""

    row: str
    column: str
    target_list: str
    target_row: str
    present: bool


@dataclass(frozen=True, slots=True)
class CommentPatch:
    """The whole of one comment as it stands after the batch."""

    comment: str
    row: str
    column: str | None
    parent: str | None
    author: str
    at: datetime
    body: str
    mentions: Sequence[str] = ()
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    deleted_by: str | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BulkRecord:
    """One row that an import or a generator makes, whole.

    `update` is the batch position of the update that brought it: its actor, source and time are the row's, and
    the row's one audit fact is numbered after the batch's own entries of that update. `links` holds
    (column, target list, target row).
    """

    row: str
    position: str
    cells: Mapping[str, Json]
    links: Sequence[tuple[str, str, str]] = ()
    update: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one commit of a list writes, or none of it.

    `memberships` maps each acting user to the membership version that their edits were judged under; `schema` and `name` are given
    when the batch changed them, `opened_at` when it began a generation, `folded` when it dropped the older; `client_ids` are new ones. `records` are
    rows that are new to the list, none of which is in `rows`; each has one audit fact.
    """

    list_id: str
    batch_id: UUID
    epoch: int
    expected_head: int
    updates: Sequence[LoggedUpdate]
    audit: Sequence[AuditEntry] = ()
    rows: Sequence[RowPatch] = ()
    links: Sequence[LinkPatch] = ()
    comments: Sequence[CommentPatch] = ()
    client_ids: Mapping[int, str] = field(default_factory=dict)
    memberships: Mapping[str, int] = field(default_factory=dict)
    schema: Json = None
    name: str | None = None
    opened_at: datetime | None = None
    folded: bool = False
    fills: Sequence[ColumnFill] = ()
    records: Sequence[BulkRecord] = ()


@dataclass(frozen=True, slots=True)
class NewList:
    """A list that is about to be made; its schema and its head come with its first batch."""

    list_id: str
    workspace_id: str
    name: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Committed:
    """The batch is durable; its updates have the numbers `expected_head + 1` to `head`."""

    head: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: the list's head or epoch had moved, or the list is gone."""


@dataclass(frozen=True, slots=True)
class RightsMoved:
    """Nothing was written: these users' memberships changed after their edits had been judged.

    Maps each to the role and version that hold now, or to `None` where the membership ended.
    """

    memberships: Mapping[str, tuple[str, int] | None]


CommitResult = Committed | Conflict | RightsMoved


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One committed update with its number in the list's log, the batch that it came in, and who brought it."""

    seq: int
    update: bytes
    batch_id: UUID
    actor: str


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list as a room needs it: the last full state (if any), the log after it, and who owns which client id."""

    list_id: str
    workspace_id: str
    epoch: int
    head: int
    state: bytes | None
    state_seq: int
    log: Sequence[LogEntry]
    client_owners: Mapping[int, str]
    members: frozenset[str]
    lists: frozenset[str] = frozenset()
    """The lists of its workspace that are not in the trash: those that a link column may point into."""
    members_version: int = 0
    """The versions of all memberships of its workspace, the ended ones too, added up: it grows with every change."""


HOLD_SECONDS: Final = 2.0


class ListStore(Protocol):
    """The log of every list, and the one transaction that writes log, audit and rows together.

    Any method may raise `StoreUnavailable`; after it the outcome of a commit is unknown, and the caller learns
    it from `updates_after` by the batch's id.
    """

    async def open_list(self, list_id: str) -> OpenedList | None:
        """Read a list for a room; `None` when it does not exist, or it or its workspace is in the trash.

        Raises `ListBroken` where what is stored does not make the list's document.
        """

    async def updates_after(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read the log after `seq`, in order. Raises `ListBroken` where some of it is gone, `OtherEpoch` if it is not `epoch`'s."""

    async def hold(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read as `updates_after` does, and let nobody else commit to the list until our next commit, `HOLD_SECONDS` at most.

        For a node that has lost the race for the next number again and again. Where nobody else can come between, it just
        reads.
        """

    async def commit(self, batch: Batch) -> CommitResult:
        """Write the batch in one transaction, if the list's head is still `expected_head`.

        A membership that moved is told even if the head has moved as well. A client id keeps its first owner.
        """

    async def create_list(self, new: NewList, batch: Batch, records: Iterable[BulkRecord] = ()) -> CommitResult:
        """Make a list with its first batch (`expected_head` 0, `epoch` 1) and rows, or nothing; `Conflict` if its id is taken.

        The rows are written as those of `Batch.records`; they are read once, and not at all where nothing is written.
        """

    async def create_lists(self, lists: Sequence[tuple[NewList, Batch]]) -> CommitResult:
        """Make several lists in one transaction: all, or none if one cannot be made, whose result comes back."""


class ListBroken(Exception):
    """What is stored of a list does not make its document. It is neither served nor overwritten; somebody has to look at it."""

    def __init__(self, list_id: str, why: str) -> None:
        super().__init__(f"The list {list_id} cannot be read: {why}.")
        self.list_id = list_id


class StoreUnavailable(Exception):
    """The store could not be reached or did not answer; the call may or may not have taken effect."""
