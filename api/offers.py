"""What a request for a socket offers to be let in by."""

from dataclasses import dataclass
from typing import Final, Self

from fastapi.requests import HTTPConnection

from api.access import bearer_token

SUBPROTOCOL: Final = "rowhouse"
_BEARER_SUBPROTOCOL: Final = "bearer."


@dataclass(frozen=True, slots=True)
class Offer:
    """What a request for a socket offers: a ticket, or else an access token or API key; and the sub-protocol to answer with."""

    ticket: str | None
    token: str | None
    subprotocol: str | None

    @classmethod
    def of(cls, request: HTTPConnection) -> Self:
        """Read the address, the header, or the sub-protocols `rowhouse`, `bearer.<token>`."""
        ticket = request.query_params.get("ticket")
        if ticket is not None:
            return cls(ticket, None, None)
        offered: list[str] | None = request.scope.get("subprotocols")
        if offered is None:  # it has not come to a handshake
            offered = [name.strip() for name in request.headers.get("sec-websocket-protocol", "").split(",")]
        if SUBPROTOCOL not in offered:
            return cls(None, bearer_token(request), None)
        tokens = [name.removeprefix(_BEARER_SUBPROTOCOL) for name in offered if name.startswith(_BEARER_SUBPROTOCOL)]
        return cls(None, tokens[0] if tokens else bearer_token(request), SUBPROTOCOL)

    @property
    def credential(self) -> str | None:
        """What it rests on."""
        return self.token if self.ticket is None else self.ticket
