"""Showing what is durable: authors learn what was refused of theirs, everybody sees the rest, and then it is acknowledged.

Newcomers and slow readers are shown all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime.core import messages
from realtime.core.audience import Audience, Session, greeting
from realtime.core.closing import ENDINGS
from realtime.core.effects import Broadcast, Close, Effect, Publish, Refuse, Reply, Send
from realtime.core.entry import Entry
from realtime.core.flight import Rejected, Shown
from realtime.core.ledger import Ledger
from realtime.core.presence import PresenceBoard
from realtime.core.reasons import Excessive, Unsound, WritesRefused
from realtime.core.replica import Replica


def show(shown: Shown, audience: Audience, ledger: Ledger) -> Iterator[Effect]:
    """Tell authors what was refused (they still hold the values), then show what is durable to everybody."""
    for entry in shown.entries:
        yield from _tell_refusals(entry, audience)
    if shown.message is not None:
        authors = {entry.session for entry in shown.entries}
        altered = any(entry.altered for entry in shown.entries)
        author = next(iter(authors)) if len(authors) == 1 and not altered else None
        others = [session for session in audience.reachable(synced=True) if session != author]
        yield Broadcast(others, shown.message)
    if shown.log:
        yield Publish(ledger.live.epoch, shown.log[-1].seq, shown.log)
    yield from (Reply(e.request, ledger.live.head, e.at) for e in shown.entries if e.request is not None)
    for name in dict.fromkeys(entry.session for entry in shown.entries):
        session = audience.get(name)
        if session is not None:
            yield from acknowledge(session, ledger)


def _tell_refusals(entry: Entry, audience: Audience) -> Iterator[Effect]:
    session = audience.get(entry.session)
    if session is not None and entry.refusals and session.congested_at is None:
        told = [(refusal.key, refusal.reason) for refusal in entry.refusals]
        yield Send(session.id, messages.denied_message(told, f"{session.id}:{entry.frame}"))


def reject(rejected: Sequence[Rejected], audience: Audience) -> Iterator[Effect]:
    """Tell the authors of what, judged again, can't be taken any more."""
    for entry, error in ((item.entry, item.error) for item in rejected):
        session = audience.get(entry.session)
        if isinstance(error, Unsound | Excessive) and session is not None:
            yield Close(session.id, ENDINGS[type(error)], str(error), session.principal.user_id)
        elif isinstance(error, WritesRefused) and entry.request is not None:
            yield Refuse(entry.request, error.refusals, error.rows)


def acknowledge(session: Session, ledger: Ledger) -> Iterator[Effect]:
    """Tell a session how many of its edits are durable: all before the first that still waits."""
    waiting = ledger.first_waiting(session.id)
    saved = session.frames if waiting is None else waiting - 1
    saved = min(saved, session.ahead_from - 1) if session.ahead else saved
    if saved > session.saved and session.congested_at is None:
        session.saved = saved
        if session.control:
            yield Send(session.id, messages.saved_message(saved, ledger.live.head))


def welcome(session: Session, list_id: str, live: Replica, presence: PresenceBoard) -> Iterator[bytes]:
    """The first messages for a session: what it has opened, what we have, and who is there."""
    if session.control:
        yield messages.control_message(greeting(session, list_id, live.epoch, live.head))
    yield messages.sync_step_1(live.state_vector())
    yield from messages.presence_messages(presence.everybody())


def catch_up(session: Session, behind: bytes, live: Replica, presence: PresenceBoard) -> Iterator[bytes]:
    """The messages for a slow reader that has drained: one difference since the state vector that it was last shown."""
    if session.synced:
        yield from live.welcome(behind)
    yield from messages.presence_messages(presence.everybody())
