"""People who call the API in tests: each has a client with cookies of their own and a fresh account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from auth.grants import Grant
from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Source
from realtime.core.writes import Write

PASSWORD = "a long enough password"
BASE = "http://rowhouse.test"


@dataclass
class Clock:
    """A clock that the test moves by hand."""

    now: datetime = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def pass_by(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass
class SilentRooms:
    """Rooms that only note what they hear: for the parts of the API that write no list."""

    heard: list[tuple[Any, ...]] = field(default_factory=list)

    async def write(self, list_id: str, principal: Principal, writes: Sequence[Write], *, source: Source) -> Any:
        """Refuse to be used."""
        raise AssertionError("no list is written here")

    async def rights_changed(self, workspace_id: str, user_id: str, role: Role | None, version: int) -> None:
        """Note a change of rights."""
        self.heard.append((workspace_id, user_id, role, version))

    async def grant_ended(self, grant: Grant) -> None:
        """Note an ended grant."""
        self.heard.append((grant,))

    async def lists_known(self, workspace_id: str, list_ids: frozenset[str]) -> None:
        """Note nothing: no list is written here."""

    async def list_trashed(self, list_id: str) -> None:
        """Note a trashed list."""
        self.heard.append((list_id,))


@dataclass
class Caller:
    """Someone with a client; `token` is sent with every call once they have signed in."""

    http: httpx.AsyncClient
    email: str
    id: str = ""
    token: str = ""
    workspace: str = ""

    async def __call__(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Call the API as this person."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.request(method, path, headers=headers | rest.pop("headers", {}), **rest)

    async def register(self, name: str) -> "Caller":
        """Make the account and sign in."""
        body = {"email": self.email, "password": PASSWORD, "name": name}
        answer = await self.http.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        self.token, self.id = answer.json()["access_token"], answer.json()["user"]["id"]
        self.workspace = (await self("GET", "/api/me")).json()["workspaces"][0]["id"]
        return self

    async def admit(self, other: "Caller", role: str) -> None:
        """Add someone to this person's own workspace."""
        answer = await self(
            "POST", f"/api/workspaces/{self.workspace}/members", json={"email": other.email, "role": role}
        )
        assert answer.status_code == 201, answer.text


def caller(app: FastAPI, email: str) -> Caller:
    """Make someone who has not signed in yet."""
    return Caller(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE), email)
