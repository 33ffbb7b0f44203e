"""A cluster on disk: made whole or not at all, by the major version that opens it, with one order of text everywhere.

It is made in a staging folder and renamed when it is complete, so a folder with the cluster's name is never
half-made; a staging folder left behind by a crash is thrown away and made again.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.binaries import Binaries
from persistence.embedded.refusal import PostgresRefused, Reason

USER = "rowhouse"
DATABASE = "rowhouse"
_OUTPUT_CHARACTERS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """The places of one cluster below its home folder."""

    home: Path

    @property
    def folder(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket, closed to everybody but the server's account."""
        return self.home / "run"

    @property
    def log(self) -> Path:
        """What the server prints; the one of the run before has the suffix `.1`."""
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        """The file whose lock keeps a second server away from this cluster."""
        return self.home / "lock"

    @property
    def staging(self) -> Path:
        """The folder in which a cluster is made."""
        return self.home / "data.making"

    def password(self) -> str:
        """Read the password of the cluster's only user. Raises `PostgresRefused` before the cluster was made."""
        try:
            return (self.folder / "rowhouse.password").read_text(encoding="ascii")
        except FileNotFoundError:
            raise PostgresRefused(Reason.NOT_MADE_YET, f"There is no database in {self.home} yet.") from None


def prepare(cluster: Cluster, account: Account, binaries: Binaries, *, fsync: bool) -> None:
    """Make the cluster if there is none; refuse one that these binaries cannot open."""
    cluster.sockets.mkdir(mode=0o700, exist_ok=True)
    account.own(cluster.sockets)
    shutil.rmtree(cluster.staging, ignore_errors=True)
    if cluster.folder.exists() and not any(cluster.folder.iterdir()):
        cluster.folder.rmdir()
    if not cluster.folder.exists():
        _make(cluster, account, binaries, fsync=fsync)
    _check_major(cluster, binaries)


def _check_major(cluster: Cluster, binaries: Binaries) -> None:
    stamp = cluster.folder / "PG_VERSION"
    if not stamp.exists():
        raise PostgresRefused(
            Reason.FOLDER_FOREIGN,
            f"{cluster.folder} holds files but no PostgreSQL cluster. Move them away, or choose another folder "
            "with --data.",
        )
    major = stamp.read_text(encoding="ascii").strip()
    if major != str(binaries.major):
        raise PostgresRefused(
            Reason.MAJOR_DIFFERS,
            f"{cluster.folder} was made by PostgreSQL {major}, this is PostgreSQL {binaries.major}. Carry it over "
            f"with pg_upgrade, or export with the older version and import with this one; nothing was changed.",
        )


def _make(cluster: Cluster, account: Account, binaries: Binaries, *, fsync: bool) -> None:
    cluster.staging.mkdir(mode=0o700)
    account.own(cluster.staging)
    password_file = cluster.home / "password.making"
    password_file.touch(mode=0o600)
    account.own(password_file)
    password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    _run(account, _initdb(cluster, binaries, password_file, fsync=fsync))
    single: list[str | Path] = [
        binaries.postgres,
        "--single",
        *([] if fsync else ["-F"]),
        "-D",
        cluster.staging,
        "postgres",
    ]
    _run(account, single, stdin=f"CREATE DATABASE {DATABASE};\n")
    password_file.rename(cluster.staging / "rowhouse.password")
    if fsync:
        _sync(cluster.staging / "rowhouse.password")
        _sync(cluster.staging)
    cluster.staging.rename(cluster.folder)
    if fsync:
        _sync(cluster.home)


def _initdb(cluster: Cluster, binaries: Binaries, password_file: Path, *, fsync: bool) -> list[str | Path]:
    return [
        binaries.initdb,
        "--pgdata",
        cluster.staging,
        f"--username={USER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *([] if fsync else ["--no-sync"]),
    ]


def _run(account: Account, command: Sequence[str | Path], *, stdin: str = "") -> None:
    done = account.run(command, stdin=stdin)
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise PostgresRefused(
            Reason.SERVER_FAILED,
            f"{Path(command[0]).name} failed ({done.returncode}): {done.stderr[-_OUTPUT_CHARACTERS_MAX:].strip()}",
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
