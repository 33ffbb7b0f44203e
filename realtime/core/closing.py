"""The close codes of the socket: 4400 to 4499 are permanent, the others mean back off and try again."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from realtime.core.reasons import Behind, Excessive, Rebuilt, Unsound


class CloseCode(IntEnum):
    """Why the server closes a socket."""

    SHUTTING_DOWN = 1001
    UNFIT = 1008
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013
    UNSOUND = 4400
    CREDENTIALS_EXPIRED = 4401
    NO_ACCESS = 4403
    LIST_GONE = 4404
    STALE_EPOCH = 4409
    QUARANTINED = 4423
    TOO_MANY_REFUSALS = 4429


SENTENCE_BYTES_MAX: Final = 123
"""What a close frame holds beside its code, in UTF-8; a longer sentence cannot be sent, and the close would fail."""

RESTARTING: Final = "The server is restarting."
QUARANTINED: Final = (
    "The server stopped twice while it worked on this list. It is safe, and closed until an operator has looked."
)
BLAMED_CODES: Final = frozenset({CloseCode.UNSOUND, CloseCode.TOO_MANY_REFUSALS})
"""The closes that say something of the person behind the socket: they count against them, and stand in the audit."""

ENDINGS: Final[Mapping[type[Exception], CloseCode]] = {
    Unsound: CloseCode.UNSOUND,
    Excessive: CloseCode.TOO_MANY_REFUSALS,
    Rebuilt: CloseCode.STALE_EPOCH,
    Behind: CloseCode.TRY_AGAIN_LATER,
}
"""With which code a socket is closed for what its client sent."""
