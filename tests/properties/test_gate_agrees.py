"""The gate against the independent oracle of `tests/oracle`, and against stock yjs in Node.

`ROWHOUSE_FUZZ_CASES` sets how many updates are judged (default 100,000), `ROWHOUSE_FUZZ_SEED` the first document, and
`ROWHOUSE_FUZZ_YJS_DOCUMENTS` how many documents of 100 updates have clients in yjs (default 100).
"""

import ast
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.core.reasons import Flaw, Reason
from tests.oracle import values
from tests.oracle.duel import CASES_PER_DOCUMENT
from tests.oracle.planted import PLANTS, updates_until_found
from tests.oracle.runs import judged, run_updates
from tests.oracle.stock import Stock
from tests.yjs_replicas import Node

CASES = int(os.environ.get("ROWHOUSE_FUZZ_CASES", "100000"))
SEED = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
YJS_DOCUMENTS = int(os.environ.get("ROWHOUSE_FUZZ_YJS_DOCUMENTS", "100"))
SECONDS_MAX = 900 + CASES // 100
TESTS = Path(__file__).resolve().parents[1]
ORACLE = ("expectation", "keys", "knowledge", "plain", "reading", "roots", "rules", "values", "writing")


@pytest.mark.rule("GATE-7", "GATE-8", "GATE-9", "GATE-20", "GATE-21", "GATE-30")
@pytest.mark.timeout(SECONDS_MAX)
def test_the_gate_says_what_the_oracle_says(record_property: Callable[[str, object], None]) -> None:
    """Verdict, refused keys with reasons, facts, every root: of honest, bent and hostile updates; all are well mixed."""
    tally = run_updates(CASES, SEED)
    record_property("outcomes", dict(tally.most_common()))
    total = judged(tally)
    assert total >= CASES
    unsound = {flaw: tally[f"unsound: {flaw.value}"] / total for flaw in Flaw}
    assert tally["taken"] > total * 0.15, tally
    assert tally["partly refused"] > total * 0.15, tally
    assert 0.2 * total < tally["refused"] < 0.5 * total, tally
    assert 0.08 < sum(unsound.values()) < 0.3, unsound
    assert min(unsound.values()) > 0.0005, unsound
    assert tally["written again"] > total * 0.002, tally
    never = {Reason.RATE}  # that one is the room's, not the gate's
    assert not [reason for reason in set(Reason) - never if tally[f"reason: {reason.value}"] < total * 0.002], tally


@pytest.mark.rule("GATE-8", "GATE-30", "GATE-31")
@pytest.mark.timeout(SECONDS_MAX)
def test_stock_yjs_clients_show_what_the_server_shows(record_property: Callable[[str, object], None]) -> None:
    """Who made an update, and who only receives: the same roots, the same clocks, nothing pending."""
    tally: Counter[str] = Counter()
    with Node("gated.mjs") as node:
        for seed in range(SEED, SEED + YJS_DOCUMENTS):
            tally += Stock(node).duel(seed)
    record_property("outcomes", dict(tally.most_common()))
    assert judged(tally) == YJS_DOCUMENTS * CASES_PER_DOCUMENT
    assert tally["author compared"] > judged(tally) * 0.7, tally


@pytest.mark.rule("GATE-30")
@pytest.mark.parametrize("bug", PLANTS)
def test_the_oracle_finds_a_planted_bug(bug: str) -> None:
    """A check that never fails proves nothing: each of these is found within a few thousand updates."""
    assert updates_until_found(bug, SEED) is not None


@pytest.mark.rule("GATE-30")
def test_the_oracle_is_independent() -> None:
    """What says how it must be reads nothing of the code that it judges."""
    imported = set()
    for module in ORACLE:
        tree = ast.parse((TESTS / "oracle" / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported |= {*names, *([node.module or ""] if isinstance(node, ast.ImportFrom) else [])}
    ours = {name for name in imported if name.split(".")[0] in {"api", "auth", "persistence", "realtime", "snapshots"}}
    assert ours == set()
    assert {name for name in imported if name.startswith("tests.")} <= {
        "tests.oracle",
        *(f"tests.oracle.{module}" for module in ORACLE),
    }


@pytest.mark.rule("GATE-30")
def test_the_oracle_reads_values_as_the_vectors_do() -> None:
    """Its own checks of values answer as the shared vectors want it; texts that no decoder lets through left out."""
    vectors = json.loads((TESTS / "vectors" / "values.json").read_text(encoding="utf-8"))
    options = {f"option:{option['id']}": {"label": option["label"], "pos": "a0"} for option in vectors["options"]}
    wrong = [
        case
        for case in vectors["cases"]
        if "value" in case and case["type"] not in values.SETS | values.COMPUTED and _is_text(case["value"])
        if values.cell({**options, **case}, case["value"], frozenset(vectors["members"])) != case["ok"]
    ]
    assert wrong == []


def _is_text(value: object) -> bool:
    """Tell whether a value holds no lone surrogate: those end at the decoder."""
    return not isinstance(value, str) or not any("\ud800" <= letter <= "\udfff" for letter in value)
