"""People who use a running server over HTTP, and the lists that they make."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

PASSWORD = "a long enough password"
TIMEOUT_SECONDS = 30.0


@dataclass
class Person:
    """Someone with an account of their own; `token` goes with every call."""

    http: httpx.AsyncClient
    server: str
    name: str
    email: str
    id: str = ""
    token: str = ""
    workspace: str = ""

    async def __call__(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Call the API as this person."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.request(method, path, headers=headers | rest.pop("headers", {}), **rest)

    async def get(self, path: str, **rest: Any) -> Any:
        """Read something that is there."""
        answer = await self("GET", path, **rest)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self, path: str, body: Any) -> Any:
        """Make something."""
        answer = await self("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def register(self) -> "Person":
        """Make the account and sign in."""
        made = await self.make("/api/auth/register", {"email": self.email, "password": PASSWORD, "name": self.name})
        self.token, self.id = made["access_token"], made["user"]["id"]
        self.workspace = (await self.get("/api/me"))["workspaces"][0]["id"]
        return self

    def at(self, server: str) -> "Person":
        """The same person, with the same cookies and token, at another node."""
        client = httpx.AsyncClient(base_url=server, timeout=TIMEOUT_SECONDS, cookies=self.http.cookies)
        return replace(self, http=client, server=server)

    async def sign_in(self) -> None:
        """Get a fresh access token."""
        made = await self.make("/api/auth/login", {"email": self.email, "password": PASSWORD})
        self.token = made["access_token"]

    async def admit(self, other: "Person", role: str) -> None:
        """Add someone to this person's workspace."""
        await self.make(f"/api/workspaces/{self.workspace}/members", {"email": other.email, "role": role})

    async def ticket(self, list_id: str) -> str:
        """Get a ticket for a socket."""
        return str((await self.make(f"/api/lists/{list_id}/ticket", {}))["ticket"])

    async def make_list(self, name: str, columns: Sequence[Mapping[str, Any]]) -> "List":
        """Make a list in this person's workspace."""
        made = await self.make(f"/api/workspaces/{self.workspace}/lists", {"name": name, "columns": list(columns)})
        return List(made["id"], {column["name"]: column["id"] for column in made["columns"]})

    async def add_rows(self, target: "List", records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Make records; returns the row ids and keeps them in the list."""
        body = {"records": [{"fields": dict(fields)} for fields in records]}
        ids = [item["id"] for item in (await self.make(f"/api/lists/{target.id}/records", body))["items"]]
        target.rows.extend(ids)
        return ids


@dataclass
class List:
    """A list: its id, the ids of its columns by name, and the ids of its rows."""

    id: str
    columns: dict[str, str]
    rows: list[str] = field(default_factory=list)

    def cell(self, row: int, column: str) -> str:
        """The key of a cell, by the row's number and the column's name."""
        return f"c:{self.rows[row]}:{self.columns[column]}"

    def element(self, row: int, column: str, member: str) -> str:
        """The key of one element of a set-valued cell."""
        return f"e:{self.rows[row]}:{self.columns[column]}:{member}"


def person(server: str, name: str) -> Person:
    """Make someone who has no account yet."""
    client = httpx.AsyncClient(base_url=server, timeout=TIMEOUT_SECONDS)
    return Person(client, server, name, f"{name.lower()}-{secrets.token_hex(6)}@example.com")
