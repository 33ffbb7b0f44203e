"""The audit of a workspace: its events, what was refused in its lists, and what changed the lists themselves.

Two logs are read as one, newest first. Edits of rows are not in it: each row has its own history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    Tuple,
    cast,
    false,
    literal,
    null,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import Json, Source
from persistence.events import Act
from persistence.tables import AUDITED, events, facts, lists, users
from snapshots.cursors import read_cursor, write_cursor
from snapshots.history import moment_of, ordinal_of

AUDIT_PAGE_MAX: Final = 1_000
_ORDER: Final = "audit"
_INCIDENTS: Final = (Act.CALL_REFUSED.value, Act.SOCKET_CLOSED.value)


class AuditKind(StrEnum):
    """What an entry of the audit is."""

    ACT = "act"
    INCIDENT = "incident"
    REFUSAL = "refusal"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries: of one actor, about one list, of one kind; from a cursor on, so many at once (1 to 1,000)."""

    limit: int = 100
    cursor: str | None = None
    actor: str | None = None
    list_id: str | None = None
    kind: AuditKind | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry. `action` is an act, or the kind of the fact; `subject` a person, a list or the workspace.

    `row`, `column`, `entity`, `attribute`, `old`, `new`, `source` and `reason` are those of a fact, `detail` an event's.
    """

    kind: AuditKind
    action: str
    at: datetime
    actor: str
    actor_name: str | None
    list_id: str | None
    list_name: str | None
    subject: str | None
    subject_name: str | None
    row: str | None
    column: str | None
    entity: str | None
    attribute: str | None
    old: Json
    new: Json
    source: Source | None
    reason: str | None
    detail: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; `next_cursor` leads to older ones."""

    records: Sequence[AuditRecord]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended: entries are ordered by time, then list (events have none), number, ordinal."""

    at: datetime
    list_id: str
    number: int
    ordinal: int


async def audit_page(connection: AsyncConnection, workspace_id: str, query: AuditQuery) -> AuditPage:
    """Read the audit of a workspace, newest first. Raises `QueryRefused` for a bad cursor."""
    assert 1 <= query.limit <= AUDIT_PAGE_MAX, "a page has 1 to 1,000 entries"
    rows = (await connection.execute(audit_statement(workspace_id, query))).all()
    shown, more = rows[: query.limit], len(rows) > query.limit
    last = shown[-1] if more else None
    place = (last.at.isoformat(), last.list_key, last.number, last.ordinal) if last is not None else None
    return AuditPage([_record(row) for row in shown], write_cursor(_ORDER, place) if place else None)


def audit_statement(workspace_id: str, query: AuditQuery) -> Select[*tuple[Any, ...]]:
    """The query of a page and of the one entry after it."""
    place = _read_place(query.cursor)
    both = union_all(_events(workspace_id, query, place), _facts(workspace_id, query, place)).subquery("entry")
    actor, person, named = users.alias("actor"), users.alias("person"), lists.alias("named")
    entry = both.c
    newest = (entry.at.desc(), entry.list_key.desc(), entry.number.desc(), entry.ordinal.desc())
    return (
        select(
            both,
            actor.c.name.label("actor_name"),
            person.c.name.label("person_name"),
            named.c.id.label("list_id"),
            named.c.name.label("list_name"),
        )
        .outerjoin(actor, actor.c.id == entry.actor)
        .outerjoin(person, person.c.id == entry.subject)
        .outerjoin(named, named.c.id == entry.subject)
        .order_by(*newest)
        .limit(query.limit + 1)
    )


def _read_place(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    at, list_id, number, ordinal = read_cursor(cursor, _ORDER, (str, str, int, int))
    return _Place(moment_of(at), str(list_id), ordinal_of(number, most=2**63 - 1), ordinal_of(ordinal))


def _events(workspace_id: str, query: AuditQuery, place: _Place | None) -> Select[*tuple[Any, ...]]:
    incident = events.c.action.in_(_INCIDENTS)
    kinds: Mapping[AuditKind | None, ColumnElement[bool]] = {
        None: true(),
        AuditKind.ACT: ~incident,
        AuditKind.INCIDENT: incident,
    }
    no_list, no_ordinal = literal("").collate("C"), literal(0, Integer)
    wanted = [events.c.workspace_id == workspace_id, kinds.get(query.kind, false())]
    if query.actor is not None:
        wanted.append(events.c.actor == query.actor)
    if query.list_id is not None:
        wanted.append(events.c.subject == query.list_id)
    if place is not None:
        wanted.append(events.c.at <= place.at)
        wanted.append(_before(tuple_(events.c.at, no_list, events.c.id, no_ordinal), place))
    return (
        select(
            events.c.at,
            no_list.label("list_key"),
            events.c.id.label("number"),
            no_ordinal.label("ordinal"),
            literal(value=True).label("event"),
            events.c.action,
            events.c.actor,
            events.c.subject,
            *(cast(null(), Text).label(name) for name in ("row_id", "column_id", "entity", "attribute")),
            *(cast(null(), JSONB).label(name) for name in ("old", "new")),
            *(cast(null(), Text).label(name) for name in ("source", "reason")),
            events.c.detail,
        )
        .where(*wanted)
        .order_by(events.c.at.desc(), events.c.id.desc())
        .limit(query.limit + 1)
    )


def _facts(workspace_id: str, query: AuditQuery, place: _Place | None) -> Select[*tuple[Any, ...]]:
    """The newest facts of each list by its own index, and of those the newest of all."""
    own = _facts_of_list(query, place).lateral("fact")
    wanted = [lists.c.workspace_id == workspace_id]
    if query.list_id is not None:
        wanted.append(lists.c.id == query.list_id)
    fact = own.c
    return (
        select(own)
        .select_from(lists.join(own, true()))
        .where(*wanted)
        .order_by(fact.at.desc(), fact.list_key.desc(), fact.number.desc(), fact.ordinal.desc())
        .limit(query.limit + 1)
    )


def _facts_of_list(query: AuditQuery, place: _Place | None) -> Select[*tuple[Any, ...]]:
    kinds: Mapping[AuditKind | None, ColumnElement[bool]] = {
        None: true(),
        AuditKind.REFUSAL: facts.c.reason.is_not(None),
        AuditKind.CHANGE: facts.c.reason.is_(None),
    }
    # The index is found by its own condition, word for word.
    wanted: list[ColumnElement[bool]] = [facts.c.list_id == lists.c.id, kinds.get(query.kind, false())]
    if query.actor is not None:
        wanted.append(facts.c.actor == query.actor)
    if place is not None:
        wanted.append(facts.c.at <= place.at)
        wanted.append(_before(tuple_(facts.c.at, facts.c.list_id, facts.c.seq, facts.c.ordinal), place))
    return (
        select(
            facts.c.at,
            facts.c.list_id.label("list_key"),
            facts.c.seq.label("number"),
            facts.c.ordinal,
            literal(value=False).label("event"),
            facts.c.kind.label("action"),
            facts.c.actor,
            facts.c.list_id.label("subject"),
            *(facts.c.row_id, facts.c.column_id, facts.c.entity, facts.c.attribute),
            *(facts.c.old, facts.c.new, facts.c.source, facts.c.reason),
            cast(null(), JSONB).label("detail"),
        )
        .where(*wanted, text(f"({AUDITED})"))
        .order_by(facts.c.at.desc(), facts.c.seq.desc(), facts.c.ordinal.desc())
        .limit(query.limit + 1)
        .correlate(lists)
    )


def _before(entry: Tuple, place: _Place) -> ColumnElement[bool]:
    return entry < tuple_(
        literal(place.at),
        literal(place.list_id).collate("C"),
        literal(place.number, BigInteger),
        literal(place.ordinal, Integer),
    )


def _record(row: Row[*tuple[Any, ...]]) -> AuditRecord:
    if row.event:
        kind = AuditKind.INCIDENT if row.action in _INCIDENTS else AuditKind.ACT
    else:
        kind = AuditKind.CHANGE if row.reason is None else AuditKind.REFUSAL
    return AuditRecord(
        kind=kind,
        action=row.action,
        at=row.at,
        actor=row.actor,
        actor_name=row.actor_name,
        list_id=row.list_id,
        list_name=row.list_name,
        subject=row.subject if row.event else None,
        subject_name=row.person_name,
        row=row.row_id,
        column=row.column_id,
        entity=row.entity,
        attribute=row.attribute,
        old=row.old,
        new=row.new,
        source=None if row.source is None else Source(row.source),
        reason=row.reason,
        detail=row.detail or {},
    )
