"""The decoders under the inputs of `tests/fuzz`: the corpus, a run with a seed, and a run that coverage guides."""

import os
import platform
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.limits import Limits
from realtime.core.owners import Owners
from realtime.core.reasons import Flaw, Unsound
from tests.fuzz.decoder import GROWTH_BYTES_MAX, run
from tests.fuzz.decoding import TAKEN, exercise_frame, exercise_update
from tests.fuzz.seeds import seeds
from tests.property_list import EDDA, EVERYBODY, NOW, first_batch

INPUTS = int(os.environ.get("ROWHOUSE_DECODER_INPUTS", "200000"))
SEED = int(os.environ.get("ROWHOUSE_FUZZ_SEED", "1"))
SECONDS, RUNS = 20, 200_000
ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
HAS_ATHERIS = sys.platform == "linux" and platform.machine() == "x86_64"
"""Where atheris has wheels; requirements.lock says the same."""


@pytest.mark.rule("GATE-32")
def test_the_corpus_meets_every_outcome() -> None:
    """Every input of the corpus is taken or has a flaw, and together they have every outcome of both decoders."""
    corpus = {path.stem: path.read_bytes() for path in CORPUS.glob("*.bin")}
    assert seeds().keys() <= corpus.keys()
    outcomes = {exercise(source) for source in corpus.values() for exercise in (exercise_update, exercise_frame)}
    assert outcomes == {TAKEN, *_flaws_of_decoders(), "SyncStep1", "Presence", "QueryPresence"}


def _flaws_of_decoders() -> set[str]:
    return {Flaw.MALFORMED.value, Flaw.CLOCK_GAP.value, Flaw.NESTED_TYPE.value}


@pytest.mark.rule("GATE-7", "GATE-32")
def test_the_corpus_meets_every_flaw_of_the_gate() -> None:
    """Judged whole, against a list: nothing but `Unsound` escapes, and each seed has the flaw that it is named after."""
    for path in CORPUS.glob("*.bin"):
        document = ListDocument(1)
        document.apply([first_batch().updates[0].update])
        draft = Draft(document, Owners({}, 10_000), frozenset(person.user_id for person in EVERYBODY), Limits())
        before = document.difference()
        named = re.match(r"flaw-(\w+)", path.stem)
        flaw = None
        try:
            draft.receive(EDDA, path.read_bytes(), NOW)
        except Unsound as error:
            flaw = error.flaw.value
        assert named is None or named[1] == flaw, path.stem
        assert flaw is None or document.difference() == before, path.stem


@pytest.mark.rule("GATE-32", "WIRE-2", "WIRE-3", "WIRE-4")
def test_whatever_comes_is_taken_or_has_a_flaw(record_property: Callable[[str, object], None]) -> None:
    """Noise, bent bytes and the grammar with lies in it; a good part is taken, and no memory is kept."""
    tally = run(INPUTS, SEED)
    record_property("outcomes", dict(tally.outcomes))
    taken: Counter[str] = Counter()
    for outcome, count in tally.outcomes.items():
        taken[outcome.partition(": ")[2]] += count
    assert taken[TAKEN] > INPUTS * 0.2, tally.outcomes
    assert taken["SyncStep1"] + taken["Presence"] > INPUTS * 0.02, tally.outcomes
    assert tally.grown_bytes < GROWTH_BYTES_MAX


def guided(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the guided fuzzer as the child of a shell.

    A program that takes over a process inherits the peak memory of whoever started that, and the fuzzer would take ours for its own.
    """
    command = ["/bin/sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-m", "tests.fuzz.guided", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


if HAS_ATHERIS:

    @pytest.mark.rule("GATE-32")
    def test_coverage_guides_a_run_into_the_decoders(tmp_path: Path) -> None:
        """From nothing: the core is instrumented, what reaches new code is kept, and so valid updates are found."""
        ran = guided("--runs", str(RUNS), "--corpus", str(tmp_path))
        assert ran.returncode == 0, ran.stderr[-4000:]
        assert {"realtime.core.update", "realtime.core.codec", "realtime.core.messages"} <= set(
            re.findall(r"Instrumenting (\S+)", ran.stderr)
        )
        covered = [int(edges) for edges in re.findall(r"\bcov: (\d+)", ran.stderr)]
        assert covered[-1] > 2 * covered[0], ran.stderr[-4000:]
        found = [exercise_update(path.read_bytes()) for path in tmp_path.iterdir()]
        assert found.count(TAKEN) > 5
        assert {*found} >= {TAKEN, *_flaws_of_decoders()}

    @pytest.mark.rule("GATE-32")
    def test_a_guided_run_from_the_corpus_finds_nothing() -> None:
        """A short run, on top of all that is known."""
        ran = guided("--seconds", str(SECONDS), "--seed", str(SEED))
        assert ran.returncode == 0, ran.stderr[-4000:]
