"""The coverage-guided run against the decoders: atheris instruments `realtime.core` and keeps what reaches new code.

    python -m tests.fuzz.guided --seconds 60                   from the corpus of the repository; what is new is not kept
    python -m tests.fuzz.guided --seconds 60 --corpus folder   from a folder, which keeps what reaches new code
    python -m tests.fuzz.guided --minimise folder              the smallest inputs of a folder and of the corpus into the corpus

Needs Linux on x86-64: atheris has wheels for nothing else. A find stands in `crash-…` with the trace above it.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

CORPUS = Path(__file__).resolve().parent / "corpus"
INPUT_BYTES_MAX = 2_048
MERGED_SECONDS_MAX = 600
INNER = "--inner"
"""Before arguments that are libFuzzer's own: a merge starts this program again, through a shell."""


def main() -> None:
    """Read the options and give the rest to libFuzzer, which ends the process."""
    if sys.argv[1:2] == [INNER]:
        fuzz(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, help="end after so many inputs instead of --seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--minimise", type=Path)
    options = parser.parse_args()
    limits = [f"-max_len={INPUT_BYTES_MAX}", f"-seed={options.seed}", "-timeout=5", "-rss_limit_mb=512"]
    limits.append(f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds}")
    if options.minimise is not None:
        minimise(options.minimise)
    elif options.corpus is not None:
        fuzz([*limits, str(options.corpus)])
    else:
        with tempfile.TemporaryDirectory(prefix="rowhouse-fuzz-") as found:
            fuzz([*limits, found, str(CORPUS)])


def fuzz(arguments: list[str]) -> None:
    """Let libFuzzer run the decoders with these arguments."""
    with atheris.instrument_imports(include=["realtime.core"]):
        from tests.fuzz.decoding import exercise_frame, exercise_update  # noqa: PLC0415 - instrumented as it is imported

    def exercise(source: bytes) -> None:
        exercise_frame(source)
        exercise_update(source)

    atheris.Setup([f"{sys.executable} -m tests.fuzz.guided {INNER}", *arguments], exercise)
    atheris.Fuzz()


def minimise(found: Path) -> None:
    """Write the smallest inputs that reach all that `found` and the corpus reach, and the named seeds, into the corpus."""
    from tests.fuzz.seeds import seeds  # noqa: PLC0415 - the decoders must not be imported before they are instrumented

    with tempfile.TemporaryDirectory(prefix="rowhouse-fuzz-") as folder:
        least = Path(folder, "least")
        least.mkdir()
        command = [sys.executable, "-m", "tests.fuzz.guided", INNER, f"-max_len={INPUT_BYTES_MAX}", "-merge=1"]
        subprocess.run([*command, least, found, CORPUS], check=True, timeout=MERGED_SECONDS_MAX)
        kept = [path.read_bytes() for path in least.iterdir()]
    for old in CORPUS.glob("*.bin"):
        old.unlink()
    named = seeds()
    for name, source in named.items():
        (CORPUS / f"{name}.bin").write_bytes(source)
    for source in set(kept) - set(named.values()):
        (CORPUS / f"{hashlib.sha256(source).hexdigest()[:12]}.bin").write_bytes(source)


if __name__ == "__main__":
    main()
