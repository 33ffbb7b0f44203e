"""Histories of rows and comments, page by page."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.contract import FactKind, Json, Source
from persistence.tables import comments, facts
from snapshots.cursors import QueryReason, QueryRefused, write_cursor
from snapshots.history import comment_of, comments_page, row_history
from tests.integration.snapshots.conftest import AT

LIST = "properties-1"
ROW = "row-full-0001"


async def _put_fact(connection: AsyncConnection, seq: int, ordinal: int, new: Json, reason: str | None = None) -> None:
    await connection.execute(
        insert(facts).values(
            list_id=LIST,
            seq=seq,
            ordinal=ordinal,
            kind=FactKind.CELL.value,
            row_id=ROW,
            column_id="col-text-0001",
            new=new,
            actor="ana-0000000001",
            source=Source.SOCKET.value,
            reason=reason,
            at=AT,
        )
    )


async def _put_comment(connection: AsyncConnection, comment: str, *, row: str = ROW, deleted: bool = False) -> None:
    gone = {"deleted_by": "ana-0000000001", "deleted_at": AT} if deleted else {}
    at = AT + timedelta(microseconds=1)
    said = {"list_id": LIST, "comment_id": comment, "row_id": row, "author": "ana-0000000001", "at": at}
    await connection.execute(insert(comments).values(body="words", **said, **gone))


@pytest.mark.rule("SNAP-13")
async def test_a_history_is_newest_first_without_refusals(connection: AsyncConnection) -> None:
    """Going from page to page repeats and skips nothing; what was refused never happened to the row."""
    for seq, ordinal in ((1, 0), (2, 0), (2, 1), (7, 0)):
        await _put_fact(connection, seq, ordinal, f"{seq}.{ordinal}")
    await _put_fact(connection, 8, 0, "refused", reason="role")
    for limit in (1, 2, 3, 4, 5):
        found: list[Json] = []
        cursor = None
        while True:
            page = await row_history(connection, LIST, ROW, limit=limit, cursor=cursor)
            found += [entry.new for entry in page.entries]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == ["7.0", "2.1", "2.0", "1.0"]


@pytest.mark.rule("SNAP-13")
async def test_comments_are_oldest_first_and_deleted_ones_have_no_text(connection: AsyncConnection) -> None:
    """Comments of one moment are parted by id; the list's page holds all rows, a row's page its own."""
    for comment in ("comment-b-001", "comment-a-001"):
        await _put_comment(connection, comment)
    await _put_comment(connection, "comment-c-001", deleted=True)
    await _put_comment(connection, "comment-d-001", row="row-other-001")
    found: list[str] = []
    cursor = None
    while True:
        page = await comments_page(connection, LIST, limit=1, cursor=cursor)
        found += [comment.id for comment in page.comments]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == ["comment-a-001", "comment-b-001", "comment-c-001", "comment-d-001"]
    own = await comments_page(connection, LIST, row=ROW)
    assert [(comment.id, comment.body) for comment in own.comments] == [
        *(("comment-a-001", "words"), ("comment-b-001", "words"), ("comment-c-001", ""))
    ]
    assert (await comment_of(connection, LIST, "comment-none1")) is None


@pytest.mark.rule("SNAP-9")
@pytest.mark.parametrize(
    "cursor",
    [
        *(
            "x",
            write_cursor("history", (1,)),
            write_cursor("history", (2**40, 2**40)),
            write_cursor("comments", (1, 2)),
        ),
        *(write_cursor("comments", ("yesterday", "c")), write_cursor("comments", ("0001-01-01T00:00:00+14:00", "c"))),
    ],
)
async def test_a_bad_cursor_is_refused(connection: AsyncConnection, cursor: str) -> None:
    """Neither a history nor comments take a place that is none of theirs."""
    for read in (row_history(connection, LIST, ROW, cursor=cursor), comments_page(connection, LIST, cursor=cursor)):
        with pytest.raises(QueryRefused) as refused:
            await read
        assert refused.value.reason is QueryReason.BAD_CURSOR
