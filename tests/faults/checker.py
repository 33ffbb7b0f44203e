"""The checker: reads with SQL what became of every edit, with knowledge of its own of what must be there.

It follows the log from where it last stood: applies each update to a replica of its own, and what changes there must be
what the audit says of that update. Promised edits must be in the audit once, and what the audit says in the end is
what stands in the document, in the rows, and on every screen.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import orjson
from pycrdt import Doc, Map

from tests.faults.callers import Caller
from tests.faults.writers import Edit, Writer

CONVERGED_SECONDS_MAX = 20.0

Change = tuple[str, Any]


class Checker:
    """Knows a list's log, document and audit up to `head`."""

    def __init__(self, list_id: str) -> None:
        self.list_id = list_id
        self.head = 0
        self.facts = 0
        self.values: dict[str, Any] = {}
        self.times_seen: Counter[Change] = Counter()
        self.rows_made: Counter[str] = Counter()
        self._doc: Doc[Any] = Doc()
        self._overlays: Map[Any] = self._doc.get("overlays", type=Map)
        self._changes: dict[str, Any] = {}
        self._watching = self._overlays.observe_deep(self._note)

    def _note(self, events: Sequence[Any]) -> None:
        for event in events:
            for key, change in event.keys.items():
                if key.startswith(("c:", "r:")):
                    self._changes[key] = change.get("newValue")

    async def check(self, database_url: str, writers: Sequence[Writer], caller: Caller) -> None:
        """Check everything since the last time; nothing may be under way. Raises `AssertionError` on what is wrong."""
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await self._follow(connection)
                await self._compare_rows(connection)
        finally:
            await connection.close()
        for writer in writers:
            self._require_kept(writer.acknowledged, writer.shown, set(writer.contested))
        self._require_made(caller)

    async def converged(self, writers: Sequence[Writer]) -> None:
        """Wait until everybody's replica is what the log says. Raises `TimeoutError`."""
        expected = self._document()
        for writer in writers:
            await writer.client.until(lambda client=writer.client: client.values == expected, CONVERGED_SECONDS_MAX)

    async def _follow(self, connection: asyncpg.Connection) -> None:
        head = await connection.fetchval("SELECT head FROM lists WHERE id = $1", self.list_id)
        log = await connection.fetch(
            "SELECT seq, update FROM updates WHERE list_id = $1 AND seq > $2 ORDER BY seq", self.list_id, self.head
        )
        facts = await connection.fetch(
            """SELECT seq, ordinal, kind, row_id, column_id, old, new, reason FROM facts
            WHERE list_id = $1 AND seq > $2 ORDER BY seq, ordinal""",
            self.list_id,
            self.head,
        )
        assert head >= self.head, "the list has lost what was committed"
        assert [entry["seq"] for entry in log] == list(range(self.head + 1, head + 1)), "the log has no gap"
        assert all(fact["seq"] <= head for fact in facts), "there is no fact without its update"
        said: dict[int, list[asyncpg.Record]] = {}
        for fact in facts:
            said.setdefault(fact["seq"], []).append(fact)
        for entry in log:
            self._take(entry["seq"], entry["update"], said.get(entry["seq"], []))
        self.head = head
        self.facts += len(facts)

    def _take(self, seq: int, update: bytes, facts: Sequence[asyncpg.Record]) -> None:
        """Apply one update: the facts under its number must say what it changes, each with the value before."""
        assert [fact["ordinal"] for fact in facts] == list(range(len(facts))), f"the facts of {seq} are numbered"
        self._changes = {}
        self._doc.apply_update(update)
        changes = {
            key: new for key, new in self._changes.items() if key.startswith("c:") and new != self.values.get(key)
        }
        said = {}
        for fact in facts:
            assert fact["reason"] is None, f"{seq} refuses what is allowed"
            if fact["kind"] == "row":
                self.rows_made[fact["row_id"]] += fact["old"] is None
            if fact["kind"] != "cell":
                continue
            cell = f"c:{fact['row_id']}:{fact['column_id']}"
            old, new = (None if side is None else orjson.loads(side) for side in (fact["old"], fact["new"]))
            assert old == self.values.get(cell), f"{seq} takes {cell} from {old}, but it was {self.values.get(cell)}"
            assert cell not in said, f"{seq} has two facts for {cell}"
            said[cell] = self.values[cell] = new
            self.times_seen[cell, new] += 1
        assert said == changes, f"the facts of {seq} are not what it changes"

    async def _compare_rows(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch("SELECT row_id, data FROM records WHERE list_id = $1", self.list_id)
        cells = {
            f"c:{row['row_id']}:{column}": value for row in rows for column, value in orjson.loads(row["data"]).items()
        }
        document = self._document()
        assert cells == {key: value for key, value in document.items() if key.startswith("c:")}, "rows == document"
        assert cells == self.values, "rows == audit"
        assert {row["row_id"] for row in rows} == {key[2:] for key in document if key.startswith("r:")}

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for generation in self._overlays.values():
            found |= generation.to_py()
        return found

    def _require_kept(self, acknowledged: Iterable[Edit], shown: Iterable[Change], contested: set[str]) -> None:
        twice = [change for change, times in self.times_seen.items() if times > 1]
        assert twice == [], f"in the audit twice: {twice[:5]}"
        lost = [change for change in shown if not self.times_seen[change]]
        assert lost == [], f"{len(lost)} edits that were shown are lost: {lost[:5]}"
        latest: dict[str, int] = {}
        for edit in acknowledged:
            latest[edit.cell] = max(latest.get(edit.cell, 0), _number(edit.value))
        missing = [
            edit
            for edit in acknowledged
            if edit.cell not in contested
            and not self.times_seen[edit.cell, edit.value]
            and _number(edit.value) == latest[edit.cell]
        ]
        assert missing == [], f"{len(missing)} edits that were acknowledged are lost: {missing[:5]}"
        behind = [
            cell for cell, number in latest.items() if cell not in contested and _number(self.values[cell]) < number
        ]
        assert behind == [], f"older values stand than were acknowledged: {behind[:5]}"

    def _require_made(self, caller: Caller) -> None:
        column = caller.target.columns[caller.column]
        for row, text in caller.made.items():
            assert self.values.get(f"c:{row}:{column}") == text, f"the record {row} that was answered is lost"
            assert self.rows_made[row] == 1, f"the record {row} was made {self.rows_made[row]} times"
        often = Counter(value for cell, value in self.values.items() if value in caller.asked)
        assert [text for text, times in often.items() if times > 1] == [], "a record was made twice"


def _number(value: str) -> int:
    return int(value.rpartition(" ")[2])
