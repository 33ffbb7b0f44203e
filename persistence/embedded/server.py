"""The embedded PostgreSQL as its callers see it: a state folder, `start` gives an address, `stop` ends it.

Invariants:
1. At most one server runs on a folder: the lock is taken before anything is looked at, and held until the end.
2. A cluster is seen whole or not at all, and never opened by another major version.
3. The server ends with this process, however this process ends; what survives is stopped by the next start.
4. Nobody but the holder of the password in the state folder can connect.
"""

import fcntl
import os
import socket
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from persistence.embedded.account import Account, account_for
from persistence.embedded.binaries import Binaries, binaries_for
from persistence.embedded.cluster import DATABASE, USER, Cluster, prepare
from persistence.embedded.postmaster import PidFile, Postmaster, clear_left_over
from persistence.embedded.refusal import PostgresRefused, Reason

_SOCKET_PATH_BYTES_MAX = 103
_SOCKET_PORT = 5432
_CONNECTIONS_MAX = 200


class EmbeddedPostgres:
    """A PostgreSQL server of our own in `state_dir/postgres`.

    With `fsync=False` a crash of the machine may lose everything: only for clusters that are thrown away.
    """

    def __init__(self, state_dir: Path, *, fsync: bool = True) -> None:
        self._cluster = Cluster(state_dir.expanduser().absolute() / "postgres")
        self._fsync = fsync
        self._lock: int | None = None
        self._postmaster: Postmaster | None = None
        self._port: int | None = None

    def start(self) -> str:
        """Start the server, making the cluster at the first start, and return its address for asyncpg and psql.

        Blocks for about a second at the first start and a tenth of it later. Raises `PostgresRefused`.
        """
        assert self._postmaster is None, "started twice"
        if sys.platform == "win32":
            raise PostgresRefused(Reason.PLATFORM, "There is no embedded PostgreSQL on Windows: set DATABASE_URL.")
        account = self._open_home()
        self._lock = _take_lock(self._cluster.lock)
        try:
            binaries = binaries_for(account, self._cluster.home)
            prepare(self._cluster, account, binaries, fsync=self._fsync)
            clear_left_over(self._cluster.folder, self._cluster.sockets)
            self._launch(account, binaries)
        except BaseException:  # whatever happened, a failed start leaves neither a server nor a lock behind
            self.stop()
            raise
        return self.dsn

    def start_again(self, abandoned: threading.Event) -> None:
        """Start the server at the same address after its process has ended; returns early once `abandoned` is set.

        Raises `PostgresRefused`.
        """
        assert self._lock is not None, "started before"
        account = account_for(self._cluster.folder)
        clear_left_over(self._cluster.folder, self._cluster.sockets)
        self._launch(account, binaries_for(account, self._cluster.home), abandoned)

    def stop(self) -> None:
        """Stop the server and let go of the folder. Does nothing when it does not run."""
        if self._postmaster is not None:
            self._postmaster.stop()
            self._postmaster = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def dsn(self) -> str:
        """The address, `postgresql://…`, also of a server that another process runs on this folder.

        Raises `PostgresRefused` when there is no cluster yet, or none runs that listens on a port.
        """
        password = quote(self._cluster.password(), safe="")
        if self._socket_fits:
            place = quote(str(self._cluster.sockets), safe="")
            return f"postgresql://{USER}:{password}@/{DATABASE}?host={place}&port={_SOCKET_PORT}"
        running = PidFile.read(self._cluster.folder)
        if running is None:
            raise PostgresRefused(Reason.NOT_MADE_YET, f"No PostgreSQL runs on {self._cluster.home}.")
        return f"postgresql://{USER}:{password}@127.0.0.1:{running.port}/{DATABASE}"

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, which leads its own process group; `None` when it does not run."""
        return self._postmaster.pid if self._postmaster is not None and self._postmaster.alive else None

    def __enter__(self) -> Self:
        """Start the server; its address is in `dsn`."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()

    @property
    def _socket_fits(self) -> bool:
        return len(os.fsencode(self._cluster.sockets / f".s.PGSQL.{_SOCKET_PORT}")) <= _SOCKET_PATH_BYTES_MAX

    def _open_home(self) -> Account:
        """Make the home folder and return the account for it, which must be able to reach it."""
        home = self._cluster.home
        home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        account = account_for(self._cluster.folder)
        try:
            home.mkdir(mode=0o755, exist_ok=True)
        except PermissionError:
            raise PostgresRefused(Reason.FOLDER_CLOSED, f"{home.parent} cannot be written to.") from None
        if not account.can_enter(home):
            raise PostgresRefused(
                Reason.FOLDER_CLOSED,
                f"PostgreSQL runs as the account `{account.name}`, which cannot reach {home}: a folder above it is "
                "closed. Choose another folder with --data or ROWHOUSE_DATA, or run Rowhouse as a normal user.",
            )
        return account

    def _launch(self, account: Account, binaries: Binaries, abandoned: threading.Event | None = None) -> None:
        if self._cluster.log.exists():
            self._cluster.log.replace(self._cluster.log.with_suffix(".log.1"))
        command: list[str | Path] = [binaries.postgres, "-D", self._cluster.folder, *self._options()]
        self._postmaster = Postmaster(command, account, self._cluster.log)
        self._postmaster.wait_until_ready(self._cluster.folder, abandoned)

    def _options(self) -> list[str]:
        """Settings are given here, not in the cluster's files, so that every version of Rowhouse sets its own."""
        settings = {"max_connections": str(_CONNECTIONS_MAX), "timezone": "UTC", "log_timezone": "UTC"}
        settings["log_error_verbosity"] = "terse"  # details quote the values that did not fit
        if self._socket_fits:
            settings |= {
                "listen_addresses": "",
                "port": str(_SOCKET_PORT),
                "unix_socket_directories": str(self._cluster.sockets),
                "unix_socket_permissions": "0700",
            }
        else:
            self._port = self._port or _free_port()
            settings |= {"listen_addresses": "127.0.0.1", "port": str(self._port), "unix_socket_directories": ""}
        if not self._fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _take_lock(path: Path) -> int:
    """Lock the file at `path` for this process until its descriptor is closed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise PostgresRefused(
            Reason.FOLDER_OCCUPIED,
            f"Another Rowhouse already runs on {path.parent}. Stop it, or choose another folder with --data.",
        ) from None
    return descriptor


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
