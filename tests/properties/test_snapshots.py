"""The relational snapshot against anything: any JSON, any bytes, any order of edits."""

import gzip
import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import Json
from snapshots.columns import ColumnType, ListSchema, check_column_attribute
from snapshots.cursors import QueryRefused, read_cursor, write_cursor
from snapshots.segments import Segment, SegmentBroken, decode_segment, encode_segment, split_rows
from snapshots.text import is_position, well_formed
from snapshots.typecast import Cast, cast_value
from snapshots.values import check_cell, check_element, normalise
from tests.list_columns import column

MEMBERS = frozenset({"user-ana-0000001"})
# Everything that Python can call JSON: texts with lone surrogates and NUL, numbers of any size, NaN.
WILD_TEXT = st.text() | st.sampled_from(
    ["\0", "\ud800", "__proto__", "constructor", "user-ana-0000001", "option-sold1"]
)
WILD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WILD_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WILD_TEXT, inner, max_size=4),
    max_leaves=12,
)
TAME_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TAME_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.floats(-1e15, 1e15) | TAME_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TAME_TEXT, inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(ColumnType)
IDS = st.text("abcXYZ019_-", min_size=10, max_size=22)
POSITIONS = st.integers(0, 999).map(lambda number: f"c{number:03}")
ATTRIBUTES = st.sampled_from(
    ["name", "type", "pos", "config", "required", "locked", "deleted", "option:option-sold1", "option:", "extra", ""]
)
ENTRIES = st.dictionaries(
    st.builds("{}:{}".format, st.sampled_from(["col-1-00000000", "col-2-00000000", "short", ""]), ATTRIBUTES)
    | WILD_TEXT,
    WILD_JSON | st.sampled_from([*map(str, ColumnType), "a0", "a1"]),
    max_size=10,
)


@pytest.mark.rule("SNAP-2")
@given(kind=KINDS, value=WILD_JSON, config=st.dictionaries(st.sampled_from(["precision", "max", "list"]), WILD_JSON))
def test_no_value_makes_a_check_raise(kind: ColumnType, value: Json, config: dict[str, Json]) -> None:
    """Every check answers, a value that passes is well-formed, and computed columns take nothing."""
    judged = column(kind, **config)  # type: ignore[arg-type]  # configurations of any JSON are the point
    taken = check_cell(judged, value, MEMBERS)
    assert isinstance(taken, bool)
    assert not taken or well_formed(value, characters_max=200_000)
    assert not taken or not (judged.computed or judged.set_valued)
    if isinstance(value, str):
        member = check_element(judged, value, MEMBERS)
        assert not member or (judged.set_valued and well_formed(value))


@pytest.mark.rule("SNAP-1", "SNAP-2")
@given(attribute=ATTRIBUTES | WILD_TEXT, value=WILD_JSON)
def test_no_attribute_makes_a_check_raise(attribute: str, value: Json) -> None:
    """What may be written to a column is well-formed."""
    assert not check_column_attribute(attribute, value) or well_formed(value)


@pytest.mark.rule("SNAP-1")
@given(entries=ENTRIES, primary=st.none() | WILD_TEXT)
def test_any_columns_root_reads_as_a_schema(entries: dict[str, Json], primary: str | None) -> None:
    """Reading never raises, the schema survives `lists.schema`, and its own entries say the same again."""
    schema = ListSchema.from_columns_root(entries, primary)
    stored = json.loads(json.dumps(schema.to_json(), allow_nan=False))
    assert ListSchema.from_json(stored) == schema
    assert schema.changed({}) == schema
    standing = {one.id for one in schema.standing()}
    assert schema.primary in standing if standing else schema.primary is None


@pytest.mark.rule("SNAP-1")
@given(before=ENTRIES, written=ENTRIES)
def test_keys_laid_over_a_schema_are_those_of_the_root(before: dict[str, Json], written: dict[str, Json]) -> None:
    """Writing sound keys over a schema gives what reading the whole root gives, for the columns that were there."""
    sound = {key: value for key, value in written.items() if check_column_attribute(key.partition(":")[2], value)}
    whole = ListSchema.from_columns_root(before | sound, None)
    over = ListSchema.from_columns_root(before, None).changed(sound)
    there = ListSchema.from_columns_root(before, None).columns.keys()
    assert {one: over.columns[one] for one in there} == {one: whole.columns[one] for one in there}


@pytest.mark.rule("SNAP-3")
@given(kind=KINDS, value=st.floats(-1e15, 1e15) | st.integers(1 - 2**53, 2**53 - 1), precision=st.integers(0, 10))
def test_normalising_twice_changes_nothing(kind: ColumnType, value: float, precision: int) -> None:
    """The stored form is a fixed point, near the value, and a value that the column takes."""
    judged = column(kind, precision=precision)
    stored = normalise(judged, value)
    assert normalise(judged, stored) == stored
    assert isinstance(stored, int | float)
    assert abs(stored - value) <= 0.5 * 10.0**-precision + math.ulp(value)
    assert not check_cell(judged, value, MEMBERS) or check_cell(judged, stored, MEMBERS)


@pytest.mark.rule("SNAP-7")
@given(kind=KINDS, value=WILD_JSON | st.from_regex(r"[$+-]?[0-9,.eE/:T %Z-]{1,20}", fullmatch=True))
def test_a_cast_gives_what_the_column_takes(kind: ColumnType, value: Json) -> None:
    """Whatever is said, a value that comes out passes the column's own check."""
    judged = column(kind)
    outcome = cast_value(judged, value, MEMBERS)
    if not isinstance(outcome, Cast):
        return
    if not judged.set_valued:
        assert check_cell(judged, outcome.value, MEMBERS)
        return
    assert isinstance(outcome.value, list)
    assert all(isinstance(one, str) and check_element(judged, one, MEMBERS) for one in outcome.value)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    """Any sound segment."""
    columns = draw(st.lists(IDS, unique=True, max_size=4))
    ids = draw(st.lists(IDS, unique=True, max_size=8))
    values = st.lists(TAME_JSON, min_size=len(columns), max_size=len(columns))
    return Segment(columns, [[row, draw(POSITIONS), *draw(values)] for row in ids])


@pytest.mark.rule("SNAP-4")
@given(segment=segments())
def test_a_segment_comes_back_as_it_was_written(segment: Segment) -> None:
    """Also cut into parts; the bytes are the same every time."""
    payload = encode_segment(segment)
    assert decode_segment(payload) == segment
    assert encode_segment(decode_segment(payload)) == payload
    assert [row for part in split_rows(segment.columns, segment.rows) for row in part.rows] == segment.rows


@pytest.mark.rule("SNAP-5")
@given(
    payload=st.binary()
    | st.binary().map(gzip.compress)
    | WILD_JSON.map(lambda said: gzip.compress(json.dumps(said).encode()))
)
def test_any_bytes_are_a_segment_or_the_one_error(payload: bytes) -> None:
    """Random bytes, random compressed bytes and random compressed JSON."""
    try:
        segment = decode_segment(payload)
    except SegmentBroken:
        return
    assert all(is_position(row[1]) for row in segment.rows)


@pytest.mark.rule("SNAP-5")
@given(segment=segments(), seed=st.integers(0, 2**32))
def test_a_damaged_segment_is_the_same_segment_or_the_one_error(segment: Segment, seed: int) -> None:
    """A flipped bit is found by the checksum, or lies where the format says nothing."""
    payload = bytearray(encode_segment(segment))
    flipped = random.Random(seed).randrange(len(payload) * 8)
    payload[flipped // 8] ^= 1 << flipped % 8
    try:
        assert decode_segment(bytes(payload)) == segment
    except SegmentBroken:
        return


@pytest.mark.rule("SNAP-9")
@given(cursor=st.text() | st.text("AZaz09-_", max_size=40) | WILD_JSON.map(json.dumps))
def test_any_text_is_a_cursor_or_refused(cursor: str) -> None:
    """Nothing else than the documented refusal comes out."""
    try:
        place = read_cursor(cursor, "position", (str, str))
    except QueryRefused:
        return
    assert write_cursor("position", place)
