"""Importing a file at the page: who is offered it, the mapping, rows that appear before everybody, what was not taken."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.page import Desk, Scene

OpenFor = Callable[[str], Desk]

HOMES = 'Street,Price,Note\n1 Quay,"$1,250,000",first\n2 Quay,call us,second\n'
MANY_ROWS = 5_000


def bring(page: Page, text: str, name: str = "homes.csv") -> None:
    """Choose a file and wait until its columns are there to be mapped."""
    page.get_by_test_id("import-file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    expect(page.get_by_role("heading", name="Columns of the file")).to_be_visible()


def send(page: Page, heading: str, target: str) -> None:
    """Say where a column of the file goes, by what the choice is called."""
    page.get_by_role("group", name=heading, exact=True).get_by_label("Goes to").select_option(label=target)


@pytest.mark.rule("WEB-69", "WEB-71")
def test_rows_appear_before_everybody_and_the_report_has_the_rest(desk: OpenFor) -> None:
    """Ana maps a file into the open list; Ben sees its rows come, and the price that is none stands in her report."""
    ana, ben = desk("Ana"), desk("Ben")
    ana.page.get_by_test_id("import-link").click()
    bring(ana.page, HOMES)
    send(ana.page, "Street", "Address (Text)")
    send(ana.page, "Note", "Leave out")
    prices = ana.page.get_by_role("group", name="Price", exact=True)
    prices.get_by_text("1 of 2 values will not convert").click()
    expect(prices.get_by_role("row", name="call us")).to_contain_text("3")
    expect(ana.page.get_by_test_id("import-forecast")).to_contain_text("1 value of all 2 rows will not convert")
    ana.page.get_by_test_id("import-run").click()
    ben.counts("5 rows")
    ben.sees(3, 0, "1 Quay")
    ben.sees(3, 2, "1250000")
    ben.sees(4, 2, "")
    expect(ana.page.get_by_role("heading", name="The import is done")).to_be_visible()
    expect(ana.page.get_by_test_id("import-result")).to_contain_text(
        "Created2Updated0Unchanged0Rows refused0Values refused1"
    )
    with ana.page.expect_download() as download:
        ana.page.get_by_role("button", name="Download the report").click()
    assert "3,Price,call us," in Path(download.value.path()).read_text(encoding="utf-8-sig")
    ana.page.get_by_role("link", name="Open the list").click()
    ana.counts("5 rows")


@pytest.mark.rule("WEB-68", "WEB-69")
def test_what_was_chosen_outlives_an_outage_and_a_reload(desk: OpenFor, scene: Scene) -> None:
    """Ana names a new column, loses the network and loads the page again: the name stands; giving up changes nothing."""
    ana = desk("Ana")
    ana.page.context.set_offline(True)
    ana.page.get_by_test_id("import-link").click()
    expect(ana.page.get_by_role("alert")).to_contain_text("This page could not be loaded")
    ana.page.context.set_offline(False)
    ana.page.get_by_role("button", name="Load again").click()
    bring(ana.page, HOMES)
    send(ana.page, "Note", "New column")
    name = ana.page.get_by_role("group", name="Note", exact=True).get_by_label("Name")
    name.fill("")
    expect(ana.page.get_by_test_id("import-faults")).to_have_text("Give the new column for “Note” a name.")
    expect(ana.page.get_by_test_id("import-run")).to_be_disabled()
    ana.page.context.set_offline(True)
    name.fill("Remark")
    expect(ana.page.get_by_text("You are offline. What you choose is kept")).to_be_visible()
    ana.page.context.set_offline(False)
    ana.page.reload()
    expect(name).to_have_value("Remark")
    expect(ana.page.get_by_test_id("import-run")).to_be_enabled()
    ana.page.get_by_role("button", name="Cancel", exact=True).click()
    ana.counts("3 rows")
    assert "Remark" not in [
        column["name"] for column in scene.call("GET", f"/api/lists/{scene.list_id}/columns")["items"]
    ]


@pytest.mark.rule("WEB-72")
def test_an_import_is_followed_from_elsewhere_and_can_be_cancelled(desk: OpenFor) -> None:
    """Ana cancels an import, and leaves another: the side bar says when that is done, also after a reload, and leads to it."""
    ana = desk("Ana")
    ana.page.get_by_test_id("import-link").click()
    bring(ana.page, "Address\n" + "".join(f"{number} Long Lane\n" for number in range(MANY_ROWS)))
    ana.page.get_by_test_id("import-run").click()
    ana.page.get_by_role("button", name="Cancel the import").click()
    expect(ana.page.get_by_role("heading", name="The import was cancelled")).to_be_visible()
    ana.page.get_by_role("link", name="Import another file").click()
    bring(ana.page, "Address\n9 Quay\n", "quay.csv")
    ana.page.get_by_test_id("import-run").click()
    expect(ana.page.get_by_test_id("running-imports")).to_contain_text("quay.csv")
    ana.page.get_by_role("link", name="Back").click()
    ana.page.reload()
    running = ana.page.get_by_test_id("running-imports").get_by_role("link")
    expect(running).to_contain_text("The import is done: 1 created")
    running.click()
    expect(ana.page.get_by_test_id("import-result")).to_be_visible()
    expect(running).to_have_count(0)


@pytest.mark.rule("WEB-67")
def test_a_file_becomes_a_new_list(desk: OpenFor) -> None:
    """Ana makes a list of a file: its columns are made as they look, and the side bar has it."""
    ana = desk("Ana")
    ana.page.get_by_test_id("new-list-import").click()
    bring(ana.page, HOMES)
    ana.page.get_by_label("Name of the new list").fill("Quays")
    expect(ana.page.get_by_role("group", name="Price", exact=True).get_by_label("Goes to")).to_have_value("new")
    ana.page.get_by_test_id("import-run").click()
    expect(ana.page.get_by_role("heading", name="The import is done")).to_be_visible()
    ana.page.get_by_test_id("list-link-Quays").click()
    ana.sees(0, 0, "1 Quay")
    ana.counts("2 rows")


@pytest.mark.rule("WEB-17", "WEB-67")
def test_it_is_offered_to_who_may(desk: OpenFor, scene: Scene) -> None:
    """Ben may import into a list but make none; Mia is offered neither, and told whom to ask at the address itself."""
    ben, mia = desk("Ben"), desk("Mia")
    expect(ben.page.get_by_test_id("import-link")).to_be_visible()
    expect(ben.page.get_by_test_id("new-list-import")).to_have_count(0)
    ben.page.get_by_test_id("import-link").click()
    bring(ben.page, HOMES)
    note = ben.page.get_by_role("group", name="Note", exact=True).get_by_label("Goes to")
    expect(note.get_by_role("option", name="New column", include_hidden=True)).to_have_count(0)
    expect(mia.page.get_by_test_id("import-link")).to_have_count(0)
    expect(mia.page.get_by_test_id("new-list-import")).to_have_count(0)
    mia.page.goto(f"{scene.url}/lists/{scene.list_id}/import")
    expect(mia.page.get_by_text("Ask Ana Example for a role that may.")).to_be_visible()
    expect(mia.page.get_by_test_id("import-file")).to_have_count(0)
