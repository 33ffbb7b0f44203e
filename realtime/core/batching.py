"""From the entries that wait to the batch that one statement commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from persistence.contract import AuditEntry, Batch, BulkRecord, CommentPatch, Fact, FactKind, Json, LoggedUpdate, Source
from persistence.fills import ColumnFill
from realtime.core import keys
from realtime.core.comments import comment_patch
from realtime.core.draft import Draft
from realtime.core.entry import Entry
from realtime.core.soundness import Absent
from realtime.core.writes import DropGenerations, FillColumn, OpenGeneration
from snapshots.bulk_records import bulk_records
from snapshots.patches import row_patches, with_records
from snapshots.values import normalise

_UNSEEN: Final = Fact(FactKind.GENERATION)
"""What the audit says of a refused edit that nobody would have seen: that there was one."""


def make_batch(list_id: str, epoch: int, head: int, batch_id: UUID, entries: Sequence[Entry], draft: Draft) -> Batch:
    """Make the batch of `entries`, which are all that the draft holds beyond what is committed.

    Each entry has an emitted update; patches are the draft's values after the last of them.
    """
    audit = [entry for number, waiting in enumerate(entries) for entry in _audit(number, waiting)]
    visible = [entry.fact for entry in audit if entry.reason is None]
    meta = [fact for fact in visible if fact.kind is FactKind.META]
    with draft.document.change:  # one transaction for all reads
        patches = row_patches(audit, draft.schema(), draft.document.members)
    records = {
        record.row: record for number, waiting in enumerate(entries) for record in _records(number, waiting, draft)
    }
    if edited := [records.pop(patch.row) for patch in patches.rows if patch.row in records]:
        audit += [_row_entry(record, entries[record.update]) for record in edited]
        patches = with_records(patches, edited)
    upkeep = [(entry.at, write) for entry in entries if entry.source is Source.SYSTEM for write in entry.origin]
    changed_schema = any(fact.kind is FactKind.COLUMN or fact.attribute == "primary" for fact in visible)
    return Batch(
        list_id=list_id,
        batch_id=batch_id,
        epoch=epoch,
        expected_head=head,
        updates=[LoggedUpdate(e.principal.user_id, e.source, e.emitted or b"", e.at) for e in entries],
        audit=audit,
        rows=patches.rows,
        links=patches.links,
        comments=_comments(visible, draft),
        client_ids={
            client: entry.principal.user_id
            for entry in entries
            for client in entry.claims
            if client not in draft.owners.persisted
        },
        memberships=_memberships(entries),
        schema=draft.schema().to_json() if changed_schema else None,
        name=next((str(f.new) for f in reversed(meta) if f.attribute == "name"), None),
        opened_at=next((at for at, write in upkeep if isinstance(write, OpenGeneration)), None),
        folded=any(isinstance(write, DropGenerations) for _, write in upkeep),
        fills=[_fill(write, draft) for _, write in upkeep if isinstance(write, FillColumn)],
        records=tuple(records.values()),
    )


def _fill(write: FillColumn, draft: Draft) -> ColumnFill:
    column = draft.schema().columns[write.column]
    values = {row: normalise(column, value) for row, value in write.values.items()}
    return ColumnFill(column.id, column.target_list, values)


def _records(number: int, entry: Entry, draft: Draft) -> Iterator[BulkRecord]:
    """The rows that an entry has imported."""
    columns = draft.schema().columns
    for segment in entry.segments:
        yield from bulk_records([columns[column] for column in segment.columns], segment.rows, number)


def _row_entry(record: BulkRecord, entry: Entry) -> AuditEntry:
    """The fact of an imported row that the same batch edits."""
    fact = Fact(FactKind.ROW, row=record.row, new=record.position)
    return AuditEntry(record.update, fact, entry.principal.user_id, entry.source, entry.at)


def _memberships(entries: Sequence[Entry]) -> dict[str, int]:
    """The version of each person's membership that the oldest of their entries was judged by; the system is no member."""
    versions: dict[str, int] = {}
    for entry in (entry for entry in entries if entry.source is not Source.SYSTEM):
        user, version = entry.principal.user_id, entry.principal.membership_version
        versions[user] = min(version, versions.get(user, version))
    return versions


def _audit(number: int, entry: Entry) -> list[AuditEntry]:
    user, source, at = entry.principal.user_id, entry.source, entry.at
    facts = [AuditEntry(number, fact, user, source, at) for fact in entry.facts]
    refused = [
        AuditEntry(number, refusal.fact or _UNSEEN, user, source, at, refusal.reason.value)
        for refusal in entry.refusals
    ]
    return [*facts, *refused]


def _comments(visible: Sequence[Fact], draft: Draft) -> list[CommentPatch]:
    touched = dict.fromkeys(fact.entity for fact in visible if fact.kind is FactKind.COMMENT and fact.entity)
    patches = (comment_patch(comment, partial(_attribute, draft, comment)) for comment in touched)
    return [patch for patch in patches if patch is not None]


def _attribute(draft: Draft, comment: str, name: str) -> Json:
    value = draft.document.read(f"{keys.COMMENTS}/{comment}{':' if name else ''}{name}")
    return None if isinstance(value, Absent) else value
