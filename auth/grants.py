"""A grant: what an open socket rests on. When it ends, on whichever node, the socket ends."""

from dataclasses import dataclass
from enum import StrEnum


class GrantKind(StrEnum):
    """What somebody was let in by."""

    SIGN_IN = "sign_in"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Grant:
    """A sign-in (by the id of its family of refresh tokens) or an API key (by its id)."""

    kind: GrantKind
    id: str

    @property
    def ended(self) -> str:
        """What is said to a socket whose grant has ended."""
        return _ENDED[self.kind]


_ENDED = {
    GrantKind.SIGN_IN: "Your sign-in has ended. Sign in again.",
    GrantKind.KEY: "The API key was revoked or has expired.",
}


def sign_in(family: str) -> Grant:
    """The grant of a sign-in."""
    return Grant(GrantKind.SIGN_IN, family)
