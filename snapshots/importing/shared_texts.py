"""The texts that a workbook's cells share, kept in a temporary file: a workbook of a million texts costs little memory."""

import mmap
import tempfile
import weakref
from array import array

from snapshots.importing.refusals import FileReason, FileRefused


class SharedTexts:
    """Texts by number, in the order in which they were added; the file ends with the object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - the finalizer closes it
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])
        self._bytes: mmap.mmap | bytes = b""

    def add(self, text: str) -> None:
        """Keep the next text."""
        written = self._file.write(text.encode("utf-8", "surrogatepass"))
        self._ends.append(self._ends[-1] + written)

    def finish(self) -> None:
        """All are added: from now on they are read."""
        self._file.flush()
        if self._ends[-1]:
            self._bytes = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def get(self, number: int) -> str:
        """The text with this number, from 0. Raises `FileRefused` if there is none."""
        if not 0 <= number < len(self._ends) - 1:
            raise FileRefused(FileReason.BROKEN, "A cell of the workbook names a text that is not there. Save it anew.")
        start, end = self._ends[number], self._ends[number + 1]
        return self._bytes[start:end].decode("utf-8", "surrogatepass")
