"""The order of rows: dragging them by their markers, and moving them with keys, in front of another person."""

from collections.abc import Callable

import pytest

from tests.e2e.browser.page import HEADER_PX, MARKER_PX, ROW_PX, Desk, Scene

OpenFor = Callable[[str], Desk]
OAK, ELM, PINE = "12 Oak Lane", "14 Elm Road", "16 Pine Court"


def marker(desk: Desk, row: int, x: float = 8) -> tuple[float, float]:
    """Where a row's marker is: its handle, or its box (`x` from the left edge)."""
    box = desk.page.get_by_test_id("grid").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + HEADER_PX + ROW_PX * row + ROW_PX / 2


def mark(desk: Desk, first: int, last: int) -> None:
    """Tick the boxes of two rows and of those between them."""
    desk.page.mouse.click(*marker(desk, first, MARKER_PX / 2 + 4))
    desk.page.keyboard.down("Shift")
    desk.page.mouse.click(*marker(desk, last, MARKER_PX / 2 + 4))
    desk.page.keyboard.up("Shift")


def drag(desk: Desk, row: int, to: int) -> None:
    """Take a row by its handle and drop it where another one is."""
    desk.page.mouse.move(*marker(desk, row))
    desk.page.mouse.down()
    x, y = marker(desk, to)
    desk.page.mouse.move(x, y - ROW_PX / 4, steps=6)
    desk.page.mouse.move(x, y)
    desk.page.mouse.up()


def all_see(scene: Scene, desks: list[Desk], *addresses: str) -> None:
    """Wait until everybody sees the rows in this order, and find it in SQL."""
    for desk in desks:
        for row, address in enumerate(addresses):
            desk.sees(row, 0, address)
        desk.says("Saved")
    assert [fields["Address"] for fields in scene.records()] == list(addresses)


@pytest.mark.rule("WEB-90", "WEB-91", "DATA-99")
def test_rows_are_moved_in_front_of_another_person(desk: OpenFor, scene: Scene) -> None:
    """One row is dragged down, undone and redone at once each, marked rows are dragged together, and a row goes up and down by keys."""
    ana, ben = desk("Ana"), desk("Ben")
    both = [ana, ben]
    drag(ana, 0, 2)
    all_see(scene, both, ELM, PINE, OAK)
    ana.page.get_by_role("button", name="Undo").click()
    all_see(scene, both, OAK, ELM, PINE)
    ana.page.get_by_role("button", name="Redo").click()
    all_see(scene, both, ELM, PINE, OAK)
    mark(ben, 1, 2)
    drag(ben, 2, 0)
    all_see(scene, both, PINE, OAK, ELM)
    ben.page.get_by_role("button", name="Move down").click()
    all_see(scene, both, ELM, PINE, OAK)
    ana.choose(0)
    ana.press("Alt+Shift+ArrowDown")
    all_see(scene, both, PINE, ELM, OAK)
    ana.press("Alt+Shift+ArrowDown")
    all_see(scene, both, PINE, OAK, ELM)
    ana.press("Alt+Shift+ArrowUp")
    all_see(scene, both, PINE, ELM, OAK)
    ana.type("14 Elm Close")
    ana.press("Enter")
    all_see(scene, both, PINE, "14 Elm Close", OAK)


@pytest.mark.rule("WEB-90")
def test_a_row_is_dragged_beyond_what_is_seen(desk: OpenFor, scene: Scene) -> None:
    """While a row is held at the lower edge the grid scrolls, and it is dropped at the end of the list."""
    records = [{"fields": {"Address": f"{number} Long Street"}} for number in range(97)]
    scene.call("POST", f"/api/lists/{scene.list_id}/records", {"records": records})
    ana = desk("Ana")
    ana.counts("100 rows")
    ana.page.mouse.move(*marker(ana, 0))
    ana.page.mouse.down()
    box = ana.page.get_by_test_id("grid").bounding_box()
    assert box is not None
    ana.page.mouse.move(box["x"] + 8, box["y"] + box["height"] - 6, steps=8)
    ana.page.wait_for_function(
        "() => { const s = document.querySelector('.dvn-scroller'); return s.scrollTop + s.clientHeight >= s.scrollHeight - 1; }"
    )
    ana.page.mouse.up()
    ana.says("Saved")
    assert scene.records()[0]["Address"] == ELM
    assert OAK in [fields["Address"] for fields in scene.records()[-3:]]


@pytest.mark.rule("WEB-92")
def test_who_may_not_edit_moves_nothing(desk: OpenFor, scene: Scene) -> None:
    """A member's rows have no handle, and neither a drag nor a key moves them."""
    mia = desk("Mia")
    drag(mia, 0, 2)
    mia.choose(0)
    mia.press("Alt+Shift+ArrowDown")
    scene.call("POST", f"/api/lists/{scene.list_id}/records", {"records": [{"fields": {"Address": "18 Last Lane"}}]})
    mia.sees(3, 0, "18 Last Lane")
    mia.sees(0, 0, OAK)
    assert [fields["Address"] for fields in scene.records()][:3] == [OAK, ELM, PINE]
