"""Every benchmark of ours, one after another, each in a process of its own; under ten minutes on an idle machine.

    python -m benchmarks
    python -m benchmarks peers --only idle

Any of them by its name, with its own options; some only so.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ("commit", "gate", "watch", "live", "flood")
BY_NAME = ("browser", "bulk", "conversions", "exports", "folding", "imports", "knocks", "paste", "peers", "soak")


def main() -> int:
    """Run them all, or the one that is named; the exit status is 0 only if every one came to its end."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", nargs="?", choices=[*BENCHMARKS, *BY_NAME], help="without a name: the first five")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="what goes to the one that is named")
    chosen = parser.parse_args()
    if chosen.name is not None:
        return _run(chosen.name, chosen.options)
    failed = []
    for name in BENCHMARKS:
        begun = time.monotonic()
        print(f"\n## {name}\n", flush=True)
        if _run(name, []) != 0:
            failed.append(name)
        print(f"({time.monotonic() - begun:.0f} s)", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, options: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
