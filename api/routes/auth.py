"""Register, sign in, refresh, sign out."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Response, status
from fastapi import Request as HttpRequest
from pydantic import Field
from pydantic.types import SecretStr

from api.access import ServicesOf, address_of
from api.errors import Code, Problem
from api.schemas import Email, Name, Request
from api.signin import (
    COOKIE,
    SignInAnswer,
    answer_sign_in,
    begin_family,
    continue_family,
    end_family,
    forget_cookie,
    hue_of,
)
from auth.errors import AuthReason, AuthRefused
from auth.passwords import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from auth.roles import Role
from persistence.accounts import User, add_user, user_by_email
from persistence.events import Act, add_event
from persistence.members import put_member
from persistence.workspaces import add_workspace

router = APIRouter(prefix="/api/auth", tags=["auth"])

RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


class Registration(Request):
    """A new account."""

    email: Email
    password: Annotated[SecretStr, Field(min_length=PASSWORD_CHARACTERS_MIN, max_length=PASSWORD_CHARACTERS_MAX)]
    name: Name


class Login(Request):
    """E-mail address and password of an account."""

    email: Annotated[str, Field(max_length=320)]
    password: Annotated[SecretStr, Field(max_length=PASSWORD_CHARACTERS_MAX)]


@router.post("/register", status_code=status.HTTP_201_CREATED)
async def register(
    registration: Registration, request: HttpRequest, response: Response, services: ServicesOf
) -> SignInAnswer:
    """Make an account with a workspace of its own, and sign in."""
    await services.attempts.registration(address_of(request))
    password_hash = await services.passwords.hash(_storable(registration.password))
    now = services.clock()
    user_id = services.random_id()
    user = User(user_id, registration.email, registration.name, hue_of(user_id), now)
    async with services.transaction() as connection:
        if not await add_user(connection, user, password_hash):
            raise Problem(Code.EMAIL_TAKEN, "There is an account with this e-mail address already. Sign in instead.")
        workspace_id = services.random_id()
        await add_workspace(connection, workspace_id, f"{user.name}'s workspace", now)
        await put_member(connection, workspace_id, user.id, Role.OWNER, now)
        await add_event(
            connection, Act.WORKSPACE_CREATED, workspace_id=workspace_id, actor=user.id, subject=workspace_id, at=now
        )
        family, refresh_token = await begin_family(connection, services, user)
    return answer_sign_in(request, response, services, user, family, refresh_token)


@router.post("/login")
async def login(login: Login, request: HttpRequest, response: Response, services: ServicesOf) -> SignInAnswer:
    """Sign in. An unknown address and a wrong password get the same answer after the same time."""
    await services.attempts.login(address_of(request), login.email)
    found = None
    if "\0" not in login.email and login.email.isprintable():
        async with services.reading() as connection:
            found = await user_by_email(connection, login.email.strip())
    user, password_hash = found or (None, None)
    if not await services.passwords.match(password_hash, _storable(login.password)) or user is None:
        raise AuthRefused(AuthReason.WRONG_LOGIN)
    async with services.transaction() as connection:
        family, refresh_token = await begin_family(connection, services, user)
    return answer_sign_in(request, response, services, user, family, refresh_token)


@router.post("/refresh")
async def refresh(
    request: HttpRequest, response: Response, services: ServicesOf, refresh_token: RefreshCookie = None
) -> SignInAnswer:
    """Get a fresh access token for the refresh token in the cookie, which is spent and replaced."""
    user, family, next_token = await continue_family(services, refresh_token)
    return answer_sign_in(request, response, services, user, family, next_token)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(
    request: HttpRequest, response: Response, services: ServicesOf, refresh_token: RefreshCookie = None
) -> None:
    """Sign out: the sign-in's tokens end at once, and the cookie goes."""
    await end_family(services, refresh_token)
    forget_cookie(request, response, services)


def _storable(password: SecretStr) -> str:
    """Give a password as UTF-8 can hold it; lone surrogates count as replacement marks."""
    return password.get_secret_value().encode(errors="replace").decode()
