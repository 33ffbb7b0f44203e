"""News of rights: what a room does when a membership, a socket's credentials or the workspace's lists have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from realtime.core import events, messages
from realtime.core.closing import CloseCode
from realtime.core.effects import Close, Send
from realtime.core.timestamps import write_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from realtime.core.audience import Audience
    from realtime.core.draft import Draft


@dataclass(frozen=True, slots=True)
class Believed:
    """What a room believes of rights: the membership version of each person who is there, and its workspace."""

    versions: Mapping[str, int]
    lists: frozenset[str]
    members_version: int


def hear(news: events.News, audience: Audience, draft: Draft) -> list[Send | Close]:
    """Take news in; returns whom to tell and whom to close. A closed session has still to be taken out."""
    match news:
        case events.RightsChanged(user, None, version):
            return _removed(user, version, audience, draft)
        case events.RightsChanged(user, role, version):
            assert role is not None, "the arm above takes those who left"
            draft.members |= {user}
            return list(audience.change_role(user, role, version))
        case events.Dismissed(name, code, sentence):
            session = audience.get(name)
            return [] if session is None else [Close(name, code, sentence, session.principal.user_id)]
        case events.Renewed(name, expires_at):
            session = audience.get(name)
            if session is None or not session.control or session.congested_at is not None:
                return []
            told = None if expires_at is None else write_time(expires_at)
            return [Send(name, messages.control_message({"type": "renewed", "expires_at": told}))]
        case events.WorkspaceKnown(lists, members, version):
            draft.lists = lists
            if members is not None:
                draft.members, draft.members_version = members, version
            return []


def _removed(user: str, version: int, audience: Audience, draft: Draft) -> list[Send | Close]:
    """Close a person's sessions, but not those of someone who has come back since; version 0 knows no since."""
    there = audience.of_user(user)
    left = [session for session in there if version == 0 or session.principal.membership_version < version]
    if len(left) == len(there):
        draft.members -= {user}
    sentence = "You no longer have access to this list."
    return [Close(session.id, CloseCode.NO_ACCESS, sentence, session.principal.user_id) for session in left]
