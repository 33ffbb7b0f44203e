"""The audience of a room: its sessions, what each has been shown and what it still waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Json
from realtime.core import messages
from realtime.core.closing import CloseCode
from realtime.core.effects import Close, Send

EDITS_AHEAD_MAX: Final = 1_000
"""How many edits of a session may wait for its upload."""


@dataclass(slots=True)
class Session:
    """One socket in a room.

    `synced`: it has the document; `uploaded`: it has answered our SyncStep1, and its next frames are live edits.
    `frames` counts the edits that it has sent, `saved` those that are committed; `behind` is the state vector
    that a congested socket was last shown, and `congested_at` since when. `ahead` are live edits that refer to what
    only its next upload brings, the first of them with the number `ahead_from`, since `ahead_at`.
    """

    id: str
    principal: Principal
    hue: int
    control: bool
    synced: bool = False
    uploaded: bool = False
    frames: int = 0
    saved: int = 0
    behind: bytes | None = None
    congested_at: datetime | None = None
    ahead: list[bytes] = field(default_factory=list)
    ahead_from: int = 0
    ahead_at: datetime | None = None

    def set_aside(self, update: bytes, bytes_max: int, now: datetime) -> bool:
        """Let a live edit wait for the next upload; false if that is more than may wait."""
        self.frames += 1
        if not self.ahead:
            self.ahead_from, self.ahead_at = self.frames, now
        self.ahead.append(update)
        return len(self.ahead) <= EDITS_AHEAD_MAX and sum(map(len, self.ahead)) <= bytes_max

    def answered(self) -> None:
        """It has uploaded what it has: nothing waits for that any more."""
        self.uploaded, self.ahead, self.ahead_at = True, [], None

    def fall_behind(self, state_vector: bytes, now: datetime) -> None:
        """Its outbox is full: remember what it was last shown."""
        if self.congested_at is None:
            self.congested_at, self.behind = now, state_vector

    def catch_up(self) -> bytes | None:
        """It has drained: the state vector that it was last shown, `None` if it was not behind."""
        behind, self.behind, self.congested_at = self.behind, None, None
        return behind

    @property
    def user(self) -> dict[str, Json]:
        """The verified identity that others see."""
        return {
            "id": self.principal.user_id,
            "name": self.principal.name,
            "hue": self.hue,
            "color": f"hsl({self.hue}, 60%, 42%)",
        }


def greeting(session: Session, list_id: str, epoch: int, head: int) -> dict[str, Json]:
    """The first control message of a session: what it has opened, and as whom."""
    return {
        "type": "welcome",
        "list": list_id,
        "epoch": epoch,
        "head": head,
        "role": session.principal.role.value,
        "user": session.user,
        "session": session.id,
    }


class Audience:
    """The sessions of one room."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def add(self, session: Session) -> None:
        """Let a session in."""
        self._sessions[session.id] = session

    def get(self, session: str | None) -> Session | None:
        """A session that is still here."""
        return None if session is None else self._sessions.get(session)

    def remove(self, session: str) -> None:
        """A session is gone."""
        self._sessions.pop(session, None)

    def of_user(self, user_id: str) -> list[Session]:
        """All sessions of one person."""
        return [session for session in self._sessions.values() if session.principal.user_id == user_id]

    def versions(self) -> dict[str, int]:
        """The version of each person's membership that their frames are judged by: the oldest of their sessions."""
        versions: dict[str, int] = {}
        for session in self._sessions.values():
            principal = session.principal
            known = versions.get(principal.user_id, principal.membership_version)
            versions[principal.user_id] = min(known, principal.membership_version)
        return versions

    def overdue(self, seconds: float, now: datetime) -> list[Close]:
        """The ends of sessions that have taken nothing, or not said what their edits refer to, for so long."""
        found = []
        for session in list(self._sessions.values()):
            user = session.principal.user_id
            if _is_past(session.congested_at, seconds, now):
                sentence = "The connection is too slow; try again later."
                found.append(Close(session.id, CloseCode.TRY_AGAIN_LATER, sentence, user))
            elif _is_past(session.ahead_at, seconds, now):
                sentence = "unknown_reference: what your edits refer to did not come"
                found.append(Close(session.id, CloseCode.UNSOUND, sentence, user))
        return found

    def reachable(self, *, synced: bool) -> list[str]:
        """The sessions that messages are written to; `synced`: only those that have the document."""
        return [s.id for s in self._sessions.values() if s.congested_at is None and (s.synced or not synced)]

    def change_role(self, user_id: str, role: Role, version: int) -> list[Send]:
        """Judge a person's next frames by another role; tells their clients."""
        told: list[Send] = []
        for session in self.of_user(user_id):
            if session.principal.membership_version >= version:
                continue
            changed = session.principal.role is not role
            session.principal = replace(session.principal, role=role, membership_version=version)
            if session.control and changed:
                told.append(Send(session.id, messages.control_message({"type": "role", "role": role.value})))
        return told


def _is_past(since: datetime | None, seconds: float, now: datetime) -> bool:
    return since is not None and (now - since).total_seconds() >= seconds
