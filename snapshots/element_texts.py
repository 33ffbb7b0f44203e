"""The elements of a set as one text, and back: joined by commas, in double quotes where an element needs them."""

import re
from collections.abc import Iterable
from typing import Final

_QUOTED: Final = re.compile(r'[,"\r\n]|\A\s|\s\Z|\A\Z')
_PART: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[,\r\n]|\Z)|([^,\r\n]*))(?:[,\r\n]|\Z)')


def joined(elements: Iterable[str]) -> str:
    """Write elements as one text; those that hold a comma, a quote or a line break, or blanks at an end, stand in quotes."""
    return ", ".join(_quoted(element) if _QUOTED.search(element) else element for element in elements)


def parted(text: str) -> list[str]:
    """Read the elements of a text that `joined` or a person wrote; blank ones are left out, each is given once."""
    parts: list[str] = []
    place = 0
    while place < len(text):
        match = _PART.match(text, place)
        assert match is not None, "any text is parts"
        place = match.end()
        parts.append(match[2].strip() if match[1] is None else match[1].replace('""', '"'))
    return [part for part in dict.fromkeys(parts) if part.strip()]


def _quoted(element: str) -> str:
    return '"' + element.replace('"', '""') + '"'
