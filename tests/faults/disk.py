"""A small file system of its own, for a data folder that is to run out of space. It needs the right to mount (CAP_SYS_ADMIN)."""

import errno
import subprocess
from pathlib import Path

_BALLAST = "ballast"
_PIECES_BYTES = (1 << 20, 1 << 12)


class SmallDisk:
    """A tmpfs of `size_bytes` at `folder`."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0755", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"a disk cannot be filled without the right to mount one: {done.stderr.strip()}"

    def fill(self) -> None:
        """Leave not one block free."""
        with (self.folder / _BALLAST).open("ab", buffering=0) as ballast:
            for size in _PIECES_BYTES:  # what is on it takes space meanwhile, so that none is asked for at once
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """Give the space back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmount it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self.folder.rmdir()
