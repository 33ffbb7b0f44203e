"""The parts of a workbook: a zip archive that is looked over before anything is unpacked, and XML without surprises."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from snapshots.importing.refusals import FileReason, FileRefused
from snapshots.importing.tables import Limits

_CHUNK_BYTES: Final = 64 * 1024
_DIRECTORY_BYTES_MAX: Final = 4 * 1024 * 1024
_RATIO_FROM_BYTES: Final = 16 * 1024 * 1024
_TOKEN_BYTES_MAX: Final = 1024 * 1024
_NAMES_MAX: Final = 2_000
_DEPTH_MAX: Final = 64
_ENCRYPTED: Final = 1
_KNOWN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = "The workbook is damaged. Open it in a spreadsheet, save it as .xlsx and bring it again."

Attributes = dict[str, str]


class Archive:
    """The parts of a workbook by name. Raises `FileRefused` for archives that are damaged, encrypted or bombs."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._file = _Bounded(path)
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._entries = _looked_over(self._zip.infolist(), path.stat().st_size, limits)
        except FileRefused:
            self._file.close()
            raise
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self._file.close()
            raise FileRefused(FileReason.BROKEN, _BROKEN) from error

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The unpacked bytes of a part, never more than its directory entry says."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise FileRefused(FileReason.BROKEN, _BROKEN)
        if entry.flag_bits & _ENCRYPTED:
            raise FileRefused(FileReason.NOT_A_TABLE, "The workbook has a password. Save it without one.")
        if entry.compress_type not in _KNOWN:
            raise FileRefused(FileReason.HOSTILE, _BROKEN)
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK_BYTES):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
            raise FileRefused(FileReason.BROKEN, _BROKEN) from error


def _looked_over(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, if they are few and small enough, and none is there twice."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.entries_max or unpacked > limits.unpacked_bytes_max:
        most = limits.unpacked_bytes_max // 1024**2
        sentence = f"The workbook unpacks to more than {most} MB, or too many parts. Save the table as CSV."
        raise FileRefused(FileReason.TOO_LARGE, sentence)
    if unpacked > max(_RATIO_FROM_BYTES, packed * limits.ratio_max):
        sentence = "The workbook unpacks to far more than it holds. Save the table alone in a new workbook, or as CSV."
        raise FileRefused(FileReason.HOSTILE, sentence)
    named = {entry.filename.lstrip("/").lower(): entry for entry in entries}
    if len(named) != len(entries):
        raise FileRefused(FileReason.HOSTILE, f"A part stands in the workbook twice. {_BROKEN}")
    return named


class XmlReader:
    """Feeds a part to expat piece by piece: no document type, no deep nesting, few names, no endless tag.

    `start` and `end` are called with the names of elements without their namespaces, `text` with what stands between.
    """

    def __init__(
        self, start: Callable[[str, Attributes], None], end: Callable[[str], None], text: Callable[[str], None]
    ) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser.CharacterDataHandler = text
        self._depth = 0
        self._start, self._end = start, end
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._fed = 0
        self._names = _LocalNames()

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Read on. Raises `FileRefused`."""
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, UnicodeError, LookupError) as error:
            raise FileRefused(FileReason.BROKEN, _BROKEN) from error
        self._fed += len(chunk)
        held = self._fed - max(0, self._parser.CurrentByteIndex)
        if held > _TOKEN_BYTES_MAX or len(self._parser.intern) > _NAMES_MAX:
            raise FileRefused(FileReason.HOSTILE, _BROKEN)

    def _open(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise FileRefused(FileReason.HOSTILE, _BROKEN)
        self._start(self._names[name], attributes)

    def _close(self, name: str) -> None:
        self._depth -= 1
        self._end(self._names[name])


class _LocalNames(dict[str, str]):
    """The names of elements without their namespaces, by what expat calls them."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(" ")[2]
        return local


class _Bounded(io.FileIO):
    """A file that never gives more at once than the directory of an honest workbook takes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            here = self.tell()
            size = self.seek(0, io.SEEK_END) - here
            self.seek(here)
        if size > _DIRECTORY_BYTES_MAX:
            raise FileRefused(FileReason.HOSTILE, f"The workbook has too many parts. {_BROKEN}")
        return super().read(size)


def _refuse_document_type(*_: object) -> None:
    sentence = "The workbook declares a document type, which no spreadsheet does. Save it anew as .xlsx."
    raise FileRefused(FileReason.HOSTILE, sentence)
