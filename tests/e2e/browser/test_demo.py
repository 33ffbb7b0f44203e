"""The demo as a newcomer meets it: two of its people at one list, their edits in SQL at that moment."""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import expect

from tests.e2e.browser.page import Desk
from tests.e2e.house import House

OpenFor = Callable[[str], Desk]
ADDRESS = 0


def query(house: House, statement: str, *arguments: Any) -> list[Any]:
    """Ask the server's database on a connection of its own."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(house.database_url)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    # Playwright keeps a loop running in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(ask())).result()


@pytest.mark.rule("WEB-4", "API-7")
def test_two_people_edit_the_demo_and_sql_sees_it(demo_desk: OpenFor, demo_house: House) -> None:
    """Ana and Ben edit one cell after the other; each sees the other's value, and SQL has every edit with its author."""
    ana, ben = demo_desk("Ana"), demo_desk("Ben")
    ana.choose(2)
    ana.type("1 Lighthouse Way")
    ana.press("Enter")
    ben.sees(2, ADDRESS, "1 Lighthouse Way")
    ben.choose(2)
    ben.type("2 Lighthouse Way")
    ben.press("Enter")
    ana.sees(2, ADDRESS, "2 Lighthouse Way")
    ana.says("Saved")
    ben.says("Saved")
    statement = (
        "SELECT users.email, facts.new, records.data FROM facts JOIN users ON users.id = facts.actor"
        " JOIN records USING (list_id, row_id) WHERE facts.new #>> '{}' LIKE '% Lighthouse Way' ORDER BY facts.seq"
    )
    found = query(demo_house, statement)
    assert [(row["email"], json.loads(row["new"])) for row in found] == [
        ("ana@example.com", "1 Lighthouse Way"),
        ("ben@example.com", "2 Lighthouse Way"),
    ]
    assert "2 Lighthouse Way" in json.loads(found[-1]["data"]).values()


@pytest.mark.rule("WEB-4")
def test_two_people_type_into_one_cell_at_once(demo_desk: OpenFor) -> None:
    """Both commit at the same moment; both end up with the same one of the two values."""
    ana, ben = demo_desk("Ana"), demo_desk("Ben")
    for one, text in ((ana, "Ana was here"), (ben, "Ben was here")):
        one.choose(4)
        one.type(text)
    ana.press("Enter")
    ben.press("Enter")
    either = re.compile(r"^(Ana|Ben) was here$")
    for one in (ana, ben):
        one.says("Saved")
        expect(one.page.get_by_test_id("glide-cell-1-4")).to_have_text(either)
    last = ana.page.get_by_test_id("glide-cell-1-4").text_content() or ""
    ben.sees(4, ADDRESS, last)
    ana.sees(4, ADDRESS, last)


@pytest.mark.rule("WEB-26")
def test_a_colleagues_cell_is_outlined_in_their_colour(demo_desk: OpenFor) -> None:
    """Ana's page draws an outline around the cell that Ben has chosen, and it goes when he leaves."""
    ana, ben = demo_desk("Ana"), demo_desk("Ben")
    avatars = ana.page.get_by_test_id("avatars").get_by_role("listitem")
    expect(avatars).to_have_count(2)
    place = ana.page.get_by_test_id("grid").bounding_box()
    assert place is not None
    clip = {**place, "width": 420, "height": 200}
    before = ana.page.screenshot(clip=clip)  # type: ignore[arg-type]
    ben.choose(3)
    expect(avatars.nth(1)).to_have_attribute("aria-label", re.compile("^Ben"))
    ana.page.wait_for_function(
        "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    assert ana.page.screenshot(clip=clip) != before  # type: ignore[arg-type]


@pytest.mark.rule("WEB-23")
def test_the_keyboard_alone_goes_everywhere(demo_desk: OpenFor) -> None:
    """Arrows, Tab, Enter and Escape move and edit; what is selected is told in words."""
    ana = demo_desk("Ana")
    told = ana.page.locator("[aria-live]").filter(has_text=", row ")
    ana.choose(5)
    expect(told).to_contain_text("row 6")
    ana.press("ArrowDown")
    expect(told).to_contain_text("row 7")
    ana.press("Tab")
    ana.press("Shift+Tab")
    ana.press("F2")
    expect(ana.page.get_by_test_id("cell-editor")).to_be_visible()
    ana.press("Escape")
    expect(ana.page.get_by_test_id("cell-editor")).to_have_count(0)
    ana.press("ArrowUp")
    expect(told).to_contain_text("row 6")


def test_the_demo_lists_are_all_there(demo_desk: OpenFor) -> None:
    """Every list of the demo opens from the side bar and shows rows."""
    mia = demo_desk("Mia")
    for name in ("Owners", "Managers", "Units", "Leads", "Leases", "Showings", "Tasks", "Properties"):
        mia.page.get_by_test_id(f"list-link-{name}").click()
        expect(mia.page.get_by_role("heading", name=name)).to_be_visible()
        expect(mia.page.get_by_test_id("glide-cell-1-0")).not_to_be_empty()
        mia.says("View only")
