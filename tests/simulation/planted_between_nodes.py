"""Bugs planted into what nodes have between them: the hold of a list, the order of times, the epochs of its document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from persistence.contract import Batch, CommitResult, Conflict, LogEntry
from persistence.memory import MemoryListStore
from realtime.core import ledger, room
from realtime.core.ledger import Ledger
from tests.simulation.holds import Hold, Read

Patch = pytest.MonkeyPatch


def races_without_end(patch: Patch) -> None:
    """Who loses races goes on to race."""
    patch.setattr(ledger, "LOSSES_MAX", 1_000_000)


def held_after_reading(patch: Patch) -> None:
    """The log is read before the list is held, and not under the lock."""
    ask = Hold._ask_for_row

    def hasty(hold: Hold, read: Read) -> None:
        log = read()
        ask(hold, lambda: log)

    patch.setattr(Hold, "_ask_for_row", hasty)


def held_for_ever(patch: Patch) -> None:
    """A hold ends by nothing but its own commit, whatever becomes of its node."""
    for ending in ("_let_go_of", "_tell"):
        patch.setattr(Hold, ending, lambda _hold: None)
    patch.setattr(Hold, "_idle_for_long", lambda _hold, _turn: None)


def doubt_forgotten_in_hold(patch: Patch) -> None:
    """A commit that was lost under a hold counts as not written, as its transaction has ended."""
    unanswered = Ledger.unanswered

    def sure(held: Ledger, now: datetime) -> int | None:
        after = unanswered(held, now)
        if held._lost >= ledger.LOSSES_MAX:
            held._doubts.clear()
        return after

    patch.setattr(Ledger, "unanswered", sure)


def times_in_order(patch: Patch) -> None:
    """The store writes nothing that is older than the newest that it has."""
    commit = MemoryListStore._commit

    def chronological(store: MemoryListStore, batch: Batch, records: Any) -> CommitResult:
        kept = store.lists[batch.list_id]
        late = batch.updates[0].at < kept.logged_at.get(kept.head, batch.updates[0].at)
        return Conflict() if late else commit(store, batch, records)

    patch.setattr(MemoryListStore, "_commit", chronological)


def epoch_not_compared(patch: Patch) -> None:
    """The store writes a batch whatever epoch it was judged in."""
    commit = MemoryListStore._commit

    def blind(store: MemoryListStore, batch: Batch, records: Any) -> CommitResult:
        return commit(store, replace(batch, epoch=store.lists[batch.list_id].epoch), records)

    patch.setattr(MemoryListStore, "_commit", blind)


def log_read_across_epochs(patch: Patch) -> None:
    """A node reads on in the log although the document that it has was made anew meanwhile."""
    read = MemoryListStore.updates_after

    async def on(store: MemoryListStore, list_id: str, seq: int, _epoch: int | None = None) -> Sequence[LogEntry]:
        return await read(store, list_id, seq)

    patch.setattr(MemoryListStore, "updates_after", on)


def copies_of_any_epoch(patch: Patch) -> None:
    """Nobody is asked which epoch their copy is of."""
    patch.setattr(room, "require_epoch", lambda *_asked: None)
    patch.setattr(room, "require_same", lambda *_asked: None)


BUGS_BETWEEN_NODES: tuple[Callable[[Patch], None], ...] = (
    races_without_end,
    held_after_reading,
    held_for_ever,
    doubt_forgotten_in_hold,
    times_in_order,
    epoch_not_compared,
    log_read_across_epochs,
    copies_of_any_epoch,
)
