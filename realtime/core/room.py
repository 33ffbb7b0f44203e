"""A room: one live list, as one pure decision function from an event and the time to effects.

The order of the effects is the promise of the system:

1. Nothing is broadcast or acknowledged before the store has answered `Committed` for it.
2. One commit is under way at a time; what is accepted meanwhile gathers for the next one.
3. The live document holds exactly the log up to `head`; the draft holds that and everything accepted since.
4. While the log is being fetched no edit is judged: it waits, in order.
5. An edit is acknowledged once all edits that its session sent before it are committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Batch, Committed, Conflict, Json, LogEntry, OpenedList, RightsMoved
from realtime.core import events, messages
from realtime.core.audience import Audience, Session
from realtime.core.batching import make_batch
from realtime.core.closing import CloseCode
from realtime.core.document import DocumentBroken, ListDocument
from realtime.core.draft import Diverged, Draft, Entry, WritesRefused
from realtime.core.effects import Abandon, Broadcast, Close, Commit, Effect, Fetch, Refuse, Reply, Send, WakeAt
from realtime.core.limits import Bucket, Limits
from realtime.core.presence import PresenceBoard
from realtime.core.reasons import Flaw, Unsound
from realtime.core.replica import Replica

RETRY_AFTER = timedelta(milliseconds=250)


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


class Room:
    """The decision function of one list and the state that it decides on."""

    def __init__(self, opened: OpenedList, limits: Limits, new_batch_id: Callable[[], UUID], now: datetime) -> None:
        self._list_id = opened.list_id
        self._limits = limits
        self._new_batch_id = new_batch_id
        self._live = Replica(opened, limits.join_tail_bytes_max)
        self._draft = Draft(self._live.copy(), opened.client_owners, opened.members, limits)
        self._audience = Audience()
        self._presence = PresenceBoard(limits.presence_state_bytes_max)
        self._pending: list[Entry] = []
        self._store: Committing | Fetching | None = None
        self._waiting: list[events.Received | events.Requested] = []
        self._refusals: dict[str, Bucket] = {}
        self._presence_at = now
        self._heartbeat_at = now + timedelta(seconds=limits.heartbeat_seconds)
        self._wake_at: datetime | None = None
        self._effects: list[Effect] = []

    @property
    def head(self) -> int:
        """The number of the last update that people have been shown."""
        return self._live.head

    @property
    def idle(self) -> bool:
        """Nobody is here and nothing is under way."""
        return not len(self._audience) and self._store is None and not self._pending and not self._waiting

    def decide(self, event: events.Event, now: datetime) -> list[Effect]:
        """Take an event at a time; returns the effects to carry out, in order."""
        self._effects = []
        self._take(event, now)
        self._commit_pending()
        self._show_presence(now)
        self._beat(now)
        self._plan_wake(now)
        return self._effects

    def _take(self, event: events.Event, now: datetime) -> None:  # noqa: C901, PLR0912 - one arm per event
        match event:
            case events.Received() | events.Requested() if isinstance(self._store, Fetching):
                self._wait(event)
            case events.Received(session, frame):
                self._receive(session, frame, now)
            case events.Requested():
                self._request(event, now)
            case events.Answered(Committed(head)):
                self._committed(head)
            case events.Answered(Conflict()):
                self._fetch(doubt=False)
            case events.Answered(RightsMoved(memberships)):
                self._rights_moved(memberships, now)
            case events.Unanswered():
                self._unanswered(now)
            case events.Fetched(entries):
                self._fetched(entries, now)
            case events.Joined():
                self._join(event)
            case events.Left(session):
                self._leave(session)
            case events.RightsChanged(user, role, version):
                self._change_rights(user, role, version)
            case events.Congested(session):
                self._congested(session, now)
            case events.Drained(session):
                self._drained(session)
            case events.Removed():
                self._close_all(CloseCode.LIST_GONE, "This list was deleted.")
            case events.Woken():
                self._woken(now)

    # People

    def _join(self, event: events.Joined) -> None:
        session = Session(event.session, event.principal, event.hue, event.control)
        self._audience.add(session)
        self._draft.members |= {event.principal.user_id}
        if session.control:
            self._send(session, messages.control_message(self._greeting(session)))
        self._send(session, messages.sync_step_1(self._live.state_vector()))
        everybody = self._presence.everybody()
        if everybody:
            self._send(session, messages.presence_message(everybody))

    def _greeting(self, session: Session) -> dict[str, Json]:
        return {
            "type": "welcome",
            "list": self._list_id,
            "epoch": self._live.epoch,
            "head": self._live.head,
            "role": session.principal.role.value,
            "user": session.user,
            "session": session.id,
        }

    def _leave(self, session: str) -> None:
        self._audience.remove(session)
        self._presence.leave(session)

    def _change_rights(self, user: str, role: Role | None, version: int) -> None:
        if role is not None:
            self._draft.members |= {user}
            self._effects.extend(self._audience.change_role(user, role, version))
            return
        self._draft.members -= {user}
        for session in self._audience.of_user(user):
            self._close(session, CloseCode.NO_ACCESS, "You no longer have access to this list.")

    def _close(self, session: Session, code: CloseCode, sentence: str) -> None:
        self._effects.append(Close(session.id, code, sentence))
        self._leave(session.id)

    def _close_all(self, code: CloseCode, sentence: str) -> None:
        for session in self._audience:
            self._close(session, code, sentence)
        self._effects.append(Abandon())

    def _send(self, session: Session, message: bytes) -> None:
        if session.congested_at is None:
            self._effects.append(Send(session.id, message))

    # Frames and requests

    def _wait(self, event: events.Received | events.Requested) -> None:
        self._waiting.append(event)
        if len(self._waiting) > self._limits.waiting_edits_max:
            self._close_all(CloseCode.TRY_AGAIN_LATER, "The list is overloaded; try again in a moment.")

    def _receive(self, session_id: str, frame: bytes, now: datetime) -> None:
        session = self._audience.get(session_id)
        if session is None:
            return
        try:
            self._handle(session, messages.decode(frame), len(frame), now)
        except Unsound as error:
            self._close(session, CloseCode.UNSOUND, str(error))
        except (Diverged, DocumentBroken):
            self._rebuild_draft()
            self._close(session, CloseCode.UNSOUND, "The list could not take this edit; it was loaded again.")

    def _handle(self, session: Session, message: messages.Message, size: int, now: datetime) -> None:
        match message:
            case messages.Edit(update, step_2):
                limit = self._limits.sync_bytes_max if step_2 else self._limits.frame_bytes_max
                if size > limit:
                    raise Unsound(Flaw.TOO_LARGE, f"an edit may have {limit} bytes at most")
                session.frames += 1
                self._edit(session, update, now)
            case messages.SyncStep1(state_vector):
                session.synced = True
                for answer in self._live.welcome(state_vector):
                    self._send(session, answer)
            case messages.Presence(entries):
                user = session.principal.user_id
                self._presence.receive(
                    session.id, session.user, entries, lambda client: self._draft.claim(user, client)
                )
            case messages.QueryPresence():
                self._send(session, messages.presence_message(self._presence.everybody()))

    def _edit(self, session: Session, update: bytes, now: datetime) -> None:
        entry = self._draft.receive(session.principal, update, now)
        if entry is None:
            self._acknowledge(session)
            return
        entry.session, entry.frame = session.id, session.frames
        self._pending.append(entry)
        if entry.refusals and self._over_refusal_limit(session.principal, now):
            self._close(session, CloseCode.TOO_MANY_REFUSALS, "Too many of your edits were refused.")

    def _over_refusal_limit(self, principal: Principal, now: datetime) -> bool:
        limits = self._limits
        bucket = self._refusals.get(principal.user_id)
        if bucket is None:
            bucket = Bucket(limits.refusals_per_second_max, limits.refusals_burst_max, now)
            self._refusals[principal.user_id] = bucket
        return bucket.take(1, now) > timedelta(0)

    def _request(self, event: events.Requested, now: datetime) -> None:
        try:
            entry = self._draft.write(event.principal, event.source, event.writes, now)
        except WritesRefused as error:
            self._effects.append(Refuse(event.request, error.refusals))
            return
        entry.request = event.request
        self._pending.append(entry)

    # The store

    def _commit_pending(self) -> None:
        if self._store is not None or not self._pending:
            return
        entries, self._pending = self._pending, []
        written = [entry for entry in entries if entry.emitted is not None]
        if not written:
            self._shown(entries)
            return
        batch = make_batch(self._list_id, self._live.epoch, self._live.head, self._new_batch_id(), written, self._draft)
        self._store = Committing(batch, entries)
        self._effects.append(Commit(batch))

    def _committed(self, head: int) -> None:
        flight, self._store = self._store, None
        assert isinstance(flight, Committing), "an answer belongs to the commit under way"
        self._confirm(flight.batch, flight.entries, head)

    def _confirm(self, batch: Batch, entries: list[Entry], head: int) -> None:
        """Show a durable batch: to the live document, then to everybody, then to its authors."""
        self._draft.persisted.update(batch.client_ids)
        message = self._live.advance([entry.emitted for entry in entries if entry.emitted is not None], head)
        if message is not None:
            alone = {entry.session for entry in entries} if not any(e.refusals for e in entries) else set()
            author = next(iter(alone)) if len(alone) == 1 else None
            others = [session for session in self._audience.reachable(synced=True) if session != author]
            self._effects.append(Broadcast(others, message))
        self._shown(entries)

    def _shown(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.request is not None:
                self._effects.append(Reply(entry.request, self._live.head, entry.at))
            session = self._audience.get(entry.session) if entry.session is not None else None
            if session is not None and entry.refusals:
                told = [{"key": refusal.key, "reason": refusal.reason.value} for refusal in entry.refusals]
                self._send(session, messages.denied_message(told, f"{session.id}:{entry.frame}"))
        for name in {entry.session for entry in entries if entry.session is not None}:
            session = self._audience.get(name)
            if session is not None:
                self._acknowledge(session)

    def _acknowledge(self, session: Session) -> None:
        """Tell a session how many of its edits are durable: all before the first that still waits."""
        flying = self._store.entries if self._store is not None else []
        waiting = next((e for e in (*flying, *self._pending) if e.session == session.id), None)
        saved = session.frames if waiting is None else waiting.frame - 1
        if saved > session.saved:
            session.saved = saved
            if session.control:
                told: dict[str, Json] = {"type": "saved", "frames": saved, "head": self._live.head}
                self._send(session, messages.control_message(told))

    def _unanswered(self, now: datetime) -> None:
        if isinstance(self._store, Committing):
            self._fetch(doubt=True)
        elif isinstance(self._store, Fetching):
            self._store.retry_at = now + RETRY_AFTER

    def _fetch(self, *, doubt: bool) -> None:
        flight = self._store
        assert isinstance(flight, Committing), "only an answered commit leads to a fetch"
        self._store = Fetching(flight.entries, flight.batch if doubt else None)
        self._effects.append(Fetch(self._live.head))

    def _fetched(self, log: Sequence[LogEntry], now: datetime) -> None:
        fetching, self._store = self._store, None
        assert isinstance(fetching, Fetching), "a log belongs to the fetch under way"
        assert [entry.seq for entry in log] == list(range(self.head + 1, self.head + len(log) + 1)), "no gap in a log"
        entries, doubt = fetching.entries, fetching.doubt
        if not log and doubt is None:
            self._close_all(CloseCode.STALE_EPOCH, "This list was rebuilt; load it again.")
            return
        ours = [entry for entry in log if doubt is not None and entry.batch_id == doubt.batch_id]
        if doubt is not None and ours:
            self._confirm(doubt, entries, ours[-1].seq)
            entries, log = [], log[len(ours) :]
        if log:
            self._take_in(log)
        self._replay([*entries, *self._pending], now)

    def _take_in(self, log: Sequence[LogEntry]) -> None:
        """Show what other nodes have committed."""
        message = self._live.advance([entry.update for entry in log], log[-1].seq)
        if message is not None:
            self._effects.append(Broadcast(self._audience.reachable(synced=True), message))

    def _rights_moved(self, memberships: Mapping[str, tuple[str, int] | None], now: datetime) -> None:
        flight, self._store = self._store, None
        assert isinstance(flight, Committing), "an answer belongs to the commit under way"
        entries = [*flight.entries, *self._pending]
        for user, membership in memberships.items():
            role, version = (None, 0) if membership is None else (Role(membership[0]), membership[1])
            self._change_rights(user, role, version)
            for entry in entries:
                if entry.principal.user_id == user and role is not None:
                    entry.principal = replace(entry.principal, role=role, membership_version=version)
        gone = {user for user, membership in memberships.items() if membership is None}
        for entry in entries:
            if entry.request is not None and entry.principal.user_id in gone:
                self._effects.append(Refuse(entry.request, []))
        self._replay([entry for entry in entries if entry.principal.user_id not in gone], now)

    # The draft

    def _new_draft(self, document: ListDocument) -> None:
        old = self._draft
        self._draft = Draft(document, old.owners, old.members, self._limits)
        self._draft.persisted = old.persisted

    def _rebuild_draft(self) -> None:
        """The candidate document is in doubt: build it again and judge again what is not at the store yet."""
        document = self._live.copy()
        if self._store is not None:
            document.apply([entry.emitted for entry in self._store.entries if entry.emitted is not None])
        self._new_draft(document)
        pending, self._pending = self._pending, []
        self._judge_again(pending)

    def _replay(self, entries: Sequence[Entry], now: datetime) -> None:
        """Judge everything that is not committed again, on top of the log as it is now."""
        self._new_draft(self._live.copy())
        self._pending = []
        self._judge_again(entries)
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self._take(event, now)

    def _judge_again(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            try:
                again = self._again(entry)
            except WritesRefused as error:
                if entry.request is not None:
                    self._effects.append(Refuse(entry.request, error.refusals))
                continue
            except Unsound as error:
                session = self._audience.get(entry.session or "")
                if session is not None:
                    self._close(session, CloseCode.UNSOUND, str(error))
                continue
            again.session, again.frame, again.request = entry.session, entry.frame, entry.request
            self._pending.append(again)

    def _again(self, entry: Entry) -> Entry:
        if isinstance(entry.origin, tuple):
            return self._draft.write(entry.principal, entry.source, entry.origin, entry.at)
        again = self._draft.receive(entry.principal, entry.origin, entry.at)
        return Entry(entry.principal, entry.source, entry.at, entry.origin) if again is None else again

    # Slow readers and time

    def _congested(self, session_id: str, now: datetime) -> None:
        session = self._audience.get(session_id)
        if session is not None and session.congested_at is None:
            session.congested_at = now
            session.behind = self._live.state_vector()

    def _drained(self, session_id: str) -> None:
        session = self._audience.get(session_id)
        if session is None or session.behind is None:
            return
        session.congested_at = None
        behind, session.behind = session.behind, None
        if session.synced:
            self._send(session, self._live.catch_up(behind))
        self._send(session, messages.presence_message(self._presence.everybody()))
        session.saved = 0
        self._acknowledge(session)

    def _woken(self, now: datetime) -> None:
        self._wake_at = None
        if isinstance(self._store, Fetching) and self._store.retry_at is not None and self._store.retry_at <= now:
            self._store.retry_at = None
            self._effects.append(Fetch(self._live.head))
        for session in self._audience:
            since = session.congested_at
            if since is not None and (now - since).total_seconds() >= self._limits.drain_seconds_max:
                self._close(session, CloseCode.TRY_AGAIN_LATER, "The connection is too slow; try again later.")

    def _show_presence(self, now: datetime) -> None:
        if self._presence.changed and now >= self._presence_at:
            message = messages.presence_message(self._presence.take_changes())
            self._effects.append(Broadcast(self._audience.reachable(synced=False), message))
            self._presence_at = now + timedelta(seconds=self._limits.presence_interval_seconds)

    def _beat(self, now: datetime) -> None:
        if now >= self._heartbeat_at:
            self._effects.append(Broadcast(self._audience.reachable(synced=False), messages.presence_message(())))
            self._heartbeat_at = now + timedelta(seconds=self._limits.heartbeat_seconds)

    def _plan_wake(self, now: datetime) -> None:
        moments = [self._heartbeat_at]
        if self._presence.changed:
            moments.append(self._presence_at)
        if isinstance(self._store, Fetching) and self._store.retry_at is not None:
            moments.append(self._store.retry_at)
        moment = min(moments)
        if self._wake_at is None or moment < self._wake_at or self._wake_at <= now:
            self._wake_at = moment
            self._effects.append(WakeAt(moment))
