"""The ledger of a room: what is committed, what is at the store, and what waits for the next commit.

1. One commit is under way at a time; what is accepted meanwhile gathers for the next one.
2. The live document holds exactly the log up to its head; the draft holds that and everything accepted since.
3. A batch whose outcome is unknown is looked for, by its id, in whatever the log brings next: its statement may still
   take effect until the head has moved.
4. What other nodes have committed is taken in by its numbers; where one is missing the log is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Batch, LogEntry, OpenedList, Source
from realtime.core.ahead import perhaps_ahead
from realtime.core.batching import make_batch
from realtime.core.draft import Draft
from realtime.core.effects import Commit, Fetch, Rest
from realtime.core.entry import Entry
from realtime.core.flight import RETRY_AFTER, Committing, Doubts, Fetching, Memberships, Rejected, Shown, under
from realtime.core.limits import Limits
from realtime.core.owners import Owners
from realtime.core.pace import Pace
from realtime.core.reasons import Excessive, Unsound, WritesRefused
from realtime.core.replica import Replica
from realtime.core.update import Bounds
from realtime.core.writes import Write

LOSSES_MAX: Final = 2


class Ledger:
    """The edits of one list on their way from accepted to durable to shown."""

    def __init__(self, opened: OpenedList, limits: Limits, new_batch_id: Callable[[], UUID]) -> None:
        self.live = Replica(opened, limits.join_tail_bytes_max)
        owners = Owners(opened.client_owners, limits.client_ids_per_user_max)
        with (document := self.live.copy()).change:  # transactions cost: each copies every client's clock
            self.draft = Draft(document, owners, opened.members, limits)
        self.draft.lists, self.draft.members_version = opened.lists, opened.members_version
        self._list_id, self._limits, self._new_batch_id = opened.list_id, limits, new_batch_id
        self._lost, self._pace, self._log_read = 0, Pace(limits), False
        self._pending: list[Entry] = []
        self._store: Committing | Fetching | None = None
        self._doubts = Doubts()
        self._known_head = self.live.head
        self._draft_stale = self._looking = self._takes_all_back = False
        self._unmet: list[bytes] = []
        self._moved: dict[str, tuple[Role, int] | None] = {}

    @property
    def quiet(self) -> bool:
        """Nothing is under way."""
        return self._store is None and not self._pending

    @property
    def fetching(self) -> bool:
        """The log is being read, so no edit can be judged now."""
        return self._looking or isinstance(self._store, Fetching)

    def look(self) -> None:
        """Read the log before anything else is judged: perhaps we have missed something."""
        self._looking = True

    # Accepting

    def receive(
        self, principal: Principal, update: bytes, bounds: Bounds, refusals_left: int, now: datetime
    ) -> Entry | None:
        """Take an update from a socket, of which so many keys may be refused; `None` if all of it is durable already.

        Raises `Unsound`, `Excessive`, `Diverged`.
        """
        entry = self.draft.receive(principal, update, now, bounds, refusals_left)
        if entry is None:
            if self.quiet:
                return None
            # What it repeats is not durable yet and may be judged otherwise: then this counts.
            entry = Entry(principal, Source.SOCKET, now, update)
        self._pending.append(entry)
        return entry

    def write(self, principal: Principal, source: Source, writes: Sequence[Write], now: datetime) -> Entry:
        """Take what a door of the server asks. Raises `WritesRefused`."""
        entry = self.draft.write(principal, source, writes, now)
        self._pending.append(entry)
        return entry

    def first_waiting(self, session: str) -> int | None:
        """The frame number of the first edit of a session that is not durable yet."""
        entries = [*self._store.entries, *self._pending] if isinstance(self._store, Committing) else self._pending
        return min((entry.frame for entry in entries if entry.session == session), default=None)

    # Committing

    def next(self, people: int, now: datetime) -> Commit | Shown | Fetch | Rest | None:
        """Begin what comes next, if nothing is under way: read the log, or commit what so many people will be shown, if it is anything."""
        if self._store is not None:
            return None
        if self._looking or self._known_head > self.live.head:
            self._store = Fetching(refused=False)
            return Fetch(self.live.head)
        if not self._pending or self._pace.resting:
            return None
        if seconds := self._pace.rest(people, now):
            return Rest(seconds)
        entries, self._pending = self._pending, []
        written = [entry for entry in entries if entry.emitted is not None]
        if not written:
            return Shown(None, entries)
        live = self.live
        batch = make_batch(self._list_id, live.epoch, live.head, self._new_batch_id(), written, self.draft)
        self._store, self._pace.begun_at = Committing(batch, entries, []), now
        return Commit(batch)

    def rested(self) -> None:
        """What was gathered meanwhile may be committed."""
        self._pace = Pace(self._limits)

    def committed(self, head: int) -> Shown:
        """The batch is durable: take it into the live document."""
        flight = self._land()
        self._lost, self._takes_all_back = 0, False
        self.draft.confirmed(len(flight.batch.updates))
        return self._confirm(flight.batch, flight.entries, head)

    def conflicted(self) -> list[Shown] | Fetch:
        """The batch was not written, since the log went on without us: what is known of it, else read it after our head.

        Who has lost twice running has it read with the list held, so that the next try cannot fail again. `rejudge` must
        follow what is shown.
        """
        flight = self._return()
        self._log_read, self._lost = False, self._lost + 1
        self._pace = Pace(self._limits)  # who has lost a race tries again at once
        hold = self._lost >= LOSSES_MAX
        if flight.overheard and not hold:
            return self._take_in(flight.overheard)
        self._store = Fetching(refused=True)
        return Fetch(self.live.head, hold)

    def unanswered(self, now: datetime) -> int | None:
        """The store did not answer: read the log after our head, at once (the answer) or, if it failed before, at `retry_at`."""
        if isinstance(self._store, Fetching):
            self._store.retry_at = now + RETRY_AFTER
            return None
        flight = self._return()
        first = self._doubts.add(flight)
        self._store = Fetching(refused=False, retry_at=None if first else now + RETRY_AFTER)
        return self.live.head if first else None

    def wakes(self, now: datetime) -> list[datetime]:
        """When there is something to do without anything happening: the log is read again."""
        return self._store.due_again(now) if isinstance(self._store, Fetching) else []

    def woken(self, planned: datetime | None, now: datetime) -> int | None:
        """Read the log after this number, if it is time for that."""
        return self.live.head if isinstance(self._store, Fetching) and self._store.woken(planned, now) else None

    def fetched(self, log: Sequence[LogEntry]) -> list[Shown] | None:
        """Take in the log after our head, then `rejudge`; `None` where the list is gone: refused, and yet nothing came before it."""
        fetching, self._store, self._looking, self._log_read = self._store, None, False, True
        assert isinstance(fetching, Fetching), "a log belongs to the fetch under way"
        if log:
            return self._take_in(log)
        self._known_head = self.live.head  # whoever said otherwise was wrong
        return None if fetching.refused else []

    def heard(self, head: int, entries: Sequence[LogEntry]) -> list[Shown]:
        """The list is at `head`, say others: take its entries in if they follow ours; where they do not, `next` reads the log."""
        self._log_read, self._known_head = False, max(self._known_head, head)
        log = [entry for entry in entries if entry.seq > self.live.head]
        if isinstance(self._store, Committing):
            overheard = self._store.overheard
            follows = overheard[-1].seq if overheard else self.live.head
            overheard += [entry for entry in log if entry.seq > follows] if log and log[0].seq <= follows + 1 else []
        elif self._store is None and log and log[0].seq == self.live.head + 1:
            return self._take_in(log)
        return []

    def _land(self) -> Committing:
        flight, self._store = self._store, None
        assert isinstance(flight, Committing), "an answer belongs to the commit under way"
        return flight

    def _return(self) -> Committing:
        """The batch is not known to be written: its entries wait again, before the others."""
        flight = self._land()
        self._pending = [*flight.entries, *self._pending]
        return flight

    def _confirm(self, batch: Batch, entries: list[Entry], head: int) -> Shown:
        self.draft.owners.persisted.update(batch.client_ids)
        updates = [(entry.principal.user_id, entry.emitted) for entry in entries if entry.emitted is not None]
        first = head - len(updates) + 1
        log = [LogEntry(first + n, update, batch.batch_id, actor) for n, (actor, update) in enumerate(updates)]
        message = self.live.advance([update for _, update in updates], head)
        self._doubts.clear()
        return Shown(message, entries, log)

    def _take_in(self, log: Sequence[LogEntry]) -> list[Shown]:
        """The log after our head, in order: perhaps a batch of ours that was in doubt, then what other nodes committed."""
        numbers = range(self.live.head + 1, self.live.head + 1 + len(log))
        assert [entry.seq for entry in log] == [*numbers], "a log has no gap"
        ours, log = self._settle_doubt(log)
        if not log:
            return ours
        updates = [entry.update for entry in log]
        for entry in log:
            self.draft.owners.learn(entry.actor, entry.update)
        if self._pending or self._draft_stale:
            self._draft_stale = True
            self._unmet += updates
        else:
            self.draft.absorb(updates)
        shown = Shown(self.live.advance(updates, log[-1].seq), ())
        self._doubts.clear()
        return [*ours, shown]

    def _settle_doubt(self, log: Sequence[LogEntry]) -> tuple[list[Shown], Sequence[LogEntry]]:
        """A batch in doubt can only be the next one; then its entries are durable, and wait no more."""
        doubt = self._doubts.of(log[0].batch_id)
        if doubt is None:
            return [], log
        batch, entries = doubt.batch, doubt.entries
        durable = {(entry.request, entry.session, entry.frame) for entry in entries}
        self._pending = [e for e in self._pending if (e.request, e.session, e.frame) not in durable]
        self._draft_stale = True
        self._unmet += [update.update for update in batch.updates]
        return [self._confirm(batch, entries, log[len(batch.updates) - 1].seq)], log[len(batch.updates) :]

    # Judging again

    def rights_moved(self, memberships: Memberships) -> int:
        """Nothing was written since rights had moved: the log after the answer is read before anything is judged again.

        A batch in doubt may be in it, and what people have brought of the edits of somebody who is no member any more.
        """
        self._return()
        self._moved |= memberships
        self._store = Fetching(refused=False)
        return self.live.head

    def dismiss(self) -> list[str]:
        """Drop what those asked who are no longer members, and return the requests among it; `rejudge` must follow."""
        if not self._moved or self.fetching:
            return []
        self._pending, dropped = under(self._moved, self._pending)
        self._moved, self._draft_stale = {}, True
        return dropped

    def rejudge(self) -> list[Rejected]:
        """Judge what waits again, if the log has brought something that it was not judged by; not while it is being read."""
        stale = self._draft_stale and not self.fetching
        return [] if not stale else self.rebuild() if self._takes_all_back else self.replay()

    def rebuild(self) -> list[Rejected]:
        """Judge everything that waits again, on a draft made anew from the live document and what is at the store."""
        document, flight = self.live.copy(), self._store
        under_way = [update.update for update in flight.batch.updates] if isinstance(flight, Committing) else []
        self._takes_all_back = bool(under_way)  # a draft that was made with it knows no state before it
        document.apply(under_way)
        with document.change:
            self.draft = self.draft.rebuilt(document, len(under_way))
        return self._judge_again()

    def replay(self) -> list[Rejected]:
        """Judge everything that waits again, on top of the live document; nothing may be at the store."""
        assert self._store is None, "what is at the store is in the draft"
        with (document := self.live.copy()).change:
            self.draft.rebase(document, self._unmet)
        return self._judge_again()

    def _judge_again(self) -> list[Rejected]:
        self._draft_stale, self._unmet = False, []
        waiting, self._pending = self._pending, []
        rejected: list[Rejected] = []
        for entry in waiting:
            try:
                again = self._again(entry)
            except (WritesRefused, Unsound, Excessive) as error:
                if perhaps_ahead(error) and not self._log_read:
                    self._pending, self._draft_stale, self._looking = waiting, True, True  # the log may say otherwise
                    return []
                rejected.append(Rejected(entry, error))
                continue
            again.session, again.frame, again.request = entry.session, entry.frame, entry.request
            self._pending.append(again)
        return rejected

    def _again(self, entry: Entry) -> Entry:
        if isinstance(entry.origin, tuple):
            return self.draft.write(entry.principal, entry.source, entry.origin, entry.at, entry)
        again = self.draft.receive(entry.principal, entry.origin, entry.at)
        return Entry(entry.principal, entry.source, entry.at, entry.origin) if again is None else again
