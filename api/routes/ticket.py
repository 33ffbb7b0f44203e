"""Tickets: how a browser opens a list's socket without a token in an address or a log."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Request as HttpRequest

from api.access import ListAccess, ListDoor, ServicesOf, address_of, bearer_token
from api.errors import Code, Problem
from api.knocks import AGAIN_LATER
from api.schemas import Answer
from auth.errors import AuthRefused
from auth.opaque import TICKET_LIFE, digest
from auth.permissions import Action
from persistence.tickets import add_ticket

router = APIRouter(prefix="/api/lists/{list_id}", tags=["realtime"])


class TicketAnswer(Answer):
    """A permit to open one socket: put it into `url` as `?ticket=`, within `expires_in` seconds, once."""

    ticket: str
    url: str
    expires_in: int


async def knock(request: HttpRequest, services: ServicesOf) -> AsyncIterator[None]:
    """Ask for a ticket as one asks for a socket: who was not let in again and again is not looked at (ROOM-66).

    The address alone keeps nobody from a ticket, which is what lets them in whatever others there do.
    """
    token = bearer_token(request)
    seconds = services.knocks.wait_seconds(None, token)
    if seconds:
        raise Problem(Code.RATE, AGAIN_LATER, headers={"Retry-After": str(seconds)})
    try:
        yield
    except AuthRefused:
        services.knocks.refused(address_of(request), token)
        raise
    except Problem:
        services.knocks.failed(address_of(request), token)
        raise


@router.post("/ticket", dependencies=[Depends(knock)])
async def create_ticket(
    access: Annotated[ListAccess, Depends(ListDoor(Action.LISTS_READ))], request: HttpRequest, services: ServicesOf
) -> TicketAnswer:
    """Get a single-use ticket for `GET /ws/lists/{list_id}?ticket=...`."""
    ticket = services.random_secret()
    kept_digest = digest(ticket)
    assert kept_digest is not None, "random_secret makes what digest reads"
    async with services.transaction() as connection:
        await add_ticket(
            connection,
            kept_digest,
            user_id=access.user.id,
            list_id=access.list.id,
            grant=access.person.grant,
            now=services.clock(),
            life=TICKET_LIFE,
        )
    for credential in (ticket, bearer_token(request)):
        services.knocks.vouch(credential, access.user.id)
    scheme = "wss" if request.url.scheme == "https" or services.settings.cookie_secure else "ws"
    return TicketAnswer(
        ticket=ticket,
        url=f"{scheme}://{request.url.netloc}/ws/lists/{access.list.id}",
        expires_in=int(TICKET_LIFE / timedelta(seconds=1)),
    )
