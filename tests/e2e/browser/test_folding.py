"""A list that is folded while one person looks at it and another one types offline, with our own client."""

import time

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser.page import ADDRESSES, Scene, sit_down
from tests.e2e.browser.test_kept_edits import type_offline
from tests.e2e.conftest import FOLD_EDITS_MIN
from tests.e2e.house import House

SECONDS_MAX = 60.0
KEPT_UP = "a list was kept up"


def until_folded(house: House, scene: Scene) -> None:
    """Edit the last row until its list has begun a generation and folded the one before."""
    rows = [item["id"] for item in scene.call("GET", f"/api/lists/{scene.list_id}/records")["items"]]
    deadline = time.monotonic() + SECONDS_MAX
    number = 0
    while house.log().count(KEPT_UP) < 2:
        assert time.monotonic() < deadline, house.log()
        number = (number + 1) % FOLD_EDITS_MIN
        body = {"records": [{"id": rows[2], "fields": {"Price": number}}]}
        scene.call("PATCH", f"/api/lists/{scene.list_id}/records", body)


@pytest.mark.rule("DATA-60", "WEB-56")
def test_our_client_through_a_folding(browser: Browser, quick_house: House) -> None:
    """Who looks on sees every cell as it was; what was typed offline into the old generation is saved, once, in the new one."""
    with Scene(quick_house.url) as scene:
        ana, ben = (sit_down(browser, scene, name) for name in ("Ana", "Ben"))
        type_offline(ben, "12 Oak Street")
        ana.choose(1)
        until_folded(quick_house, scene)
        for row, address in enumerate(ADDRESSES):
            ana.sees(row, 0, address)
        ben.page.context.set_offline(False)
        ben.says("Saved")
        ana.sees(0, 0, "12 Oak Street")
        assert [fields["Address"] for fields in scene.records()] == ["12 Oak Street", *ADDRESSES[1:]]
        ana.type("14 Elm Street")
        ana.press("Enter")
        ben.sees(1, 0, "14 Elm Street")
        ana.page.reload()
        ana.sees(0, 0, "12 Oak Street")
        ana.sees(1, 0, "14 Elm Street")
        assert [*ana.complaints, *ben.complaints] == []
        for desk in (ana, ben):
            desk.page.context.close()
    assert "Traceback" not in quick_house.log()
