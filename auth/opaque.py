"""Opaque credentials: refresh tokens and tickets are random text; only their digest is ever kept."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Final

OPAQUE_BYTES: Final = 32
REFRESH_LIFE: Final = timedelta(days=30)
TICKET_LIFE: Final = timedelta(seconds=30)

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def digest(credential: str) -> bytes | None:
    """Give the SHA-256 digest under which an opaque credential is kept; `None` if it cannot be one of ours."""
    if _SHAPE.fullmatch(credential) is None:
        return None
    return sha256(credential.encode()).digest()
