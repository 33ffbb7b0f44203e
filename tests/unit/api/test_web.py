"""The built web client: its page, its assets, and what is none of its business."""

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    """A client of a server with a small build."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>Rowhouse</title>")
    (tmp_path / "dist" / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("not yours")
    app = create_app(Settings(secret="s" * 40, web_folder=tmp_path / "dist"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rowhouse.test")


@pytest.mark.rule("API-16")
@pytest.mark.parametrize("path", ["/", "/sign-in", "/lists/abc", "/index.html"])
async def test_every_address_of_the_app_is_its_page(browser: httpx.AsyncClient, path: str) -> None:
    """Addresses without a file show the page, which a browser asks for again each time."""
    answer = await browser.get(path)
    assert (answer.status_code, answer.text) == (200, "<title>Rowhouse</title>")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.rule("API-16")
async def test_assets_are_kept(browser: httpx.AsyncClient) -> None:
    """A hashed asset is kept for a year; one that does not exist is missing, not the page."""
    assert "immutable" in (await browser.get("/assets/app-1a2b.js")).headers["cache-control"]
    assert (await browser.get("/assets/app-0000.js")).status_code == 404


@pytest.mark.rule("API-16")
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/ws/", "/ws/nothing"])
async def test_unknown_calls_are_not_the_page(browser: httpx.AsyncClient, path: str) -> None:
    """Below /api and /ws there is no page, whatever the method."""
    for method in ("GET", "POST", "DELETE"):
        answer = await browser.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.rule("API-16")
@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt"]
)
async def test_nothing_outside_the_build_is_served(browser: httpx.AsyncClient, path: str) -> None:
    """No spelling of a parent folder leads out of the build."""
    assert "not yours" not in (await browser.get(path)).text


async def test_without_a_build_the_way_to_one_is_told(tmp_path: Path) -> None:
    """A server without the client says how to build it."""
    app = create_app(Settings(secret="s" * 40, web_folder=tmp_path / "none"))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rowhouse.test")
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "npm run build" in answer.text
