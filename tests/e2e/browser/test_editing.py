"""Editing in the page: keys, editors, clipboard, undo, rows."""

from collections.abc import Callable

import pytest

from tests.e2e.browser.page import Desk, Scene

OpenFor = Callable[[str], Desk]


@pytest.mark.rule("WEB-28")
def test_no_typed_key_is_lost(desk: OpenFor, scene: Scene) -> None:
    """Keys without any delay between them, in several cells, arrive whole and in order."""
    ana = desk("Ana")
    ana.choose(0)
    for row in range(3):
        ana.type(f"Hello world {row}")
        ana.press("Enter")
    for row in range(3):
        ana.sees(row, 0, f"Hello world {row}")
    ana.says("Saved")
    assert [fields["Address"] for fields in scene.records()] == ["Hello world 0", "Hello world 1", "Hello world 2"]


@pytest.mark.rule("WEB-28")
def test_a_double_click_opens_an_editor_that_keeps_the_focus(desk: OpenFor) -> None:
    """Typing right after a double click goes on with the cell's text."""
    ana = desk("Ana")
    ana.open(1)
    ana.type(" East")
    ana.press("Enter")
    ana.sees(1, 0, "14 Elm Road East")


@pytest.mark.rule("WEB-28")
def test_a_press_elsewhere_and_one_on_the_cell_are_no_double_click(desk: OpenFor) -> None:
    """Pressing the selected cell right after something else selects it only: what is typed then comes from one editor."""
    ana = desk("Ana")
    for number in range(4):
        ana.choose(0)
        ana.type("nothing")
        ana.press("Escape")
        ana.page.get_by_role("heading", name="Properties").click()
        ana.choose(0)
        ana.type(f"{number} Oak Lane")
        ana.press("Enter")
        ana.sees(0, 0, f"{number} Oak Lane")


@pytest.mark.rule("WEB-23")
def test_tab_goes_on_and_choices_are_found_by_typing(desk: OpenFor) -> None:
    """Tab saves and goes right; a select opens with the typed letters, Enter takes the first match."""
    ana = desk("Ana")
    ana.choose(0)
    ana.type("1 Quay")
    ana.press("Tab")
    ana.type("so")
    ana.press("Tab")
    ana.press("ArrowLeft")
    ana.type("so")
    ana.press("Enter")
    ana.sees(0, 0, "1 Quay")
    ana.sees(0, 1, "Sold")


@pytest.mark.rule("WEB-21")
def test_a_text_that_does_not_fit_stays_in_the_editor(desk: OpenFor) -> None:
    """A price that is no number is told and not written; Escape gives it up."""
    ana = desk("Ana")
    ana.choose(0, 2)
    ana.type("abc")
    ana.press("Enter")
    ana.page.get_by_role("alert").get_by_text("“abc” is no number.").wait_for()
    ana.press("Escape")
    ana.sees(0, 2, "")
    ana.says("Saved")


@pytest.mark.rule("WEB-6", "WEB-22", "WEB-24")
def test_a_paste_is_one_step(desk: OpenFor) -> None:
    """Two cells are copied over two others, undone at once, and redone."""
    ana = desk("Ana")
    ana.choose(0, 2)
    ana.type("420000")
    ana.press("Enter")
    ana.choose(0)
    for _ in range(2):
        ana.press("Shift+ArrowRight")
    ana.press("Control+c")
    ana.holds("12 Oak Lane")
    ana.choose(1)
    ana.press("Control+v")
    ana.sees(1, 0, "12 Oak Lane")
    ana.sees(1, 2, "420000")
    ana.press("Control+z")
    ana.sees(1, 0, "14 Elm Road")
    ana.sees(1, 2, "")
    ana.press("Control+Shift+z")
    ana.sees(1, 2, "420000")


@pytest.mark.rule("WEB-6")
def test_choices_of_a_set_are_steps_of_undo(desk: OpenFor) -> None:
    """Two options are added in one editor and taken back one by one."""
    ana = desk("Ana")
    ana.choose(0, 3)
    ana.press("Enter")
    ana.press("Enter")
    ana.press("ArrowDown")
    ana.press("Enter")
    ana.press("Escape")
    ana.sees(0, 3, "Garage, Garden")
    ana.press("Control+z")
    ana.sees(0, 3, "Garage")


@pytest.mark.rule("WEB-7", "WEB-23")
def test_rows_are_inserted_trashed_and_restored(desk: OpenFor) -> None:
    """Shift+Enter makes a row below, Mod+Delete trashes it, the toast brings it back; the bottom row adds one."""
    ana = desk("Ana")
    ana.choose(0)
    ana.press("Shift+Enter")
    ana.type("Between")
    ana.press("Enter")
    ana.sees(1, 0, "Between")
    ana.choose(1)
    ana.press("Control+Delete")
    ana.sees(1, 0, "14 Elm Road")
    ana.page.locator("[data-sonner-toast] button").click()
    ana.sees(1, 0, "Between")
    ana.page.get_by_test_id("add-row").click()
    ana.counts("5 rows")
    ana.type("At the end")
    ana.press("Enter")
    ana.sees(4, 0, "At the end")
