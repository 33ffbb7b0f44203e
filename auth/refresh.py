"""Rotating refresh tokens: each is good for one refresh, and a second use gives the thief away.

A sign-in is a *family* of refresh tokens. Refreshing spends a token and issues the next of its family. A spent
token that comes back later than the grace was copied: the whole family is revoked, the thief's tokens and
the owner's alike. Within the grace it comes from an honest second tab that refreshed at the same moment (tabs
share one cookie): it gets a token of its own in the same family.

    fresh --refresh--> spent --refresh within the grace--> spent (a sibling is issued)
                       spent --refresh after the grace---> family revoked
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

REUSE_GRACE: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A kept refresh token: when it ends, when it was spent, and when its family was revoked (UTC)."""

    expires_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None


class Refreshing(Enum):
    """What becomes of an attempt to refresh."""

    ROTATE = auto()
    ISSUE_SIBLING = auto()
    REVOKE_FAMILY = auto()
    REFUSE = auto()


def judge_refresh(token: RefreshToken, now: datetime) -> Refreshing:
    """Decide what a refresh with this token does at `now`."""
    if token.revoked_at is not None or token.expires_at <= now:
        return Refreshing.REFUSE
    if token.rotated_at is None:
        return Refreshing.ROTATE
    if now - token.rotated_at <= REUSE_GRACE:
        return Refreshing.ISSUE_SIBLING
    return Refreshing.REVOKE_FAMILY
