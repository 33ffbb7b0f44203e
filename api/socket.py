"""`GET /ws/lists/{list_id}`: where a list's socket is let in, and its frames are passed to the list's room.

Who may not come in is answered with an HTTP status at the upgrade; who has come in is answered with close codes.
A connection that sends faster than its limits is read more slowly: nothing that it sends is lost.
"""

from contextvars import copy_context
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from structlog.contextvars import bind_contextvars

from api.access import (
    SignedIn,
    address_of,
    forbidden,
    open_list_entry,
    principal_of,
    services_of,
    signed_in_by,
    still_signed_in,
)
from api.answers import UNREACHABLE, auth_problem, busy, problem_response
from api.errors import Code, Problem, not_found
from api.offers import SUBPROTOCOL, Offer
from api.origins import from_own_site
from api.services import Services
from api.stay import Stay
from api.wire import SocketWire
from auth.errors import AuthReason, AuthRefused
from auth.opaque import digest
from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import ListBroken, StoreUnavailable
from persistence.tickets import redeem_ticket
from realtime.core.closing import QUARANTINED, RESTARTING, CloseCode
from realtime.core.messages import is_control
from realtime.hub import Arrival, Barred, Busy, Crowded, ListMissing, Quarantined, Seat

_OUR_CLIENT: Final = "rowhouse"
_EPOCH_DIGITS_MAX: Final = 9
OVERLOADED: Final = "The server is overloaded; try again in a moment."

_TURNED_AWAY: Final[dict[type[Exception], tuple[CloseCode, str]]] = {
    ListMissing: (CloseCode.LIST_GONE, "This list was deleted."),
    Quarantined: (CloseCode.QUARANTINED, QUARANTINED),
    Barred: (CloseCode.TOO_MANY_REFUSALS, "Too many of your edits were refused; try again in a minute."),
    Crowded: (CloseCode.TRY_AGAIN_LATER, "You have too many connections; close some and try again in a moment."),
    Busy: (CloseCode.TRY_AGAIN_LATER, "The list is full or overloaded; try again in a moment."),
    ListBroken: (CloseCode.TRY_AGAIN_LATER, "This list cannot be opened just now; its operators have to look at it."),
    StoreUnavailable: (CloseCode.TRY_AGAIN_LATER, "The database does not answer; try again in a moment."),
}
"""Why somebody who may come in cannot do so now."""

_log = structlog.get_logger(__name__)

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may come in: the person, with what they rest on, and who they are in the list."""

    person: SignedIn
    principal: Principal
    subprotocol: str | None


@router.websocket("/ws/lists/{list_id}")
async def list_socket(websocket: WebSocket, list_id: str) -> None:
    """Open a list: y-protocols messages in binary frames (docs/SPEC.md, WIRE rules)."""
    services = services_of(websocket)
    if services.drain.begun:
        await _send_away(websocket, CloseCode.SHUTTING_DOWN, RESTARTING)
        return
    if services.pressure.high:
        await _send_away(websocket, CloseCode.TRY_AGAIN_LATER, OVERLOADED)
        return
    knock = address_of(websocket), Offer.of(websocket).credential
    try:
        visitor = await _admit(websocket, list_id, services)
    except Problem as problem:
        if problem.code is not Code.FOREIGN_ORIGIN:  # a page of another site does not lock its reader out of this one
            services.knocks.failed(*knock)
        await websocket.send_denial_response(problem_response(problem))
        return
    except AuthRefused as refused:
        services.knocks.refused(*knock)
        await websocket.send_denial_response(problem_response(auth_problem(refused)))
        return
    except UNREACHABLE:
        await websocket.send_denial_response(problem_response(busy()))
        return
    await websocket.accept(visitor.subprotocol)
    wire = SocketWire(websocket)
    try:
        seat = await services.rooms.join(
            list_id,
            visitor.principal,
            _arrival(websocket, visitor),
            wire,
            visitor.person.grant,
        )
    except tuple(_TURNED_AWAY) as turned:
        if isinstance(turned, (Barred, Crowded)):
            services.knocks.failed(*knock)
        if isinstance(turned, ListBroken):
            _log.error("list cannot be read", list_id=turned.list_id)
        await websocket.close(*_TURNED_AWAY[type(turned)])
        return
    await _attend(websocket, wire, seat, Stay(visitor.person, seat, services), services)


async def _send_away(websocket: WebSocket, code: CloseCode, sentence: str) -> None:
    """Close a socket before anybody is asked who they are."""
    await websocket.accept(_spoken(websocket))
    await websocket.close(code, sentence)


def _arrival(websocket: WebSocket, visitor: Visitor) -> Arrival:
    """How a socket comes, by what stands in its address; an epoch that is no number is none."""
    asked = websocket.query_params
    copy = asked.get("epoch", "")
    known = int(copy) if copy.isascii() and copy.isdigit() and len(copy) <= _EPOCH_DIGITS_MAX else None
    return Arrival(visitor.person.user.hue, control=asked.get("client") == _OUR_CLIENT, copy=known)


def _spoken(websocket: WebSocket) -> str | None:
    """The sub-protocol to accept before anybody is asked who they are: a browser that offers one must get it."""
    return SUBPROTOCOL if SUBPROTOCOL in websocket.scope.get("subprotocols", []) else None


async def _attend(websocket: WebSocket, wire: SocketWire, seat: Seat, stay: Stay, services: Services) -> None:
    """Pass frames to the room, and fresh tokens to the stay, until the socket ends."""
    try:
        await _pump(websocket, wire, seat, stay)
    except WebSocketDisconnect:
        pass
    finally:
        stay.end()
        services.rooms.leave(seat)


_NOTHING: Final = b""
"""What the room is given for a text frame: as malformed as that, it ends the connection and counts against its person."""


async def _pump(websocket: WebSocket, wire: SocketWire, seat: Seat, stay: Stay) -> None:
    def take(frame: bytes) -> float:
        if is_control(frame):
            stay.renew(frame)
            return seat.count(frame)
        return seat.receive(frame)

    context = copy_context()  # so that what is logged meanwhile names this socket
    wire.deliver(lambda frame: context.run(take, frame))
    while (await websocket.receive())["type"] != "websocket.disconnect":
        seat.receive(_NOTHING)


async def _admit(websocket: WebSocket, list_id: str, services: Services) -> Visitor:
    """Find out who is there and whether they may open the list; raises `Problem`, `AuthRefused`."""
    if not from_own_site(websocket, services.settings):
        raise Problem(Code.FOREIGN_ORIGIN, "Sockets from this site are not allowed on this server.")
    offer = Offer.of(websocket)
    if offer.ticket is not None:
        person = await _ticket_holder(offer.ticket, list_id, services)
    else:
        person = await signed_in_by(offer.token, services)
    services.knocks.vouch(offer.credential, person.user.id)
    return await _visitor(person, list_id, services, offer.subprotocol)


async def _ticket_holder(ticket: str, list_id: str, services: Services) -> SignedIn:
    """Spend a ticket, whose grant must still stand; raises `AuthRefused`."""
    kept = digest(ticket)
    redeemed = None
    if kept is not None:
        async with services.transaction() as connection:
            redeemed = await redeem_ticket(connection, kept, list_id=list_id, now=services.clock())
    if redeemed is None:
        raise AuthRefused(AuthReason.INVALID_TICKET)
    user_id, grant = redeemed
    return await still_signed_in(user_id, grant, services)


async def _visitor(person: SignedIn, list_id: str, services: Services, subprotocol: str | None) -> Visitor:
    entry = await open_list_entry(list_id, person, services)
    if entry.trashed_at is not None:
        raise not_found("list")
    principal = principal_of(person, entry)
    if not principal.may(Action.LISTS_READ):
        raise forbidden(entry.role, principal.credential)
    bind_contextvars(user_id=principal.user_id)
    return Visitor(person, principal, subprotocol)
