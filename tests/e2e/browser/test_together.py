"""Several people at one list: live edits, presence, roles, the network."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.page import Desk, Scene

OpenFor = Callable[[str], Desk]


@pytest.mark.rule("WEB-4")
def test_two_people_edit_one_row(desk: OpenFor, scene: Scene) -> None:
    """Each edits another cell of the same row; both see both, and so does SQL."""
    ana, ben = desk("Ana"), desk("Ben")
    ana.choose(0)
    ben.choose(0, 2)
    ana.type("1 Quay")
    ben.type("$1,234,500")
    ana.press("Enter")
    ben.press("Enter")
    for one in (ana, ben):
        one.sees(0, 0, "1 Quay")
        one.sees(0, 2, "1234500")
        one.says("Saved")
    first = scene.records()[0]
    assert (first["Address"], first["Price"]) == ("1 Quay", 1_234_500)


@pytest.mark.rule("WEB-25")
def test_the_selection_stays_on_its_row(desk: OpenFor) -> None:
    """Ana inserts a row above Ben's; what Ben types then goes into the row that he had chosen."""
    ana, ben = desk("Ana"), desk("Ben")
    ben.choose(2)
    ana.choose(0)
    ana.press("Shift+Enter")
    ben.counts("4 rows")
    ben.type("Still mine")
    ben.press("Enter")
    ben.sees(3, 0, "Still mine")
    ben.sees(2, 0, "14 Elm Road")


@pytest.mark.rule("WEB-26")
def test_people_come_and_go(desk: OpenFor) -> None:
    """Everybody is one avatar by name, and gone at once when they leave."""
    ana, ben = desk("Ana"), desk("Ben")
    avatars = ana.page.get_by_test_id("avatars").get_by_role("listitem")
    expect(avatars).to_have_count(2)
    expect(avatars.nth(1)).to_have_attribute("aria-label", "Ben Example")
    ben.choose(1)
    ben.press("Enter")
    expect(avatars.nth(1)).to_have_attribute("aria-label", "Ben Example, editing")
    ben.page.close()
    expect(avatars).to_have_count(1)


@pytest.mark.rule("WEB-17", "WEB-18")
def test_a_member_reads_only(desk: OpenFor) -> None:
    """Mia sees the list and edits live, and nothing that would change it."""
    mia = desk("Mia")
    mia.says("View only")
    expect(mia.page.get_by_test_id("add-row")).to_have_count(0)
    mia.choose(0)
    mia.type("mine now")
    expect(mia.page.get_by_test_id("cell-editor")).to_have_count(0)
    mia.sees(0, 0, "12 Oak Lane")


@pytest.mark.rule("WEB-9", "WEB-18")
def test_edits_made_offline_come_home(desk: OpenFor) -> None:
    """The word counts what waits; on return it is saved, and the others see it."""
    ana, ben = desk("Ana"), desk("Ben")
    ana.page.context.set_offline(True)
    ana.says("Offline")
    ana.choose(0)
    ana.type("1 Quay")
    ana.press("Enter")
    ana.type("2 Quay")
    ana.press("Enter")
    ana.says("Offline: 2 edits waiting")
    ben.sees(0, 0, "12 Oak Lane")
    ana.page.context.set_offline(False)
    ana.says("Saved")
    ben.sees(0, 0, "1 Quay")
    ben.sees(1, 0, "2 Quay")


@pytest.mark.rule("WEB-11", "WEB-14", "WEB-19")
def test_a_refused_edit_goes_back_and_keeps_what_was_typed(desk: OpenFor, scene: Scene) -> None:
    """Ben edits offline and loses his role meanwhile: the cell goes back, his text is there to copy, nobody saw it."""
    ana, ben = desk("Ana"), desk("Ben")
    ben.page.context.set_offline(True)
    ben.says("Offline")
    ben.choose(0)
    ben.type("Ben's palace")
    ben.press("Enter")
    scene.give_role("Ben", "member")
    ben.page.context.set_offline(False)
    ben.says("1 edit refused")
    ben.sees(0, 0, "12 Oak Lane")
    ana.sees(0, 0, "12 Oak Lane")
    ben.page.get_by_test_id("save-state").click()
    refused = ben.page.get_by_test_id("refused-list")
    expect(refused).to_contain_text("Ben's palace")
    expect(refused).to_contain_text("12 Oak Lane · Address")
    expect(refused).to_contain_text("Your role may read this list but not change it.")
    refused.get_by_role("button", name="Copy Ben's palace").click()
    assert ben.page.evaluate("navigator.clipboard.readText()") == "Ben's palace"
    refused.get_by_role("button", name="Dismiss").click()
    ben.says("View only")
    scene.give_role("Ben", "editor")
    ben.says("Saved")
    expect(ben.page.get_by_test_id("add-row")).to_be_visible()


@pytest.mark.rule("WEB-29")
def test_a_reload_stays_signed_in(desk: OpenFor, scene: Scene) -> None:
    """The cookie brings the session back; no token lies where scripts can read it."""
    ana = desk("Ana")
    kept = ana.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not re.search(r"eyJ|rowhouse_refresh", kept)
    ana.page.reload()
    ana.sees(0, 0, "12 Oak Lane")
    ana.page.get_by_test_id("person-menu").click()
    ana.page.get_by_test_id("sign-out").click()
    expect(ana.page.get_by_test_id("sign-in-email")).to_be_visible()
    ana.complaints.clear()
    assert ana.page.url.startswith(f"{scene.url}/sign-in")
