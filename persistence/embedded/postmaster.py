"""A running postmaster: how it is started, how it says that it is ready, how it ends, and what a crash leaves behind.

The process is started by a thread that lives as long as it does, because Linux sends the parent-death signal
when the starting *thread* ends, not the process.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.refusal import PostgresRefused, Reason

TRAMPOLINE = Path(__file__).with_name("trampoline.py")
_POLL_SECONDS = 0.01
_READY_SECONDS_MAX = 300.0
_STOP_SECONDS_MAX = 20.0
_LOG_CHARACTERS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of `postmaster.pid` that matter here."""

    pid: int
    port: int
    ready: bool

    @classmethod
    def read(cls, cluster_folder: Path) -> "PidFile | None":
        """Read the file; `None` when there is none or it is not complete."""
        try:
            lines = (cluster_folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
            return cls(abs(int(lines[0])), int(lines[3]), len(lines) > 7 and lines[7].strip() == "ready")  # noqa: PLR2004 - line 8 of PostgreSQL's lock file
        except (FileNotFoundError, IndexError, ValueError):
            return None


class Postmaster:
    """One server process of ours, from start to end."""

    def __init__(self, command: Sequence[str | Path], account: Account, log: Path) -> None:
        """Start `command` as `account` in a session of its own, its output going to `log`."""
        self._started: Future[subprocess.Popen[bytes]] = Future()
        self._log = log
        self._keeper = threading.Thread(
            target=self._keep, args=([str(part) for part in command], account), name="postgres", daemon=True
        )
        self._keeper.start()
        self._process = self._started.result()

    @property
    def pid(self) -> int:
        """The process id of the postmaster; it leads its own process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._keeper.is_alive()

    def wait_until_ready(self, cluster_folder: Path, abandoned: threading.Event | None = None) -> None:
        """Return when the server takes connections, or nobody waits for it any more.

        Raises `PostgresRefused` if it ends or takes too long.
        """
        deadline = time.monotonic() + _READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if abandoned is not None and abandoned.is_set():
                return
            seen = PidFile.read(cluster_folder)
            if seen is not None and seen.pid == self.pid and seen.ready:
                return
            self._keeper.join(_POLL_SECONDS)
            if not self.alive:
                break
        raise PostgresRefused(Reason.SERVER_FAILED, f"PostgreSQL did not start. Its last words:\n{self._last_words()}")

    def stop(self) -> None:
        """End the server: clients are cut off, then at the latest after some seconds it is told to drop everything.

        SIGTERM would wait for the clients to leave.
        """
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(number)
            self._keeper.join(_STOP_SECONDS_MAX)
            if not self.alive:
                return

    def _keep(self, command: list[str], account: Account) -> None:
        uid, gid = (account.uid, account.gid) if account.switched else (-1, -1)
        prefix = [sys.executable, "-I", "-S", str(TRAMPOLINE), str(uid), str(gid), str(os.getpid())]
        try:
            with self._log.open("wb") as log:
                process = subprocess.Popen(  # noqa: S603 - our own binaries
                    [*prefix, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                    start_new_session=True,
                )
        except OSError as error:
            self._started.set_exception(error)
            return
        self._started.set_result(process)
        process.wait()

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-_LOG_CHARACTERS_MAX:].strip()


def clear_left_over(cluster_folder: Path, sockets: Path) -> None:
    """End what a killed server left running on this cluster, so that a new postmaster can start.

    The caller holds the cluster's lock: whoever is still at work here has lost its parent. A `postmaster.pid`
    that is cut short, or whose number now belongs to some other program, is removed, and so are the locks of its sockets.
    """
    file = cluster_folder / "postmaster.pid"
    left = PidFile.read(cluster_folder)
    postmaster = left.pid if left is not None else None
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        at_work = _processes_in(cluster_folder, postmaster)
        if not at_work:
            break
        _signal([postmaster] if postmaster in at_work else at_work, number)
        _wait_for_end(cluster_folder, postmaster)
    if postmaster is None or _exists(postmaster):
        file.unlink(missing_ok=True)
    for lock in sockets.glob(
        ".s.PGSQL.*.lock"
    ):  # it may name yet another one: a postmaster that was killed before it wrote its own
        lock.unlink(missing_ok=True)


def _processes_in(cluster_folder: Path, postmaster: int | None) -> list[int]:
    """Return the server processes of a cluster: each has the cluster's folder as its working folder."""
    if not Path("/proc/self/cwd").exists():
        if postmaster is None:
            return []
        shown = subprocess.run(  # noqa: S603 - a number of ours
            ["/bin/ps", "-o", "command=", "-p", str(postmaster)], capture_output=True, text=True, check=False
        ).stdout
        return [postmaster] if "postgres" in shown else []
    folder = str(cluster_folder.resolve())
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _cwd(entry) == folder]


def _cwd(process: Path) -> str | None:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return None


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _wait_for_end(cluster_folder: Path, postmaster: int | None) -> None:
    deadline = time.monotonic() + _STOP_SECONDS_MAX
    while _processes_in(cluster_folder, postmaster) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
