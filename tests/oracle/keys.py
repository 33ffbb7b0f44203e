"""The keys of a list document as the oracle reads them from the table of the format: a path -> what it speaks about."""

from __future__ import annotations

import re
from typing import NamedTuple

_ID = r"[A-Za-z0-9_-]{10,22}"
_PLACES = (
    ("meta", r"meta/(?P<attribute>format|name|description|icon|primary)"),
    ("column", rf"columns/(?P<column>{_ID}):(?P<attribute>name|type|pos|config|required|locked|deleted|option:{_ID})"),
    (
        "view",
        rf"views/(?P<entity>{_ID}):(?P<attribute>name|kind|filter|sort|group|hidden|widths|frozen|locked|owner)",
    ),
    ("comment", rf"comments/(?P<entity>{_ID})(?::(?P<attribute>body|resolved|deleted))?"),
    ("segment", rf"segments/(?P<entity>{_ID})"),
    ("generation", r"overlays/(?P<entity>[1-9][0-9]{0,8})"),
    ("row", rf"overlays/(?P<generation>[1-9][0-9]{{0,8}})/r:(?P<row>{_ID})"),
    ("trash", rf"overlays/(?P<generation>[1-9][0-9]{{0,8}})/t:(?P<row>{_ID})"),
    ("cell", rf"overlays/(?P<generation>[1-9][0-9]{{0,8}})/c:(?P<row>{_ID}):(?P<column>{_ID})"),
    (
        "element",
        rf"overlays/(?P<generation>[1-9][0-9]{{0,8}})/e:(?P<row>{_ID}):(?P<column>{_ID}):(?P<attribute>{_ID})",
    ),
)
_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _PLACES]


class Place(NamedTuple):
    """What a key speaks about; what does not apply is empty."""

    kind: str
    row: str = ""
    column: str = ""
    entity: str = ""
    attribute: str = ""
    generation: str = ""

    @property
    def subject(self) -> tuple[str, str, str, str, str]:
        """The place without its generation: one value for people."""
        return self[:5]


_known: dict[str, Place | None] = {}


def place_of(path: str) -> Place | None:
    """Read a path; `None` where a list document has no such key."""
    if path not in _known:
        if len(_known) > 100_000:
            _known.clear()
        _known[path] = _read(path)
    return _known[path]


def _read(path: str) -> Place | None:
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found is not None:
            return Place(kind, **{name: text or "" for name, text in found.groupdict().items()})
    return None
