"""Every benchmark of ours, one after another, each in a process of its own; under ten minutes on an idle machine. The two long ones by name.

python -m benchmarks
python -m benchmarks peers
python -m benchmarks soak
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ("commit", "gate", "watch", "live", "flood")
LONG = ("peers", "soak")


def main() -> int:
    """Run them all, or the long one that is named; the exit status is 0 only if every one came to its end."""
    if sys.argv[1:2] and sys.argv[1] in LONG:
        named = [sys.executable, "-m", f"benchmarks.{sys.argv[1]}", *sys.argv[2:]]
        return subprocess.run(named, cwd=ROOT, check=False).returncode
    failed = []
    for name in BENCHMARKS:
        begun = time.monotonic()
        print(f"\n## {name}\n", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
        print(f"({time.monotonic() - begun:.0f} s)", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
