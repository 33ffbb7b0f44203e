"""Access tokens: short-lived JWTs that this server signs for itself and reads back, and nothing else.

Only our own tokens are ever accepted, so the header is not parsed but compared: an access token begins with
exactly the header that `issue` writes. No algorithm, key id, embedded key, `crit` or `b64` of a stranger is
ever looked at. What follows is read totally: any text gives either claims or one reason.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from typing import Final

import jwt

from auth.errors import AuthReason

ALGORITHM: Final = "HS256"
TOKEN_BYTES_MAX: Final = 2_048
SECRET_BYTES_MIN: Final = 32
ACCESS_LIFE: Final = timedelta(minutes=15)
ISSUED_AHEAD_MAX: Final = timedelta(seconds=30)
ISSUER: Final = "rowhouse"
AUDIENCE: Final = "rowhouse-api"
TYPE: Final = "access"

_HEADER: Final = {"alg": ALGORITHM, "typ": "JWT"}
_CLAIMS: Final = frozenset({"sub", "sid", "iat", "exp", "iss", "aud", "typ"})
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{10,64}", re.ASCII)
_JWS: Final = jwt.PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine access token says: who, by which sign-in, from when until when (UTC)."""

    user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime


def signing_key(secret: str) -> bytes:
    """Derive the key of access tokens from the server's secret, so that the secret may serve other uses too.

    Raises `ValueError` for a secret below `SECRET_BYTES_MIN` bytes: an empty or short key can be guessed.
    """
    raw = secret.encode()
    if len(raw) < SECRET_BYTES_MIN:
        raise ValueError(f"the secret needs at least {SECRET_BYTES_MIN} bytes")
    return hmac(raw, b"rowhouse access token v1", sha256).digest()


def issue(key: bytes, *, user_id: str, session_id: str, now: datetime, life: timedelta = ACCESS_LIFE) -> str:
    """Sign an access token for a user's sign-in, valid from `now` for `life`."""
    claims = {
        "sub": user_id,
        "sid": session_id,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": TYPE,
    }
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return _JWS.encode(payload, key, algorithm=ALGORITHM, headers=dict(_HEADER))


def verify(token: str, key: bytes, *, now: datetime) -> Claims | AuthReason:
    """Read an access token. Total: any text gives its claims, `INVALID_TOKEN` or `EXPIRED_TOKEN`.

    A token from the future is invalid; `ISSUED_AHEAD_MAX` allows for two nodes whose clocks differ.
    """
    payload = _signed_payload(token, key)
    claims = None if payload is None else _claims(payload)
    if claims is None or claims.issued_at > now + ISSUED_AHEAD_MAX:
        return AuthReason.INVALID_TOKEN
    if claims.expires_at <= now:
        return AuthReason.EXPIRED_TOKEN
    return claims


def _signed_payload(token: str, key: bytes) -> bytes | None:
    """Give the payload of a token that is canonical and bears our header and signature."""
    if len(token) > TOKEN_BYTES_MAX or _SHAPE.fullmatch(token) is None:
        return None
    header, _, signature = token.split(".")
    if header != _HEADER_SEGMENT or not _canonical(signature):
        return None
    try:
        decoded = _JWS.decode_complete(token, key, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        return None
    payload = decoded["payload"]
    return payload if isinstance(payload, bytes) else None


def _canonical(segment: str) -> bool:
    """Tell whether base64url text is the one spelling of its bytes."""
    try:
        decoded = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return False
    return urlsafe_b64encode(decoded).rstrip(b"=").decode() == segment


def _claims(payload: bytes) -> Claims | None:
    """Read exactly the claims that `issue` writes, each once and of its type."""
    try:
        claims = json.loads(payload, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        return None
    if (claims["iss"], claims["aud"], claims["typ"]) != (ISSUER, AUDIENCE, TYPE):
        return None
    user_id, session_id = claims["sub"], claims["sid"]
    if not (_is_id(user_id) and _is_id(session_id)):
        return None
    issued_at, expires_at = _time(claims["iat"]), _time(claims["exp"])
    if issued_at is None or expires_at is None:
        return None
    return Claims(user_id, session_id, issued_at, expires_at)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _time(value: object) -> datetime | None:
    """Read whole seconds since 1970; floats, booleans, text and absurd years are no times."""
    if type(value) is not int or not 0 < value < 2**35:
        return None
    return datetime.fromtimestamp(value, UTC)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim occurs twice")
    return found


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


_HEADER_SEGMENT: Final = _JWS.encode(b"{}", b"\0" * 32, algorithm=ALGORITHM, headers=dict(_HEADER)).split(".")[0]
