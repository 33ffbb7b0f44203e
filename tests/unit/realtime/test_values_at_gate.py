"""Every type of column at the gate: what a client writes into a cell, byte by byte, and what becomes of it.

The values are those of the shared vectors (`tests/vectors/values.json`), each as an update of its own; beside them
stand encodings that no JSON text can say.
"""

import json
import struct
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Json, Source
from realtime.core import codec
from realtime.core.document import ListDocument
from realtime.core.draft import Draft, Entry
from realtime.core.limits import Limits
from realtime.core.new_list import new_list
from realtime.core.owners import Owners
from realtime.core.reasons import Reason, Unsound
from realtime.core.writes import AddRow
from snapshots.column_types import COMPUTED_TYPES, SET_VALUED_TYPES
from snapshots.columns import ColumnType
from tests.list_columns import column, column_id
from tests.property_list import NOW, item, update_of

FILE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "values.json").read_text(encoding="ascii"))
CASES: list[dict[str, Any]] = FILE["cases"]
EDITOR = Principal("user-edit-000001", "Edit", Role.EDITOR, 1)
ROW = "row-1-0000000000"
PLACEHOLDER = "put the value here"
DEEP = b"\x75\x01" * 40 + b"\x7e"
# name -> (the value in lib0's encoding, whether the update may be read at all)
ENCODINGS: dict[str, tuple[bytes, bool]] = {
    "minus zero": (b"\x7d\x40", True),
    "minus zero as a double": (b"\x7b" + struct.pack(">d", -0.0), True),
    "a single": (b"\x7c" + struct.pack(">f", 0.5), True),
    "beyond 2^53": (b"\x7b" + struct.pack(">d", 2.0**53), True),
    "not a number": (b"\x7b" + struct.pack(">d", float("nan")), False),
    "infinity": (b"\x7b" + struct.pack(">d", float("-inf")), False),
    "not a number as a single": (b"\x7c" + struct.pack(">f", float("nan")), False),
    "a big integer": (b"\x7a" + (2**63 - 1).to_bytes(8, "big"), False),
    "undefined": (b"\x7f", False),
    "a lone surrogate": (b"\x77\x03\xed\xa0\x80", False),
    "an overlong NUL": (b"\x77\x02\xc0\x80", False),
    "a long integer": (b"\x7d\x80\x00", False),
    "bytes": (b"\x74\x01x", False),
    "deep nesting": (DEEP, False),
    "a reserved name": (b"\x76\x01" + codec.string("__proto__") + b"\x7e", True),
    "a name twice": (b"\x76\x02" + (codec.string("line1") + b"\x77\x01a") * 2, True),
}


@pytest.fixture
def draft() -> Draft:
    """A list with a column of every type and one row."""
    columns = [column(kind) for kind in ColumnType]
    batch = new_list("list-values01", "Values", columns, {}, actor=EDITOR.user_id, now=NOW, batch_id=UUID(int=1))
    document = ListDocument(1)
    document.apply([batch.updates[0].update])
    made = Draft(document, Owners({}, 10_000), frozenset([*FILE["members"], EDITOR.user_id]), Limits())
    made.write(EDITOR, Source.API, [AddRow(ROW)], NOW)
    return made


@pytest.fixture
def clients() -> Iterator[int]:
    """Client ids, each higher than the last: of two first writes of a key the higher one's stands."""
    return count(10_000)


def attempts(kind: ColumnType, value: Json) -> list[tuple[str, Json]]:
    """The keys by which a client says that a cell holds `value`: one for the cell, or one for each element of a set."""
    column = column_id(kind)
    if kind in SET_VALUED_TYPES and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return [(f"e:{ROW}:{column}:{part}", True) for part in value]
    return [(f"c:{ROW}:{column}", value)]


def send(draft: Draft, client: int, key: str, encoded: bytes) -> Entry:
    """A client writes a value, whatever its bytes, with one item; raises `Unsound`."""
    update = update_of(item(client, 0, PLACEHOLDER, key))
    entry = draft.receive(EDITOR, update.replace(codec.any_value(PLACEHOLDER), encoded), NOW)
    assert entry is not None
    return entry


def reason_of(draft: Draft, client: int, key: str, encoded: bytes) -> Reason | None:
    """Why the gate refuses it; what it refuses stands neither in the document nor in what is committed."""
    path = f"overlays/1/{key}"
    before = draft.read(path)
    entry = send(draft, client, key, encoded)
    if not entry.refusals:
        return None
    assert draft.read(path) == before
    assert entry.facts == []
    assert len(encoded) < 8 or encoded not in (entry.emitted or b"")
    return entry.refusals[0].reason


def plain_cases() -> list[dict[str, Any]]:
    """The vectors without a configuration of their own, and without texts that UTF-8 cannot say."""
    return [case for case in CASES if "config" not in case and _sayable(case)]


def _sayable(case: dict[str, Any]) -> bool:
    try:
        json.dumps(case, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.rule("GATE-34")
@pytest.mark.parametrize("kind", list(ColumnType))
def test_every_type_has_values(kind: ColumnType) -> None:
    """A new type of column needs values that it takes and values that it refuses."""
    said = {case["ok"] for case in plain_cases() if case["type"] == kind}
    assert said == ({False} if kind in COMPUTED_TYPES else {True, False})


@pytest.mark.rule("GATE-34", "GATE-12")
@pytest.mark.parametrize("case", plain_cases(), ids=lambda case: json.dumps(case)[:60])
def test_the_gate_judges_every_value_as_its_type_says(
    draft: Draft, clients: Iterator[int], case: dict[str, Any]
) -> None:
    """Type, range, length, option, person, scheme, date: as the vectors state it, and as the client checks it."""
    kind = ColumnType(case["type"])
    character, times = case.get("repeat", ("", 0))
    value = case["value"] if "value" in case else character * times
    if kind in SET_VALUED_TYPES and value is None:
        value = []  # a set is cleared element by element
    reasons: list[Reason | None] = []
    for key, said in attempts(kind, value):
        try:
            reasons.append(reason_of(draft, next(clients), key, codec.any_value(said)))
        except Unsound:
            reasons.append(Reason.INVALID_VALUE)  # no element has such an id: the key itself is none
    refusal = Reason.COMPUTED_COLUMN if kind in COMPUTED_TYPES else Reason.INVALID_VALUE
    assert set(reasons) == (set() if value == [] and case["ok"] else {None if case["ok"] else refusal})


@pytest.mark.rule("GATE-34")
@pytest.mark.parametrize("kind", list(ColumnType))
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_what_json_cannot_say_goes_into_no_cell(
    draft: Draft, clients: Iterator[int], kind: ColumnType, name: str
) -> None:
    """Not a number, infinities, integers beyond 2^53, surrogates, bytes, reserved names: unsound, or refused by every type."""
    encoded, sound = ENCODINGS[name]
    ((key, _),) = attempts(kind, PLACEHOLDER)
    if not sound:
        with pytest.raises(Unsound):
            send(draft, next(clients), key, encoded)
        return
    numbers = {ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.CURRENCY, ColumnType.DURATION}
    zeros = numbers | {ColumnType.RATING}
    taken = {"a single": numbers, "minus zero": zeros, "minus zero as a double": zeros}.get(name, set())
    assert (reason_of(draft, next(clients), key, encoded) is None) is (kind in taken)
    if kind in taken and name.startswith("minus"):
        assert json.dumps(draft.read(f"overlays/1/{key}")) == "0"


@pytest.mark.rule("GATE-34")
@pytest.mark.parametrize("kind", sorted(SET_VALUED_TYPES))
@pytest.mark.parametrize("mark", [1, 0, None, "true", [], {}, [True]])
def test_an_element_is_true_or_false(draft: Draft, clients: Iterator[int], kind: ColumnType, mark: Json) -> None:
    """For each set-valued type, of an element that the type takes."""
    taken = next(case["value"] for case in CASES if case["type"] == kind and case["ok"] and case["value"])
    key = f"e:{ROW}:{column_id(kind)}:{taken[0]}"
    assert reason_of(draft, next(clients), key, codec.any_value(mark)) is Reason.INVALID_VALUE
    assert reason_of(draft, next(clients), key, codec.any_value(value=False)) is None
