"""People at the page: a browser, and for each person a context of their own with a list open in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser.page import Desk, Scene, sit_down
from tests.e2e.house import House

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The Chromium that the machine has; Playwright's own where it has none."""
    chromium = os.environ.get("ROWHOUSE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return {"executable_path": chromium, "args": FLAGS} if chromium else {"args": FLAGS}


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    """Ana's workspace with Ben (editor) and Mia (member), and a list of three properties."""
    with Scene(house.url) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, scene: Scene) -> Iterator[Callable[[str], Desk]]:
    """Opens the list for a person by their first name; what a page complained of fails the test."""
    desks: list[Desk] = []

    def open_for(name: str) -> Desk:
        desks.append(sit_down(browser, scene, name))
        return desks[-1]

    yield open_for
    for one in desks:
        one.page.context.close()
    assert [complaint for one in desks for complaint in one.complaints] == []
