"""The keys of a list document (format 1): building them, and parsing a path back into what it speaks about.

A *path* is a root's name, a slash and the key; below a generation's nested map it is
`overlays/<generation>/<key>`. Keys hold ids only, never text that a person typed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from persistence.contract import FactKind

META: Final = "meta"
COLUMNS: Final = "columns"
VIEWS: Final = "views"
COMMENTS: Final = "comments"
SEGMENTS: Final = "segments"
OVERLAYS: Final = "overlays"
ROOTS: Final = (META, COLUMNS, VIEWS, COMMENTS, SEGMENTS, OVERLAYS)

META_NAMES: Final = frozenset({"format", "name", "description", "icon", "primary"})
COLUMN_ATTRIBUTES: Final = frozenset({"name", "type", "pos", "config", "required", "locked", "deleted"})
VIEW_ATTRIBUTES: Final = frozenset(
    {"name", "kind", "filter", "sort", "group", "hidden", "widths", "frozen", "locked", "owner"}
)
COMMENT_ATTRIBUTES: Final = frozenset({"body", "resolved", "deleted"})

_ID: Final = re.compile(r"[A-Za-z0-9_-]{10,22}")
_GENERATION: Final = re.compile(r"[1-9][0-9]{0,8}")
_CELL: Final = re.compile(rf"{OVERLAYS}/({_GENERATION.pattern})/c:({_ID.pattern}):({_ID.pattern})")


class Key(NamedTuple):
    """What a path speaks about; `generation` is set below `overlays`."""

    kind: FactKind
    row: str | None = None
    column: str | None = None
    entity: str | None = None
    attribute: str | None = None
    generation: int = 0


def is_id(text: str) -> bool:
    """Tell whether `text` has the form of an id: 10 to 22 characters of A-Z a-z 0-9 _ -."""
    return _ID.fullmatch(text) is not None


def parse(path: str) -> Key | None:
    """Parse a path; `None` where no such key can exist in a list document."""
    cell_path = _CELL.fullmatch(path)
    if cell_path is not None:  # nearly every edit
        return Key(FactKind.CELL, cell_path[2], cell_path[3], None, None, int(cell_path[1]))
    root, _, name = path.partition("/")
    if root == OVERLAYS:
        generation, below, key = name.partition("/")
        if _GENERATION.fullmatch(generation) is None:
            return None
        number = int(generation)
        return _overlay_key(number, key) if below else Key(FactKind.GENERATION, entity=generation, generation=number)
    return _root_key(root, name)


def _overlay_key(generation: int, name: str) -> Key | None:
    kind, *ids = name.split(":")
    if not all(map(is_id, ids)):
        return None
    match kind, ids:
        case "e", [row, column, element]:
            return Key(FactKind.ELEMENT, row, column, attribute=element, generation=generation)
        case "r", [row]:
            return Key(FactKind.ROW, row, generation=generation)
        case "t", [row]:
            return Key(FactKind.TRASH, row, generation=generation)
        case _:
            return None


def _root_key(root: str, name: str) -> Key | None:
    entity, _, attribute = name.partition(":")
    if root == META:
        return Key(FactKind.META, attribute=name) if name in META_NAMES else None
    if not is_id(entity):
        return None
    if root == COLUMNS:
        option = attribute.removeprefix("option:")
        known = attribute in COLUMN_ATTRIBUTES or (option != attribute and is_id(option))
        return Key(FactKind.COLUMN, column=entity, attribute=attribute) if known else None
    if root == VIEWS:
        return Key(FactKind.VIEW, entity=entity, attribute=attribute) if attribute in VIEW_ATTRIBUTES else None
    if root == COMMENTS:
        known = name == entity or attribute in COMMENT_ATTRIBUTES
        return Key(FactKind.COMMENT, entity=entity, attribute=attribute) if known else None
    return Key(FactKind.SEGMENT, entity=entity) if root == SEGMENTS and name == entity else None


def cell(row: str, column: str) -> str:
    """The overlay key of a cell."""
    return f"c:{row}:{column}"


def element(row: str, column: str, member: str) -> str:
    """The overlay key of one element of a set-valued cell."""
    return f"e:{row}:{column}:{member}"


def row_key(row: str) -> str:
    """The overlay key of a row's existence and position."""
    return f"r:{row}"


def trash(row: str) -> str:
    """The overlay key of a row's place in the trash."""
    return f"t:{row}"
