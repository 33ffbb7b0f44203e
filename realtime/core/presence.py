"""Presence: who is in a list, and where their cursor is; the one thing that may be lost.

A client speaks only for client ids of its own user; whatever it says of others is dropped silently (stock
clients echo other people's states). The server writes the `user` field itself, so nobody can appear as
somebody else. Rules PRES-1 and on.

1. A client id is shown for one person, and goes with the first socket that has moved its state: who is still there
   is told so and shows itself again.
2. A client id is claimed last, when everything else about its entry stands.
3. Another node speaks like one more session: its people go with their own sockets there, or when it falls silent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from realtime.core.limits import Bucket
from realtime.core.messages import PresenceEntry
from snapshots.text import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from persistence.contract import Json
    from realtime.core.limits import Limits

GONE: Final = "null"
_SEEN_OFF_MAX: Final = 1_000
_NODE: Final = "node:"
NODE_SILENT: Final = timedelta(seconds=40)


@dataclass(slots=True)
class _Shown:
    """A state, whose it is, and the sessions that have moved it: tabs of one browser pass each other's on."""

    user_id: str
    sessions: set[str]
    entry: PresenceEntry


class PresenceBoard:
    """The presence of one list: the newest state of every client id, and which have changed since shown."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._shown: dict[int, _Shown] = {}
        self._changed: dict[int, PresenceEntry] = {}
        self._changed_here: dict[int, PresenceEntry] = {}
        self._nodes: dict[str, datetime] = {}
        self._by_session: dict[str, set[int]] = {}
        self._by_user: dict[str, set[int]] = {}
        self._paces: dict[str, Bucket] = {}
        self._seen_off: dict[int, int] = {}
        """The clocks at which clients were told to be gone: others take nothing from them that is not newer."""

    def receive(
        self,
        session: str,
        user: dict[str, Json],
        entries: Iterable[PresenceEntry],
        claim: Callable[[int], bool],
        now: datetime,
    ) -> tuple[PresenceEntry, ...]:
        """Take in what a session says of its own client ids, each of which `claim` makes its person's.

        Returns what the session is to be told: a client that comes back with the clock at which it was seen off would
        not be shown by anyone; told that it is gone it says again, with the next clock, that it is here.
        """
        told = [self._take(session, user, entry, claim, now) for entry in entries]
        return tuple(entry for entry in told if entry is not None)

    def _take(
        self,
        session: str,
        user: dict[str, Json],
        entry: PresenceEntry,
        claim: Callable[[int], bool],
        now: datetime,
    ) -> PresenceEntry | None:
        held = self._shown.get(entry.client)
        if entry.state == GONE:
            if held is not None and entry.clock >= held.entry.clock and claim(entry.client):
                self._drop(entry.client, entry.clock, here=True)
            return None
        if held is not None and entry.clock <= held.entry.clock:
            return None
        user_id = str(user["id"])
        if not self._room_for(session, user_id, entry.client):
            return None
        state = self._stamp(user, entry.state)
        if state is None or not claim(entry.client):
            return None
        gone_at = self._seen_off.get(entry.client)
        if gone_at is not None and entry.clock <= gone_at:
            return PresenceEntry(entry.client, gone_at, GONE)
        if self._in_pace(user_id, len(state), now):
            self._show(session, user_id, PresenceEntry(entry.client, entry.clock, state))
        return None

    def _show(self, session: str, user_id: str, entry: PresenceEntry) -> None:
        shown = self._shown.setdefault(entry.client, _Shown(user_id, set(), entry))
        shown.entry = entry
        shown.sessions.add(session)
        self._by_session.setdefault(session, set()).add(entry.client)
        self._by_user.setdefault(user_id, set()).add(entry.client)
        self._seen_off.pop(entry.client, None)
        self._note(entry, here=not session.startswith(_NODE))

    def _note(self, entry: PresenceEntry, *, here: bool) -> None:
        self._changed[entry.client] = entry
        if here:
            self._changed_here[entry.client] = entry
        else:
            self._changed_here.pop(entry.client, None)

    def _room_for(self, session: str, user_id: str, client: int) -> bool:
        """Tell whether a session, and its person, may speak for another client."""
        spoken, owned = self._by_session.get(session, ()), self._by_user.get(user_id, ())
        return (client in spoken or len(spoken) < self._limits.presence_ids_per_session_max) and (
            client in owned or len(owned) < self._limits.presence_ids_per_user_max
        )

    def _in_pace(self, user_id: str, size: int, now: datetime) -> bool:
        """Tell whether a person has not said too much lately: everybody else is sent each of their states."""
        pace = self._paces.get(user_id)
        if pace is None:
            per_second, burst = self._limits.presence_bytes_per_second_max, self._limits.presence_burst_bytes_max
            pace = self._paces[user_id] = Bucket(per_second, burst, now)
        if pace.take(0, now) > timedelta(0):
            return False
        pace.take(size, now)
        return True

    def _stamp(self, user: dict[str, Json], text: str) -> str | None:
        bytes_max = self._limits.presence_state_bytes_max
        if len(text) > bytes_max:
            return None
        try:
            state = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return None
        if not isinstance(state, dict) or not well_formed(state):
            return None
        stamped = json.dumps({**state, "user": user}, separators=(",", ":"), ensure_ascii=False)
        return stamped if len(stamped.encode()) <= bytes_max * 2 else None

    def leave(self, session: str) -> None:
        """A session is gone: so is everybody whose state it has moved."""
        for client in self._by_session.pop(session, set()):
            self._drop(client, self._shown[client].entry.clock, here=not session.startswith(_NODE))

    # Other nodes

    def overhear(
        self,
        node: str,
        entries: Iterable[PresenceEntry],
        claim: Callable[[str, int], bool],
        now: datetime,
        *,
        asking: bool,
    ) -> None:
        """Take in what another node says of its people, and, if it is `asking`, let it be told of all of ours.

        It has checked all of it, but for whom a client id belongs to here.
        """
        speaker = _NODE + node
        self._nodes[speaker] = now
        for entry in entries:
            held, gone_at = self._shown.get(entry.client), self._seen_off.get(entry.client, -1)
            if entry.state == GONE:
                if held is not None and speaker in held.sessions and entry.clock >= held.entry.clock:
                    self._drop(entry.client, entry.clock, here=False)
            elif entry.clock > (gone_at if held is None else held.entry.clock):
                user_id = str(json.loads(entry.state)["user"]["id"])
                if claim(user_id, entry.client):
                    self._show(speaker, user_id, entry)
        if asking:
            self.repeat()

    def forget_silent(self, now: datetime) -> None:
        """Nodes that have not been heard of for so long are gone, and their people with them."""
        for speaker in [speaker for speaker, heard_at in self._nodes.items() if now - heard_at > NODE_SILENT]:
            del self._nodes[speaker]
            self.leave(speaker)

    def take_changes_here(self) -> tuple[PresenceEntry, ...]:
        """What the other nodes have not been told yet of our people."""
        changes = tuple(self._changed_here.values())
        self._changed_here.clear()
        return changes

    def repeat(self) -> None:
        """Let the other nodes be told of all our people again."""
        for client, shown in self._shown.items():
            if any(not session.startswith(_NODE) for session in shown.sessions):
                self._changed_here[client] = shown.entry

    def _drop(self, client: int, clock: int, *, here: bool) -> None:
        shown = self._shown.pop(client)
        for index, names in ((self._by_session, shown.sessions), (self._by_user, {shown.user_id})):
            for name in names & index.keys():
                index[name].discard(client)
                if not index[name]:
                    del index[name]
        if len(self._seen_off) >= _SEEN_OFF_MAX:
            del self._seen_off[next(iter(self._seen_off))]
        self._seen_off[client] = clock
        self._note(PresenceEntry(client, clock, GONE), here=here)

    @property
    def changed(self) -> bool:
        """Something has not been shown yet."""
        return bool(self._changed)

    @property
    def changed_here(self) -> bool:
        """The other nodes have not been told everything yet of our people."""
        return bool(self._changed_here)

    def take_changes(self) -> tuple[PresenceEntry, ...]:
        """What has changed since the last call, newest state per client."""
        changes = tuple(self._changed.values())
        self._changed.clear()
        return changes

    def everybody(self) -> tuple[PresenceEntry, ...]:
        """The state of everyone who is here."""
        return tuple(shown.entry for shown in self._shown.values())


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
