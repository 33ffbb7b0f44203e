"""Bugs planted into the product on purpose: a checker that does not find them proves nothing.

Each takes pytest's `monkeypatch` and breaks one thing that the promise rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from auth.roles import Role
from persistence.contract import AuditEntry, Batch, CommitResult, LogEntry, OpenedList
from persistence.memory import MemoryListStore
from realtime.core import batching, draft, events, ledger, messages, room, showing
from realtime.core.backlog import Backlog
from realtime.core.effects import Broadcast, Commit, Effect
from realtime.core.entry import Entry
from realtime.core.flight import Fetching, Rejected, Shown
from realtime.core.ledger import Ledger
from realtime.core.replica import Replica
from realtime.core.room import Room
from realtime.core.showing import catch_up
from tests.simulation.planted_between_nodes import BUGS_BETWEEN_NODES, Patch
from tests.simulation.planted_in_conversions import BUGS_IN_CONVERSIONS
from tests.simulation.planted_in_segments import BUGS_IN_SEGMENTS


def acknowledged_before_commit(patch: Patch) -> None:
    """An edit counts as saved as soon as it has arrived."""
    patch.setattr(Ledger, "first_waiting", lambda _ledger, _session: None)


def shown_before_commit(patch: Patch) -> None:
    """A batch is shown when it is sent to the store."""
    decide = Room.decide

    def early(room: Room, event: events.Event, now: datetime) -> list[Effect]:
        effects = decide(room, event, now)
        everybody = room._audience.reachable(synced=True)
        shown = [
            Broadcast(everybody, messages.update_message(logged.update))
            for effect in effects
            if isinstance(effect, Commit)
            for logged in effect.batch.updates
        ]
        return [*shown, *effects]

    patch.setattr(Room, "decide", early)


def head_not_compared(patch: Patch) -> None:
    """The store writes whatever it is given after whatever it has."""
    commit = MemoryListStore._commit

    def blind(store: MemoryListStore, batch: Batch, records: Any) -> CommitResult:
        head = store.lists[batch.list_id].head
        return commit(store, replace(batch, expected_head=head), records)

    patch.setattr(MemoryListStore, "_commit", blind)


def doubt_forgotten(patch: Patch) -> None:
    """A batch whose answer was lost is not looked for in the log."""
    patch.setattr(Ledger, "_settle_doubt", lambda _ledger, log: ([], log))


def silence_taken_for_success(patch: Patch) -> None:
    """A commit that was not answered counts as done."""

    def hopeful(held: Ledger, now: datetime) -> int | None:
        flight = held._store
        if flight is None or isinstance(flight, Fetching):
            return unanswered(held, now)
        held._store = None
        held._confirm(flight.batch, flight.entries, flight.batch.expected_head + len(flight.batch.updates))
        return None

    unanswered = Ledger.unanswered
    patch.setattr(Ledger, "unanswered", hopeful)


def updates_logged_twice(patch: Patch) -> None:
    """A batch's updates are handed to the store twice."""
    make = batching.make_batch

    def twice(*asked: Any) -> Batch:
        batch = make(*asked)
        return replace(batch, updates=[*batch.updates, *batch.updates])

    patch.setattr(ledger, "make_batch", twice)


def rights_from_memory(patch: Patch) -> None:
    """The store does not look at memberships again."""
    patch.setattr(MemoryListStore, "_moved", lambda _store, _workspace, _batch: {})


def newest_rights_vouch(patch: Patch) -> None:
    """The rights that a person's last edit was judged by are taken for all of their edits in the batch."""
    patch.setattr(
        batching,
        "_memberships",
        lambda entries: {e.principal.user_id: e.principal.membership_version for e in entries},
    )


def promotion_assumed(patch: Patch) -> None:
    """When rights have moved, the version is taken over and the role is not."""
    moved = Ledger.rights_moved

    def careless(held: Ledger, memberships: Any) -> Any:
        return moved(held, {user: now and (Role.ADMIN, now[1]) for user, now in memberships.items()})

    patch.setattr(Ledger, "rights_moved", careless)


def refusals_ignored(patch: Patch) -> None:
    """What is not allowed is applied all the same."""
    patch.setattr(draft, "judge", lambda _case, _keys: {})


def refusals_untold(patch: Patch) -> None:
    """Authors are not told what was refused."""

    def silent(_entry: Entry, _audience: Any) -> Iterator[Effect]:
        yield from ()

    patch.setattr(showing, "_tell_refusals", silent)


def missing_updates_skipped(patch: Patch) -> None:
    """After a conflict a node goes on from the new head without what led to it."""
    advance = Replica.advance

    def skip(held: Ledger, log: Sequence[LogEntry]) -> list[Shown]:
        if log:
            advance(held.live, [], log[-1].seq)
        return []

    patch.setattr(Ledger, "_take_in", skip)


def judged_once(patch: Patch) -> None:
    """After a conflict what waits is committed with the facts of the first judgement."""

    def keep(_ledger: Ledger) -> list[Rejected]:
        return []

    patch.setattr(Ledger, "rejudge", keep)


def gap_ignored(patch: Patch) -> None:
    """What another node says is taken in, whatever number it has."""

    def trusting(held: Ledger, head: int, entries: Sequence[LogEntry]) -> list[Shown]:
        if held._store is not None or not entries or head <= held.live.head:
            return []
        return [Shown(held.live.advance([entry.update for entry in entries], head), ())]

    patch.setattr(Ledger, "heard", trusting)


def doubles_applied(patch: Patch) -> None:
    """A message of another node that comes twice moves the head twice."""

    def eager(held: Ledger, _head: int, entries: Sequence[LogEntry]) -> list[Shown]:
        if held._store is not None or not entries:
            return []
        return [Shown(held.live.advance([e.update for e in entries], held.live.head + len(entries)), ())]

    patch.setattr(Ledger, "heard", eager)


def heads_not_compared(patch: Patch) -> None:
    """A node believes in the bus alone."""
    heard = Ledger.heard

    def deaf(held: Ledger, head: int, entries: Sequence[LogEntry]) -> list[Shown]:
        return heard(held, head, entries) if entries else []

    patch.setattr(Ledger, "heard", deaf)


def tail_dropped(patch: Patch) -> None:
    """Newcomers get the shared frame without what came after it."""
    welcome = Replica.welcome

    def without_tail(replica: Replica, vector: bytes) -> list[bytes]:
        first, *rest = welcome(replica, vector)
        return [first, *rest[-1:]]

    patch.setattr(Replica, "welcome", without_tail)


def slow_readers_skip(patch: Patch) -> None:
    """Who was behind gets the difference from where the list is now, not from where they were."""
    patch.setattr(
        room, "catch_up", lambda session, _behind, live, board: catch_up(session, live.state_vector(), live, board)
    )


def audited_twice(patch: Patch) -> None:
    """Every fact stands in the audit twice."""
    audit = batching._audit
    patch.setattr(batching, "_audit", lambda number, entry: [*audit(number, entry), *audit(number, entry)])


def audit_lacks_one(patch: Patch) -> None:
    """The last fact of an edit is not audited."""
    audit: Callable[[int, Entry], list[AuditEntry]] = batching._audit
    patch.setattr(
        batching, "_audit", lambda number, entry: audit(number, entry)[:-1] if number else audit(number, entry)
    )


def rows_not_patched(patch: Patch) -> None:
    """The rows of a batch after its first edit are not written."""
    make = batching.make_batch
    patch.setattr(ledger, "make_batch", lambda *asked: replace(make(*asked), rows=make(*asked).rows[:1]))


def log_ends_early(patch: Patch) -> None:
    """Opening a list leaves out the newest update."""
    open_list = MemoryListStore.open_list

    async def short(store: MemoryListStore, list_id: str) -> OpenedList | None:
        opened = await open_list(store, list_id)
        return opened and replace(opened, log=opened.log[:-1])

    patch.setattr(MemoryListStore, "open_list", short)


def uploads_taken_at_their_word(patch: Patch) -> None:
    """An upload that refers to what this node has not heard of ends its connection at once."""
    patch.setattr(Backlog, "doubt", lambda _backlog, _session, _upload, _error: False)


def retries_by_the_clock(patch: Patch) -> None:
    """The log is read again when the clock has come to some time, and not when that long has passed."""
    woken = Ledger.woken

    def patient(held: Ledger, planned: datetime | None, now: datetime) -> int | None:
        flight = held._store
        due = flight.retry_at if isinstance(flight, Fetching) else None
        return None if due is not None and due > now else woken(held, planned, now)

    patch.setattr(Ledger, "woken", patient)


def rest_never_over(patch: Patch) -> None:
    """A list that has waited for more edits waits for ever."""
    patch.setattr(Ledger, "rested", lambda _ledger: None)


BUGS: tuple[Callable[[Patch], None], ...] = (
    acknowledged_before_commit,
    shown_before_commit,
    head_not_compared,
    doubt_forgotten,
    silence_taken_for_success,
    updates_logged_twice,
    rights_from_memory,
    newest_rights_vouch,
    promotion_assumed,
    refusals_ignored,
    refusals_untold,
    missing_updates_skipped,
    judged_once,
    gap_ignored,
    doubles_applied,
    heads_not_compared,
    tail_dropped,
    slow_readers_skip,
    audited_twice,
    audit_lacks_one,
    rows_not_patched,
    log_ends_early,
    uploads_taken_at_their_word,
    retries_by_the_clock,
    rest_never_over,
    *BUGS_BETWEEN_NODES,
    *BUGS_IN_SEGMENTS,
    *BUGS_IN_CONVERSIONS,
)
