"""The demo workspace in a real database, made through the real rooms."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict

import pytest
from sqlalchemy import func, select, text

from api.app import open_services
from api.demo import ACCOUNTS, PASSWORD, make_demo
from api.demo.harbour import Sizes
from api.services import Services
from api.settings import Settings
from persistence.accounts import user_by_email
from persistence.contract import Json
from persistence.tables import comments, facts, links, lists, records
from realtime.core.document import ListDocument
from realtime.core.replica import Replica
from snapshots.templates import TEMPLATES
from snapshots.values import normalise


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Services with real rooms, and a small demo."""
    async with open_services(settings, volatile_allowed=True) as services:
        assert await make_demo(services, rows=150, edits=40)
        yield services


async def _document(services: Services, list_id: str) -> ListDocument:
    opened = await services.store.open_list(list_id)
    assert opened is not None
    document = Replica(opened, 0).copy()
    document.scan()
    return document


def _rebuilt(document: ListDocument, row: str) -> dict[str, Json]:
    """A row as the document has it, in the form of the relational snapshot; sets in order."""
    cells: dict[str, Json] = {}
    for column in document.schema().standing():
        value = sorted(document.members(row, column.id)) if column.set_valued else document.cell(row, column.id)
        if value not in (None, []):
            cells[column.id] = normalise(column, value)  # type: ignore[arg-type]
    return cells


def _in_order(cells: Mapping[str, Json]) -> dict[str, Json]:
    return {column: sorted(value) if isinstance(value, list) else value for column, value in cells.items()}  # type: ignore[type-var]


@pytest.mark.rule("SNAP-6", "SNAP-12")
async def test_rows_and_links_are_what_a_rebuild_from_the_document_gives(services: Services) -> None:
    """After bulk rows and edits of every kind each record equals its row in the document; so do the links."""
    async with services.engine.connect() as connection:
        for list_id in (await connection.scalars(select(lists.c.id))).all():
            document = await _document(services, list_id)
            kept = (await connection.execute(select(records).where(records.c.list_id == list_id))).all()
            assert {row.row_id for row in kept} == set(document.rows())
            for row in kept:
                assert json.dumps(_in_order(row.data), sort_keys=True) == json.dumps(
                    _rebuilt(document, row.row_id), sort_keys=True
                )
                assert row.position == document.position(row.row_id)
                assert (row.trashed_at is not None) == (document.trashed(row.row_id) is not None)
            linked = (await connection.execute(select(links).where(links.c.list_id == list_id))).all()
            targets = {column.id: column.target_list for column in document.schema().standing()}
            assert {(link.row_id, link.column_id, link.target_list_id, link.target_row_id) for link in linked} == {
                (row, column, target, element)
                for row in document.rows()
                for column, target in targets.items()
                if target is not None
                for element in document.members(row, column)
            }


@pytest.mark.rule("SNAP-12")
async def test_the_four_people_can_sign_in_and_have_a_past(services: Services) -> None:
    """Accounts, a fact for every row, edits and comments by their authors, none of them refused."""
    async with services.engine.connect() as connection:
        for account in ACCOUNTS:
            found = await user_by_email(connection, account.email)
            assert found is not None
            assert await services.passwords.match(found[1], PASSWORD)
        counted = await connection.execute(select(facts.c.kind, func.count()).group_by(facts.c.kind))
        kinds = {kind: number for kind, number in counted.all()}  # noqa: C416 - rows are no pairs to mypy
        assert kinds["row"] == await connection.scalar(select(func.count()).select_from(records))
        assert kinds["trash"] == 3
        assert kinds["cell"] + kinds["element"] > 30
        assert await connection.scalar(select(func.count()).where(facts.c.reason.is_not(None))) == 0
        assert (await connection.scalar(select(func.count()).select_from(comments)) or 0) >= 16


@pytest.mark.rule("DATA-88", "DATA-89")
async def test_some_thousand_rows_come_with_all_that_belongs_to_them(settings: Settings) -> None:
    """Each list has its share of rows, is told of as it stands, and opens with all of them; links lead to rows that exist."""
    told: list[str] = []
    async with open_services(settings, volatile_allowed=True) as services:
        assert await make_demo(services, rows=6_000, edits=0, tell=told.append)
        async with services.engine.connect() as connection:
            named = (await connection.execute(select(lists.c.id, lists.c.name).order_by(lists.c.created_at))).all()
            astray = text(
                "SELECT count(*) FROM links l LEFT JOIN records r"
                " ON r.list_id = l.target_list_id AND r.row_id = l.target_row_id WHERE r.row_id IS NULL"
            )
            assert await connection.scalar(astray) == 0
        sizes = {name: len(list((await _document(services, list_id)).rows())) for list_id, name in named}
    assert list(sizes) == [template.name for template in TEMPLATES.values()]
    assert sizes == {name.title(): size for name, size in asdict(Sizes.around(6_000)).items()}
    assert sorted(told) == sorted(f"{name}: {size:,} rows" for name, size in sizes.items())


async def test_the_demo_is_made_once(services: Services) -> None:
    """A second start leaves everything as it is."""
    told: list[str] = []
    assert not await make_demo(services, rows=150, edits=40, tell=told.append)
    assert told == ["The demo workspace is there already and stays as it is, whatever --rows says."]
    async with services.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(lists)) == 8
