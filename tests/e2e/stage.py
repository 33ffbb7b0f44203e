"""A stage for refusals: a list, three people at it, a watcher who keeps every byte that it is shown, and the database.

`settle` is what every scene ends with: all replicas, a newcomer's, the replayed log and the rows of SQL agree, and no
secret stands anywhere but in the audit.
"""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pycrdt import Doc, Map

from tests.e2e.conftest import Newcomer, Sql
from tests.e2e.house import House
from tests.e2e.people import List, Person
from tests.e2e.socket_client import SocketClient
from tests.e2e.stock_clients import StockClient, StockClients

ROOTS = ("meta", "columns", "views", "comments")
COLUMNS: list[dict[str, Any]] = [
    {"name": "Name", "type": "text"},
    {"name": "Price", "type": "number"},
    {"name": "Note", "type": "text"},
    {"name": "Status", "type": "select", "options": [{"label": "Active"}, {"label": "Sold"}]},
    {"name": "Tags", "type": "multi_select", "options": [{"label": "Garage"}, {"label": "Garden"}]},
    {"name": "Marker", "type": "text"},
]
RECORDS = [{"Name": "12 Oak Lane", "Price": 100}, {"Name": "7 Elm Court", "Price": 200}]


class Refused(NamedTuple):
    """A refusal as the audit has it: who, where, what was tried, and why."""

    actor: str
    kind: str
    row: str | None
    column: str | None
    new: Any
    reason: str


@dataclass
class Stage:
    """The list and everybody at it. `options` maps the labels of the choices to their ids."""

    people: dict[str, Person]
    homes: List
    options: dict[str, str]
    stock: StockClients
    sql: Sql
    house: House
    watcher: SocketClient
    shown: list[bytes] = field(default_factory=list)
    clients: list[StockClient] = field(default_factory=list)

    async def enter(self, person: str, name: str = "", **options: bool) -> StockClient:
        """Open the list with a stock client for somebody."""
        client = await self.stock.open(self.people[person], self.homes.id, name or person, **options)
        self.clients.append(client)
        return client

    async def give_role(self, name: str, role: str) -> None:
        """Change somebody's role in the workspace."""
        await self.ask(
            "PATCH", f"/api/workspaces/{self.people['Ana'].workspace}/members/{self.people[name].id}", role=role
        )

    async def change_column(self, name: str, **change: Any) -> None:
        """Change a column of the list, as its owner."""
        await self.ask("PATCH", f"/api/lists/{self.homes.id}/columns/{self.homes.columns[name]}", **change)

    async def delete_column(self, name: str) -> None:
        """Delete a column of the list, as its owner."""
        await self.ask("DELETE", f"/api/lists/{self.homes.id}/columns/{self.homes.columns[name]}")

    async def trash_row(self, row: int) -> None:
        """Put a row into the trash, as the owner."""
        await self.ask("DELETE", f"/api/lists/{self.homes.id}/records/{self.homes.rows[row]}")

    async def ask(self, method: str, path: str, **body: Any) -> None:
        """Call the API as Ana, who owns the workspace."""
        answer = await self.people["Ana"](method, path, **({"json": body} if body else {}))
        assert answer.is_success, answer.text

    def key(self, row: int, column: str) -> str:
        """The key of a cell."""
        return self.homes.cell(row, column)

    async def refused(self) -> list[Refused]:
        """The refusals in the audit, in order."""
        found = await self.sql.fetch(
            "SELECT actor, kind, row_id, column_id, new, reason FROM facts"
            " WHERE list_id = $1 AND reason IS NOT NULL ORDER BY seq, ordinal",
            self.homes.id,
        )
        return [
            Refused(row["actor"], row["kind"], row["row_id"], row["column_id"], _json(row["new"]), row["reason"])
            for row in found
        ]

    def refusal(self, person: str, row: int, column: str, new: Any, reason: str) -> Refused:
        """A refusal of a cell, to compare with the audit's."""
        return Refused(self.people[person].id, "cell", self.homes.rows[row], self.homes.columns[column], new, reason)

    async def settle(self, *secret: str) -> None:
        """Wait until everybody has seen all there is; then everything agrees, and the secrets are nowhere."""
        mark, place = secrets.token_hex(8), self.key(1, "Marker")
        await self.ask("PATCH", f"/api/lists/{self.homes.id}/records/{self.homes.rows[1]}", fields={"Marker": mark})
        for client in self.clients:
            await client.sees(place, mark)
        await self.watcher.until(lambda: self.watcher.values.get(place) == mark)
        newcomer = await self.stock.open(self.people["Ana"], self.homes.id, "newcomer")
        await newcomer.sees(place, mark)  # the first frame of a sync may be older than the list; the rest follows
        wanted = await newcomer.state()
        await newcomer.close()
        for client in self.clients:
            assert _without_id(await client.state()) == _without_id(wanted), f"{client.name} has something else"
        assert not wanted["pending"]
        assert await self._replayed() == wanted["roots"], "the log says something else"
        assert await self._rows() == self._cells(wanted["roots"]["cells"]), "the rows say something else"
        log = [
            row["update"]
            for row in await self.sql.fetch("SELECT update FROM updates WHERE list_id = $1", self.homes.id)
        ]
        said = self.house.log().encode()
        assert not [text for text in secret if any(text.encode() in part for part in [*log, *self.shown, said])]

    async def _replayed(self) -> dict[str, Any]:
        doc: Doc[Any] = Doc()
        statement = "SELECT update FROM updates WHERE list_id = $1 ORDER BY seq"
        for row in await self.sql.fetch(statement, self.homes.id):
            doc.apply_update(row["update"])
        overlays = doc.get("overlays", type=Map)
        newest = overlays[max(overlays.keys(), key=int)]
        return {**{root: _plain(doc.get(root, type=Map)) for root in ROOTS}, "cells": _plain(newest)}

    async def _rows(self) -> dict[str, Any]:
        found = await self.sql.fetch("SELECT row_id, data FROM records WHERE list_id = $1", self.homes.id)
        return {row["row_id"]: _comparable(json.loads(row["data"])) for row in found}

    def _cells(self, cells: dict[str, Any]) -> dict[str, Any]:
        """The rows as the document's keys have them."""
        rows: dict[str, dict[str, Any]] = {key[2:]: {} for key in cells if key.startswith("r:")}
        for key, value in cells.items():
            kind, row, *place = key.split(":")
            if kind == "c" and value is not None:
                rows[row][place[0]] = value
            elif kind == "e" and value:
                rows[row].setdefault(place[0], set()).add(place[1])
        return rows


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _plain(root: "Map[Any]") -> dict[str, Any]:
    return root.to_py() or {}


def _comparable(cells: dict[str, Any]) -> dict[str, Any]:
    """A row of SQL; sets have no order, and an empty one is an empty cell."""
    return {column: set(value) if isinstance(value, list) else value for column, value in cells.items() if value != []}


def _without_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "id"}


@asynccontextmanager
async def staged(newcomer: Newcomer, stock: StockClients, sql: Sql, house: House) -> AsyncIterator[Stage]:
    """Ana (owner), Ben (editor) and Mia (member), and a list of two rows that a watcher of Ana's has open."""
    people = {name: await newcomer(name) for name in ("Ana", "Ben", "Mia")}
    ana = people["Ana"]
    await ana.admit(people["Ben"], "editor")
    await ana.admit(people["Mia"], "member")
    homes = await ana.make_list("Homes", COLUMNS)
    await ana.add_rows(homes, RECORDS)
    columns = (await ana.get(f"/api/lists/{homes.id}"))["columns"]
    options = {option["label"]: option["id"] for column in columns for option in column["options"]}
    watcher = SocketClient()
    stage = Stage(people, homes, options, stock, sql, house, watcher)
    watcher.on_update = stage.shown.append
    async with watcher.connected(ana, homes.id):
        yield stage
