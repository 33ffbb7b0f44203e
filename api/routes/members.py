"""Members of a workspace and their roles.

Changes of one workspace take turns, so that two owners cannot remove each other at the same moment. Open
sockets hear of a change after it is committed; commits of edits check it by themselves.
"""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, status
from sqlalchemy.ext.asyncio import AsyncConnection

from api.access import ServicesOf, WorkspaceAccess, WorkspaceDoor, forbidden, note_refusal
from api.errors import MEMBERSHIP_CODES, Code, Problem, not_found
from api.schemas import Answer, Email, Request, is_id
from api.services import Services
from auth.membership import MembershipRefusal, judge_membership
from auth.permissions import Action, allows
from auth.roles import Role
from persistence.accounts import user_by_email
from persistence.events import Act, add_event
from persistence.members import Member, count_owners, member_of, members_of, put_member, remove_member
from persistence.workspaces import lock_workspace, workspace_of

router = APIRouter(prefix="/api/workspaces/{workspace_id}/members", tags=["members"])

Reader = Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.LISTS_READ))]
Changer = Annotated[WorkspaceAccess, Depends(WorkspaceDoor(Action.MEMBERS_MANAGE))]

SENTENCES = {
    MembershipRefusal.ROLE: "Only owners and admins may change members.",
    MembershipRefusal.ABOVE_OWN_ROLE: "You may give, change and take roles at or below your own only.",
    MembershipRefusal.LAST_OWNER: "This is the last owner. Make someone else an owner first.",
}


class NewMember(Request):
    """An existing account, and the role it gets."""

    email: Email
    role: Role


class MemberRole(Request):
    """A member's role."""

    role: Role


class MemberAnswer(Answer):
    """A member of a workspace."""

    user_id: str
    email: str
    name: str
    hue: int
    role: Role
    joined_at: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        """Make the answer of a member."""
        return cls(
            user_id=member.user_id,
            email=member.email,
            name=member.name,
            hue=member.hue,
            role=member.role,
            joined_at=member.joined_at,
        )


class MemberPage(Answer):
    """Members in the order in which they joined."""

    items: list[MemberAnswer]
    next_cursor: str | None = None


@router.get("")
async def read_members(access: Reader, services: ServicesOf) -> MemberPage:
    """List a workspace's members."""
    async with services.reading() as connection:
        found = await members_of(connection, access.workspace.id)
    return MemberPage(items=[MemberAnswer.of(member) for member in found])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_member(body: NewMember, access: Changer, services: ServicesOf) -> MemberAnswer:
    """Add an existing account to the workspace."""
    workspace_id = access.workspace.id
    async with services.transaction() as connection:
        found = await user_by_email(connection, body.email)
        if found is None:
            raise Problem(Code.NOT_FOUND, "There is no account with this e-mail address. Ask the person to register.")
        user = found[0]
        current = await _judge(connection, services, access, user.id, body.role)
        if current is not None:
            raise Problem(Code.ALREADY_MEMBER, f"{user.name} is {current.role} here already. Change the role instead.")
        version = await put_member(connection, workspace_id, user.id, body.role, services.clock())
        await _note(connection, access, Act.MEMBER_ADDED, user.id, services.clock(), None, body.role)
        member = await member_of(connection, workspace_id, user.id)
    await services.rooms.rights_changed(workspace_id, user.id, body.role, version)
    assert member is not None, "it was just put there"
    return MemberAnswer.of(member)


@router.patch("/{user_id}")
async def change_member(user_id: str, body: MemberRole, access: Reader, services: ServicesOf) -> MemberAnswer:
    """Change a member's role, at or below the caller's own; everyone may lower themselves."""
    workspace_id = access.workspace.id
    async with services.transaction() as connection:
        current = await _judge(connection, services, access, user_id, body.role)
        if current is None:
            raise not_found("member")
        version = current.version
        if current.role is not body.role:
            version = await put_member(connection, workspace_id, user_id, body.role, services.clock())
            await _note(connection, access, Act.MEMBER_CHANGED, user_id, services.clock(), current.role, body.role)
        member = await member_of(connection, workspace_id, user_id)
    await services.rooms.rights_changed(workspace_id, user_id, body.role, version)
    assert member is not None, "it was just read"
    return MemberAnswer.of(member)


@router.delete("/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_member(user_id: str, access: Reader, services: ServicesOf) -> None:
    """Remove a member at or below the caller's own role; everyone may leave."""
    workspace_id = access.workspace.id
    async with services.transaction() as connection:
        current = await _judge(connection, services, access, user_id, None)
        if current is None:
            raise not_found("member")
        version = await remove_member(connection, workspace_id, user_id, services.clock())
        await _note(connection, access, Act.MEMBER_REMOVED, user_id, services.clock(), current.role, None)
    await services.rooms.rights_changed(workspace_id, user_id, None, version)


async def _judge(
    connection: AsyncConnection, services: Services, access: WorkspaceAccess, user_id: str, wanted: Role | None
) -> Member | None:
    """Judge a change under the workspace's lock, by the caller's role as it is *now*; the current membership.

    Stepping down and leaving are done in person: a key needs the right to change members.
    """
    await lock_workspace(connection, access.workspace.id)
    actor = await workspace_of(connection, access.workspace.id, access.user.id)
    if actor is None:
        raise not_found("workspace")
    if access.person.key is not None and not allows(actor.role, Action.MEMBERS_MANAGE, access.credential):
        raise forbidden(actor.role, access.credential)
    current = await member_of(connection, access.workspace.id, user_id) if is_id(user_id) else None
    refusal = judge_membership(
        actor.role,
        current=current.role if current else None,
        wanted=wanted,
        owners=await count_owners(connection, access.workspace.id),
        own=user_id == access.user.id,
    )
    if refusal is not None:
        note_refusal(services, access.user, actor, {"reasons": [refusal.value], "member": user_id, "role": wanted})
        raise Problem(MEMBERSHIP_CODES[refusal], SENTENCES[refusal])
    return current


async def _note(
    connection: AsyncConnection,
    access: WorkspaceAccess,
    act: Act,
    user_id: str,
    at: datetime,
    old: Role | None,
    new: Role | None,
) -> None:
    await add_event(
        connection,
        act,
        workspace_id=access.workspace.id,
        actor=access.user.id,
        subject=user_id,
        at=at,
        detail={"old": old, "new": new},
    )
