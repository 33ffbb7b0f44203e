"""Presence: who is in a list, and where their cursor is; the one thing that may be lost.

A client speaks only for client ids of its own user; whatever it says of others is dropped silently (stock
clients echo other people's states). The server writes the `user` field itself, so nobody can appear as
somebody else. Rules PRES-1 and on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from realtime.core.messages import PresenceEntry
from snapshots.text import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from persistence.contract import Json

GONE = "null"


@dataclass(slots=True)
class _Shown:
    """A state and the sessions that have spoken for it: tabs of one browser repeat each other's."""

    sessions: set[str]
    entry: PresenceEntry


class PresenceBoard:
    """The presence of one list: the newest state of every client id, and which have changed since shown."""

    def __init__(self, state_bytes_max: int, ids_per_session_max: int) -> None:
        self._state_bytes_max = state_bytes_max
        self._ids_per_session_max = ids_per_session_max
        self._shown: dict[int, _Shown] = {}
        self._changed: dict[int, PresenceEntry] = {}

    def receive(
        self, session: str, user: dict[str, Json], entries: Iterable[PresenceEntry], owns: Callable[[int], bool]
    ) -> None:
        """Take in what a session says of its own client ids."""
        for entry in entries:
            if owns(entry.client):
                self._take(session, user, entry)

    def _take(self, session: str, user: dict[str, Json], entry: PresenceEntry) -> None:
        held = self._shown.get(entry.client)
        if entry.state == GONE:
            if held is not None and entry.clock >= held.entry.clock:
                self._drop(entry.client, entry.clock)
            return
        if held is None and self._spoken_for(session) >= self._ids_per_session_max:
            return
        if held is not None and entry.clock <= held.entry.clock:
            held.sessions.add(session)
            return
        state = self._stamp(user, entry.state)
        if state is None:
            return
        stamped = PresenceEntry(entry.client, entry.clock, state)
        self._shown[entry.client] = _Shown({session} if held is None else held.sessions | {session}, stamped)
        self._changed[entry.client] = stamped

    def _spoken_for(self, session: str) -> int:
        return sum(session in shown.sessions for shown in self._shown.values())

    def _stamp(self, user: dict[str, Json], text: str) -> str | None:
        if len(text) > self._state_bytes_max:
            return None
        try:
            state = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return None
        if not isinstance(state, dict) or not well_formed(state):
            return None
        stamped = json.dumps({**state, "user": user}, separators=(",", ":"), ensure_ascii=False)
        return stamped if len(stamped.encode()) <= self._state_bytes_max * 2 else None

    def leave(self, session: str) -> None:
        """A session is gone: so is everybody that nobody else has spoken for."""
        for client, shown in list(self._shown.items()):
            shown.sessions.discard(session)
            if not shown.sessions:
                self._drop(client, shown.entry.clock)

    def _drop(self, client: int, clock: int) -> None:
        del self._shown[client]
        self._changed[client] = PresenceEntry(client, clock, GONE)

    @property
    def changed(self) -> bool:
        """Something has not been shown yet."""
        return bool(self._changed)

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
