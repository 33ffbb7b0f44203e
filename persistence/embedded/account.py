"""The system account that PostgreSQL runs as.

PostgreSQL refuses to run as root. Then an account without rights takes its place: the owner of an existing
cluster, else `postgres`, else `nobody`. Nothing is added to the system.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.refusal import PostgresRefused, Reason

_STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account; `switched` tells whether it is another one than that of this process."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run(self, command: Sequence[str | Path], *, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a short command as this account and return its output, whatever its exit status.

        Raises `PermissionError` when the account may not execute the program.
        """
        arguments = [str(part) for part in command]
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if not self.switched:
            return subprocess.run(  # noqa: S603 - our own binaries
                arguments, input=stdin, capture_output=True, text=True, check=False, cwd="/", env=environment
            )
        return subprocess.run(  # noqa: S603 - our own binaries
            arguments,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=environment,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )

    def own(self, path: Path) -> None:
        """Give `path` to this account."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account can reach `folder`. Only a child can tell: rights of root do not count."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0


def account_for(cluster: Path) -> Account:
    """Choose the account for the cluster in the folder `cluster`, which need not exist yet.

    Raises `PostgresRefused` when the cluster belongs to somebody this process cannot act as.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise PostgresRefused(
                Reason.FOLDER_FOREIGN,
                f"{cluster} belongs to another system account (uid {owner}). Run Rowhouse as that account, "
                "or choose another folder with --data.",
            )
        return Account(_name_of(os.geteuid()), os.geteuid(), os.getegid(), switched=False)
    if owner:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)
    return _stand_in()


def default_state_dir() -> Path:
    """Return the folder that holds the state when no other is asked for: `$XDG_STATE_HOME/rowhouse`.

    Root's home is closed to the account that PostgreSQL runs as, so root's state is in `/var/lib/rowhouse`.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/rowhouse")
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "rowhouse"


def copy_readable(source: Path, target: Path) -> None:
    """Copy a folder so that every account can read it and execute what was executable."""
    shutil.copytree(source, target, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))


def _stand_in() -> Account:
    for name in _STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switched=True)
    raise PostgresRefused(
        Reason.PLATFORM,
        "PostgreSQL does not run as root, and this system has neither an account `postgres` nor `nobody`. "
        "Run Rowhouse as a normal user, or set DATABASE_URL.",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
