"""Rowhouse from a fresh clone: `up` runs it, `test` runs every suite, `check` only lint, types and architecture.

Needs Python 3.11 and nothing else; uses only the standard library until the environment in `.venv` is there.
Stamps remember what was installed and built, so a second start installs and builds nothing.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCK = ROOT / "requirements.lock"
NODE_LOCK = ROOT / "requirements-node.lock"
SUITES = ROOT / "tests" / "suites.py"
CLIENT = ROOT / "client"
STOCK_CLIENTS = ROOT / "tests" / "e2e" / "stock"
DIST = CLIENT / "web" / "dist"
NODE_MIN = (20, 19)
ROWS_MAX = 1_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
GENERATED_FOLDERS = {"node_modules", "dist", "test-results", "coverage"}


SIMULATION = {
    "seeds": "how many seeds (default 2000)",
    "first": "the first seed (default 1)",
    "jobs": "how many processes (default: one per processor)",
    "seed": "play this one alone and print its trace",
}


class StepFailed(Exception):
    """A step of the set-up could not be done; the message says which and why."""


def main() -> int:
    """Set up what the command needs, then do it. Returns the exit status."""
    if sys.version_info < (3, 11) or os.name == "nt":
        print("Rowhouse needs Python 3.11 or later on Linux or macOS (Windows: use WSL).", file=sys.stderr)
        return 1
    arguments = parse_arguments()
    try:
        prepare_python()
        prepare_node()
        commands = {"up": up, "test": test, "check": check, "simulate": simulate}
        return commands[arguments.command](arguments)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="up | test | check | simulate")
    serve = commands.add_parser("up", help="run Rowhouse with its demo workspace")
    serve.add_argument("--port", type=int, help="the port to serve on (default 8000)")
    serve.add_argument("--data", help="the folder that holds the state")
    serve.add_argument("--rows", type=rows, help="how many properties the demo has (default 5000)")
    serve.add_argument("--no-demo", action="store_true", help="make no demo workspace")
    commands.add_parser("test", help="run every suite")
    commands.add_parser("check", help="run lint, types and architecture")
    play = commands.add_parser("simulate", help="simulate people, nodes, store and bus with every fault, from seeds")
    for name, said in SIMULATION.items():
        play.add_argument(f"--{name}", type=int, help=said)
    return parser.parse_args()


def rows(text: str) -> int:
    """Read a number of rows, before anything is built for it; `rowhouse up` has the same limits."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= ROWS_MAX:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number from 1 to {ROWS_MAX}: so many properties can a demo have"
        )
    return number


def up(arguments: argparse.Namespace) -> int:
    """Build the web client if it changed, then become `rowhouse up`."""
    build_client()
    given = [(f"--{name}", getattr(arguments, name)) for name in ("port", "data", "rows")]
    options = [part for name, value in given if value is not None for part in (name, str(value))]
    command = [str(BIN / "rowhouse"), "up", *options, *(["--no-demo"] if arguments.no_demo else [])]
    sys.stdout.flush()
    os.execve(command[0], command, environment())  # noqa: S606 - Ctrl-C is to reach the server itself


def test(_: argparse.Namespace) -> int:
    """Run every suite, the browser's included."""
    build_client()
    install_npm(STOCK_CLIENTS)
    browser = {"ROWHOUSE_CHROMIUM": find_chromium() or install_chromium()}
    return subprocess.run(
        [BIN / "python", SUITES, "all"], cwd=ROOT, env=environment() | browser, check=False
    ).returncode


def check(_: argparse.Namespace) -> int:
    """Run what needs neither a database nor a browser."""
    install_npm(CLIENT)
    return subprocess.run([BIN / "python", SUITES, "static"], cwd=ROOT, env=environment(), check=False).returncode


def simulate(arguments: argparse.Namespace) -> int:
    """Play seeds of the simulation; the exit status is 0 if none found a violation and every fault occurred."""
    given = [(f"--{name}", getattr(arguments, name)) for name in SIMULATION]
    options = [part for name, value in given if value is not None for part in (name, str(value))]
    command = [BIN / "python", "-m", "tests.simulation", *options]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def environment() -> dict[str, str]:
    """The variables of this process, inside the project's environment.

    Where Python may not keep what it has compiled, every start of a server compiles everything anew: two seconds each.
    """
    unwanted = {"PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    kept |= {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "VIRTUAL_ENV": str(VENV)}
    if "PIP_INDEX_URL" in kept:
        kept.setdefault("UV_DEFAULT_INDEX", kept["PIP_INDEX_URL"])
    return kept


def prepare_python() -> None:
    """Make `.venv` with what the lock file names, checked by hash, and the project itself as an editable package."""
    stamp, wanted = VENV / "rowhouse.stamp", digest([LOCK, ROOT / "pyproject.toml"])
    if read(stamp) == wanted:
        return
    say("Installing the Python packages of requirements.lock")
    if not (BIN / "python").exists():
        make_venv()
    if not (BIN / "uv").exists():
        install_uv()
    install = [str(BIN / "uv"), "pip", "install", "--quiet", "--python", str(BIN / "python")]
    run([*install, "--require-hashes", "--requirements", str(LOCK)])
    run([*install, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(wanted, encoding="ascii")


def make_venv() -> None:
    """Make the environment; Debian keeps the part that installs pip in a package of its own."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - only to learn whether it is there
    except ImportError:
        install_package(f"python3.{sys.version_info.minor}-venv")
    run([sys.executable, "-m", "venv", str(VENV)])


def install_uv() -> None:
    """Install the uv that the lock file names, checked by hash."""
    found = re.search(r"^uv==(?:.*\\\n)+.*\n", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise StepFailed("requirements.lock does not name uv.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as entry:
        entry.write(found.group())
        entry.flush()
        run([str(BIN / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", entry.name])


def prepare_node() -> None:
    """See to it that `node` and `npm` can be run: the system's if new enough, else those of a Python package."""
    if node_version() >= NODE_MIN and shutil.which("npm", path=environment()["PATH"]):
        return
    say("Installing Node of requirements-node.lock")
    install = [str(BIN / "uv"), "pip", "install", "--quiet", "--python", str(BIN / "python")]
    run([*install, "--require-hashes", "--requirements", str(NODE_LOCK)])


def node_version() -> tuple[int, ...]:
    """The version of `node` on the path, or nothing."""
    program = shutil.which("node", path=environment()["PATH"])
    if program is None:
        return ()
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", shown)[:2])


def install_npm(folder: Path) -> None:
    """Install the packages that the lock file in `folder` names, if it changed."""
    stamp = folder / "node_modules" / "rowhouse.stamp"
    wanted = digest([folder / "package-lock.json"])
    if read(stamp) != wanted:
        say(f"Installing the npm packages of {folder.relative_to(ROOT)}")
        run(["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder)])
        stamp.write_text(wanted, encoding="ascii")


def build_client() -> None:
    """Build the web client if any of its sources changed."""
    stamp, wanted = DIST / "rowhouse.stamp", digest(client_sources())
    if read(stamp) == wanted:
        return
    install_npm(CLIENT)
    say("Building the web client")
    run(["npm", "run", "build", "--prefix", str(CLIENT)])
    stamp.write_text(wanted, encoding="ascii")


def client_sources() -> list[Path]:
    """Every file that the build may depend on."""
    folders = os.walk(CLIENT)
    sources: list[Path] = []
    for folder, below, names in folders:
        below[:] = [name for name in below if name not in GENERATED_FOLDERS]
        sources += [Path(folder, name) for name in names if not name.endswith(".tsbuildinfo")]
    return sources


def find_chromium() -> str | None:
    """The browser on the path, or the one that Playwright keeps."""
    on_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if on_path is not None:
        return on_path
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
    shown = subprocess.run([str(BIN / "python"), "-c", ask], capture_output=True, text=True, check=False).stdout.strip()
    return shown if shown and Path(shown).exists() else None


def install_chromium() -> str:
    """Get a browser: the system's package where we may install one, else Playwright's own download."""
    try:
        install_package("chromium")
    except StepFailed as refused:
        say(f"{refused} Getting the browser of Playwright instead")
        run([str(BIN / "playwright"), "install", "chromium"])
    found = find_chromium()
    if found is None:
        raise StepFailed("The browser tests need Chromium, and it could not be installed.")
    return found


def install_package(name: str) -> None:
    """Install a package of Debian or Ubuntu, as root or with password-less sudo. Raises `StepFailed` elsewhere."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (sudo and subprocess.run([*sudo, "true"], check=False).returncode != 0):
        raise StepFailed(f"The package {name} cannot be installed from here.")
    say(f"Installing the package {name}")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    run([*sudo, *quiet, "update"])
    run([*sudo, *quiet, "install", "-y", "--no-install-recommends", name])


def run(command: list[str]) -> None:
    """Run a step of the set-up. Raises `StepFailed` when it fails."""
    try:
        subprocess.run(command, cwd=ROOT, env=environment(), check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StepFailed(f"This did not work: {' '.join(command)}\n{error}") from None


def digest(files: Iterable[Path]) -> str:
    """A hash over names and contents, and over the interpreter that the environment is made for."""
    summary = hashlib.sha256(f"{sys.version}{ROOT}".encode())
    for path in sorted(files):
        summary.update(f"\0{path.relative_to(ROOT)}\0".encode())
        summary.update(path.read_bytes())
    return summary.hexdigest()


def read(stamp: Path) -> str | None:
    """What a stamp remembers, if there is one."""
    return stamp.read_text(encoding="ascii") if stamp.exists() else None


def say(sentence: str) -> None:
    """Tell what takes time."""
    print(f"{sentence} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main())
