"""Registering, signing in, refreshing and signing out, against a real database."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI
from httpx import Response

from tests.integration.api.people import PASSWORD, Caller, Clock, caller

Newcomer = Callable[[str], Awaitable[Caller]]


async def refresh(person: Caller, token: str | None = None) -> Response:
    """Refresh with the cookie that the person has, or with a given token."""
    headers = {} if token is None else {"cookie": f"rowhouse_refresh={token}"}
    if token is not None:
        person.http.cookies.clear()
    return await person.http.post("/api/auth/refresh", headers=headers)


def cookie(answer: Response) -> str:
    """The refresh token in an answer's cookie."""
    return answer.headers["set-cookie"].split(";")[0].partition("=")[2]


@pytest.mark.rule("API-3")
async def test_a_newcomer_owns_a_workspace(newcomer: Newcomer) -> None:
    """A new account comes with a workspace of its own, as its owner."""
    ana = await newcomer("Ana")
    me = (await ana("GET", "/api/me")).json()
    assert me["email"] == "ana@example.com"
    assert [(workspace["name"], workspace["role"]) for workspace in me["workspaces"]] == [("Ana's workspace", "owner")]


@pytest.mark.rule("AUTH-4")
async def test_the_refresh_token_is_out_of_reach_of_scripts(app: FastAPI) -> None:
    """The cookie is HttpOnly, SameSite=Strict, limited to /api/auth, and the token is not in the body."""
    body = {"email": "ana@example.com", "password": PASSWORD, "name": "Ana"}
    answer = await caller(app, "").http.post("/api/auth/register", json=body)
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/api/auth"} <= attributes
    assert cookie(answer) not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.rule("AUTH-3")
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(newcomer: Newcomer, app: FastAPI) -> None:
    """Nothing in the answer tells whether the account exists."""
    await newcomer("Ana")
    stranger = caller(app, "")
    wrong = await stranger("POST", "/api/auth/login", json={"email": "ana@example.com", "password": "not the password"})
    unknown = await stranger(
        "POST", "/api/auth/login", json={"email": "eve@example.com", "password": "not the password"}
    )
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.json()["code"] == "wrong_login"


async def test_signing_in_ignores_the_case_of_the_address(newcomer: Newcomer, app: FastAPI) -> None:
    """Addresses that differ in case alone are one account, for signing in and for registering."""
    await newcomer("Ana")
    stranger = caller(app, "ANA@example.com")
    assert (await stranger("POST", "/api/auth/login", json={"email": stranger.email, "password": PASSWORD})).is_success
    again = {"email": stranger.email, "password": PASSWORD, "name": "Ana"}
    taken = await stranger("POST", "/api/auth/register", json=again)
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")


@pytest.mark.rule("AUTH-5")
async def test_a_refresh_replaces_the_token(newcomer: Newcomer) -> None:
    """Each refresh gives another refresh token and a working access token."""
    ana = await newcomer("Ana")
    first, second = await refresh(ana), await refresh(ana)
    assert first.is_success
    assert cookie(first) != cookie(second)
    ana.token = second.json()["access_token"]
    assert (await ana("GET", "/api/me")).status_code == 200


@pytest.mark.rule("AUTH-5")
async def test_a_stolen_token_ends_the_sign_in(newcomer: Newcomer, clock: Clock) -> None:
    """A spent token that comes back after the grace revokes the family: thief and owner are signed out at once."""
    ana = await newcomer("Ana")
    stolen = cookie(await refresh(ana))
    owners = cookie(await refresh(ana, stolen))
    clock.pass_by(seconds=11)
    reused = await refresh(ana, stolen)
    assert (reused.status_code, reused.json()["code"]) == (401, "revoked_credentials")
    assert (await refresh(ana, owners)).status_code == 401
    assert (await ana("GET", "/api/me")).json()["code"] == "revoked_credentials"


@pytest.mark.rule("AUTH-5")
async def test_two_tabs_may_refresh_at_once(newcomer: Newcomer, app: FastAPI) -> None:
    """Tabs that send the same token at the same moment both stay signed in."""
    ana = await newcomer("Ana")
    shared = cookie(await refresh(ana))
    tabs = [caller(app, "") for _ in range(4)]
    answers = await asyncio.gather(*(refresh(tab, shared) for tab in tabs))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({cookie(answer) for answer in answers}) == 4


@pytest.mark.rule("AUTH-5")
async def test_a_refresh_token_ends_after_thirty_days(newcomer: Newcomer, clock: Clock) -> None:
    """An old refresh token is refused, even unspent."""
    ana = await newcomer("Ana")
    clock.pass_by(days=30)
    assert (await refresh(ana)).status_code == 401


@pytest.mark.rule("AUTH-1")
async def test_an_access_token_ends_after_fifteen_minutes(newcomer: Newcomer, clock: Clock) -> None:
    """The API says that the token expired, so that the client refreshes."""
    ana = await newcomer("Ana")
    clock.pass_by(minutes=15)
    answer = await ana("GET", "/api/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "expired_credentials")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.rule("AUTH-5")
async def test_signing_out_ends_access_and_refresh_tokens(newcomer: Newcomer) -> None:
    """After a sign-out the access token that is still in a page's memory is refused too."""
    ana = await newcomer("Ana")
    kept = cookie(await refresh(ana))
    assert (await ana.http.post("/api/auth/logout", headers={"cookie": f"rowhouse_refresh={kept}"})).status_code == 204
    assert (await ana("GET", "/api/me")).json()["code"] == "revoked_credentials"
    assert (await refresh(ana, kept)).status_code == 401


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "é" * 43, "x" * 5000])
async def test_a_wrong_refresh_token_is_refused(app: FastAPI, token: str | None) -> None:
    """Any other text in the cookie gives 401, never an error."""
    person = caller(app, "")
    headers = {} if token is None else {"cookie": f"rowhouse_refresh={token}".encode()}
    assert (await person.http.post("/api/auth/refresh", headers=headers)).status_code == 401


@pytest.mark.rule("AUTH-10")
async def test_guessing_is_slowed_down(app: FastAPI) -> None:
    """Beyond the limit a sign-in gets 429 and the seconds to wait."""
    stranger = caller(app, "")
    limit = app.state.services.settings.login_attempts_per_minute
    attempts = app.state.services.attempts
    for attempt in range(limit):
        await attempts.login("127.0.0.1", f"{attempt}@example.com")
    answer = await stranger("POST", "/api/auth/login", json={"email": "a@example.com", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.rule("AUTH-10")
async def test_an_account_is_guarded_against_many_addresses(app: FastAPI) -> None:
    """Guesses at one account are limited whatever address they come from."""
    services = app.state.services
    for attempt in range(services.settings.login_attempts_per_minute * 5):
        await services.attempts.login(f"10.0.0.{attempt}", "ana@example.com")
    answer = await caller(app, "")("POST", "/api/auth/login", json={"email": "Ana@example.com", "password": "x"})
    assert answer.status_code == 429


@pytest.mark.rule("API-2")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": 7}, "email"),
        ({"password": "short"}, "password"),
        ({"password": ["a long enough password"]}, "password"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": None}, "name"),
        ({"role": "owner"}, "role"),
        ({"id": "chosen_by_me_myself"}, "id"),
    ],
)
async def test_each_wrong_field_is_named(app: FastAPI, change: dict[str, object], field: str) -> None:
    """A body with a wrong, missing or unknown field is refused, and the answer names the field."""
    body = {"email": "ana@example.com", "password": PASSWORD, "name": "Ana"} | change
    answer = await caller(app, "")("POST", "/api/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("email", ["a\0b@example.com", "x" * 321, "a\nb", "' or 1=1 --"])
async def test_an_odd_address_cannot_sign_in(app: FastAPI, email: str) -> None:
    """Odd text as an address is a wrong login or a wrong field, never an error of ours."""
    answer = await caller(app, "")("POST", "/api/auth/login", json={"email": email, "password": "whatever it is"})
    assert answer.status_code in {401, 422}
