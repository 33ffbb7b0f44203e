"""Question: how long does a person wait for a large list, what does it take of their memory, and how does it move under the hand?

Workload: lists of 10,000 and 100,000 rows with ten columns (`--rows` for others), made in bulk, on the embedded PostgreSQL. Two people open each in
headless Chromium on the same machine, in a page that has shown a small list before. Times are taken in the page: from the press of the link to
the first frame with ink in the first cell, and to the frame that says that all rows are there; the lengths of frames while the list scrolls by a
page or by a hundred rows a frame.

An edit is typed into the first cell, a text that no edit had before, and committed by Enter. Its time begins with the `timeStamp` of the Enter:
the browser has received the key, and the page may not know of it yet. It ends when exactly that text has been drawn on a canvas
(`fillText` is listened to) and the page is done with the frame that shows it: animation callbacks, layout, paint and the commit to the compositor. So
it counts the wait for the next frame, up to 17 ms, but not the compositor's own work, the screen, and the way of the key from the keyboard. The other
person's time runs from the same Enter to the same moment on their page. Presence, and whatever else is drawn, counts for nothing; an edit that is
not drawn fails the benchmark, and so do two pages whose clocks are apart.

    python -m benchmarks.browser
    python -m benchmarks.browser --rows 1000000
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.large_list import store_large_list
from benchmarks.percentiles import Spread
from benchmarks.records import keep
from tests.e2e.browser.conftest import launch_arguments
from tests.e2e.browser.page import PASSWORD, Desk, Scene, sign_in
from tests.e2e.conftest import running
from tests.e2e.house import House

ROWS: Final = (10_000, 100_000)
OPENINGS: Final = 5
EDITS: Final = 50
SCROLLS: Final = {"a page": 640, "a hundred rows": 3_200}
FRAMES: Final = 240
SLOW_FRAME_MS: Final = 33.4
SKEW_MS_MAX: Final = 1.0
OPEN_MS_MAX: Final = 120_000
CLOCKS: Final = Path(__file__).with_name("page_clocks.js")
MEBIBYTE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Line:
    """What one list took; times in milliseconds, memory in MiB."""

    rows: int
    first: Spread
    everything: Spread
    long_tasks: list[float]
    heap: float
    buffers: float
    process: float
    slow_frames: dict[str, float]
    own_edit: Spread
    other_edit: Spread


def main() -> None:
    """Measure lists of every size, print the table and keep the raw results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="sizes of the lists")
    sizes = parser.parse_args().rows
    print(HEAD)
    with TemporaryDirectory(prefix="rowhouse-bench-") as folder:
        Path(folder).chmod(0o755)
        for house in running(House(Path(folder), "--no-demo", ROWHOUSE_LIMITS="{}")):
            with _browser() as browser, Scene(house.url) as scene:
                lines = [_measure(browser, house, scene, rows) for rows in sizes]
    keep("browser", __doc__, {"lines": [asdict(line) for line in lines]})


HEAD: Final = (
    "| rows | first rows, median / most | all rows, median / most | tasks over 50 ms, most | heap | buffers | process"
    f" | frames over 33 ms, {', '.join(SCROLLS)} a frame | own edit p50 / p95 | other's edit p50 / p95 |\n"
    + "|---" * 10
    + "|"
)


def row_of(line: Line) -> str:
    """A line of the table."""
    longest = f"{len(line.long_tasks)}, {max(line.long_tasks, default=0):.0f} ms"
    cells = (
        f"{line.rows:,}",
        f"{line.first.p50:.0f} / {line.first.most:.0f} ms",
        f"{line.everything.p50:.0f} / {line.everything.most:.0f} ms",
        longest,
        *(f"{size:.0f} MiB" for size in (line.heap, line.buffers, line.process)),
        ", ".join(f"{share:.1%}" for share in line.slow_frames.values()),
        f"{line.own_edit.p50:.0f} / {line.own_edit.p95:.0f} ms",
        f"{line.other_edit.p50:.0f} / {line.other_edit.p95:.0f} ms",
    )
    return f"| {' | '.join(cells)} |"


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        yield browser
        browser.close()


def _measure(browser: Browser, house: House, scene: Scene, rows: int) -> Line:
    name = f"Rows {rows}"
    _elsewhere(lambda: store_large_list(house.database_url, scene.workspace, scene.ids["Ana"], name, rows))
    openings = [_open(browser, scene, "Ana", rows) for _ in range(OPENINGS)]
    for desk, _, _ in openings[:-1]:
        desk.page.context.close()
    ana, _, memory = openings[-1]
    ben, _, _ = _open(browser, scene, "Ben", rows)
    ana.page.bring_to_front()
    own, others = _edits(ana, ben)
    slow = {pace: _slow_frames(ana.page, px) for pace, px in SCROLLS.items()}
    for desk in (ana, ben):
        desk.page.context.close()
    seen = [told for _, told, _ in openings]
    line = Line(
        rows,
        Spread.of(told["first"] for told in seen),
        Spread.of(told["all"] for told in seen),
        [task for told in seen for task in told["tasks"]],
        *memory,
        slow,
        Spread.of(own),
        Spread.of(others),
    )
    print(row_of(line), flush=True)
    return line


def _open(
    browser: Browser, scene: Scene, name: str, rows: int
) -> tuple[Desk, dict[str, Any], tuple[float, float, float]]:
    """Open the large list after the small one; what it took of time, and of memory: heap, buffers, process."""
    desk = sign_in(browser, scene.url, f"/lists/{scene.list_id}", scene.emails[name], PASSWORD)
    desk.page.evaluate(CLOCKS.read_text(encoding="utf-8"))
    desk.page.set_default_timeout(OPEN_MS_MAX)
    desk.page.get_by_test_id(f"list-link-Rows {rows}").wait_for()
    session = desk.page.context.new_cdp_session(desk.page)
    before = _memory(browser, session)
    told = desk.page.evaluate("([link, rows]) => clocks.open(link, rows)", [f"list-link-Rows {rows}", f"{rows:,} rows"])
    after = _memory(browser, session)
    heap, buffers, process = (round((late - early) / MEBIBYTE, 1) for late, early in zip(after, before, strict=True))
    return desk, told, (heap, buffers, process)


def _memory(browser: Browser, session: CDPSession) -> tuple[float, float, float]:
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    root = browser.new_browser_cdp_session()
    processes = root.send("SystemInfo.getProcessInfo")["processInfo"]
    root.detach()
    renderers = [psutil.Process(each["id"]).memory_info().rss for each in processes if each["type"] == "renderer"]
    return usage["usedSize"], usage.get("backingStorageSize", 0), float(sum(renderers))


def _edits(ana: Desk, ben: Desk) -> tuple[list[float], list[float]]:
    """Ana edits the first cell again and again; how long until it is painted, on her page and on Ben's."""
    own, others = [], []
    ben.page.mouse.click(600, 600)
    skews = [desk.page.evaluate("clocks.skew()") for desk in (ana, ben)]
    assert abs(skews[0] - skews[1]) < SKEW_MS_MAX, f"the pages' clocks are apart: {skews}"
    for number in range(EDITS):
        text = f"{number} Harbour Lane"
        ana.choose(0)
        ana.type(text)
        for desk in (ana, ben):
            desk.page.evaluate("(text) => clocks.seek(text)", text)
        ana.press("Enter")
        mine, theirs = (desk.page.evaluate("clocks.found()") for desk in (ana, ben))
        pressed = ana.page.evaluate("clocks.pressed()")
        own.append(mine["painted"] - pressed)
        others.append(theirs["painted"] - pressed)
        ana.says("Saved")
    return own, others


def _slow_frames(page: Page, px: int) -> float:
    frames: list[float] = page.evaluate("([px, frames]) => clocks.scroll(px, frames)", [px, FRAMES])
    return sum(length > SLOW_FRAME_MS for length in frames) / len(frames)


def _elsewhere(work: Callable[[], Any]) -> None:
    """Run a coroutine in another thread: playwright keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()


if __name__ == "__main__":
    main()
