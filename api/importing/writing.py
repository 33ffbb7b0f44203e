"""The one way in which an import changes a list: through the room, with patience, and with words where it cannot go on."""

import asyncio
from collections.abc import Sequence
from typing import Final

from api.importing.endings import Ended
from api.services import Services
from auth.principals import Principal
from persistence.contract import Source
from realtime.core.closing import QUARANTINED
from realtime.core.reasons import Reason
from realtime.core.writes import Write
from realtime.hub import Busy, ListMissing, Quarantined, WritesRefused

_TRIES: Final = 60
_PAUSE_SECONDS: Final = 0.5
_RIGHTS: Final = frozenset({Reason.ROLE, Reason.LOCKED_COLUMN, Reason.NOT_AUTHOR})
_NOT_ALLOWED: Final = "Your role in this workspace does not allow this import any more."
_CHANGED: Final = "A column that the file goes into was changed meanwhile. Look at the preview, and import again."
_TRASHED: Final = "The list is in the trash."
_BUSY: Final = "The list could not be written to for a long time. Import again: with a key column nothing comes twice."


async def commit(services: Services, list_id: str, principal: Principal, writes: Sequence[Write]) -> None:
    """Commit writes together. A room that is busy is asked again. Raises `Ended`, `StoreUnavailable`."""
    for _ in range(_TRIES):
        try:
            await services.rooms.write(list_id, principal, writes, source=Source.IMPORT)
        except Busy:
            await asyncio.sleep(_PAUSE_SECONDS)
        except WritesRefused as refused:
            raise _ended(refused) from refused
        except ListMissing as missing:
            raise Ended("list_trashed", _TRASHED) from missing
        except Quarantined as closed:
            raise Ended("quarantined", QUARANTINED) from closed
        else:
            return
    raise Ended("busy", _BUSY)


def _ended(refused: WritesRefused) -> Ended:
    reasons = {reason for _, reason in refused.refusals}
    return Ended("forbidden", _NOT_ALLOWED) if reasons & _RIGHTS else Ended("column_changed", _CHANGED)
