"""The SQL that docs/OPERATIONS.md tells people to type."""

import re
from pathlib import Path

import asyncpg
import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "OPERATIONS.md"


@pytest.mark.rule("OPS-12")
async def test_the_sql_of_the_page_works(database_url: str) -> None:
    """Each block runs on a migrated database."""
    blocks = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    connection = await asyncpg.connect(database_url)
    try:
        for block in blocks:
            await connection.execute(block)
    finally:
        await connection.close()
