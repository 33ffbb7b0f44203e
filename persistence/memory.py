"""The list store in memory: the reference that the PostgreSQL one is compared with, and the store of simulations.

It keeps the contract by doing everything in the simplest order, one patch after another, without awaiting
anything in between: so each call happens as a whole, as a transaction does.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auth.roles import Role
from persistence.contract import (
    AuditEntry,
    Batch,
    BulkRecord,
    CommentPatch,
    CommitResult,
    Committed,
    Conflict,
    Fact,
    FactKind,
    Json,
    LogEntry,
    NewList,
    OpenedList,
    RightsMoved,
    RowPatch,
)
from persistence.fills import ColumnFill
from persistence.payload import revised
from persistence.states import OtherEpoch, StoredDocument, check_log, check_whole


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's membership in a workspace; its version grows with every change, its end included."""

    role: Role
    version: int = 1
    active: bool = True


@dataclass(slots=True)
class StoredRow:
    """A row of the relational snapshot; an empty cell has no key in `cells`."""

    position: str
    seq: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    cells: dict[str, Json] = field(default_factory=dict)
    trashed_at: datetime | None = None
    trashed_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFact:
    """An entry of the audit log with its number."""

    seq: int
    ordinal: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class StoredState:
    """A full state of a list's document, which holds the log up to `seq`."""

    epoch: int
    seq: int
    state: bytes


@dataclass(slots=True)
class StoredList:
    """Everything that is kept of one list.

    `links` maps (row, column, target row) to the target list; `facts_of` counts the facts of each update.
    """

    workspace_id: str
    name: str
    head: int = 0
    epoch: int = 1
    schema: Json = field(default_factory=dict)
    trashed: bool = False
    log: list[LogEntry] = field(default_factory=list)
    logged_at: dict[int, datetime] = field(default_factory=dict)
    rows: dict[str, StoredRow] = field(default_factory=dict)
    links: dict[tuple[str, str, str], str] = field(default_factory=dict)
    comments: dict[str, CommentPatch] = field(default_factory=dict)
    facts: list[StoredFact] = field(default_factory=list)
    facts_of: Counter[int] = field(default_factory=Counter)
    client_owners: dict[int, str] = field(default_factory=dict)
    state: StoredState | None = None
    generation_at: datetime | None = None


class MemoryListStore:
    """`ListStore` on plain dictionaries, which are open to whoever sets a scene.

    `members` maps workspace and user to the membership; `trashed_workspaces` are in the trash with all their lists.
    """

    def __init__(self) -> None:
        self.lists: dict[str, StoredList] = {}
        self.members: dict[str, dict[str, Membership]] = {}
        self.trashed_workspaces: set[str] = set()

    async def open_list(self, list_id: str) -> OpenedList | None:
        """Read a list as it stands; `None` when it, or its workspace, is missing or in the trash."""
        kept = self.lists.get(list_id)
        if kept is None or self._in_trash(kept):
            return None
        members = self.members.get(kept.workspace_id, {})
        document = document_of(list_id, kept)
        return OpenedList(
            list_id=list_id,
            workspace_id=kept.workspace_id,
            epoch=kept.epoch,
            head=kept.head,
            state=document.state,
            state_seq=document.state_seq,
            log=document.log,
            client_owners=dict(kept.client_owners),
            members=frozenset(user for user, membership in members.items() if membership.active),
            members_version=sum(membership.version for membership in members.values()),
            lists=frozenset(
                name
                for name, other in self.lists.items()
                if other.workspace_id == kept.workspace_id and not other.trashed
            ),
        )

    async def updates_after(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read the log entries with numbers above `seq`, in order; none for a list that does not exist. Raises `OtherEpoch`."""
        kept = self.lists.get(list_id)
        if kept is None:
            return []
        if epoch not in (None, kept.epoch):
            raise OtherEpoch
        log = [entry for entry in kept.log if entry.seq > seq]
        check_log(list_id, min(seq, kept.head), kept.head, log)
        return log

    async def hold(self, list_id: str, seq: int, epoch: int | None = None) -> Sequence[LogEntry]:
        """Read the log entries; whoever shares this store may still come between."""
        return await self.updates_after(list_id, seq, epoch)

    async def commit(self, batch: Batch) -> CommitResult:
        """Write the batch, or nothing of it."""
        return self._commit(batch, batch.records)

    async def create_list(self, new: NewList, batch: Batch, records: Iterable[BulkRecord] = ()) -> CommitResult:
        """Make the list with its first batch and its rows; where that fails there is no list."""
        assert batch.list_id == new.list_id, "the first batch is the new list's own"
        if new.list_id in self.lists:
            return Conflict()
        self.lists[new.list_id] = StoredList(workspace_id=new.workspace_id, name=new.name)
        result = self._commit(batch, records)
        if not isinstance(result, Committed):
            del self.lists[new.list_id]
        return result

    async def create_lists(self, lists: Sequence[tuple[NewList, Batch]]) -> CommitResult:
        """Make the lists one after the other; where one fails those before it are taken back."""
        result: CommitResult = Conflict()
        for made, (new, batch) in enumerate(lists):
            result = await self.create_list(new, batch)
            if not isinstance(result, Committed):
                for before, _ in lists[:made]:
                    del self.lists[before.list_id]
                break
        return result

    def _commit(self, batch: Batch, records: Iterable[BulkRecord]) -> CommitResult:
        assert batch.updates, "a batch without updates has nothing to number"
        kept = self.lists.get(batch.list_id)
        if kept is None:
            return Conflict()
        moved = self._moved(kept.workspace_id, batch)
        if moved:
            return RightsMoved(moved)
        if self._in_trash(kept) or (kept.head, kept.epoch) != (batch.expected_head, batch.epoch):
            return Conflict()
        _write(kept, batch)
        for record in records:
            _write_record(kept, batch, record)
        for fill in batch.fills:  # maybe of rows that have just come
            _fill(kept, fill)
        return Committed(kept.head)

    def _in_trash(self, kept: StoredList) -> bool:
        return kept.trashed or kept.workspace_id in self.trashed_workspaces

    def _moved(self, workspace_id: str, batch: Batch) -> dict[str, tuple[str, int] | None]:
        current = self.members.get(workspace_id, {})
        moved: dict[str, tuple[str, int] | None] = {}
        for user, judged_version in batch.memberships.items():
            membership = current.get(user)
            if membership is None or not membership.active:
                moved[user] = None
            elif membership.version != judged_version:
                moved[user] = (membership.role.value, membership.version)
        return moved


def document_of(list_id: str, kept: StoredList) -> StoredDocument:
    """What makes the list's document: the state of its epoch, and the log after it. Raises `ListBroken`."""
    state = kept.state if kept.state is not None and kept.state.epoch == kept.epoch else None
    payload, seq = (None, 0) if state is None else (state.state, state.seq)
    log = [entry for entry in kept.log if entry.seq > seq]
    document = StoredDocument(list_id, kept.epoch, kept.head, payload, seq, log)
    check_whole(document)
    return document


def _write(kept: StoredList, batch: Batch) -> None:
    first = batch.expected_head + 1
    kept.log += [
        LogEntry(first + n, entry.update, batch.batch_id, entry.actor) for n, entry in enumerate(batch.updates)
    ]
    kept.logged_at |= {first + n: entry.at for n, entry in enumerate(batch.updates)}
    kept.head += len(batch.updates)
    for entry in batch.audit:
        _write_fact(kept, first + entry.update, entry)
    for patch in batch.rows:
        _write_row(kept, first + patch.update, patch)
    for link in batch.links:
        key = (link.row, link.column, link.target_row)
        if link.present:
            kept.links[key] = link.target_list
        else:
            kept.links.pop(key, None)
    for comment in batch.comments:
        kept.comments[comment.comment] = revised(kept.comments.get(comment.comment, comment), comment)
    for client_id, user in batch.client_ids.items():
        kept.client_owners.setdefault(client_id, user)
    if batch.schema is not None:
        kept.schema = batch.schema
    if batch.name is not None:
        kept.name = batch.name
    kept.generation_at = None if batch.folded else batch.opened_at or kept.generation_at


def _fill(kept: StoredList, fill: ColumnFill) -> None:
    for row, value in fill.values.items():
        kept.rows[row].cells.pop(fill.column, None)
        if value is not None:
            kept.rows[row].cells[fill.column] = value
        for link in [link for link in kept.links if link[:2] == (row, fill.column)]:
            del kept.links[link]
        if fill.target_list is not None and isinstance(value, list):
            kept.links |= {(row, fill.column, str(target)): fill.target_list for target in value}


def _write_fact(kept: StoredList, seq: int, entry: AuditEntry) -> None:
    kept.facts.append(StoredFact(seq, kept.facts_of[seq], entry))
    kept.facts_of[seq] += 1


def _write_row(kept: StoredList, seq: int, patch: RowPatch) -> None:
    row = kept.rows.get(patch.row)
    if row is None:
        assert patch.position is not None, "a new row has a position"
        row = StoredRow(patch.position, seq, patch.at, patch.actor, patch.at, patch.actor)
        kept.rows[patch.row] = row
    row.seq, row.updated_at, row.updated_by = seq, patch.at, patch.actor
    row.position = row.position if patch.position is None else patch.position
    for column, value in patch.cells.items():
        if value is None:
            row.cells.pop(column, None)
        else:
            row.cells[column] = value
    if patch.trashed is not None:
        row.trashed_at, row.trashed_by = (patch.at, patch.actor) if patch.trashed else (None, None)


def _write_record(kept: StoredList, batch: Batch, record: BulkRecord) -> None:
    assert record.row not in kept.rows, "a record of a batch is new to its list"
    update = batch.updates[record.update]
    seq = batch.expected_head + 1 + record.update
    patch = RowPatch(record.row, record.update, update.actor, update.at, record.cells, record.position)
    _write_row(kept, seq, patch)
    for column, target_list, target_row in record.links:
        kept.links[record.row, column, target_row] = target_list
    fact = Fact(FactKind.ROW, row=record.row, new=record.position)
    _write_fact(kept, seq, AuditEntry(record.update, fact, update.actor, update.source, update.at))
