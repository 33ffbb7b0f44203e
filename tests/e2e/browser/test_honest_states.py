"""What a person sees while the server dies, hangs and restarts: never "Saved" too early, and nothing lost."""

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser.page import Desk, Scene, sit_down
from tests.e2e.browser.test_kept_edits import warns
from tests.e2e.browser.test_outliving import addresses
from tests.e2e.conftest import running
from tests.e2e.house import House

PATIENCE_MS = 20_000


def free_port() -> int:
    """A port that nobody listens on; a server that is started again must come back to its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def mortal_house(make_state_folder: Callable[[], Path]) -> Iterator[House]:
    """A server at a fixed address that the tests may kill; each leaves it running."""
    yield from running(House(make_state_folder(), "--no-demo", "--port", str(free_port())))


@pytest.fixture
def ben(browser: Browser, mortal_house: House) -> Iterator[tuple[Desk, Scene]]:
    """Ben at the list, and the scene."""
    with Scene(mortal_house.url) as scene:
        desk = sit_down(browser, scene, "Ben")
        yield desk, scene
        desk.page.context.close()


def type_into(desk: Desk, row: int, text: str) -> None:
    """Type into the first column."""
    desk.choose(row)
    desk.type(text)
    desk.press("Enter")


def announced(desk: Desk, sentence: str | re.Pattern[str]) -> None:
    """Wait for what a screen reader is told."""
    expect(desk.page.get_by_test_id("save-announcement")).to_have_text(sentence, timeout=PATIENCE_MS)


@pytest.mark.rule("WEB-59", "WEB-63", "WEB-64", "WEB-66")
def test_the_server_is_killed_and_started_again(ben: tuple[Desk, Scene], mortal_house: House) -> None:
    """Ben types on while the server is dead; the page says where his edit is, and saves it once the server is back."""
    desk, scene = ben
    mortal_house.kill()
    type_into(desk, 0, "1 Quay")
    state = desk.page.get_by_test_id("save-state")
    expect(state).to_have_text(re.compile(r"Reconnecting.*: 1 edit waiting"), timeout=PATIENCE_MS)
    told = "Rowhouse does not answer. 1 edit is kept on this device and saved once it is back. You can go on working."
    announced(desk, told)
    assert not warns(desk)
    state.click()
    expect(desk.page.get_by_test_id("save-trouble")).to_contain_text(told)
    mortal_house.start()
    desk.page.get_by_role("button", name="Try now").click()
    expect(state).to_have_text("Saved", timeout=PATIENCE_MS)
    announced(desk, "All edits are saved.")
    desk.page.context.set_offline(True)
    desk.says("Offline")
    expect(desk.page.get_by_test_id("save-trouble")).to_have_count(0)
    assert addresses(scene)[0] == "1 Quay"


@pytest.mark.rule("WEB-62", "WEB-66")
def test_the_server_hangs(ben: tuple[Desk, Scene], mortal_house: House) -> None:
    """A server that is stopped in its tracks is told as slow, not as "Saved"; an edit is saved when it goes on."""
    desk, scene = ben
    os.kill(mortal_house.pid, signal.SIGSTOP)
    try:
        type_into(desk, 0, "1 Quay")
        desk.says("Saving…")
        expect(desk.page.get_by_test_id("save-state")).to_have_text("Slow: 1 edit waiting", timeout=PATIENCE_MS)
        announced(desk, re.compile("Rowhouse is slow to answer. 1 edit is kept on this device"))
    finally:
        os.kill(mortal_house.pid, signal.SIGCONT)
    expect(desk.page.get_by_test_id("save-state")).to_have_text("Saved", timeout=PATIENCE_MS)
    assert addresses(scene)[0] == "1 Quay"


@pytest.mark.rule("WEB-50", "WEB-58")
def test_the_server_is_told_to_stop_and_the_page_closed_meanwhile(ben: tuple[Desk, Scene], mortal_house: House) -> None:
    """Ben types after a SIGTERM and closes the page; the server is started again, and his next page saves the edit."""
    desk, scene = ben
    os.kill(mortal_house.pid, signal.SIGTERM)
    mortal_house.stop()
    type_into(desk, 1, "2 Quay")
    expect(desk.page.get_by_test_id("save-state")).to_have_text(re.compile("Reconnecting"), timeout=PATIENCE_MS)
    context = desk.page.context
    desk.page.close(run_before_unload=False)
    mortal_house.start()
    again = Desk(context.new_page())
    again.page.goto(f"{scene.url}/lists/{scene.list_id}")
    again.sees(1, 0, "2 Quay")
    again.says("Saved")
    assert addresses(scene) == ["12 Oak Lane", "2 Quay", "16 Pine Court"]
