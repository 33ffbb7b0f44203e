"""People at the page: a browser, and for each person a context of their own with a list open in it."""

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser.page import Desk, Scene, sit_down, sit_down_at_the_demo
from tests.e2e.conftest import running
from tests.e2e.house import House

SCREENSHOTS = Path("test-results")
FAILED = pytest.StashKey[bool]()
DEMO_ROWS = 60

EXPECT_MS_MAX = 15_000
"""What holds at last holds sooner where nothing else runs; only a failure takes as long."""

expect.set_options(timeout=EXPECT_MS_MAX)

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
    """How Playwright starts the browser."""
    return launch_arguments()


def launch_arguments() -> dict[str, Any]:
    """The Chromium that the machine has; Playwright's own where it has none."""
    chromium = os.environ.get("ROWHOUSE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return {"executable_path": chromium, "args": FLAGS} if chromium else {"args": FLAGS}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure for the fixtures, which keep a picture of each page then."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def demo_house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server with the demo workspace, as `rowhouse up` makes it."""
    yield from running(House(make_state_folder(), "--rows", str(DEMO_ROWS)))


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    """Ana's workspace with Ben (editor) and Mia (member), and a list of three properties."""
    with Scene(house.url) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, scene: Scene, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Desk]]:
    """Opens the list for a person by their first name; what a page complained of fails the test."""
    yield from _desks(lambda name: sit_down(browser, scene, name), request.node)


@pytest.fixture
def demo_desk(browser: Browser, demo_house: House, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Desk]]:
    """Opens the demo's properties for one of its people."""
    yield from _desks(lambda name: sit_down_at_the_demo(browser, demo_house.url, name), request.node)


def _desks(sit: Callable[[str], Desk], item: pytest.Item) -> Iterator[Callable[[str], Desk]]:
    desks: list[Desk] = []

    def open_for(name: str) -> Desk:
        desks.append(sit(name))
        return desks[-1]

    yield open_for
    for number, one in enumerate(desks):
        if item.stash.get(FAILED, False) and not one.page.is_closed():
            one.page.screenshot(path=SCREENSHOTS / f"{re.sub(r'[^a-z0-9_]+', '-', item.name)}-{number}.png")
        one.page.context.close()
    assert [complaint for one in desks for complaint in one.complaints] == []
