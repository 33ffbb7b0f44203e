"""What is not taken of files, said in words, and how long a file is kept."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.importing.uploads import PER_MINUTE_MAX, WAITING_MAX
from api.settings import Settings
from persistence.pool import create_pool
from persistence.retention import PostgresRetention
from tests.integration.api.desk import Desk
from tests.workbook_bombs import BOMBS

MIB = 1024 * 1024
SMALL = {"file": ("small.csv", b"Address\r\nHere\r\n")}


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a server that takes files of 1 MB."""
    return Settings(database_url=database_url, secret="s" * 40, registrations_per_hour=1000, import_bytes_max=MIB)


@pytest.mark.rule("API-46")
async def test_a_file_that_is_too_large_is_refused_with_words(desk: Desk, live: FastAPI) -> None:
    """By its stated length or when it passes the limit: 413, how much a file may have and what to do, and nothing is kept."""

    async def unstated() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(3):
            yield b"x" * MIB
        yield b"\r\n--x--\r\n"

    place = f"/api/lists/{desk.made['id']}/imports"
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    stated = await desk.person("POST", place, files={"file": ("a.csv", b"x" * 2 * MIB)})
    passing = await desk.person("POST", place, content=unstated(), headers=multipart)
    for answer in (stated, passing):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["detail"] == "A file may have 1 MB. Cut it into several files."
    assert (await desk.person("POST", place, files={"file": ("a.csv", b"x" * MIB)})).status_code == 201
    async with live.state.services.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM imports")).scalar_one() == 1


@pytest.mark.rule("API-46")
async def test_too_many_files_are_refused_with_words(desk: Desk, live: FastAPI) -> None:
    """So many a minute of a person, and so many of a workspace that nobody has imported: 429, and the files before stay."""
    place = f"/api/lists/{desk.made['id']}/imports"
    assert (await desk.person("POST", place, files=SMALL)).status_code == 201
    async with live.state.services.transaction() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO imports SELECT (jsonb_populate_record(i, jsonb_build_object('id', i.id || n))).*"
            f" FROM imports AS i, generate_series(2, {WAITING_MAX}) AS n"
        )
    waiting = await desk.person("POST", place, files=SMALL)
    assert (waiting.status_code, waiting.json()["code"]) == (429, "rate")
    assert "Import or cancel some first" in waiting.json()["detail"]
    for _ in range(PER_MINUTE_MAX - 2):
        assert "a minute" not in (await desk.person("POST", place, files=SMALL)).json()["detail"]
    quick = await desk.person("POST", place, files=SMALL)
    assert (quick.status_code, quick.headers["retry-after"]) == (429, "60")
    assert f"{PER_MINUTE_MAX} files a minute" in quick.json()["detail"]


@pytest.mark.rule("DATA-16", "API-46")
async def test_a_bomb_is_refused_with_words(desk: Desk) -> None:
    """A workbook of a few kilobytes that unpacks to far more: neither looked at nor run, and the node answers as ever."""
    place = f"/api/lists/{desk.made['id']}/imports"
    brought = (await desk.person("POST", place, files={"file": ("bomb.xlsx", BOMBS["ratio"]())})).json()
    for call in ("preview", "run"):
        answer = await desk.person("POST", f"/api/imports/{brought['id']}/{call}", json={"choices": {}})
        assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_file")
        assert len(answer.json()["detail"]) > 30
    fine = (await desk.person("POST", place, files=SMALL)).json()
    looked = await desk.person("POST", f"/api/imports/{fine['id']}/preview", json={})
    assert looked.json()["rows_sampled"] == 1


@pytest.mark.rule("DATA-18")
async def test_old_files_are_let_go(desk: Desk, settings: Settings, live: FastAPI) -> None:
    """An import that ended long ago and a file that nobody imported for a day go, with their pieces; younger ones stay."""
    place = f"/api/lists/{desk.made['id']}/imports"
    ids = [(await desk.person("POST", place, files=SMALL)).json()["id"] for _ in range(4)]
    for ended in ids[:2]:
        assert (await desk.person("POST", f"/api/imports/{ended}/cancel")).is_success
    async with live.state.services.transaction() as connection:
        ages = zip(ids, ("8 days", "6 days", "25 hours", "23 hours"), strict=True)
        for import_id, age in ages:
            await connection.exec_driver_sql(
                f"UPDATE imports SET created_at = created_at - interval '{age}', finished_at = finished_at - interval '{age}'"
                f" WHERE id = '{import_id}'"
            )
    assert settings.database_url is not None
    async with await create_pool(settings.database_url, volatile_allowed=True) as pool:
        await PostgresRetention(pool, log_days=None, imports_days=settings.import_retention_days).run()
        left = {row["import_id"] for row in await pool.fetch("SELECT import_id FROM import_chunks")}
    states = [(await desk.person("GET", f"/api/imports/{import_id}")).status_code for import_id in ids]
    assert (states, left) == ([404, 200, 404, 200], {ids[1], ids[3]})
