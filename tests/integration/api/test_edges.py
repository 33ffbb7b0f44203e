"""The edges of the HTTP side: large and broken bodies, foreign sites, headers, a database that is away."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.errors import MEANINGS, Code
from api.settings import Settings
from api.shield import CONTENT_SECURITY_POLICY
from tests.integration.api.people import BASE, Caller, SilentRooms, caller

Newcomer = Callable[[str], Awaitable[Caller]]
JSON = {"content-type": "application/json"}


def is_problem(answer: httpx.Response) -> bool:
    """Tell whether an answer is whole problem details with a known code."""
    body = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and body.keys() == {"type", "title", "status", "detail", "code", "errors"}
        and MEANINGS[Code(body["code"])].status == body["status"] == answer.status_code
        and len(body["detail"]) > 0
    )


@pytest.mark.rule("API-13")
@pytest.mark.parametrize("stated", [True, False])
async def test_a_large_body_is_refused_before_it_is_parsed(app: FastAPI, settings: Settings, *, stated: bool) -> None:
    """Beyond the limit the answer is 413, whether the length was stated or the body came in parts."""
    taken = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 65_536
            yield b"[" * 65_536

    body = b"[" * (settings.body_bytes_max + 1) if stated else parts()
    answer = await caller(app, "").http.post("/api/auth/login", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert is_problem(answer)


@pytest.mark.rule("API-13")
@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "9" * 400])
async def test_an_odd_length_is_refused(app: FastAPI, length: str) -> None:
    """What is no plain number of bytes is no length."""
    answer = await caller(app, "").http.post(
        "/api/auth/login", content=b"{}", headers=JSON | {"content-length": length}
    )
    assert answer.status_code == 413


@pytest.mark.rule("API-1")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"email": "a@example.com", "password": NaN}',
        b'{"email": "\\ud800@example.com", "password": "x"}',
        b'{"email": ' + b"9" * 10_000 + b"}",
        b"null",
        b'"text"',
        b"[]",
    ],
    ids=[
        "empty",
        "cut",
        "deep lists",
        "deep objects",
        "no UTF-8",
        "NaN",
        "surrogate",
        "digits",
        "null",
        "text",
        "list",
    ],
)
async def test_a_broken_body_is_a_problem(app: FastAPI, body: bytes) -> None:
    """Whatever the bytes, the answer is 401 or 422 in the one shape."""
    answer = await caller(app, "").http.post("/api/auth/login", content=body, headers=JSON)
    assert answer.status_code in {401, 422}
    assert is_problem(answer)


@pytest.mark.rule("API-2")
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_only_json_is_read(app: FastAPI, kind: str) -> None:
    """A body that a plain HTML form could send is not taken for JSON."""
    content = json.dumps({"email": "a@example.com", "password": "long enough, this one", "name": "A"})
    answer = await caller(app, "").http.post("/api/auth/register", content=content, headers={"content-type": kind})
    assert answer.status_code == 422


@pytest.mark.rule("API-1")
async def test_every_code_has_a_meaning() -> None:
    """The table is complete."""
    assert set(MEANINGS) == set(Code)


@pytest.mark.rule("API-14")
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 401),
        (BASE, 401),
        ("https://rowhouse.test", 401),
        ("http://evil.test", 403),
        ("http://rowhouse.test.evil.test", 403),
        ("http://rowhouse.test:81", 403),
        ("null", 403),
        ("", 403),
        ("file://", 403),
        ("http://[", 403),
    ],
)
async def test_foreign_sites_change_nothing(app: FastAPI, origin: str | None, status: int) -> None:
    """A refresh from another site's page is refused before the cookie is looked at."""
    headers = {} if origin is None else {"origin": origin}
    assert (await caller(app, "").http.post("/api/auth/refresh", headers=headers)).status_code == status


@pytest.mark.rule("API-14")
async def test_a_named_site_may_call(database_url: str) -> None:
    """A site that the settings name may call, and its browsers are told so; others are not."""
    settings = Settings(database_url=database_url, secret="s" * 40, allowed_origins=("https://app.example.com",))
    app = create_app(settings, rooms=SilentRooms(), volatile_allowed=True)
    async with app.router.lifespan_context(app):
        for origin, status in (("https://app.example.com", 401), ("https://other.example.com", 403)):
            answer = await caller(app, "").http.post("/api/auth/refresh", headers={"origin": origin})
            assert answer.status_code == status
            assert answer.headers.get("access-control-allow-origin") in {None, "https://app.example.com"}


@pytest.mark.rule("API-15")
@pytest.mark.parametrize("path", ["/healthz", "/api/me", "/api/nothing", "/api/openapi.json", "/"])
async def test_every_answer_carries_the_headers(app: FastAPI, path: str) -> None:
    """Good answers and refusals alike carry the policy and forbid sniffing and framing."""
    headers = (await caller(app, "").http.get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


@pytest.mark.rule("API-15")
def test_the_policy_allows_no_inline_script() -> None:
    """Scripts come from our own files alone."""
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"


async def test_a_foreign_host_name_is_refused(database_url: str) -> None:
    """With allowed hosts set, a call under another name is not served."""
    settings = Settings(database_url=database_url, secret="s" * 40, allowed_hosts=("rowhouse.test",))
    app = create_app(settings, rooms=SilentRooms(), volatile_allowed=True)
    async with app.router.lifespan_context(app):
        assert (await caller(app, "").http.get("/healthz")).status_code == 200
        assert (await caller(app, "").http.get("/healthz", headers={"host": "evil.test"})).status_code == 400


@pytest.mark.rule("API-18")
async def test_an_unreachable_database_is_told_and_survived(app: FastAPI, newcomer: Newcomer) -> None:
    """While nothing can be reached, readiness and calls answer 503 with a time to wait; afterwards all works."""
    ana = await newcomer("Ana")
    engine = app.state.services.engine
    await engine.dispose()
    working = engine.sync_engine.dialect.connect

    def refused(*_args: object, **_named: object) -> None:
        raise ConnectionRefusedError

    engine.sync_engine.dialect.connect = refused
    for path in ("/readyz", "/api/me"):
        answer = await ana("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
    assert (await ana("GET", "/healthz")).status_code == 200
    engine.sync_engine.dialect.connect = working
    assert (await ana("GET", "/readyz")).status_code == 200
    assert (await ana("GET", "/api/me")).status_code == 200
