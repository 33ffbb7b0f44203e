"""The ledger of a room: what is committed, what is at the store, and what waits for the next commit.

1. One commit is under way at a time; what is accepted meanwhile gathers for the next one.
2. The live document holds exactly the log up to its head; the draft holds that and everything accepted since.
3. A batch whose outcome is unknown is looked for in the log by its id before anything else is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Batch, LogEntry, OpenedList, Source
from realtime.core.batching import make_batch
from realtime.core.document import ListDocument
from realtime.core.draft import Draft, WritesRefused
from realtime.core.entry import Entry
from realtime.core.limits import Limits
from realtime.core.reasons import Excessive, Unsound
from realtime.core.replica import Replica
from realtime.core.update import Bounds
from realtime.core.writes import Write

RETRY_AFTER: Final = timedelta(milliseconds=250)


@dataclass(slots=True)
class Committing:
    """A batch is at the store."""

    batch: Batch
    entries: list[Entry]


@dataclass(slots=True)
class Fetching:
    """The log after our head is being read; `doubt` is a batch whose commit may or may not have happened."""

    entries: list[Entry]
    doubt: Batch | None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Something is durable: the message that shows it (`None` if there is nothing to see), and our entries in it."""

    message: bytes | None
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that, judged again, can't be taken any more."""

    entry: Entry
    error: WritesRefused | Unsound | Excessive


class Ledger:
    """The edits of one list on their way from accepted to durable to shown."""

    def __init__(self, opened: OpenedList, limits: Limits, new_batch_id: Callable[[], UUID]) -> None:
        self.live = Replica(opened, limits.join_tail_bytes_max)
        self.draft = Draft(self.live.copy(), opened.client_owners, opened.members, limits)
        self.draft.lists, self.draft.members_version = opened.lists, opened.members_version
        self._list_id = opened.list_id
        self._limits = limits
        self._new_batch_id = new_batch_id
        self._pending: list[Entry] = []
        self._pending_bytes = self._flight_bytes = 0
        self._store: Committing | Fetching | None = None

    @property
    def quiet(self) -> bool:
        """Nothing is under way."""
        return self._store is None and not self._pending

    @property
    def fetching(self) -> bool:
        """The log is being read, so no edit can be judged now."""
        return isinstance(self._store, Fetching)

    @property
    def gathered_bytes(self) -> int:
        """About how many bytes the entries hold that wait for the next commit or are in the one under way."""
        return self._pending_bytes + self._flight_bytes

    @property
    def overfull(self) -> bool:
        """More waits behind the commit under way than may."""
        limits = self._limits
        return len(self._pending) > limits.waiting_edits_max or self._pending_bytes > limits.waiting_bytes_max

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
        return self._gather(entry)

    def write(self, principal: Principal, source: Source, writes: Sequence[Write], now: datetime) -> Entry:
        """Take what a door of the server asks. Raises `WritesRefused`."""
        return self._gather(self.draft.write(principal, source, writes, now))

    def _gather(self, entry: Entry) -> Entry:
        self._pending.append(entry)
        self._pending_bytes += entry.weight_bytes
        return entry

    def first_waiting(self, session: str) -> int | None:
        """The frame number of the first edit of a session that is not durable yet."""
        entries = [*self._store.entries, *self._pending] if self._store is not None else self._pending
        return next((entry.frame for entry in entries if entry.session == session), None)

    # Committing

    def next(self) -> Batch | Shown | None:
        """Begin the next commit, if none is under way; edits that changed nothing are shown without one."""
        if self._store is not None or not self._pending:
            return None
        entries, self._pending = self._pending, []
        self._flight_bytes, self._pending_bytes = self._pending_bytes, 0
        written = [entry for entry in entries if entry.emitted is not None]
        if not written:
            return Shown(None, entries)
        live = self.live
        batch = make_batch(self._list_id, live.epoch, live.head, self._new_batch_id(), written, self.draft)
        self._store = Committing(batch, entries)
        return batch

    def committed(self, head: int) -> Shown:
        """The batch is durable: take it into the live document."""
        flight = self._land()
        return self._confirm(flight.batch, flight.entries, head)

    def conflicted(self) -> int:
        """The batch was not written, since the log went on without us: read it after our head (the answer)."""
        self._store = Fetching(self._land().entries, None)
        return self.live.head

    def unanswered(self, now: datetime) -> int | None:
        """The store did not answer: read the log after our head (the answer) at once, or at `retry_at`."""
        if isinstance(self._store, Fetching):
            self._store.retry_at = now + RETRY_AFTER
            return None
        flight = self._land()
        self._store = Fetching(flight.entries, flight.batch)
        return self.live.head

    @property
    def retry_at(self) -> datetime | None:
        """When the log is to be read again."""
        return self._store.retry_at if isinstance(self._store, Fetching) else None

    def retry(self, now: datetime) -> int | None:
        """Read the log again, after this number, if it is time."""
        if not isinstance(self._store, Fetching) or self._store.retry_at is None or self._store.retry_at > now:
            return None
        self._store.retry_at = None
        return self.live.head

    def fetched(self, log: Sequence[LogEntry]) -> list[Shown] | None:
        """Take in the log after our head; `None` where the list is gone: refused, and yet nothing came before it.

        `replay` must follow: what waits was judged on an older state.
        """
        fetching = self._store
        assert isinstance(fetching, Fetching), "a log belongs to the fetch under way"
        numbers = list(range(self.live.head + 1, self.live.head + len(log) + 1))
        assert [entry.seq for entry in log] == numbers, "a log has no gap"
        self._store = None
        self._pending = [*fetching.entries, *self._pending]
        doubt = fetching.doubt
        if doubt is None:
            return self._take_in(log) if log else None
        ours = [entry for entry in log if entry.batch_id == doubt.batch_id]
        if not ours:
            return self._take_in(log)
        self._pending = self._pending[len(fetching.entries) :]
        return [self._confirm(doubt, fetching.entries, ours[-1].seq), *self._take_in(log[len(ours) :])]

    def _land(self) -> Committing:
        flight, self._store = self._store, None
        assert isinstance(flight, Committing), "an answer belongs to the commit under way"
        return flight

    def _confirm(self, batch: Batch, entries: list[Entry], head: int) -> Shown:
        self.draft.persisted.update(batch.client_ids)
        return Shown(
            self.live.advance([entry.emitted for entry in entries if entry.emitted is not None], head), entries
        )

    def _take_in(self, log: Sequence[LogEntry]) -> list[Shown]:
        """What other nodes have committed."""
        if not log:
            return []
        for entry in log:
            self.draft.learn(entry.actor, entry.update)
        return [Shown(self.live.advance([entry.update for entry in log], log[-1].seq), ())]

    # Judging again

    def rights_moved(
        self, memberships: Mapping[str, tuple[Role, int] | None], now_gone: Callable[[Entry], None]
    ) -> None:
        """Nothing was written since rights had moved: act under the new ones; `replay` must follow.

        Entries of those who are no longer members are dropped, and given to `now_gone`.
        """
        entries = [*self._land().entries, *self._pending]
        self._pending = []
        for entry in entries:
            membership = memberships.get(entry.principal.user_id, ())
            if membership is None:
                now_gone(entry)
                continue
            if membership:
                role, version = membership
                entry.principal = replace(entry.principal, role=role, membership_version=version)
            self._pending.append(entry)

    def replay(self) -> list[Rejected]:
        """Judge everything that waits again, on a draft made anew from the live document and what is at the store."""
        document = self.live.copy()
        if self._store is not None:
            document.apply([entry.emitted for entry in self._store.entries if entry.emitted is not None])
        self._renew_draft(document)
        waiting, self._pending, self._pending_bytes = self._pending, [], 0
        rejected: list[Rejected] = []
        for entry in waiting:
            try:
                again = self._again(entry)
            except (WritesRefused, Unsound, Excessive) as error:
                rejected.append(Rejected(entry, error))
                continue
            again.session, again.frame, again.request = entry.session, entry.frame, entry.request
            self._gather(again)
        return rejected

    def _renew_draft(self, document: ListDocument) -> None:
        old = self.draft
        self.draft = Draft(document, old.owners, old.members, self._limits)
        self.draft.persisted, self.draft.restored = old.persisted, old.restored
        self.draft.lists, self.draft.members_version = old.lists, old.members_version

    def _again(self, entry: Entry) -> Entry:
        if isinstance(entry.origin, tuple):
            return self.draft.write(entry.principal, entry.source, entry.origin, entry.at)
        again = self.draft.receive(entry.principal, entry.origin, entry.at)
        return Entry(entry.principal, entry.source, entry.at, entry.origin) if again is None else again
