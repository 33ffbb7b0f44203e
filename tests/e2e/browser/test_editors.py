"""Every column type's editor, with the keyboard alone, read back over REST."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser.page import PASSWORD, Desk, Scene, sign_in

OWNERS = ["June Ito", "Kofi Varga"]

# name, type, more of the column, what is typed, what the cell then shows, what REST answers
PLAIN: list[tuple[str, str, dict[str, Any], str, str, Any]] = [
    ("Notes", "long_text", {}, "First line", "First line", "First line"),
    ("Rooms", "number", {}, "1,204.5", "1204.5", 1204.5),
    ("Price", "currency", {"config": {"currency": "USD", "precision": 0}}, "$420,000", "420000", 420_000),
    ("Share", "percent", {}, "12.5", "12.5%", 0.125),
    ("Built", "date", {}, "3/31/2026", "2026-03-31", "2026-03-31"),
    ("Mail", "email", {}, "june.ito@example.com", "june.ito@example.com", "june.ito@example.com"),
    ("Phone", "phone", {}, "+1 206 555 0142", "+12065550142", "+12065550142"),
    ("Site", "url", {}, "example.com/12-oak", "https://example.com/12-oak", "https://example.com/12-oak"),
]


def everything(scene: Scene) -> str:
    """A list with a column of each type and one row; gives its id."""
    lists = f"/api/workspaces/{scene.workspace}/lists"
    owners = scene.call("POST", lists, {"name": "Owners", "columns": [{"name": "Name", "type": "text"}]})["id"]
    scene.call("POST", f"/api/lists/{owners}/records", {"records": [{"fields": {"Name": name}} for name in OWNERS]})
    columns = [
        {"name": "Address", "type": "text"},
        *({"name": name, "type": kind, **more} for name, kind, more, *_ in PLAIN),
        {"name": "Let", "type": "checkbox"},
        {"name": "Manager", "type": "user"},
        {"name": "Owner", "type": "link", "config": {"list": owners}},
    ]
    made = scene.call("POST", lists, {"name": "Everything", "columns": columns})["id"]
    scene.call("POST", f"/api/lists/{made}/records", {"records": [{"fields": {"Address": "12 Oak Lane"}}]})
    return str(made)


@pytest.fixture
def ana(browser: Browser, scene: Scene) -> Desk:
    """Ana with the list of everything open."""
    made = everything(scene)
    desk = sign_in(browser, scene.url, f"/lists/{made}", scene.emails["Ana"], PASSWORD)
    desk.sees(0, 0, "12 Oak Lane")
    return desk


def fields_of(scene: Scene, desk: Desk) -> dict[str, Any]:
    """The row as REST has it."""
    list_id = desk.page.url.rpartition("/")[2]
    (item,) = scene.call("GET", f"/api/lists/{list_id}/records")["items"]
    fields: dict[str, Any] = item["fields"]
    return fields


@pytest.mark.rule("WEB-21")
def test_every_plain_editor_takes_what_people_type(ana: Desk, scene: Scene) -> None:
    """Texts, numbers, money, percentages, dates, addresses: typed, saved with Tab, read back over REST."""
    ana.choose(0, 1)
    for column, (_, _, _, typed, shown, _) in enumerate(PLAIN, start=1):
        ana.type(typed)
        ana.press("Tab")
        ana.sees(0, column, shown)
    ana.says("Saved")
    fields = fields_of(scene, ana)
    assert {name: fields[name] for name, *_ in PLAIN} == {name: kept for name, *_, kept in PLAIN}


@pytest.mark.rule("WEB-23")
def test_ticks_people_and_links_are_chosen_with_the_keyboard(ana: Desk, scene: Scene) -> None:
    """Enter ticks a checkbox; a person and a linked row are found by typing their names."""
    ana.choose(0, len(PLAIN) + 1)
    ana.press("Enter")
    ana.press("ArrowRight")
    ana.type("Ben")
    ana.press("Enter")
    ana.sees(0, len(PLAIN) + 2, "Ben Example")
    ana.choose(0, len(PLAIN) + 3)
    ana.type("Kofi")
    expect(ana.page.get_by_role("option", name=OWNERS[1])).to_be_visible()
    expect(ana.page.get_by_role("option", name=OWNERS[0])).to_be_hidden()
    ana.press("Enter")
    ana.press("Escape")
    ana.sees(0, len(PLAIN) + 3, OWNERS[1])
    ana.says("Saved")
    fields = fields_of(scene, ana)
    assert (fields["Let"], fields["Manager"]) == (True, scene.ids["Ben"])
    assert len(fields["Owner"]) == 1


@pytest.mark.rule("WEB-21")
@pytest.mark.parametrize(
    ("column", "typed", "sentence"),
    [
        (2, "many", "is no number"),
        (5, "soon-ish", "This is no date"),
        (6, "june at example", "This is no e-mail address"),
        (8, "javascript:alert(1)", "This is no web address"),
    ],
)
def test_what_does_not_fit_is_told_and_kept_in_the_editor(ana: Desk, column: int, typed: str, sentence: str) -> None:
    """The editor stays open with a sentence that says what would fit."""
    ana.choose(0, column)
    ana.type(typed)
    ana.press("Enter")
    expect(ana.page.get_by_role("alert").filter(has_text=re.compile(sentence))).to_be_visible()
    ana.press("Escape")
    ana.says("Saved")
