"""What runs between us and the postmaster: give up root, ask to be told when the parent dies, become PostgreSQL.

It is run as a script in a process of its own, because none of this is safe between fork and exec of a process
with threads. The order matters: Linux forgets the parent-death signal when the account changes.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become `program` as `uid` and `gid` (-1 = as we are), interrupted when the process `parent` ends."""
    uid, gid, parent = (int(argument) for argument in arguments[:3])
    program = arguments[3:]
    library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if library is not None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGINT.value, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    os.umask(0o077)
    os.execv(program[0], program)  # noqa: S606 - the point of this script


if __name__ == "__main__":
    main(sys.argv[1:])
