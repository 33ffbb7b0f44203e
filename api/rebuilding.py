"""`rowhouse rebuild`: a list's document is made anew from what is durable of it, in a new epoch."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from persistence.contract import AuditEntry, Batch, Fact, FactKind, LoggedUpdate, Source
from persistence.inspection import inspecting
from persistence.quarantine import ACTOR
from persistence.renewal import NOTHING, HeldList, RenewalRefused, holding
from realtime.core.condense import StateDiffers
from realtime.core.document import ListDocument
from realtime.core.renewal import renewed
from realtime.core.update import CLIENT_RESERVED_MAX
from realtime.verifying import Difference, Verification

EPOCH: Final = "epoch"
"""What the rebuild's fact speaks of: an attribute of the list that no document holds and no client can write."""


async def rebuild_list(dsn: str, list_id: str, tell: Callable[[Difference], None]) -> int:
    """Give a list a new document that says the same, in one transaction; returns its epoch.

    `tell` hears what does not fit in what is stored. Only what a rebuild mends is no hindrance: a full state that the whole log contradicts.
    Edits of the list wait meanwhile, other lists go on. Raises `RenewalRefused`, and asyncpg's errors.
    """
    async with holding(dsn, list_id) as held:
        epoch = held.epoch + 1
        if epoch > CLIENT_RESERVED_MAX:
            raise RenewalRefused(f"The list {list_id} has had {held.epoch} epochs, and there are no more.")
        document = await _document(dsn, list_id, tell)
        try:
            state = renewed(document, epoch)
        except StateDiffers as error:
            raise RenewalRefused(
                f"The list {list_id} was left as it was: its new document would not say the same. Please report this."
            ) from error
        await held.renew(_entry(held, epoch), state)
    return epoch


async def _document(dsn: str, list_id: str, tell: Callable[[Difference], None]) -> ListDocument:
    """The document, by state and log, of a list that nobody writes in; its tables and its audit agree with it."""
    hindrances = 0
    async with inspecting(dsn) as inspector, inspector.snapshot(list_id) as snapshot:
        verification = Verification(snapshot)
        async for difference in verification.differences():
            tell(difference)
            hindrances += not difference.mendable
    if hindrances or verification.document is None:
        raise RenewalRefused(
            f"The list {list_id} was left as it was: {max(hindrances, 1)} differences (`rowhouse verify`) say that what is stored"
            " of it is not what people wrote. Nothing is made from that: keep the lines and a dump, and see docs/BACKUP.md."
        )
    return verification.document


def _entry(held: HeldList, epoch: int) -> Batch:
    now = datetime.now(UTC)
    fact = Fact(FactKind.META, attribute=EPOCH, old=held.epoch, new=epoch)
    return Batch(
        list_id=held.list_id,
        batch_id=uuid4(),
        epoch=held.epoch,
        expected_head=held.head,
        updates=[LoggedUpdate(ACTOR, Source.SYSTEM, NOTHING, now)],
        audit=[AuditEntry(0, fact, ACTOR, Source.SYSTEM, now)],
    )
