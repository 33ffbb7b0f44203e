"""The history of a row from the audit log, and the comments of a list or a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, Final

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import FactKind, Json, Source
from persistence.tables import comments, facts
from snapshots.cursors import QueryReason, QueryRefused, read_cursor, write_cursor

PAGE_ENTRIES_MAX: Final = 1_000
_HISTORY_ORDER: Final = "history"
_COMMENTS_ORDER: Final = "comments"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One visible change of a row; `attribute` is the element of a set-valued cell or a comment's attribute."""

    seq: int
    ordinal: int
    kind: FactKind
    column: str | None
    entity: str | None
    attribute: str | None
    old: Json
    new: Json
    actor: str
    source: Source
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Changes, newest first; `next_cursor` leads to older ones."""

    entries: Sequence[HistoryEntry]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment; the body of a deleted one is empty."""

    id: str
    row: str
    column: str | None
    parent: str | None
    author: str
    at: datetime
    body: str
    mentions: Sequence[str]
    resolved_by: str | None
    resolved_at: datetime | None
    deleted_by: str | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Comments, oldest first."""

    comments: Sequence[CommentRecord]
    next_cursor: str | None


async def row_history(
    connection: AsyncConnection, list_id: str, row_id: str, *, limit: int = 100, cursor: str | None = None
) -> HistoryPage:
    """Read a row's changes that took effect, newest first. Raises `QueryRefused` for a bad cursor."""
    assert 1 <= limit <= PAGE_ENTRIES_MAX, "a page has 1 to 1,000 entries"
    own = (facts.c.list_id == list_id, facts.c.row_id == row_id, facts.c.reason.is_(None))
    statement = select(facts).where(*own).order_by(facts.c.seq.desc(), facts.c.ordinal.desc()).limit(limit + 1)
    if cursor is not None:
        seq, ordinal = read_cursor(cursor, _HISTORY_ORDER, (int, int))
        statement = statement.where(tuple_(facts.c.seq, facts.c.ordinal) < tuple_(seq, ordinal_of(ordinal)))
    rows = (await connection.execute(statement)).all()
    shown = [_entry(row) for row in rows[:limit]]
    more = len(rows) > limit
    return HistoryPage(shown, write_cursor(_HISTORY_ORDER, (shown[-1].seq, shown[-1].ordinal)) if more else None)


async def comments_page(
    connection: AsyncConnection, list_id: str, *, row: str | None = None, limit: int = 100, cursor: str | None = None
) -> CommentPage:
    """Read the comments of a list, or of one of its rows, oldest first. Raises `QueryRefused` for a bad cursor."""
    assert 1 <= limit <= PAGE_ENTRIES_MAX, "a page has 1 to 1,000 comments"
    statement = select(comments).where(comments.c.list_id == list_id)
    if row is not None:
        statement = statement.where(comments.c.row_id == row)
    if cursor is not None:
        at, comment = read_cursor(cursor, _COMMENTS_ORDER, (str, str))
        statement = statement.where(tuple_(comments.c.at, comments.c.comment_id) > tuple_(moment_of(at), comment))
    statement = statement.order_by(comments.c.at, comments.c.comment_id).limit(limit + 1)
    rows = (await connection.execute(statement)).all()
    shown = [_comment(one) for one in rows[:limit]]
    more = len(rows) > limit
    place = (shown[-1].at.isoformat(), shown[-1].id) if more else ()
    return CommentPage(shown, write_cursor(_COMMENTS_ORDER, place) if more else None)


async def comment_of(connection: AsyncConnection, list_id: str, comment_id: str) -> CommentRecord | None:
    """Read one comment."""
    own = (comments.c.list_id == list_id, comments.c.comment_id == comment_id)
    row = (await connection.execute(select(comments).where(*own))).first()
    return None if row is None else _comment(row)


_ORDINAL_MAX: Final = 2**31 - 1


def ordinal_of(said: Json, *, most: int = _ORDINAL_MAX) -> int:
    """Read a number of a cursor. Raises `QueryRefused`."""
    if not isinstance(said, int) or not 0 <= said <= most:
        raise QueryRefused(QueryReason.BAD_CURSOR)
    return said


def moment_of(said: Json) -> datetime:
    """Read a time of a cursor. Raises `QueryRefused`."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError as error:
        raise QueryRefused(QueryReason.BAD_CURSOR) from error
    if moment.tzinfo is None or not MINYEAR < moment.year < MAXYEAR:
        raise QueryRefused(QueryReason.BAD_CURSOR)
    return moment


def _entry(row: Row[*tuple[Any, ...]]) -> HistoryEntry:
    return HistoryEntry(
        seq=row.seq,
        ordinal=row.ordinal,
        kind=FactKind(row.kind),
        column=row.column_id,
        entity=row.entity,
        attribute=row.attribute,
        old=row.old,
        new=row.new,
        actor=row.actor,
        source=Source(row.source),
        at=row.at,
    )


def _comment(row: Row[*tuple[Any, ...]]) -> CommentRecord:
    return CommentRecord(
        id=row.comment_id,
        row=row.row_id,
        column=row.column_id,
        parent=row.parent_id,
        author=row.author,
        at=row.at,
        body="" if row.deleted_at is not None else row.body,
        mentions=row.mentions,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        deleted_by=row.deleted_by,
        deleted_at=row.deleted_at,
    )
