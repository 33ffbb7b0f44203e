"""Question: what does the gate cost for one edit, and does it depend on how large the list is?

Workload: a list of 5,000 and of 100,000 rows with 10 columns, its rows in segments. Each edit changes one cell of a row anywhere
in the list, as a stock client sends it. Measured in processor time of one thread, without any I/O: decoding the update,
examining and judging it, and the whole of `Draft.receive` (which also applies it, follows it in the index and reads the facts). Beside it
stands what a server without a gate needs: applying the same update to a document whose observer takes the emitted one. The first
edit of a row has to read the row's old value out of its segment; edits of rows touched before do not.

    python -m benchmarks.gate
"""

import gc
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

from fractional_indexing import generate_n_keys_between
from pycrdt import Doc, Map

from auth.principals import Principal
from auth.roles import Role
from benchmarks.records import keep
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.entry import Entry
from realtime.core.judge import Case, judge
from realtime.core.limits import Limits
from realtime.core.new_list import EPOCH, new_list
from realtime.core.owners import Owners
from realtime.core.soundness import examine
from realtime.core.update import decode
from snapshots.columns import Column, ColumnType
from snapshots.segments import encode_segment, split_rows

SIZES = (5_000, 100_000)
COLUMNS, EDITS, WARM_UP = 10, 2_000, 100
EDITOR = Principal("editor", "Editor", Role.EDITOR, 1)


def main() -> None:
    """Measure each size, print the table and keep the raw results."""
    print(
        "| rows | rows touched | decode us | examine + judge us | Draft.receive us, median | p99 | most"
        " | without a gate us | the gate adds us |\n" + "|---" * 9 + "|"
    )
    results = [figures for rows in SIZES for figures in measure(rows)]
    keep("gate", __doc__, {"figures": results})


def measure(rows: int) -> Iterator[dict[str, Any]]:
    """Make the list and measure edits of rows never touched, then of rows touched before."""
    random = Random(rows)
    ids, columns, state = make_list(rows)
    document = ListDocument(EPOCH)
    document.apply([state])
    draft = Draft(document, Owners({}, 10_000), frozenset({EDITOR.user_id}), Limits())
    cells = [f"c:{random.choice(ids)}:{random.choice(columns)}" for _ in range(EDITS)]
    writer, bare = Doc[Any](), Doc[Any]()
    writer.apply_update(state)
    bare.apply_update(state)
    emitted: list[bytes] = []
    subscription = bare.observe(lambda event: emitted.append(event.update))
    for name, share in (("for the first time", cells), ("before", cells)):
        updates = edits_of(writer, share, random)
        with only_us():
            figures = {"rows": rows, "touched": name} | times_of(draft, bare, updates)
        print(
            f"| {rows:,} | {name} | {figures['decode']:.1f} | {figures['judge']:.1f} | {figures['receive']:.1f}"
            f" | {figures['receive_p99']:.0f} | {figures['receive_most']:.0f} | {figures['bare']:.1f}"
            f" | {figures['receive'] - figures['bare']:.1f} |",
            flush=True,
        )
        yield figures
    bare.unobserve(subscription)


def make_list(rows: int) -> tuple[Sequence[str], Sequence[str], bytes]:
    """The ids of rows and columns, and the first update of a list with its rows in segments."""
    columns = [
        Column(secrets.token_urlsafe(12), f"Column {n}", ColumnType.NUMBER if n % 2 else ColumnType.TEXT, at)
        for n, at in enumerate(generate_n_keys_between(None, None, COLUMNS))
    ]
    ids = [secrets.token_urlsafe(12) for _ in range(rows)]
    values = [n if column.type is ColumnType.NUMBER else f"value {n}" for n, column in enumerate(columns)]
    at = generate_n_keys_between(None, None, rows)
    lines = ([row, position, *values] for row, position in zip(ids, at, strict=True))
    segments = {
        secrets.token_urlsafe(12): encode_segment(segment)
        for segment in split_rows([column.id for column in columns], lines)
    }
    first = new_list("list", "Bench", columns, segments, actor="owner", now=datetime.now(UTC), batch_id=uuid4())
    texts = [column.id for column in columns if column.type is ColumnType.TEXT]
    return ids, texts, first.updates[0].update


def edits_of(writer: Doc[Any], cells: Sequence[str], random: Random) -> list[bytes]:
    """One update for each cell, as a client emits it."""
    made: list[bytes] = []
    subscription = writer.observe(lambda event: made.append(event.update))
    overlay = writer.get("overlays", type=Map)["1"]
    for cell in cells:
        overlay[cell] = f"Called back on day {random.randrange(10_000)}"
    writer.unobserve(subscription)
    return made


def times_of(draft: Draft, bare: Doc[Any], updates: Sequence[bytes]) -> dict[str, float]:
    """The median microseconds of each step; each update is taken in once, after its parts were timed."""
    now = datetime.now(UTC)
    decoding, judging, receiving, applying = [], [], [], []
    for payload in updates:
        decoding.append(timed(decode, payload))
        judging.append(timed(judged, draft, payload, now) - decoding[-1])
        receiving.append(timed(received, draft, payload, now))
        applying.append(timed(bare.apply_update, payload))
    kept = receiving[WARM_UP:]
    return {
        "decode": round(statistics.median(decoding[WARM_UP:]), 1),
        "judge": round(statistics.median(judging[WARM_UP:]), 1),
        "receive": round(statistics.median(kept), 1),
        "receive_p99": round(statistics.quantiles(kept, n=100)[98], 1),
        "receive_most": round(max(kept), 1),
        "bare": round(statistics.median(applying[WARM_UP:]), 1),
    }


def timed(work: Callable[..., object], *arguments: object) -> float:
    """The microseconds of processor time that this thread needs for some work."""
    begun = time.thread_time_ns()
    work(*arguments)
    return (time.thread_time_ns() - begun) / 1e3


def judged(draft: Draft, payload: bytes, now: datetime) -> None:
    """Decode, examine and judge an update without applying it, as `Draft.receive` does."""
    update = decode(payload)
    attempt = examine(payload, update, draft.index, lambda client: draft.owns(EDITOR.user_id, client))
    assert not judge(Case(EDITOR, now, draft, attempt.outcomes, draft.schema()), attempt.keys)


def received(draft: Draft, payload: bytes, now: datetime) -> Entry | None:
    """Take an update in."""
    entry = draft.receive(EDITOR, payload, now)
    assert entry is not None
    assert entry.facts
    assert not entry.refusals
    return entry


@contextmanager
def only_us() -> Iterator[None]:
    """Keep the garbage collector out of the figures."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    main()
