"""Exporting a list at the page: who is offered it, the file in a real browser, and a refusal in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.page import ADDRESSES, Desk

OpenFor = Callable[[str], Desk]


@pytest.mark.rule("WEB-80", "WEB-81", "WEB-82")
def test_a_list_is_kept_as_a_file(desk: OpenFor) -> None:
    """Ana exports the list; she lets members export, so Mia may, too, until Ana takes it away again, which Mia is told."""
    ana, mia = desk("Ana"), desk("Mia")
    expect(mia.page.get_by_test_id("export")).to_have_count(0)
    ana.page.get_by_test_id("export").click()
    with ana.page.expect_download() as download:
        ana.page.get_by_role("menuitem", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ADDRESSES

    ana.page.get_by_test_id("export").click()
    ana.page.get_by_role("menuitemcheckbox", name="Members may export").click()
    expect(ana.page.get_by_text("Members may export the lists of this workspace")).to_be_visible()
    mia.page.reload()
    mia.page.get_by_test_id("export").click()
    expect(mia.page.get_by_role("menuitemcheckbox")).to_have_count(0)
    mia.page.get_by_role("menuitem", name="Excel").hover()
    mia.press("Escape")
    ana.page.get_by_test_id("export").click()
    ana.page.get_by_role("menuitemcheckbox", name="Members may export").click()
    expect(ana.page.get_by_text("Members may not export any more")).to_be_visible()
    mia.page.get_by_test_id("export").click()
    mia.page.get_by_role("menuitem", name="Excel").click()
    expect(mia.page.get_by_text("The list was not exported")).to_be_visible()
