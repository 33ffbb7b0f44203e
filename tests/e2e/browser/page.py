"""The page as a person uses it: keys, the grid's cells, the save state."""

import re
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

PASSWORD = "a long enough password"
DEMO_PASSWORD = "rowhouse-demo"
HEADER_PX = 34
ROW_PX = 32
MARKER_PX = 44
FIRST_COLUMN_PX = 210
COLUMNS = [
    {"name": "Address", "type": "text"},
    {"name": "Status", "type": "select", "options": [{"label": "Active"}, {"label": "Sold"}]},
    {"name": "Price", "type": "currency", "config": {"currency": "USD", "precision": 0}},
    {"name": "Features", "type": "multi_select", "options": [{"label": "Garage"}, {"label": "Garden"}]},
]
ADDRESSES = ["12 Oak Lane", "14 Elm Road", "16 Pine Court"]


class Scene:
    """Three people, one workspace, one list; made over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)
        mark = secrets.token_hex(6)
        self.emails = {name: f"{name.lower()}-{mark}@example.com" for name in ("Ana", "Ben", "Mia")}
        made = {name: self._register(name) for name in self.emails}
        self.ids = {name: account["user"]["id"] for name, account in made.items()}
        self._token = made["Ana"]["access_token"]
        self.workspace = self.call("GET", "/api/me")["workspaces"][0]["id"]
        for name, role in (("Ben", "editor"), ("Mia", "member")):
            self.call("POST", f"/api/workspaces/{self.workspace}/members", {"email": self.emails[name], "role": role})
        body = {"name": "Properties", "columns": COLUMNS}
        self.list_id = self.call("POST", f"/api/workspaces/{self.workspace}/lists", body)["id"]
        records = [{"fields": {"Address": address}} for address in ADDRESSES]
        self.call("POST", f"/api/lists/{self.list_id}/records", {"records": records})

    def _register(self, name: str) -> Any:
        body = {"email": self.emails[name], "password": PASSWORD, "name": f"{name} Example"}
        return self.http.post("/api/auth/register", json=body).raise_for_status().json()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API as Ana."""
        headers = {"authorization": f"Bearer {self._token}"}
        answer = self.http.request(method, path, json=body, headers=headers).raise_for_status()
        return answer.json() if answer.content else None

    def give_role(self, name: str, role: str) -> None:
        """Change someone's role."""
        self.call("PATCH", f"/api/workspaces/{self.workspace}/members/{self.ids[name]}", {"role": role})

    def column(self, name: str) -> str:
        """The id of a column of the list."""
        columns = self.call("GET", f"/api/lists/{self.list_id}/columns")["items"]
        return next(str(column["id"]) for column in columns if column["name"] == name)

    def records(self) -> list[dict[str, Any]]:
        """The fields of the list's records, as SQL has them."""
        return [item["fields"] for item in self.call("GET", f"/api/lists/{self.list_id}/records")["items"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()


@dataclass
class Desk:
    """A person with the list open. Rows and columns count from 0."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def sees(self, row: int, column: int, text: str) -> None:
        """Wait until a cell shows a text. The row markers are the grid's own first column."""
        expect(self.page.get_by_test_id(f"glide-cell-{column + 1}-{row}")).to_have_text(text)

    def says(self, word: str | re.Pattern[str]) -> None:
        """Wait for a save state."""
        expect(self.page.get_by_test_id("save-state")).to_have_text(word)

    def holds(self, text: str) -> None:
        """Wait until the clipboard holds a text: the browser writes it a moment after the key."""
        self.page.wait_for_function("async (text) => (await navigator.clipboard.readText()).includes(text)", arg=text)

    def counts(self, rows: str) -> None:
        """Wait for a number of rows in the summary."""
        expect(self.page.get_by_test_id("summary")).to_have_text(rows)

    def choose(self, row: int, column: int = 0) -> None:
        """Select a cell: press the first column's, then go right."""
        x, y = self._first_cell_of(row)
        self.page.mouse.click(x, y)
        for _ in range(column):
            self.press("ArrowRight")

    def open(self, row: int) -> None:
        """Open the editor of the first column's cell with a double click."""
        self.page.mouse.dblclick(*self._first_cell_of(row))

    def press_header(self, column: int) -> None:
        """Press a column's header with the other mouse button; the first two of a list whose widths nobody has changed."""
        x, y = self._first_cell_of(0)
        self.page.mouse.click(x + column * FIRST_COLUMN_PX, y - ROW_PX, button="right")

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type without any delay between the keys."""
        self.page.keyboard.type(text, delay=0)

    def _first_cell_of(self, row: int) -> tuple[float, float]:
        box = self.page.get_by_test_id("grid").bounding_box()
        assert box is not None
        return box["x"] + MARKER_PX + 60, box["y"] + HEADER_PX + ROW_PX * row + ROW_PX / 2


def sit_down(browser: Browser, scene: Scene, name: str) -> Desk:
    """Sign someone in and open the list; what the page complains of is kept."""
    desk = sign_in(browser, scene.url, f"/lists/{scene.list_id}", scene.emails[name], PASSWORD)
    desk.sees(0, 0, ADDRESSES[0])
    return desk


def sit_down_at_the_demo(browser: Browser, url: str, name: str) -> Desk:
    """Sign one of the demo's people in and open its properties from the side bar."""
    desk = sign_in(browser, url, "/", f"{name.lower()}@example.com", DEMO_PASSWORD)
    desk.page.get_by_test_id("list-link-Properties").click()
    expect(desk.page.get_by_role("heading", name="Properties")).to_be_visible()
    expect(desk.page.get_by_test_id("glide-cell-1-0")).not_to_be_empty()
    return desk


def sign_in(browser: Browser, url: str, path: str, email: str, password: str) -> Desk:
    """Open a page of the app as somebody, in a context of their own."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 760})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    page = context.new_page()
    desk = Desk(page)
    page.goto(f"{url}{path}")
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(password)
    # Until here the page may ask in vain who is signed in; from here on it has nothing to complain of.
    page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    page.on("console", lambda message: desk.complaints.extend(_complaint(message)))
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("grid")).to_be_visible()
    return desk


def _complaint(message: ConsoleMessage) -> list[str]:
    """Errors and warnings of the page itself; a network that was taken away is no fault of its."""
    offline = "ERR_INTERNET_DISCONNECTED" in message.text
    return [message.text] if message.type in {"error", "warning"} and not offline else []
