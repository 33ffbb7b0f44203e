"""JSON: arrays and lines of objects, what is none, and limits."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapshots.importing.opening import open_table
from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Limits

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
RECORDS = st.lists(st.fixed_dictionaries({"a": SCALARS, "b": st.lists(st.text(max_size=3), max_size=3)}), min_size=1)


@pytest.mark.rule("DATA-4")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.sampled_from(["lines", "array"]), st.sampled_from(["utf-8", "utf-16"]))
def test_objects_are_read_back(tmp_path: Path, records: list[dict[str, Any]], form: str, encoding: str) -> None:
    """As an array or one on each line, in both encodings, with every kind of value."""
    path = tmp_path / "file.json"
    said = [{"a": record["a"], "b": record["b"]} for record in records]
    text = "\n".join(map(json.dumps, said)) if form == "lines" else json.dumps(said, indent=1)
    path.write_bytes(text.encode(encoding))
    table = open_table(path)
    assert table.columns == ["a", "b"]
    expected = [(number, [record["a"], record["b"]]) for number, record in enumerate(records, start=1)]
    assert list(table.rows()) == expected


@pytest.mark.rule("DATA-4")
def test_values_longer_than_a_chunk_are_read(tmp_path: Path) -> None:
    """An object may end in any later chunk of the file; names that come late are columns too."""
    path = tmp_path / "file.json"
    long = "x" * 700_000
    path.write_text(json.dumps([{"a": long}] * 3 + [{"b": 1}]))
    table = open_table(path)
    assert table.columns == ["a", "b"]
    assert [(number, cells) for number, cells in table.rows()] == [
        *((n, [long, None]) for n in (1, 2, 3)),
        (4, [None, 1]),
    ]


@pytest.mark.rule("DATA-7")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        *((b"[]", FileReason.EMPTY), (b"{}", FileReason.EMPTY), (b"[1, 2]", FileReason.NOT_A_TABLE)),
        *((b'[{"a": 1}', FileReason.BROKEN), (b'{"a": 1} {"a"', FileReason.BROKEN), (b"{]", FileReason.BROKEN)),
        *((b'{"a": 1, "a": 2}', FileReason.BROKEN), (b'{"a": ' + b"[" * 100_000, FileReason.BROKEN)),
        *((b'{"a": ' + b"9" * 5000 + b"}", FileReason.BROKEN), (b'{"a": 1}\n' * 11, FileReason.TOO_LARGE)),
        *(
            (b'{"a": "' + b"x" * 900_000, FileReason.TOO_LARGE),
            (b'\xef\xbb\xbf{"a": "\xff"}', FileReason.UNREADABLE_TEXT),
        ),
        (json.dumps([{f"n{n}": 1 for n in range(11)}]).encode(), FileReason.TOO_LARGE),
    ],
)
def test_what_is_no_table_of_objects_is_refused(tmp_path: Path, content: bytes, reason: FileReason) -> None:
    """Broken, deep, endless or without objects: one reason each, and advice."""
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        list(open_table(path, None, Limits(rows_max=10, columns_max=10, record_characters_max=500_000)).rows())
    assert refused.value.reason is reason
