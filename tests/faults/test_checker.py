"""The checker is checked: it must find what was planted, else the cycles show nothing."""

from random import Random

import pytest

from persistence.contract import Source
from persistence.pool import create_pool
from realtime.core.writes import AddRow, SetCell
from snapshots.column_types import ColumnType
from snapshots.columns import Column
from tests.e2e.people import List, person
from tests.faults.callers import Caller
from tests.faults.checker import Checker
from tests.faults.database import Database
from tests.faults.lists import EDITOR, make_lists
from tests.faults.writers import Edit, Writer
from tests.list_scenes import postgres_scene

GRID, NAME, OAK, ELM = "list-grid0001", "col-name0001", "row-oak00001", "row-elm00001"
CELL = f"c:{OAK}:{NAME}"
PLANTED = {
    "a lost fact": "DELETE FROM facts WHERE new = '\"Ben 1\"'",
    "a doubled fact": """INSERT INTO facts SELECT list_id, seq, ordinal + 1, kind, row_id, column_id, entity, attribute, old, new,
        actor, source, reason, at FROM facts WHERE new = '\"Ben 2\"'""",
    "a wrong old value": "UPDATE facts SET old = '\"Ben 0\"' WHERE new = '\"Ben 2\"'",
    "a lost update": "DELETE FROM updates WHERE seq = 3",
    "a lost end of the log": "UPDATE lists SET head = head - 1",
    "a row behind the document": "UPDATE records SET data = jsonb_build_object('col-name0001', 'Ben 1') WHERE row_id = 'row-oak00001'",
    "a lost row": "DELETE FROM records WHERE row_id = 'row-elm00001'",
}


@pytest.mark.rule("LOG-45")
@pytest.mark.parametrize("plant", [None, *PLANTED])
async def test_what_is_planted_is_found(database: Database, plant: str | None) -> None:
    """A fact, an update or a row that is missing, twice or wrong; without any of it, all is well."""
    await _furnish(database)
    if plant is None:
        await _check(database, [Edit(CELL, "Ben 2", 0.0)])
        return
    await database.say(PLANTED[plant])
    with pytest.raises(AssertionError):
        await _check(database, [])


@pytest.mark.rule("LOG-45")
@pytest.mark.parametrize("acknowledged", [True, False])
async def test_a_promise_that_was_not_kept_is_found(database: Database, *, acknowledged: bool) -> None:
    """An edit that was acknowledged, or shown to somebody else, and is nowhere."""
    await _furnish(database)
    edits = [Edit(CELL, "Ben 3", 0.0)] if acknowledged else []
    with pytest.raises(AssertionError, match="are lost"):
        await _check(database, edits, set() if acknowledged else {(CELL, "Ben 3")})


async def _furnish(database: Database) -> None:
    """Two rows; one cell is written twice."""
    pool = await create_pool(database.url())
    hub = await make_lists(await postgres_scene(pool), [GRID], [Column(NAME, "Name", ColumnType.TEXT, "a0")])
    for writes in ([AddRow(OAK)], [SetCell(OAK, NAME, "Ben 1")], [SetCell(OAK, NAME, "Ben 2")], [AddRow(ELM)]):
        await hub.write(GRID, EDITOR, writes, source=Source.API)
    await hub.close()
    await pool.close()


async def _check(database: Database, edits: list[Edit], shown: set[tuple[str, str]] | None = None) -> None:
    ben = person("http://127.0.0.1:1", "Ben")
    grid = List(GRID, {"Name": NAME}, [OAK, ELM])
    writer = Writer(ben, grid, list, [CELL], [], Random(1), acknowledged=edits, shown=shown or set())
    await Checker(GRID).check(database.url(), [writer], Caller(ben, grid, "Name", list, Random(1)))
    await ben.http.aclose()
