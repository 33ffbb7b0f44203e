"""What a process that starts has to say of those that died in its folder: strikes, and the lists quarantined by them."""

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from persistence.quarantine import PostgresQuarantine
from realtime.blackbox import unread_deaths

_log = structlog.get_logger(__name__)


async def own_up(folder: Path, quarantine: PostgresQuarantine, at: datetime, within: timedelta) -> None:
    """Record every death that left its trace in the folder, before any list is opened. Raises `StoreUnavailable`."""
    for death in unread_deaths(folder):
        for list_id in death.suspects:
            _log.error("a process died while it worked on a list; its trace stays in the state folder", list_id=list_id)
        for list_id in await quarantine.strike(death.suspects, death.name, hung=death.hung, at=at, within=within):
            _log.error("list quarantined: `rowhouse quarantine lift` opens it again", list_id=list_id)
