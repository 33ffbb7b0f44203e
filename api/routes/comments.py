"""Comments on the records and cells of a list. Everyone who may read a list may comment on it."""

from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import APIRouter, Depends, Query, status
from pydantic import Field, StringConstraints, model_validator

from api.access import ListAccess, ListDoor, ServicesOf
from api.errors import not_found
from api.schemas import Answer, Prose, Request, is_id
from api.services import Services
from api.writing import Place, WritePlan, carry_out
from auth.permissions import Action
from realtime.core.writes import AddComment, DeleteComment, EditComment, ResolveComment
from snapshots.history import CommentRecord, comment_of, comments_page

router = APIRouter(prefix="/api/lists/{list_id}/comments", tags=["comments"])

MENTIONS_MAX: Final = 50
PAGE_MAX: Final = 1_000

Writer = Annotated[ListAccess, Depends(ListDoor(Action.COMMENTS_WRITE))]
Body = Annotated[Prose, StringConstraints(min_length=1)]


class NewComment(Request):
    """A comment on a record, on one of its cells (`column` is a column id), or an answer to a comment (`parent`)."""

    row: str
    column: str | None = None
    parent: str | None = None
    body: Body
    mentions: list[str] = Field(default_factory=list, max_length=MENTIONS_MAX)


class CommentChange(Request):
    """Another text (its author only), or a thread that is resolved or open again."""

    body: Body | None = None
    resolved: bool | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.body is None and self.resolved is None:
            raise ValueError("give body or resolved")
        return self


class CommentAnswer(Answer):
    """A comment; a deleted one keeps its place in the thread, without its text."""

    id: str
    row: str
    column: str | None
    parent: str | None
    author: str
    at: datetime
    body: str
    mentions: list[str]
    resolved_by: str | None
    resolved_at: datetime | None
    deleted_at: datetime | None

    @classmethod
    def of(cls, comment: CommentRecord) -> Self:
        """Make the answer of a comment."""
        return cls(
            id=comment.id,
            row=comment.row,
            column=comment.column,
            parent=comment.parent,
            author=comment.author,
            at=comment.at,
            body=comment.body,
            mentions=list(comment.mentions),
            resolved_by=comment.resolved_by,
            resolved_at=comment.resolved_at,
            deleted_at=comment.deleted_at,
        )


class CommentPage(Answer):
    """Comments, oldest first."""

    items: list[CommentAnswer]
    next_cursor: str | None


@router.get("")
async def read_comments_page(
    access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_READ))],
    services: ServicesOf,
    row: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> CommentPage:
    """Read the comments of a list, or of one of its records."""
    if row is not None and not is_id(row):
        raise not_found("record")
    async with services.reading() as connection:
        page = await comments_page(connection, access.list.id, row=row, limit=limit, cursor=cursor)
    return CommentPage(items=[CommentAnswer.of(comment) for comment in page.comments], next_cursor=page.next_cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_comment(body: NewComment, access: Writer, services: ServicesOf) -> CommentAnswer:
    """Comment on a record or a cell, or answer a comment."""
    comment = services.random_id()
    plan = WritePlan()
    plan.add(AddComment(comment, body.row, body.column, body.parent, body.body, body.mentions), Place("row"))
    await carry_out(plan, services, access)
    return await _answer(services, access, comment)


@router.patch("/{comment_id}")
async def change_comment(comment_id: str, body: CommentChange, access: Writer, services: ServicesOf) -> CommentAnswer:
    """Change the text of one's own comment, or resolve or reopen a thread."""
    await _answer(services, access, comment_id)
    plan = WritePlan()
    if body.body is not None:
        plan.add(EditComment(comment_id, body.body), Place("body"))
    if body.resolved is not None:
        plan.add(ResolveComment(comment_id, body.resolved), Place("resolved"))
    await carry_out(plan, services, access)
    return await _answer(services, access, comment_id)


@router.delete("/{comment_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_comment(comment_id: str, access: Writer, services: ServicesOf) -> None:
    """Delete one's own comment; owners and admins may delete any."""
    await _answer(services, access, comment_id)
    plan = WritePlan()
    plan.add(DeleteComment(comment_id), Place("comment"))
    await carry_out(plan, services, access)


async def _answer(services: Services, access: ListAccess, comment_id: str) -> CommentAnswer:
    """Read a comment of this list; raises the 404."""
    if not is_id(comment_id):
        raise not_found("comment")
    async with services.reading() as connection:
        comment = await comment_of(connection, access.list.id, comment_id)
    if comment is None:
        raise not_found("comment")
    return CommentAnswer.of(comment)
