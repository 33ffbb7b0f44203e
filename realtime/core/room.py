"""A room: one live list, as one pure decision function from an event and the time to effects.

The order of the effects is the promise of the system:

1. Nothing is broadcast or acknowledged before the store has answered `Committed` for it.
2. An edit is acknowledged once all edits that its session sent before it are durable.
3. While the log is being fetched no edit is judged: it waits, in order.
4. A congested socket is written to no more; once it has drained it gets what it lacks, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from auth.roles import Role
from persistence.contract import Committed, Conflict, LogEntry, OpenedList, RightsMoved
from realtime.core import events, messages
from realtime.core.ahead import live_ahead, set_aside
from realtime.core.audience import Audience, Session
from realtime.core.backlog import Backlog
from realtime.core.change import DocumentBroken
from realtime.core.closing import ENDINGS, CloseCode
from realtime.core.effects import OVERLOADED, REBUILT, Abandon, Close, Commit, Effect, Fetch, Refuse, Send
from realtime.core.epochs import require_epoch, require_same
from realtime.core.flight import Rejected, Shown
from realtime.core.ledger import Ledger
from realtime.core.limits import Limits, Meter
from realtime.core.news import Believed, hear
from realtime.core.outcome import Diverged
from realtime.core.presence import PresenceBoard
from realtime.core.pulse import Pulse
from realtime.core.reasons import Behind, Excessive, Reason, Rebuilt, Unsound, WritesRefused
from realtime.core.showing import acknowledge, catch_up, reject, show, welcome
from realtime.core.update import Bounds


class Room:
    """The decision function of one list and the state that it decides on."""

    def __init__(self, opened: OpenedList, limits: Limits, new_batch_id: Callable[[], UUID], now: datetime) -> None:
        self._list_id = opened.list_id
        self._limits = limits
        self.ledger = Ledger(opened, limits, new_batch_id)
        self.live = self.ledger.live  # what people have been shown
        self._audience = Audience()
        self._presence = PresenceBoard(limits)
        self._backlog = Backlog(limits)
        self._refusals = Meter(limits.refusals_per_second_max, limits.refusals_burst_max)
        self._pulse = Pulse(limits, now)
        self._effects: list[Effect] = []

    @property
    def standing(self) -> tuple[int, int]:
        """What people have been shown: the epoch of the document, and the number of the last update in it."""
        return self.live.epoch, self.live.head

    @property
    def idle(self) -> bool:
        """Nobody is here and nothing is under way."""
        return self.ledger.quiet and not len(self._audience)

    @property
    def beliefs(self) -> Believed:
        """What is believed here of rights."""
        return Believed(self._audience.versions(), self.ledger.draft.lists, self.ledger.draft.members_version)

    def decide(self, event: events.Event, now: datetime) -> list[Effect]:
        """Take an event at a time; returns the effects to carry out, in order."""
        self._effects = []
        self._take(event, now)
        if any(isinstance(effect, Abandon) for effect in self._effects):
            return self._effects  # what follows would begin something that nobody waits for
        step = self.ledger.next(len(self._audience), now)
        if isinstance(step, Commit):
            self._backlog.begun()
        if isinstance(step, Shown):
            self._show(step)
        elif step is not None:
            self._effects.append(step)
        self._effects += self._pulse.due(self._presence, self._audience, now)
        self._effects += self._pulse.wake(self._presence, self.ledger.wakes(now), now)
        return self._effects

    def _take(self, event: events.Event, now: datetime) -> None:  # noqa: C901, PLR0912 - one arm per event
        match event:
            case events.Received() | events.Requested() if self.ledger.fetching:
                self._effects += [] if self._backlog.add(event) else [OVERLOADED]
            case events.Received():
                self._receive(event, now)
            case events.Requested():
                self._request(event, now)
            case events.Answered(Committed(head)):
                self._show(self.ledger.committed(head))
            case events.Answered(Conflict()):
                self._conflicted(now)
            case events.Answered(RightsMoved(memberships)):
                self._rights_moved(memberships, now)
            case events.Unanswered():
                self._fetch(self.ledger.unanswered(now))
            case events.Fetched(entries):
                self._fetched(entries, now)
            case events.Joined():
                self._join(event)
            case events.Left(session):
                self._leave(session)
            case events.RightsChanged() | events.Dismissed() | events.Renewed() | events.WorkspaceKnown():
                self._hear(event)
            case events.Congested(session):
                self._congested(session, now)
            case events.Drained(session):
                self._drained(session)
            case events.Heard(epoch, head, entries):
                self._heard(epoch, head, entries, now)
            case events.Overheard(node, entries, asking):
                self._presence.overhear(node, entries, self.ledger.draft.claim, now, asking=asking)
            case events.Removed():
                self._effects.append(Abandon(CloseCode.LIST_GONE, "This list was deleted."))
            case events.Rested():
                self.ledger.rested()
            case events.Woken():
                self._woken(now)

    # People

    def _join(self, event: events.Joined) -> None:
        session = Session(event.session, event.principal, event.hue, event.control)
        try:
            require_same(event.copy, self.live.epoch)
        except (Rebuilt, Behind) as error:
            self._close(session, ENDINGS[type(error)], str(error))
            return
        self._audience.add(session)
        self.ledger.draft.members |= {event.principal.user_id}
        self._send(session, *welcome(session, self._list_id, self.live, self._presence))

    def _leave(self, session: str) -> None:
        self._audience.remove(session)
        self._presence.leave(session)

    def _hear(self, news: events.News) -> None:
        self._tell(hear(news, self._audience, self.ledger.draft))

    def _tell(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._effects.append(effect)
            if isinstance(effect, Close):
                self._leave(effect.session)

    def _close(self, session: Session, code: CloseCode, sentence: str) -> None:
        self._effects.append(Close(session.id, code, sentence, session.principal.user_id))
        self._leave(session.id)

    def _send(self, session: Session, *told: bytes) -> None:
        if session.congested_at is None:
            self._effects.extend(Send(session.id, message) for message in told)

    # Frames and requests

    def _receive(self, event: events.Received, now: datetime) -> None:
        session, frame = self._audience.get(event.session), event.frame
        if session is None:
            return
        try:
            limits = self._limits
            sync_bytes_max = limits.frame_bytes_max if session.uploaded else limits.sync_bytes_max
            messages.require_size(frame, limits.frame_bytes_max, sync_bytes_max)
            clients_max = self.ledger.draft.clients_count + limits.clients_unknown_max
            self._handle(session, messages.decode(frame, clients_max), now)
        except (Unsound, Excessive, Rebuilt, Behind) as error:
            if self._backlog.doubt(session, event, error):
                self.ledger.look()  # who has been at another node may know more than we do
            elif (ahead := live_ahead(frame, error)) and self._refusals.left(session.principal.user_id, now):
                self._tell(set_aside(session, ahead, self.live, self._refusals, limits, now))
            else:
                self._close(session, ENDINGS[type(error)], str(error))
        except (Diverged, DocumentBroken):
            self._tell(reject(self.ledger.rebuild(), self._audience))
            self._close(session, CloseCode.UNSOUND, "The list could not take this edit; load it again.")

    def _handle(self, session: Session, message: messages.Message, now: datetime) -> None:
        match message:
            case messages.Edit():
                self._edit(session, message, now)
            case messages.SyncStep1(state_vector, epochs):
                require_epoch(epochs, self.live.epoch, self.ledger.draft.known)
                session.synced = True
                if session.congested_at is not None:
                    session.behind = state_vector
                self._send(session, *self.live.welcome(state_vector))
            case messages.Presence(entries):
                claim = partial(self.ledger.draft.claim, session.principal.user_id)
                told = self._presence.receive(session.id, session.user, entries, claim, now)
                self._send(session, *messages.presence_messages(told))
            case messages.QueryPresence():
                everybody = messages.presence_messages(self._presence.everybody())
                self._send(session, *(everybody or [messages.presence_message(())]))

    def _edit(self, session: Session, edit: messages.Edit, now: datetime) -> None:
        """Take an edit; with an upload, also what has waited for it."""
        frame = session.frames + 1
        bounds = self._limits.upload_bounds if edit.answer and not session.uploaded else self._limits.live_bounds
        durable = self._accept(session, edit.update, bounds, frame, now)
        if edit.answer:
            # Counted from the first of them: none may pass for saved before all are.
            for number, ahead in enumerate(session.ahead, session.ahead_from):
                self._accept(session, ahead, self._limits.live_bounds, number, now)
            session.answered()
        session.frames = frame
        if durable:
            self._effects += acknowledge(session, self.ledger)

    def _accept(self, session: Session, update: bytes, bounds: Bounds, frame: int, now: datetime) -> bool:
        """Let an update wait for the next commit; true if all of it is durable already."""
        user = session.principal.user_id
        entry = self.ledger.receive(session.principal, update, bounds, self._refusals.left(user, now), now)
        if entry is None:
            return True
        entry.session, entry.frame = session.id, frame
        self._effects += [] if self._backlog.judged(len(update)) else [OVERLOADED]
        if entry.refusals:
            self._refusals.take(user, len(entry.refusals), now)
        return False

    def _request(self, event: events.Requested, now: datetime) -> None:
        try:
            entry = self.ledger.write(event.principal, event.source, event.writes, now)
        except WritesRefused as error:
            self._effects.append(Refuse(event.request, error.refusals, error.rows))
        except (Diverged, DocumentBroken):
            self._tell(reject(self.ledger.rebuild(), self._audience))
            self._effects.append(Refuse(event.request, [(0, Reason.INVALID_VALUE)]))
        else:
            entry.request = event.request

    # The store

    def _show(self, shown: Shown) -> None:
        self._effects.extend(show(shown, self._audience, self.ledger))

    def _fetch(self, after: int | None) -> None:
        self._effects.extend([] if after is None else [Fetch(after)])

    def _fetched(self, log: Sequence[LogEntry], now: datetime) -> None:
        shown = self.ledger.fetched(log)
        if shown is None:
            self._effects.append(REBUILT)
        else:
            self._show_log(shown, now)

    def _conflicted(self, now: datetime) -> None:
        known = self.ledger.conflicted()
        if isinstance(known, Fetch):
            self._effects.append(known)
        else:
            self._show_log(known, now)

    def _heard(self, epoch: int, head: int, entries: Sequence[LogEntry], now: datetime) -> None:
        if epoch > self.live.epoch:
            self._effects.append(REBUILT)
        elif epoch == self.live.epoch:
            self._show_log(self.ledger.heard(head, entries), now)

    def _show_log(self, shown: Sequence[Shown], now: datetime) -> None:
        """Show what the log has brought; then what waits is judged by it, and what has waited meanwhile is taken."""
        for part in shown:
            self._show(part)
        self._effects += [Refuse(request, [(0, Reason.ROLE)]) for request in self.ledger.dismiss()]
        self._settle(self.ledger.rejudge(), now)

    def _rights_moved(self, memberships: Mapping[str, tuple[str, int] | None], now: datetime) -> None:
        known = {user: None if held is None else (Role(held[0]), held[1]) for user, held in memberships.items()}
        self._fetch(self.ledger.rights_moved(known))
        for user, held in known.items():
            self._hear(events.RightsChanged(user, *(held or (None, 0))))
        self._show_log((), now)

    def _settle(self, rejected: Sequence[Rejected], now: datetime) -> None:
        """After what waited was judged again, take what has waited while the log was read."""
        self._tell(reject(rejected, self._audience))
        for event in [] if self.ledger.fetching else self._backlog.take():
            self._take(event, now)

    # Slow readers and time

    def _congested(self, session_id: str, now: datetime) -> None:
        if (session := self._audience.get(session_id)) is not None:
            session.fall_behind(self.live.state_vector(), now)

    def _drained(self, session_id: str) -> None:
        session = self._audience.get(session_id)
        if session is not None and (behind := session.catch_up()) is not None:
            self._send(session, *catch_up(session, behind, self.live, self._presence))
            self._effects += acknowledge(session, self.ledger)

    def _woken(self, now: datetime) -> None:
        self._fetch(self.ledger.woken(self._pulse.woken(), now))
        self._tell(self._audience.overdue(self._limits.drain_seconds_max, now))
