"""Making lists in the page: from templates, or an empty one."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.page import Desk, Scene

OpenFor = Callable[[str], Desk]


def open_dialog(page: Page) -> None:
    """Press the button in the side bar."""
    page.get_by_test_id("new-list").click()
    expect(page.get_by_test_id("new-list-dialog")).to_be_visible()


def lists_of(scene: Scene) -> dict[str, Any]:
    """The workspace's lists by name; of two with one name the newer."""
    return {made["name"]: made for made in scene.call("GET", f"/api/workspaces/{scene.workspace}/lists")["items"]}


def target(made: dict[str, Any], name: str) -> str:
    """Where a link column leads."""
    return str(next(column for column in made["columns"] if column["name"] == name)["config"]["list"])


@contextmanager
def out_of_reach(page: Page, path: str) -> Iterator[None]:
    """Let calls of these addresses find no server; the list's own connection stays."""
    address = re.compile(path)
    page.route(address, lambda route: route.abort("internetdisconnected"))
    yield
    page.unroute(address)


@pytest.mark.rule("WEB-87", "WEB-88")
def test_templates_become_lists_that_are_linked(desk: OpenFor, scene: Scene) -> None:
    """Two templates are chosen by the keyboard, their columns looked at; both lists stand, and links lead as was said."""
    ana = desk("Ana")
    ana.page.get_by_test_id("new-list").focus()
    ana.press("Enter")
    preview = ana.page.get_by_test_id("template-preview")
    expect(preview).to_contain_text("UnparsedAddress")
    ana.press("Tab")
    ana.press("Tab")
    expect(preview).to_contain_text("OwnershipType")
    ana.press("Space")
    for _ in range(2):
        ana.press("Tab")
    ana.press("Space")
    expect(preview.get_by_role("row", name="Property ")).to_contain_text("leads to Properties, which you have")
    expect(ana.page.get_by_test_id("template-properties")).to_contain_text("You have a list of this name")
    expect(ana.page.get_by_test_id("new-list-make")).to_have_text("Make 2 lists")
    ana.press("Enter")
    expect(ana.page.get_by_role("heading", name="Owners")).to_be_visible()
    expect(ana.page.get_by_test_id("list-link-Units")).to_be_visible()
    made = lists_of(scene)
    assert target(made["Units"], "Property") == scene.list_id
    assert [column["name"] for column in made["Owners"]["columns"]][:2] == ["FullName", "OwnershipType"]


@pytest.mark.rule("WEB-87", "WEB-88")
def test_a_link_that_leads_nowhere_is_told_before_and_after(desk: OpenFor, scene: Scene) -> None:
    """Leases alone: the link to units is struck out in the preview, and named once the list stands; all at once have no such."""
    ana = desk("Ana")
    open_dialog(ana.page)
    ana.page.get_by_test_id("template-leases").get_by_role("checkbox").check()
    preview = ana.page.get_by_test_id("template-preview")
    expect(preview).to_contain_text("left out: choose Units too")
    ana.page.get_by_test_id("template-units").get_by_role("checkbox").check()
    ana.page.get_by_test_id("template-leases").hover()
    expect(preview).not_to_contain_text("left out")
    ana.page.get_by_test_id("template-units").get_by_role("checkbox").uncheck()
    ana.page.get_by_test_id("new-list-make").click()
    expect(ana.page.get_by_text("Left out, as their lists are missing: Unit of Leases.")).to_be_visible()
    expect(ana.page.get_by_role("heading", name="Leases")).to_be_visible()
    assert "Unit" not in [column["name"] for column in lists_of(scene)["Leases"]["columns"]]


@pytest.mark.rule("WEB-87", "WEB-89")
def test_an_empty_list_is_made_once_the_server_is_there(desk: OpenFor, scene: Scene) -> None:
    """A name is asked for; without a connection the page says so and keeps it; then the list opens. Members are not offered it."""
    ana, mia = desk("Ana"), desk("Mia")
    expect(mia.page.get_by_test_id("new-list")).to_have_count(0)
    open_dialog(ana.page)
    ana.press("ArrowRight")
    make = ana.page.get_by_test_id("new-list-make")
    expect(make).to_have_text("Make the list")
    make.click()
    expect(ana.page.get_by_text("Give the list a name.")).to_be_visible()
    ana.page.get_by_test_id("new-list-name").fill("Keys")
    with out_of_reach(ana.page, r"/lists$"):
        ana.press("Enter")
        expect(ana.page.get_by_test_id("new-list-problem")).to_contain_text("The server could not be reached.")
        expect(ana.page.get_by_test_id("new-list-name")).to_have_value("Keys")
    ana.press("Enter")
    expect(ana.page.get_by_role("heading", name="Keys")).to_be_visible()
    assert [column["name"] for column in lists_of(scene)["Keys"]["columns"]] == ["Name"]


@pytest.mark.rule("WEB-89")
def test_what_cannot_be_loaded_is_told_and_tried_again(desk: OpenFor) -> None:
    """The dialog itself, then the templates: each failure has words, and goes away when it is tried again."""
    ana = desk("Ana")
    with out_of_reach(ana.page, r"/new-list-dialog[^/]*\.js$"):
        ana.page.get_by_test_id("new-list").click()
        expect(ana.page.get_by_text("This part of the page could not be loaded.")).to_be_visible()
    with out_of_reach(ana.page, r"/api/templates$"):
        open_dialog(ana.page)
        expect(ana.page.get_by_text("The templates could not be loaded")).to_be_visible(timeout=15_000)
    ana.page.get_by_role("button", name="Try again").click()
    expect(ana.page.get_by_test_id("template-preview")).to_be_visible()
    ana.press("Escape")
    expect(ana.page.get_by_test_id("new-list-dialog")).to_have_count(0)


@pytest.mark.rule("WEB-87")
def test_an_empty_workspace_begins_with_templates(desk: OpenFor, scene: Scene) -> None:
    """Where there are no lists the page offers to make some; all templates at once become eight lists, and the first opens."""
    ana = desk("Ana")
    ana.page.goto("about:blank")
    scene.call("DELETE", f"/api/lists/{scene.list_id}")
    ana.page.goto(scene.url)
    ana.page.get_by_role("main").get_by_test_id("new-list").click()
    ana.page.get_by_role("button", name="Choose all").click()
    expect(ana.page.get_by_test_id("template-preview")).not_to_contain_text("left out")
    ana.page.get_by_test_id("new-list-make").click()
    expect(ana.page.get_by_text("8 lists are made.")).to_be_visible()
    expect(ana.page.get_by_role("heading", name="Properties")).to_be_visible()
    for name in ("Properties", "Owners", "Managers", "Units", "Leads", "Leases", "Showings", "Tasks"):
        expect(ana.page.get_by_test_id(f"list-link-{name}")).to_be_visible()
    ana.says("Saved")
