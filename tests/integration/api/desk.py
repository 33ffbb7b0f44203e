"""A person at a list of their own, for the tests of lists and records."""

from typing import Any

from tests.integration.api.people import Caller

COLUMNS: list[dict[str, Any]] = [
    {"name": "Address", "type": "text", "required": True},
    {"name": "Price", "type": "currency", "config": {"currency": "USD"}},
    {"name": "Status", "type": "select", "options": [{"label": "Open", "colour": "green"}, {"label": "Sold"}]},
    {"name": "Tags", "type": "multi_select", "options": [{"label": "Pool"}, {"label": "View"}]},
    {"name": "Listed", "type": "date"},
    {"name": "Made", "type": "created_at"},
]


class Desk:
    """A person at a list of their own."""

    def __init__(self, person: Caller, made: dict[str, Any]) -> None:
        self.person = person
        self.made = made
        self.columns = {column["name"]: column for column in made["columns"]}

    async def call(self, method: str, path: str, **rest: Any) -> tuple[int, Any]:
        """Call below the list's address."""
        answer = await self.person(method, f"/api/lists/{self.made['id']}{path}", **rest)
        return answer.status_code, answer.json() if answer.content else None

    async def add(self, *fields: dict[str, Any], **rest: Any) -> list[dict[str, Any]]:
        """Make records."""
        status, made = await self.call("POST", "/records", json={"records": [{"fields": f} for f in fields], **rest})
        assert status == 201, made
        items: list[dict[str, Any]] = made["items"]
        return items
