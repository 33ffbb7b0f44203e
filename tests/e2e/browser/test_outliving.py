"""Edits that outlive their page: crashed, closed, signed out of. Each arrives once, and under its author's name only."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.e2e.browser.page import PASSWORD, Desk, Scene
from tests.e2e.browser.test_kept_edits import type_offline

MAY_CLOSE = "() => window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"

OpenFor = Callable[[str], Desk]


def crash(page: Page) -> None:
    """End the page's process without a word."""
    with suppress(Error):
        page.goto("chrome://crash")
    page.close()


def new_page(context: BrowserContext, url: str) -> Desk:
    """Open an address in a page of its own, in the same browser."""
    desk = Desk(context.new_page())
    desk.page.goto(url)
    return desk


def list_url(scene: Scene) -> str:
    """The list's address."""
    return f"{scene.url}/lists/{scene.list_id}"


def sign_in_again(desk: Desk, email: str) -> None:
    """Sign in at the form that is on screen."""
    desk.page.get_by_test_id("sign-in-email").fill(email)
    desk.page.get_by_test_id("sign-in-password").fill(PASSWORD)
    desk.page.get_by_test_id("sign-in-submit").click()


def addresses(scene: Scene) -> list[str]:
    """The first column, as SQL has it."""
    return [str(fields["Address"]) for fields in scene.records()]


def head(scene: Scene) -> int:
    """How many updates the list has had."""
    return int(scene.call("GET", f"/api/lists/{scene.list_id}")["head"])


def leave_edits_behind(ben: Desk, *texts: str) -> BrowserContext:
    """Type while the network is away, and crash; the network comes back afterwards."""
    type_offline(ben, *texts)
    ben.says(f"Offline: {len(texts)} edit{'s' if len(texts) > 1 else ''} waiting")
    ben.page.wait_for_function(MAY_CLOSE)  # once the device keeps them
    context = ben.page.context
    crash(ben.page)
    context.set_offline(False)
    ben.complaints.clear()
    return context


@pytest.mark.rule("WEB-50", "WEB-54", "WEB-64")
def test_edits_typed_offline_survive_a_crash(desk: OpenFor, scene: Scene) -> None:
    """Ben types without a network, and his page crashes: the next page brings both edits home, once."""
    context = leave_edits_behind(desk("Ben"), "1 Quay", "2 Quay")
    before = head(scene)
    again = new_page(context, list_url(scene))
    again.sees(0, 0, "1 Quay")
    again.sees(1, 0, "2 Quay")
    again.says("Saved")
    assert addresses(scene) == ["1 Quay", "2 Quay", "16 Pine Court"]
    after = head(scene)
    assert after > before
    again.page.reload()
    again.sees(0, 0, "1 Quay")
    again.says("Saved")
    assert head(scene) == after


@pytest.mark.rule("WEB-50")
def test_edits_typed_offline_survive_the_end_of_the_browser(
    browser: Browser, browser_type_launch_args: dict[str, Any], scene: Scene, tmp_path: Path
) -> None:
    """Ben types without a network and quits the browser; when he starts it again, his edit is saved."""

    def start() -> Desk:
        context = browser.browser_type.launch_persistent_context(tmp_path, locale="en-US", **browser_type_launch_args)
        return Desk(context.pages[0])

    ben = start()
    ben.page.goto(list_url(scene))
    sign_in_again(ben, scene.emails["Ben"])
    ben.sees(0, 0, "12 Oak Lane")
    type_offline(ben, "1 Quay")
    ben.says("Offline: 1 edit waiting")
    ben.page.context.close()
    assert addresses(scene)[0] == "12 Oak Lane"
    again = start()
    again.page.goto(list_url(scene))
    again.sees(0, 0, "1 Quay")
    again.says("Saved")
    again.page.context.close()
    assert addresses(scene)[0] == "1 Quay"


@pytest.mark.rule("WEB-52")
def test_another_page_takes_over(desk: OpenFor, scene: Scene) -> None:
    """One of Ben's two pages crashes with an edit: the other one saves it, by itself."""
    first = desk("Ben")
    second = new_page(first.page.context, list_url(scene))
    second.sees(0, 0, "12 Oak Lane")
    first.page.bring_to_front()
    leave_edits_behind(first, "1 Quay")
    second.page.bring_to_front()
    expect(second.page.get_by_test_id("glide-cell-1-0")).to_have_text("1 Quay", timeout=30_000)
    second.says("Saved")
    assert addresses(scene)[0] == "1 Quay"


@pytest.mark.rule("WEB-51")
def test_another_person_on_the_same_machine(desk: OpenFor, scene: Scene) -> None:
    """Ana signs in where Ben has left an edit: nothing of it is sent or told; when Ben is back, it is saved."""
    context = leave_edits_behind(desk("Ben"), "Ben's quay")
    context.clear_cookies()
    ana = new_page(context, list_url(scene))
    sign_in_again(ana, scene.emails["Ana"])
    ana.sees(0, 0, "12 Oak Lane")
    ana.says("Saved")
    ana.choose(1)
    ana.type("Ana's road")
    ana.press("Enter")
    ana.sees(1, 0, "Ana's road")
    ana.says("Saved")
    assert addresses(scene) == ["12 Oak Lane", "Ana's road", "16 Pine Court"]
    ana.page.get_by_test_id("person-menu").click()
    ana.page.get_by_test_id("sign-out").click()
    sign_in_again(ana, scene.emails["Ben"])
    expect(ana.page.get_by_test_id("grid")).to_be_visible()
    ana.sees(0, 0, "Ben's quay")
    ana.says("Saved")
    assert addresses(scene) == ["Ben's quay", "Ana's road", "16 Pine Court"]


@pytest.mark.rule("WEB-51")
def test_signing_out_with_unsaved_edits_asks(desk: OpenFor, scene: Scene) -> None:
    """Ben signs out with an edit on the device: it can be kept for his next sign-in, or discarded."""
    columns = [{"name": "Name", "type": "text"}]
    other = scene.call("POST", f"/api/workspaces/{scene.workspace}/lists", {"name": "Owners", "columns": columns})["id"]
    context = leave_edits_behind(desk("Ben"), "1 Quay")
    page = new_page(context, f"{scene.url}/lists/{other}").page

    def sign_out() -> None:
        page.get_by_test_id("person-menu").click()
        page.get_by_test_id("sign-out").click()
        expect(page.get_by_role("alertdialog")).to_contain_text("You have edits that are not saved")

    sign_out()
    page.get_by_role("button", name="Cancel").click()
    sign_out()
    page.get_by_test_id("sign-out-keep").click()
    sign_in_again(Desk(page), scene.emails["Ben"])
    expect(page.get_by_test_id("person-menu")).to_contain_text("Ben Example")
    page.goto(f"{scene.url}/lists/{other}")
    sign_out()
    page.get_by_test_id("sign-out-discard").click()
    expect(page.get_by_test_id("sign-in-email")).to_be_visible()
    page.goto(list_url(scene))
    sign_in_again(Desk(page), scene.emails["Ben"])
    Desk(page).sees(0, 0, "12 Oak Lane")
    Desk(page).says("Saved")
    assert addresses(scene)[0] == "12 Oak Lane"
