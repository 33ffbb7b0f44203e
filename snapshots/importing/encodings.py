"""The encoding of a text file: its mark, its NULs, whether all of it is UTF-8, and else the likeliest old code page."""

import codecs
import re
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from snapshots.importing.refusals import FileReason, FileRefused

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES: Final = (
    *("cp1252", "iso8859_15", "mac_roman", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp850", "cp1253", "cp1254"),
    *("cp1255", "cp1256", "cp1257", "shift_jis", "gb18030", "big5", "euc_kr"),
)
_CHUNK_BYTES: Final = 1024 * 1024
_HEAD_BYTES: Final = 4096
_SAMPLE_BYTES: Final = 64 * 1024
_CHAOS: Final = 0.01
_COHERENCE: Final = 0.05
_CONTROL: Final = re.compile(rb"[\x80-\x9f]")
_OLD_MAC: Final = re.compile(rb"\r(?!\n)")
_STRAY: Final = 20
_STRAY_MIN: Final = 10


def find_encoding(path: Path) -> str:
    """The name of the codec to read the file with; reads all of it, in constant memory."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        return _wide(head)
    sound, broken, sample = _weigh(path)
    if not broken or (sound >= _STRAY_MIN and sound > broken * _STRAY):
        return "utf-8"  # a few stray bytes are reported with their cells
    return _likeliest(sample)


def check_encoding(encoding: str) -> str:
    """The codec's own name. Raises `FileRefused` for what is no encoding of texts."""
    try:
        found = codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise FileRefused(FileReason.WRONG_CHOICE, f"There is no encoding {encoding!r}; choose another.") from error
    return found.name


def _wide(head: bytes) -> str:
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 4
    if odd > half and not even:
        return "utf-16-le"
    if even > half and not odd:
        return "utf-16-be"
    sentence = "This is neither text nor a workbook. Save it as CSV (UTF-8) or as an Excel workbook (.xlsx)."
    raise FileRefused(FileReason.NOT_A_TABLE, sentence)


def _weigh(path: Path) -> tuple[int, int, bytes]:
    """How many lines beyond ASCII are UTF-8, how many are not, and a sample of those."""
    sound, broken, sample = 0, 0, bytearray()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES) + file.readline(_CHUNK_BYTES):
            if chunk.isascii():
                continue
            for line in chunk.splitlines(keepends=True):
                if line.isascii():
                    continue
                try:
                    line.decode()
                except UnicodeDecodeError:
                    broken += 1
                    sample += line[: max(0, _SAMPLE_BYTES - len(sample))]
                else:
                    sound += 1
    return sound, broken, bytes(sample[:_SAMPLE_BYTES])


def _likeliest(sample: bytes) -> str:
    """Of the code pages that fit about as well as the best the most common one."""
    if _OLD_MAC.search(sample):
        return "mac_roman"
    matches = list(from_bytes(sample, cp_isolation=list(_CODE_PAGES)))
    if not matches:
        return "cp1252"
    chaos = min(match.chaos for match in matches) + _CHAOS
    coherence = max(match.coherence for match in matches) - _COHERENCE
    fitting = {
        page
        for match in matches
        if match.chaos <= chaos and match.coherence >= coherence
        for page in (match.encoding, *match.could_be_from_charset)
    }
    likeliest = next((page for page in _CODE_PAGES if page in fitting), "cp1252")
    euro = likeliest == "cp1252" and b"\xa4" in sample and _CONTROL.search(sample) is None
    return "iso8859_15" if euro else likeliest  # nobody writes the sign of any currency, many the euro's
