"""Why a credential or an account request was refused: one closed set of reasons.

The web layer maps each reason to a status and a sentence; nothing below it speaks of HTTP.
"""

from enum import StrEnum


class AuthReason(StrEnum):
    """Every way in which signing in, staying signed in or entering a room can be refused."""

    MISSING_CREDENTIALS = "missing_credentials"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - the name of a reason, not a password
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - see above
    SESSION_REVOKED = "session_revoked"
    REFRESH_REUSED = "refresh_reused"
    INVALID_TICKET = "invalid_ticket"
    WRONG_LOGIN = "wrong_login"
    KEY_REVOKED = "key_revoked"
    KEY_EXPIRED = "key_expired"


class AuthRefused(Exception):
    """A credential was refused, for the one reason it carries."""

    def __init__(self, reason: AuthReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
