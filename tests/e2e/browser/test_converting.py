"""Giving a column another type in the page: preview, conversion, notice, undoing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.page import ADDRESSES, Desk, Scene

OpenFor = Callable[[str], Desk]

RENTS: Final = ("1,200", "950.50", "ask us", "n/a", "-?-")
BAD: Final = RENTS[2:]
RENT: Final = 1
"""Where the column stands among those that are shown."""


@pytest.fixture
def rents(scene: Scene) -> Scene:
    """The list with one column of texts beside the names, and five rows; three texts are no number."""
    for name in ("Status", "Price", "Features"):
        scene.call("DELETE", f"/api/lists/{scene.list_id}/columns/{scene.column(name)}")
    scene.call("POST", f"/api/lists/{scene.list_id}/columns", {"name": "Rent", "type": "text"})
    held = scene.call("GET", f"/api/lists/{scene.list_id}/records")["items"]
    changed = [{"id": item["id"], "fields": {"Rent": rent}} for item, rent in zip(held, RENTS, strict=False)]
    scene.call("PATCH", f"/api/lists/{scene.list_id}/records", {"records": changed})
    added = [{"fields": {"Address": f"House {rent}", "Rent": rent}} for rent in RENTS[len(ADDRESSES) :]]
    scene.call("POST", f"/api/lists/{scene.list_id}/records", {"records": added})
    return scene


def open_dialog(desk: Desk) -> None:
    """Open the dialog from the menu of the second column, by the keyboard alone."""
    desk.choose(0, RENT)
    desk.press("Alt+ArrowDown")
    expect(desk.page.get_by_test_id("column-menu")).to_be_visible()
    desk.press("ArrowDown")
    desk.press("Enter")
    expect(desk.page.get_by_test_id("conversion-dialog")).to_be_visible()


def choose_type(page: Page, words: str) -> None:
    """Choose the new type."""
    page.get_by_label("New type").select_option(label=words)


def sees_all(desk: Desk, values: tuple[str, ...]) -> None:
    """Wait until the column shows these values, from the first row on."""
    for row, value in enumerate(values):
        desk.sees(row, RENT, value)


@pytest.mark.rule("WEB-83", "WEB-84", "WEB-85")
def test_texts_become_numbers_and_come_back(desk: OpenFor, rents: Scene, tmp_path: Path) -> None:
    """Three bad values are shown before; a colleague sees the numbers come; the report holds the three; undoing restores all."""
    ana, ben = desk("Ana"), desk("Ben")
    open_dialog(ana)
    choose_type(ana.page, "Number")
    preview = ana.page.get_by_test_id("conversion-preview")
    expect(preview.get_by_role("status")).to_contain_text("2 of 5 values convert; 3 do not.")
    for bad in BAD:
        expect(preview.get_by_role("cell", name=bad, exact=True)).to_be_visible()
    expect(preview).to_contain_text("This text is not a number.")
    button = ana.page.get_by_test_id("convert")
    expect(button).to_have_text("Convert and empty 3 cells")
    button.click()
    expect(ana.page.get_by_text("Rent: now Number")).to_be_visible()
    expect(ana.page.get_by_test_id("conversion-dialog")).to_have_count(0)
    for one in (ana, ben):
        sees_all(one, ("1200", "950.5", "", "", ""))
    with ana.page.expect_download() as download:
        ana.page.get_by_role("button", name="Report").click()
    assert download.value.suggested_filename == "Rent - not converted.csv"
    download.value.save_as(tmp_path / "report.csv")
    report = (tmp_path / "report.csv").read_text()
    assert all(bad in report for bad in BAD)
    ana.choose(0, RENT)
    ana.press("Alt+ArrowDown")
    ana.page.get_by_role("menuitem", name="Undo the change of type").click()
    expect(ana.page.get_by_text("It shows every value that it held.")).to_be_visible()
    for one in (ana, ben):
        sees_all(one, RENTS)
    assert [record.get("Rent") for record in rents.records()] == [*RENTS]


@pytest.mark.rule("WEB-85")
def test_undoing_from_the_notice_tells_what_was_edited_since(desk: OpenFor, rents: Scene) -> None:
    """A colleague writes a number after the conversion; the notice's undo brings the texts back and tells the number."""
    ana, ben = desk("Ana"), desk("Ben")
    open_dialog(ana)
    choose_type(ana.page, "Number")
    ana.page.get_by_test_id("convert").click()
    sees_all(ben, ("1200", "950.5"))
    ben.choose(1, RENT)
    ben.type("77")
    ben.press("Enter")
    ben.says("Saved")
    ana.sees(1, RENT, "77")
    ana.page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(ana.page.get_by_text(re.compile("1 row had been edited since"))).to_contain_text(f"{ADDRESSES[1]}: 77")
    sees_all(ana, RENTS)


@pytest.mark.rule("WEB-84")
def test_options_and_links_are_previewed(desk: OpenFor, rents: Scene) -> None:
    """A choice names the options that it makes; a link asks for its list first, and says which rows are not there; the mouse opens it again."""
    ana = desk("Ana")
    open_dialog(ana)
    preview = ana.page.get_by_test_id("conversion-preview")
    choose_type(ana.page, "Choice")
    expect(preview.get_by_role("status")).to_contain_text("Makes 5 options: ")
    expect(ana.page.get_by_test_id("convert")).to_have_text("Convert")
    choose_type(ana.page, "Link to another list")
    expect(ana.page.get_by_test_id("convert")).to_be_disabled()
    ana.page.get_by_label("Links to").select_option(label="Properties")
    expect(preview).to_contain_text("The linked list has no row of this name.")
    ana.press("Escape")
    expect(ana.page.get_by_test_id("conversion-dialog")).to_have_count(0)
    ana.press_header(RENT)
    ana.page.get_by_role("menuitem", name="Change type…").click()
    expect(ana.page.get_by_label("New type")).to_be_focused()
    ana.press("Escape")
    sees_all(ana, RENTS)


@pytest.mark.rule("WEB-83", "WEB-86")
def test_what_hinders_a_conversion_is_told(desk: OpenFor, rents: Scene) -> None:
    """No menu for editors; without a connection the choice stays and is tried again; a column that goes meanwhile is told, and so is a right."""
    ana, ben = desk("Ana"), desk("Ben")
    ben.choose(0, RENT)
    ben.press("Alt+ArrowDown")
    ben.sees(0, RENT, RENTS[0])
    expect(ben.page.get_by_test_id("column-menu")).to_have_count(0)
    rents.give_role("Ben", "admin")
    expect(ben.page.get_by_test_id("new-row")).to_be_visible()
    open_dialog(ana)
    choose_type(ana.page, "Number")
    expect(ana.page.get_by_test_id("convert")).to_be_enabled()
    address = re.compile(r"/conversion$")
    ana.page.route(address, lambda route: route.abort("internetdisconnected"))
    ana.page.get_by_test_id("convert").click()
    expect(ana.page.get_by_test_id("conversion-problem")).to_contain_text("No answer came.")
    expect(ana.page.get_by_label("New type")).to_have_value("number")
    ana.page.unroute(address)
    column = rents.column("Rent")
    rents.call("DELETE", f"/api/lists/{rents.list_id}/columns/{column}")
    expect(ana.page.get_by_test_id("conversion-problem")).to_contain_text("Somebody has changed or removed this column")
    expect(ana.page.get_by_test_id("convert")).to_be_disabled()


@pytest.mark.rule("WEB-83", "WEB-86")
def test_a_right_that_is_taken_away_is_told(desk: OpenFor, rents: Scene) -> None:
    """An admin with the dialog open becomes an editor: the dialog says whom to ask, and the menu is gone."""
    rents.give_role("Ben", "admin")
    ben = desk("Ben")
    open_dialog(ben)
    rents.give_role("Ben", "editor")
    expect(ben.page.get_by_test_id("conversion-problem")).to_contain_text("ask Ana Example for the admin role")
    ben.press("Escape")
    ben.press("Alt+ArrowDown")
    expect(ben.page.get_by_test_id("column-menu")).to_have_count(0)
