"""A list of some thousand rows that came in bulk, on the page: read in a worker, or without one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from benchmarks.large_list import store_large_list
from tests.e2e.browser.page import Desk, Scene
from tests.e2e.house import House

OpenFor = Callable[[str], Desk]
ROWS = 3_000
WORKER = "**/segment-worker*.js"


@pytest.fixture
def homes(house: House, scene: Scene) -> str:
    """A large list in Ana's workspace; the test id of its link."""
    with ThreadPoolExecutor(1) as elsewhere:  # playwright keeps a loop running in this thread
        make = store_large_list(house.database_url, scene.workspace, scene.ids["Ana"], "Homes", ROWS)
        elsewhere.submit(lambda: asyncio.run(make)).result()
    return "list-link-Homes"


def answer_with(page: Page, script: str) -> None:
    """Put another script in the place of the worker's."""
    page.route(WORKER, lambda route: route.fulfill(content_type="text/javascript", body=script))


@pytest.mark.rule("WEB-95")
def test_the_last_of_thousands_of_rows_is_reached_and_edited(desk: OpenFor, homes: str) -> None:
    """Ana goes to the end of the list, edits the last row, and Ben, who is there too, sees it."""
    ana, ben = desk("Ana"), desk("Ben")
    for one in (ana, ben):
        one.page.get_by_test_id(homes).click()
        one.counts("3,000 rows")
        one.choose(0)
        one.press("Control+ArrowDown")
    ana.type("1 Last Lane")
    ana.press("Enter")
    for one in (ana, ben):
        one.sees(ROWS - 1, 0, "1 Last Lane")
    ana.says("Saved")


@pytest.mark.rule("DATA-33")
def test_a_list_is_read_on_the_page_where_its_worker_does_not_load(desk: OpenFor, homes: str) -> None:
    """A page that is older than the server finds no script for its worker: the rows are there all the same."""
    ana = desk("Ana")
    answer_with(ana.page, "throw new Error('no such script')")
    ana.page.get_by_test_id(homes).click()
    ana.counts("3,000 rows")
    expect(ana.page.get_by_test_id("glide-cell-1-0")).not_to_be_empty()
    assert all("no such script" in complaint for complaint in ana.complaints)
    ana.complaints.clear()


@pytest.mark.rule("WEB-93")
def test_rows_that_are_still_to_be_read_are_counted_and_drawn_as_such(desk: OpenFor, homes: str) -> None:
    """A worker that takes its time: the page says what it reads, shows neither rows nor an empty list, and takes no row in the meantime."""
    ana = desk("Ana")
    answer_with(ana.page, "onmessage = () => undefined")
    ana.page.get_by_test_id(homes).click()
    ana.counts("Reading 0 of about 3,000 rows …")
    expect(ana.page.get_by_test_id("glide-cell-1-0")).to_be_attached()
    ana.page.get_by_test_id("new-row").click()
    ana.counts("Reading 0 of about 3,000 rows …")
    ana.says("Saved")
