"""Backups by PostgreSQL's own programs: whole or not at all, and only into an empty database."""

import stat
from pathlib import Path

import asyncpg
import pytest

from persistence.backup import BackupFailed, answers, back_up, restore, rewound
from persistence.contract import Committed, Conflict
from persistence.pool import create_pool
from tests.list_scenes import LIST, PostgresScene, batch, cell_entry, kept

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.rule("OPS-43", "OPS-44")
async def test_what_is_restored_is_what_was_there(
    scene: PostgresScene, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    """Lists, log, audit with its chain, states and rows come back; the epoch is another and goes on from the same head."""
    assert await scene.store.commit(batch(1, 2, audit=[cell_entry("quay", "rent", None, 900)])) == Committed(3)
    assert await scene.states.keep_state(LIST, 1, 2, b"state")
    file = tmp_path / "rowhouse.backup"
    await back_up(database_url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await scene.store.commit(batch(3)) == Committed(4)
    await restore(empty_database_url, file)
    pool = await create_pool(empty_database_url, volatile_allowed=True)
    try:
        restored = PostgresScene(pool)
        after = await kept(restored)
        assert (after.epoch, after.head, len(after.facts), len(after.rows)) == (2, 3, 1, 2)
        assert await pool.fetchval("SELECT chain FROM lists") == await scene.pool.fetchval("SELECT chain FROM lists")
        opened = await restored.store.open_list(LIST)
        assert opened is not None
        assert (opened.state, opened.state_seq, [entry.seq for entry in opened.log]) == (b"state", 2, [3])
        assert await restored.store.commit(batch(3, epoch=2)) == Committed(4)
        assert not await restored.states.keep_state(LIST, 1, 4, b"a state of the epoch before")
    finally:
        await pool.close()


@pytest.mark.rule("OPS-51")
async def test_a_database_that_was_brought_back_gets_other_epochs(scene: PostgresScene, database_url: str) -> None:
    """The state goes along, the head and the log stay; nothing is written in the epoch before, and sign-ins have ended."""
    assert await scene.states.keep_state(LIST, 1, 1, b"state")
    await scene.pool.execute(
        "INSERT INTO sessions (id, user_id, family, token_hash, expires_at) SELECT id, id, id, id::bytea, now() FROM users"
    )
    versions = await scene.pool.fetchval("SELECT sum(token_version) FROM users")
    assert await rewound(database_url) == await scene.pool.fetchval("SELECT count(*) FROM lists") > 0
    opened = await scene.store.open_list(LIST)
    assert opened is not None
    assert (opened.epoch, opened.head, opened.state, opened.state_seq) == (2, 1, b"state", 1)
    assert await scene.store.commit(batch(1)) == Conflict()
    assert await scene.store.commit(batch(1, epoch=2)) == Committed(2)
    assert await scene.pool.fetchval("SELECT bool_and(revoked_at IS NOT NULL) FROM sessions")
    assert await scene.pool.fetchval("SELECT sum(token_version) FROM users") > versions
    with pytest.raises(BackupFailed, match="cannot be reached"):
        await rewound(NOWHERE)


@pytest.mark.rule("OPS-44")
async def test_a_backup_never_goes_over_another_database(
    scene: PostgresScene, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    """A database with tables is refused and stays as it is; a file that is no backup leaves an empty one empty."""
    file, wrong = tmp_path / "rowhouse.backup", tmp_path / "wrong.backup"
    await back_up(database_url, file)
    before = await kept(scene)
    with pytest.raises(BackupFailed, match="not empty"):
        await restore(database_url, file)
    assert await kept(scene) == before
    wrong.write_bytes(file.read_bytes()[:-2_000])
    with pytest.raises(BackupFailed):
        await restore(empty_database_url, wrong)
    connection = await asyncpg.connect(empty_database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    finally:
        await connection.close()


@pytest.mark.rule("OPS-43")
async def test_a_backup_that_fails_leaves_no_file(database_url: str, tmp_path: Path) -> None:
    """Neither a folder that is not there nor a database that does not answer leaves half a file."""
    with pytest.raises(BackupFailed):
        await back_up(database_url, tmp_path / "nowhere" / "file")
    with pytest.raises(BackupFailed):
        await back_up(NOWHERE, tmp_path / "file")
    with pytest.raises(BackupFailed):
        await restore(NOWHERE, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
    assert not await answers(NOWHERE)
    assert await answers(database_url)
