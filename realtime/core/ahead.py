"""Live edits that refer to what nobody has sent: their client has it from elsewhere, and is asked for all that it has.

A client that comes home may type before it has heard our question; two tabs of one browser tell each other what only one
of them has sent. The answer to a SyncStep1 brings all of it, so such edits wait for the next one, and are not called saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from realtime.core import messages
from realtime.core.audience import Session
from realtime.core.closing import CloseCode
from realtime.core.effects import Close, Effect, Send
from realtime.core.limits import Limits, Meter
from realtime.core.reasons import Flaw, Unsound
from realtime.core.replica import Replica

AHEAD: Final = frozenset({Flaw.CLOCK_GAP, Flaw.UNKNOWN_REFERENCE, Flaw.FUTURE_DELETE})
"""What an edit looks like that refers to others which have not come."""
_PERHAPS: Final = AHEAD | {Flaw.FOREIGN_CLIENT, Flaw.NESTED_TYPE}
"""Also who brings word of a segment or a generation that the server has deleted meanwhile."""


def perhaps_ahead(error: Exception) -> bool:
    """Tell whether an edit may refer to what this node has not heard of yet, or its author may have been mistaken so far."""
    return isinstance(error, Unsound) and error.flaw in _PERHAPS


def live_ahead(frame: bytes, error: Exception) -> bytes | None:
    """The update of a frame whose flaw is that; `None` for any other, and for answers to our SyncStep1."""
    if not isinstance(error, Unsound) or error.flaw not in AHEAD:
        return None
    edit = messages.decode(frame, 0)
    return edit.update if isinstance(edit, messages.Edit) and not edit.answer else None


def set_aside(
    session: Session, update: bytes, live: Replica, refusals: Meter, limits: Limits, now: datetime
) -> Iterator[Effect]:
    """Let an edit wait for the session's next upload, which is asked for unless it is on its way; that counts as a refusal."""
    waits = session.set_aside(update, limits.frame_bytes_max, now)
    user = session.principal.user_id
    if not waits or session.congested_at is not None:
        yield Close(session.id, CloseCode.TRY_AGAIN_LATER, "Too much is missing here; try again in a moment.", user)
    elif session.uploaded:
        session.uploaded = False
        refusals.take(user, 1, now)
        yield Send(session.id, messages.sync_step_1(live.state_vector()))
