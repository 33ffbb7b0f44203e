"""Every root of a document as plain values, and what people see of them: the oracle's own reading of the format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pycrdt import Doc, Map

from tests.oracle.keys import place_of
from tests.oracle.knowledge import GONE
from tests.oracle.plain import plain, same

FLAT = ("meta", "columns", "views", "comments", "segments")
READER = 2**40
"""The client id of documents that only read."""

Roots = dict[str, Any]
"""path -> value; a generation stands as `overlays/<n>` with `True`, its keys below it."""


class Reader:
    """A document that takes in updates and shows its roots."""

    def __init__(self, *updates: bytes) -> None:
        self.doc: Doc[Map[Any]] = Doc(client_id=READER)
        self._flat = {root: self.doc.get(root, type=Map) for root in FLAT}
        self._overlays: Map[Any] = self.doc.get("overlays", type=Map)
        for update in updates:
            self.doc.apply_update(update)

    def roots(self) -> Roots:
        """Everything in it."""
        shown: Roots = {}
        for root, held in self._flat.items():
            shown |= {f"{root}/{key}": plain(value) for key, value in held.items()}
        for generation in self._overlays.keys():  # noqa: SIM118 - pycrdt maps iterate over keys() only
            shown[f"overlays/{generation}"] = True
            below = f"overlays/{generation}/"
            shown |= {below + key: plain(value) for key, value in self._overlays[generation].to_py().items()}
        return shown


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The paths whose values differ."""
    changed = before.keys() ^ after.keys()
    return changed | {path for path, value in before.items() if path in after and not same(value, after[path])}


class Seen:
    """What people see: the newest generation that has a key, else the row's segment, else nothing."""

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self._generations = sorted(
            int(path[9:]) for path in roots if path.startswith("overlays/") and path[9:].isdigit()
        )
        self._generations.reverse()
        self._below: dict[str, dict[str, Any]] = {}
        for path, value in roots.items():
            if path.startswith("segments/"):
                self._below |= segment(value)

    def over(self, key: str) -> Any:
        """The value of a key in the newest generation that has it, or `GONE`."""
        for generation in self._generations:
            value = self.roots.get(f"overlays/{generation}/{key}", GONE)
            if value is not GONE:
                return value
        return GONE

    def subject(self, path: str) -> Any:
        """What people see of what a path speaks about; `None` for nothing."""
        place = place_of(path)
        assert place is not None
        below = self._below.get(place.row, {})
        match place.kind:
            case "row":
                found, under = self.over(f"r:{place.row}"), below.get("")
            case "trash":
                found, under = self.over(f"t:{place.row}"), None
            case "cell":
                found, under = self.over(f"c:{place.row}:{place.column}"), below.get(place.column)
            case "element":
                held = below.get(place.column)
                found = self.over(f"e:{place.row}:{place.column}:{place.attribute}")
                found = True if found is True else None if found is not GONE else GONE
                under = True if isinstance(held, list) and place.attribute in held else None
            case _:
                found, under = self.roots.get(path), None
        return under if found is GONE else found

    def row_exists(self, row: str) -> bool:
        """Tell whether a row is there, in the trash or not."""
        position = self.over(f"r:{row}")
        return isinstance(position, str) if position is not GONE else row in self._below


@lru_cache(maxsize=512)
def segment(packed: bytes) -> dict[str, dict[str, Any]]:
    """The rows of a segment: column -> value, and the position under the empty name."""
    said = json.loads(gzip.decompress(packed))
    return {
        row: {"": position, **dict(zip(said["columns"], cells, strict=True))} for row, position, *cells in said["rows"]
    }
