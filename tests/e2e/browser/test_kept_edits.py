"""What a person typed and the list does not hold: told, listed, copied; kept through lost rights, ends and leaving."""

import asyncio
import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Locator, expect
from websockets.exceptions import ConnectionClosed

from tests.e2e.browser.page import Desk, Scene
from tests.e2e.people import Person
from tests.e2e.socket_client import SocketClient

OpenFor = Callable[[str], Desk]
CELL_EDITOR = "cell-editor"


def notice(desk: Desk) -> Locator:
    """The notice at the bottom of the page."""
    return desk.page.locator("[data-sonner-toast]").filter(has_text="refused")


def type_offline(desk: Desk, *texts: str) -> None:
    """Lose the network, and type into the first column, row by row."""
    desk.page.context.set_offline(True)
    desk.says("Offline")
    desk.choose(0)
    for text in texts:
        desk.type(text)
        desk.press("Enter")


def warns(desk: Desk) -> bool:
    """Tell whether the page would ask before it closes."""
    script = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    return bool(desk.page.evaluate(script))


def until_kept(desk: Desk) -> None:
    """Wait until the page would close without a question, since all that was typed is kept on the device."""
    desk.page.wait_for_function("() => window.dispatchEvent(new Event('beforeunload', {cancelable: true}))")


@pytest.mark.rule("WEB-11", "WEB-19", "WEB-37")
def test_a_refusal_is_told_and_copied(desk: OpenFor, scene: Scene) -> None:
    """Two edits come home to fewer rights: a notice at once, both on the clipboard as rows of a spreadsheet."""
    ben = desk("Ben")
    type_offline(ben, "Ben's palace", "Ben's castle")
    scene.give_role("Ben", "member")
    ben.page.context.set_offline(False)
    ben.says("2 edits refused")
    told = notice(ben)
    expect(told).to_contain_text("2 edits were refused")
    expect(told).to_contain_text("Your role may read this list but not change it.")
    told.get_by_role("button", name="Copy").click()
    ben.holds("14 Elm Road\tAddress\tBen's castle\n12 Oak Lane\tAddress\tBen's palace")
    ben.sees(0, 0, "12 Oak Lane")
    ben.sees(1, 0, "14 Elm Road")


@pytest.mark.rule("WEB-35", "WEB-37")
def test_the_list_of_refusals_is_shown_and_dismissed_with_a_way_back(desk: OpenFor, scene: Scene) -> None:
    """The notice opens the list; the page warns until the edits are copied or dismissed, and dismissing can be undone."""
    ben = desk("Ben")
    type_offline(ben, "Ben's palace")
    scene.give_role("Ben", "member")
    ben.page.context.set_offline(False)
    notice(ben).get_by_role("button", name="Show").click()
    listed = ben.page.get_by_test_id("refused-list")
    expect(listed).to_contain_text("12 Oak Lane · Address")
    assert warns(ben)
    listed.get_by_role("button", name="Dismiss").click()
    ben.says("View only")
    assert not warns(ben)
    ben.page.locator("[data-sonner-toast]").get_by_role("button", name="Undo").click()
    ben.says("1 edit refused")
    assert warns(ben)
    ben.page.get_by_test_id("save-state").click()
    listed.get_by_role("button", name="Copy all").click()
    ben.holds("12 Oak Lane\tAddress\tBen's palace")
    assert not warns(ben)


@pytest.mark.rule("WEB-14", "WEB-36", "WEB-39")
def test_a_role_changes_while_an_editor_is_open(desk: OpenFor, scene: Scene) -> None:
    """Ben becomes a member while he types: the editor goes, his text is there to copy; as an editor he types on, unreloaded."""
    ana, ben = desk("Ana"), desk("Ben")
    ben.choose(0)
    ben.type("half a sentence")
    scene.give_role("Ben", "member")
    expect(ben.page.get_by_test_id(CELL_EDITOR)).to_have_count(0)
    expect(ben.page.get_by_test_id("add-row")).to_have_count(0)
    expect(ben.page.get_by_text("To edit, ask Ana Example for the editor role.")).to_be_visible()
    expect(notice(ben)).to_contain_text("12 Oak Lane · Address: Your role may read this list but not change it.")
    notice(ben).get_by_role("button", name="Copy").click()
    ben.holds("half a sentence")
    ben.sees(0, 0, "12 Oak Lane")
    expect(ana.page.get_by_test_id("avatars").get_by_role("listitem")).to_have_count(2)
    scene.give_role("Ben", "editor")
    expect(ben.page.get_by_test_id("add-row")).to_be_visible()
    expect(ben.page.get_by_test_id(CELL_EDITOR)).to_have_count(0)
    ben.choose(0)
    ben.type("a whole one")
    ben.press("Enter")
    ana.sees(0, 0, "a whole one")


@pytest.mark.rule("WEB-36")
def test_a_column_is_deleted_while_somebody_types_into_it(desk: OpenFor, scene: Scene) -> None:
    """The column goes, the editor with it, and the text is kept under the column's name."""
    ben = desk("Ben")
    ben.choose(0, 2)
    ben.type("1234")
    scene.call("DELETE", f"/api/lists/{scene.list_id}/columns/{scene.column('Price')}")
    expect(ben.page.get_by_test_id(CELL_EDITOR)).to_have_count(0)
    expect(notice(ben)).to_contain_text("12 Oak Lane · Price: The column was deleted.")
    notice(ben).get_by_role("button", name="Copy").click()
    ben.holds("12 Oak Lane\tPrice\t1234")


@pytest.mark.rule("WEB-31", "WEB-32", "WEB-36", "WEB-39")
def test_access_is_taken_and_given_back(desk: OpenFor, scene: Scene) -> None:
    """Ben is removed while he types: the page says whom to ask and keeps his text; back in, he goes on without a reload."""
    ben = desk("Ben")
    ben.choose(0)
    ben.type("half a sentence")
    scene.call("DELETE", f"/api/workspaces/{scene.workspace}/members/{scene.ids['Ben']}")
    ending = ben.page.get_by_test_id("ending")
    expect(ending).to_contain_text("You have no access to this list")
    expect(ending).to_contain_text("Ask Ana Example to give it back to you")
    expect(ending).to_contain_text("half a sentence")
    ben.says("No access: 1 edit not saved")
    assert warns(ben)
    ending.get_by_role("button", name="Copy all").click()
    ben.holds("12 Oak Lane\tAddress\thalf a sentence")
    body = {"email": scene.emails["Ben"], "role": "editor"}
    scene.call("POST", f"/api/workspaces/{scene.workspace}/members", body)
    ending.get_by_role("button", name="Try again").click()
    ben.sees(0, 0, "12 Oak Lane")
    ben.choose(0)
    ben.type("a whole one")
    ben.press("Enter")
    ben.sees(0, 0, "a whole one")
    ben.complaints.clear()


@pytest.mark.rule("WEB-39")
def test_a_list_is_deleted_on_screen(desk: OpenFor, scene: Scene) -> None:
    """The page says that it was deleted, and who can restore it; once that is done, trying again shows it."""
    ben = desk("Ben")
    scene.call("DELETE", f"/api/lists/{scene.list_id}")
    ending = ben.page.get_by_test_id("ending")
    expect(ending).to_contain_text("This list was deleted")
    expect(ending).to_contain_text("Ana Example can restore it.")
    scene.call("POST", f"/api/lists/{scene.list_id}/restore")
    ending.get_by_role("button", name="Try again").click()
    ben.sees(0, 0, "12 Oak Lane")
    ben.complaints.clear()


@pytest.mark.rule("WEB-31")
def test_a_list_is_deleted_while_edits_wait(desk: OpenFor, scene: Scene) -> None:
    """The page says so and lists the edits; once the list is restored, trying again saves them."""
    ben = desk("Ben")
    type_offline(ben, "1 Quay")
    scene.call("DELETE", f"/api/lists/{scene.list_id}")
    ben.page.context.set_offline(False)
    ben.says("List not found: 1 edit not saved")
    ending = ben.page.get_by_test_id("ending")
    expect(ending).to_contain_text("You cannot open this list any more")
    expect(ending).to_contain_text("It was deleted, or you were removed from its workspace. Ask Ana Example")
    expect(ending.get_by_test_id("refused-list")).to_contain_text("12 Oak Lane · Address")
    expect(ending.get_by_test_id("refused-list")).to_contain_text("1 Quay")
    scene.call("POST", f"/api/lists/{scene.list_id}/restore")
    ending.get_by_role("button", name="Try again").click()
    ben.says("Saved")
    ben.sees(0, 0, "1 Quay")
    assert scene.records()[0]["Address"] == "1 Quay"
    ben.complaints.clear()


async def _edit_until_closed(scene: Scene, name: str, key: str) -> tuple[int, str]:
    client = SocketClient()
    async with httpx.AsyncClient(base_url=scene.url, timeout=30) as http:
        person = Person(http, scene.url, name, scene.emails[name])
        await person.sign_in()
        async with client.connected(person, scene.list_id):
            with suppress(ConnectionClosed):
                while client.closed is None:
                    await client.write({key: secrets.token_hex(4)})
                    await client.until(lambda: client.saved >= client.frames or client.closed is not None)
            return await client.until_closed()


def use_up_refusals(scene: Scene, name: str, key: str) -> tuple[int, str]:
    """Edit a cell that is refused with another client until the server has had enough; its close."""
    # Playwright keeps a loop running in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(_edit_until_closed(scene, name, key))).result()


@pytest.mark.rule("WEB-31", "WEB-32")
def test_editing_is_paused_after_too_many_refusals(desk: OpenFor, scene: Scene) -> None:
    """Ben has used up his refusals when his page brings one more: it lists the edits and waits for him to try again."""
    ben = desk("Ben")
    type_offline(ben, "1 Quay", "2 Quay")
    address = f"/api/lists/{scene.list_id}/columns/{scene.column('Address')}"
    scene.call("PATCH", address, {"locked": True})
    row = scene.call("GET", f"/api/lists/{scene.list_id}/records")["items"][2]["id"]
    code, _ = use_up_refusals(scene, "Ben", f"c:{row}:{scene.column('Address')}")
    assert code == 4429
    ben.page.context.set_offline(False)
    ben.says("Paused: 2 edits not saved")
    ending = ben.page.get_by_test_id("ending")
    expect(ending).to_contain_text("Editing is paused")
    expect(ending).to_contain_text("Wait a minute, then try again.")
    expect(ending.get_by_role("listitem")).to_have_count(2)
    ben.page.get_by_test_id("save-state").click()
    expect(ben.page.get_by_role("dialog")).to_contain_text("2 Quay")
    ben.press("Escape")
    scene.call("PATCH", address, {"locked": False})
    ending.get_by_role("button", name="Try again").click()
    ben.says("Saved")
    assert [fields["Address"] for fields in scene.records()] == ["1 Quay", "2 Quay", "16 Pine Court"]


@pytest.mark.rule("WEB-14", "WEB-17")
def test_columns_change_on_screen(desk: OpenFor, scene: Scene) -> None:
    """A column that is locked, renamed and opened again changes at once for who has the list open."""
    ben = desk("Ben")
    address = f"/api/lists/{scene.list_id}/columns/{scene.column('Address')}"
    heading = ben.page.get_by_role("columnheader", name="Street", include_hidden=True)
    scene.call("PATCH", address, {"locked": True, "name": "Street"})
    expect(heading).to_have_count(1)
    ben.choose(0)
    ben.type("mine")
    expect(ben.page.get_by_test_id(CELL_EDITOR)).to_have_count(0)
    scene.call("PATCH", address, {"locked": False, "name": "Road"})
    expect(heading).to_have_count(0)
    ben.type("1 Quay")
    ben.press("Enter")
    ben.sees(0, 0, "1 Quay")


@pytest.mark.rule("WEB-40", "WEB-31")
def test_a_sign_out_elsewhere_loses_no_edit(desk: OpenFor, scene: Scene) -> None:
    """Ben signs out in another tab while edits wait: they stay on the page, and go up when he has signed in again."""
    ben = desk("Ben")
    type_offline(ben, "1 Quay")
    ben.page.context.set_offline(False)
    ben.says("Saved")
    type_offline(ben, "2 Quay")
    answer = ben.page.context.request.post(f"{scene.url}/api/auth/logout", headers={"origin": scene.url})
    assert answer.ok, json.dumps(answer.headers)
    ben.page.context.set_offline(False)
    ben.says("Signed out: 1 edit not saved")
    ending = ben.page.get_by_test_id("ending")
    expect(ending).to_contain_text("You have been signed out")
    expect(ending).to_contain_text("2 Quay")
    with ben.page.context.expect_page() as opened:
        ending.get_by_role("link", name="Sign in").click()
    other = opened.value
    other.get_by_test_id("sign-in-email").fill(scene.emails["Ben"])
    other.get_by_test_id("sign-in-password").fill("a long enough password")
    other.get_by_test_id("sign-in-submit").click()
    expect(other.get_by_test_id("grid")).to_be_visible()
    other.close()
    ending.get_by_role("button", name="Try again").click()
    ben.says("Saved")
    ben.sees(0, 0, "2 Quay")
    assert scene.records()[0]["Address"] == "2 Quay"
    ben.complaints.clear()


@pytest.mark.rule("WEB-38")
def test_a_list_left_with_edits_that_wait_is_saved_in_the_background(desk: OpenFor, scene: Scene) -> None:
    """Ben edits offline and goes to another list: a mark says so in the side bar until the edit is saved."""
    columns = [{"name": "Name", "type": "text"}]
    scene.call("POST", f"/api/workspaces/{scene.workspace}/lists", {"name": "Owners", "columns": columns})
    ben = desk("Ben")
    owners = ben.page.get_by_test_id("list-link-Owners")
    expect(owners).to_be_visible()
    type_offline(ben, "1 Quay")
    owners.click()
    mark = ben.page.get_by_test_id("list-link-Properties").get_by_label("1 edit to save or copy")
    expect(mark).to_be_visible()
    until_kept(ben)
    ben.page.context.set_offline(False)
    expect(mark).to_have_count(0)
    assert scene.records()[0]["Address"] == "1 Quay"
