"""The audit is append-only: no statement of the program changes or removes what stands in it."""

import re
from typing import Any

import pytest

PACKAGES = ("api/", "auth/", "persistence/", "realtime/", "snapshots/")
CHANGING = re.compile(
    r"\b(?:update|delete)\(\s*(?:tables\.)?(?:facts|events)\b"
    r"|\b(?:UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?\"?(?:facts|events)\b",
)


@pytest.mark.rule("API-29")
@pytest.mark.parametrize(
    ("written", "changes"),
    [
        ("await connection.execute(delete(events).where(old))", True),
        ("update(\n    facts\n)", True),
        ("DELETE FROM facts WHERE list_id = $1", True),
        ("UPDATE events SET actor = $1", True),
        ("INSERT INTO facts (list_id)", False),
        ("update(lists).where(lists.c.id == list_id)", False),
        ("DELETE FROM links", False),
    ],
)
def test_the_check_sees_what_it_looks_for(written: str, *, changes: bool) -> None:
    """Both ways in which this program writes statements."""
    assert (CHANGING.search(written) is not None) is changes


@pytest.mark.rule("API-29")
def test_the_program_only_adds_to_the_audit(python_sources: list[Any]) -> None:
    """Neither events nor facts are updated or deleted anywhere below the packages."""
    ours = [source for source in python_sources if source.name.startswith(PACKAGES)]
    assert ours
    assert [source.name for source in ours if CHANGING.search(source.text)] == []
