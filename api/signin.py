"""Signing in and staying signed in: what the four calls of `/api/auth` have in common.

An answer holds a short access token for the page's memory; the refresh token travels in a cookie that scripts
cannot read and that only `/api/auth` ever sees.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Final

from fastapi import Request as HttpRequest
from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.schemas import Answer, Person
from api.services import Services
from auth import tokens
from auth.errors import AuthReason, AuthRefused
from auth.grants import sign_in
from auth.opaque import REFRESH_LIFE, digest
from auth.refresh import Refreshing, judge_refresh
from persistence.accounts import User, user_by_id
from persistence.sessions import (
    KeptRefreshToken,
    NewRefreshToken,
    add_refresh_token,
    lock_refresh_token,
    mark_rotated,
    revoke_family,
)

COOKIE: Final = "rowhouse_refresh"
COOKIE_PATH: Final = "/api/auth"


class SignInAnswer(Answer):
    """Who signed in, and an access token that is good for `expires_in` seconds."""

    user: Person
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme of the Authorization header
    expires_in: int


def hue_of(user_id: str) -> int:
    """Give a person's colour (0 to 359), spread evenly by their id."""
    return int.from_bytes(sha256(user_id.encode()).digest()[:4]) % 360


async def begin_family(connection: AsyncConnection, services: Services, user: User) -> tuple[str, str]:
    """Start a sign-in: its family and its first refresh token."""
    family = services.random_id()
    return family, await _add_token(connection, services, user.id, family)


async def continue_family(services: Services, refresh_token: str | None) -> tuple[User, str, str]:
    """Spend a refresh token: the person, the family and the next token; raises `AuthRefused`.

    A revocation is committed before the refusal is raised.
    """
    kept_digest = digest(refresh_token or "")
    if kept_digest is None:
        raise AuthRefused(AuthReason.MISSING_CREDENTIALS if not refresh_token else AuthReason.INVALID_TOKEN)
    async with services.transaction() as connection:
        kept = await lock_refresh_token(connection, kept_digest)
        outcome = await _spend(connection, services, kept)
    if isinstance(outcome, AuthReason):
        if outcome is AuthReason.REFRESH_REUSED and kept is not None:
            await services.rooms.grant_ended(sign_in(kept.family))
        raise AuthRefused(outcome)
    return outcome


async def end_family(services: Services, refresh_token: str | None) -> None:
    """Sign out: revoke the family of a refresh token, if there is one, and close its sockets."""
    kept_digest = digest(refresh_token or "")
    if kept_digest is None:
        return
    async with services.transaction() as connection:
        kept = await lock_refresh_token(connection, kept_digest)
        if kept is not None:
            await revoke_family(connection, kept.family, services.clock())
    if kept is not None:
        await services.rooms.grant_ended(sign_in(kept.family))


def answer_sign_in(
    request: HttpRequest, response: Response, services: Services, user: User, family: str, refresh_token: str
) -> SignInAnswer:
    """Make the answer of a sign-in and put the refresh token into its cookie."""
    response.set_cookie(
        COOKIE,
        refresh_token,
        max_age=int(REFRESH_LIFE / timedelta(seconds=1)),
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=_secure(request, services),
    )
    response.headers["Cache-Control"] = "no-store"
    return SignInAnswer(
        user=Person.of(user),
        access_token=tokens.issue(services.token_key, user_id=user.id, session_id=family, now=services.clock()),
        expires_in=int(tokens.ACCESS_LIFE / timedelta(seconds=1)),
    )


def forget_cookie(request: HttpRequest, response: Response, services: Services) -> None:
    """Take the refresh token's cookie away."""
    secure = _secure(request, services)
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure)


async def _spend(
    connection: AsyncConnection, services: Services, kept: KeptRefreshToken | None
) -> tuple[User, str, str] | AuthReason:
    now = services.clock()
    if kept is None:
        return AuthReason.INVALID_TOKEN
    match judge_refresh(kept.token, now):
        case Refreshing.REFUSE:
            return AuthReason.SESSION_REVOKED
        case Refreshing.REVOKE_FAMILY:
            await revoke_family(connection, kept.family, now)
            return AuthReason.REFRESH_REUSED
        case Refreshing.ROTATE:
            await mark_rotated(connection, kept.id, now)
        case Refreshing.ISSUE_SIBLING:
            pass
    user = await user_by_id(connection, kept.user_id)
    assert user is not None, "sessions reference users"
    return user, kept.family, await _add_token(connection, services, user.id, kept.family)


async def _add_token(connection: AsyncConnection, services: Services, user_id: str, family: str) -> str:
    refresh_token = services.random_secret()
    kept_digest = digest(refresh_token)
    assert kept_digest is not None, "random_secret makes what digest reads"
    new = NewRefreshToken(services.random_id(), user_id, family, kept_digest, services.clock(), REFRESH_LIFE)
    await add_refresh_token(connection, new)
    return refresh_token


def _secure(request: HttpRequest, services: Services) -> bool:
    return services.settings.cookie_secure or request.url.scheme == "https"
