"""Opaque credentials: refresh tokens, tickets and API keys are random text; only their digest is ever kept."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Final

OPAQUE_BYTES: Final = 32
REFRESH_LIFE: Final = timedelta(days=30)
TICKET_LIFE: Final = timedelta(seconds=30)
KEY_PREFIX: Final = "rhk_"

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def digest(credential: str) -> bytes | None:
    """Give the SHA-256 digest under which an opaque credential is kept; `None` if it cannot be one of ours."""
    if _SHAPE.fullmatch(credential) is None:
        return None
    return sha256(credential.encode()).digest()


def key_digest(credential: str) -> bytes | None:
    """Give the SHA-256 digest under which an API key is kept; `None` if it cannot be one of ours."""
    if not credential.startswith(KEY_PREFIX) or digest(credential.removeprefix(KEY_PREFIX)) is None:
        return None
    return sha256(credential.encode()).digest()
