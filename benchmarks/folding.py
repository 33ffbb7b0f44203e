"""Question: does a list grow with its history, or only with what it holds?

Workload: a list of 100,000 rows with 10 columns of text, made as an import makes it. People overwrite cells at random, all of it judged like
any edit of theirs, a hundred to an update; after each 100,000 edits a generation is begun and the one before is folded, in the steps that the
server takes, each worked out in a process of its own. Measured: what the document weighs on the wire, how long a step keeps its room busy
(processor time of one thread, the live copy included), and how long working out takes.

    python -m benchmarks folding                    # a million edits, some five minutes
    python -m benchmarks folding --edits 200000
"""

import argparse
import asyncio
import secrets
import time
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import psutil
from fractional_indexing import generate_n_keys_between
from pycrdt import Doc, Map

from auth.principals import Principal
from auth.roles import Role
from benchmarks.records import keep
from persistence.contract import OpenedList, Source
from realtime.core.draft import Draft
from realtime.core.entry import Entry
from realtime.core.folding import FoldBase
from realtime.core.limits import Limits
from realtime.core.new_list import EPOCH, new_list
from realtime.core.owners import Owners
from realtime.core.replica import Replica
from realtime.core.writes import OpenGeneration, Upkeep
from realtime.folder import SYSTEM
from realtime.folding import fold_apart
from snapshots.columns import Column, ColumnType
from snapshots.segments import encode_segment, split_rows

ROWS, COLUMNS, EDITS, EDITS_PER_FOLDING, EDITS_PER_UPDATE = 100_000, 10, 1_000_000, 100_000, 100
EDITOR = Principal("editor", "Editor", Role.EDITOR, 1)
TAIL_BYTES_MAX = 1 << 18
MIB = 1 << 20
GROWTH_MAX = 2.0


class Place:
    """The list with its draft and its live copy, as a room holds them, without a store and without sockets."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.columns = [
            Column(secrets.token_urlsafe(12), f"Column {number}", ColumnType.TEXT, at)
            for number, at in enumerate(generate_n_keys_between(None, None, COLUMNS))
        ]
        self.rows = [secrets.token_urlsafe(12) for _ in range(ROWS)]
        state = self._imported()
        self.fresh_bytes = len(state)
        opened = OpenedList("list", "workspace", EPOCH, 1, state, 1, [], {}, frozenset({EDITOR.user_id}))
        self.live = Replica(opened, TAIL_BYTES_MAX)
        self.draft = Draft(self.live.copy(), Owners({}, 10_000), frozenset({EDITOR.user_id}), Limits())
        self.steps_ms: list[float] = []
        self.working_out: list[float] = []

    def text(self) -> str:
        """A value that somebody might type."""
        return f"{self.random.randrange(10_000)} {self.random.choice(('Oak', 'Elm', 'Pine', 'Quay'))} Street"

    def _imported(self) -> bytes:
        at = generate_n_keys_between(None, None, ROWS)
        lines = (
            [row, position, *(self.text() for _ in self.columns)] for row, position in zip(self.rows, at, strict=True)
        )
        parts = split_rows([column.id for column in self.columns], lines)
        segments = {secrets.token_urlsafe(12): encode_segment(part) for part in parts}
        made = new_list("list", "Bench", self.columns, segments, actor="owner", now=datetime.now(UTC), batch_id=uuid4())
        return made.updates[0].update

    def edit(self, edits: int) -> None:
        """Overwrite cells as one person who has just opened the list."""
        peer = Doc[Any]()
        peer.apply_update(self.whole())
        emitted: list[bytes] = []
        subscription = peer.observe(lambda event: emitted.append(event.update))
        overlay = peer.get("overlays", type=Map)[str(self.draft.document.newest_generation())]
        for _ in range(edits // EDITS_PER_UPDATE):
            with peer.transaction():
                for _ in range(EDITS_PER_UPDATE):
                    overlay[f"c:{self.random.choice(self.rows)}:{self.random.choice(self.columns).id}"] = self.text()
            entry = self.draft.receive(EDITOR, emitted.pop(), datetime.now(UTC))
            assert entry is not None
            assert not entry.refusals
            self._commit(entry)
        peer.unobserve(subscription)

    async def fold(self) -> None:
        """Begin a generation, and fold the one before."""
        document = self.draft.document
        self._keep_up(OpenGeneration(document.newest_generation()))
        begun = time.perf_counter()
        state = document.difference()
        base = FoldBase(EPOCH, state, document.newest_generation() - 1, self.draft.changes_below)
        steps = await fold_apart(base)
        self.working_out.append(round(time.perf_counter() - begun, 2))
        for step in steps:
            self._keep_up(step)

    def _keep_up(self, upkeep: Upkeep) -> None:
        begun = time.thread_time()
        self._commit(self.draft.write(SYSTEM, Source.SYSTEM, [upkeep], datetime.now(UTC)))
        self.steps_ms.append((time.thread_time() - begun) * 1e3)

    def _commit(self, entry: Entry) -> None:
        self.live.advance([entry.emitted], self.live.head + 1)
        self.draft.confirmed(1)

    def whole(self) -> bytes:
        """The document, as somebody who opens it gets it."""
        return self.draft.document.difference()


async def measure(edits: int) -> dict[str, Any]:
    """Edit and fold in turns; returns the figures."""
    place = Place(Random(1))
    process = psutil.Process()
    print(
        "| edits | before folding MiB | folded MiB | of a fresh import | steps | longest step ms | worked out in s | process MiB |"
    )
    print("|---" * 8 + "|")
    rounds = []
    for done in range(EDITS_PER_FOLDING, edits + 1, EDITS_PER_FOLDING):
        place.edit(EDITS_PER_FOLDING)
        before = len(place.whole())
        place.steps_ms.clear()
        await place.fold()
        after = len(place.whole())
        figures = {
            "edits": done,
            "before_bytes": before,
            "folded_bytes": after,
            "growth": round(after / place.fresh_bytes, 3),
            "steps": len(place.steps_ms),
            "longest_step_ms": round(max(place.steps_ms), 1),
            "worked_out_seconds": place.working_out[-1],
            "process_bytes": process.memory_info().rss,
        }
        rounds.append(figures)
        print(
            f"| {done:,} | {before / MIB:.2f} | {after / MIB:.2f} | {figures['growth']:.3f} | {figures['steps']}"
            f" | {figures['longest_step_ms']:.0f} | {figures['worked_out_seconds']} | {process.memory_info().rss / MIB:.0f} |",
            flush=True,
        )
    return {"fresh_bytes": place.fresh_bytes, "rounds": rounds}


def main() -> None:
    """Measure, say whether the aim was reached, and keep the raw results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks folding")
    parser.add_argument("--edits", type=int, default=EDITS, help="how many edits, by the hundred thousand")
    figures = asyncio.run(measure(parser.parse_args().edits))
    growth = figures["rounds"][-1]["growth"]
    print(
        f"\nA fresh import: {figures['fresh_bytes'] / MIB:.2f} MiB; aim: under {GROWTH_MAX:g} times that; reached: {growth}."
    )
    keep("folding", __doc__, figures)


if __name__ == "__main__":
    main()
