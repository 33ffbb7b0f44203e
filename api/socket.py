"""`GET /ws/lists/{list_id}`: where a list's socket is let in, and its frames are passed to the list's room.

Who may not come in is answered with an HTTP status at the upgrade; who has come in is answered with close codes.
A connection that sends faster than its limits is read more slowly: nothing that it sends is lost.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api.access import bearer_token, forbidden, open_list_entry, principal_of, services_of, signed_in_by
from api.answers import auth_problem, busy, problem_response
from api.errors import Code, Problem, not_found
from api.origins import from_own_site
from api.services import Services
from api.wire import SocketWire
from auth.errors import AuthReason, AuthRefused
from auth.opaque import digest
from auth.permissions import Action, allows
from auth.principals import Principal
from persistence.accounts import User, user_by_id
from persistence.contract import StoreUnavailable
from persistence.tickets import redeem_ticket
from realtime.core.closing import CloseCode
from realtime.hub import Barred, Busy, Crowded, ListMissing, Seat

SUBPROTOCOL: Final = "rowhouse"
_BEARER_SUBPROTOCOL: Final = "bearer."
_OUR_CLIENT: Final = "rowhouse"

_TURNED_AWAY: Final[dict[type[Exception], tuple[CloseCode, str]]] = {
    ListMissing: (CloseCode.LIST_GONE, "This list was deleted."),
    Barred: (CloseCode.TOO_MANY_REFUSALS, "Too many of your edits were refused; try again in a minute."),
    Crowded: (CloseCode.TRY_AGAIN_LATER, "You have too many connections; close some and try again in a moment."),
    Busy: (CloseCode.TRY_AGAIN_LATER, "The list is full or overloaded; try again in a moment."),
    StoreUnavailable: (CloseCode.TRY_AGAIN_LATER, "The database does not answer; try again in a moment."),
}
"""Why somebody who may come in cannot do so now."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may come in: the person, who they are in the list, and when their credentials end."""

    user: User
    principal: Principal
    expires_at: datetime | None
    subprotocol: str | None


@router.websocket("/ws/lists/{list_id}")
async def list_socket(websocket: WebSocket, list_id: str) -> None:
    """Open a list: y-protocols messages in binary frames (docs/SPEC.md, WIRE rules)."""
    services = services_of(websocket)
    try:
        visitor = await _admit(websocket, list_id, services)
    except Problem as problem:
        await websocket.send_denial_response(problem_response(problem))
        return
    except AuthRefused as refused:
        await websocket.send_denial_response(problem_response(auth_problem(refused)))
        return
    except StoreUnavailable:
        await websocket.send_denial_response(problem_response(busy()))
        return
    await websocket.accept(visitor.subprotocol)
    wire = SocketWire(websocket)
    try:
        seat = await services.rooms.join(
            list_id,
            visitor.principal,
            visitor.user.hue,
            wire,
            control=websocket.query_params.get("client") == _OUR_CLIENT,
        )
    except tuple(_TURNED_AWAY) as turned:
        await websocket.close(*_TURNED_AWAY[type(turned)])
        return
    await _attend(websocket, wire, seat, visitor, services)


async def _attend(websocket: WebSocket, wire: SocketWire, seat: Seat, visitor: Visitor, services: Services) -> None:
    """Pass frames to the room until the socket or the credentials end."""
    expiry = None
    if visitor.expires_at is not None:
        remaining = (visitor.expires_at - services.clock()).total_seconds()
        expiry = asyncio.get_running_loop().call_later(
            max(0.0, remaining), wire.close, CloseCode.CREDENTIALS_EXPIRED, "Your sign-in has expired."
        )
    try:
        await _pump(websocket, wire, seat)
    except WebSocketDisconnect:
        pass
    finally:
        if expiry is not None:
            expiry.cancel()
        services.rooms.leave(seat)


_NOTHING: Final = b""
"""What the room is given for a text frame: as malformed as that, it ends the connection and counts against its person."""


async def _pump(websocket: WebSocket, wire: SocketWire, seat: Seat) -> None:
    wire.deliver(seat.receive)
    while (await websocket.receive())["type"] != "websocket.disconnect":
        seat.receive(_NOTHING)


async def _admit(websocket: WebSocket, list_id: str, services: Services) -> Visitor:
    """Find out who is there and whether they may open the list; raises `Problem`, `AuthRefused`."""
    if not from_own_site(websocket, services.settings):
        raise Problem(Code.FOREIGN_ORIGIN, "Sockets from this site are not allowed on this server.")
    ticket = websocket.query_params.get("ticket")
    if ticket is not None:
        user = await _ticket_holder(ticket, list_id, services)
        return await _visitor(user, list_id, services, None, None)
    token, subprotocol = _bearer(websocket)
    person = await signed_in_by(token, services)
    return await _visitor(person.user, list_id, services, person.expires_at, subprotocol)


def _bearer(websocket: WebSocket) -> tuple[str | None, str | None]:
    """Read an access token from the header, or from the sub-protocols `rowhouse`, `bearer.<token>`."""
    offered: list[str] = websocket.scope.get("subprotocols", [])
    if SUBPROTOCOL in offered:
        tokens = [name.removeprefix(_BEARER_SUBPROTOCOL) for name in offered if name.startswith(_BEARER_SUBPROTOCOL)]
        return (tokens[0] if tokens else bearer_token(websocket)), SUBPROTOCOL
    return bearer_token(websocket), None


async def _ticket_holder(ticket: str, list_id: str, services: Services) -> User:
    kept = digest(ticket)
    user = None
    if kept is not None:
        async with services.transaction() as connection:
            user_id = await redeem_ticket(connection, kept, list_id=list_id, now=services.clock())
            user = None if user_id is None else await user_by_id(connection, user_id)
    if user is None:
        raise AuthRefused(AuthReason.INVALID_TICKET)
    return user


async def _visitor(
    user: User, list_id: str, services: Services, expires_at: datetime | None, subprotocol: str | None
) -> Visitor:
    entry = await open_list_entry(list_id, user, services)
    if entry.trashed_at is not None:
        raise not_found("list")
    if not allows(entry.role, Action.LISTS_READ):
        raise forbidden(entry.role)
    return Visitor(user, principal_of(user, entry), expires_at, subprotocol)
