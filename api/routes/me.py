"""The person who calls: their account and their workspaces."""

from fastapi import APIRouter

from api.access import ServicesOf, SignedInPerson
from api.routes.workspaces import WorkspaceAnswer
from api.schemas import Person
from persistence.workspaces import workspaces_of

router = APIRouter(prefix="/api/me", tags=["me"])


class Me(Person):
    """The person who calls, with their role in each of their workspaces."""

    workspaces: list[WorkspaceAnswer]


@router.get("")
async def read_me(person: SignedInPerson, services: ServicesOf) -> Me:
    """Tell who is signed in."""
    async with services.reading() as connection:
        found = await workspaces_of(connection, person.user.id)
    shown = Person.of(person.user).model_dump()
    return Me(**shown, workspaces=[WorkspaceAnswer.of(workspace) for workspace in found if person.enters(workspace.id)])
