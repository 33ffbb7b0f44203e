"""Writes whole documents made by this side: `python tests/vectors/make_documents.py`.

`client/sdk/scripts/make-documents.ts` writes its own; each side's tests read both.
"""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from auth.principals import Principal
from auth.roles import Role
from persistence.contract import Json, Source
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.limits import Limits
from realtime.core.new_list import EPOCH, new_list
from realtime.core.owners import Owners
from realtime.core.writes import AddComment, AddRow, EditComment, ResolveComment, SetCell, SetKey, TrashRow, Write
from snapshots.columns import Column, ColumnType, Option
from snapshots.segments import Segment, encode_segment

FOLDER: Final = Path(__file__).resolve().parent
NAME, RENT, TAGS = "col-name-------1", "col-rent-------1", "col-tags-------1"
FLAT, YARD, QUAY = "row-flat-------1", "row-yard-------1", "row-quay-------1"
SOLD, OPEN = "option-sold----1", "option-open----1"
ANA, COMMENT, VIEW = "user-ana-------1", "comment-one----1", "view-open------1"
NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT: Final = "2026-03-01T12:00:00.000Z"
OPTIONS: Final = {SOLD: Option(SOLD, "Sold", "green", "a0"), OPEN: Option(OPEN, "Open", "blue", "a1")}
COLUMNS: Final = (
    Column(NAME, "Name", ColumnType.TEXT, "a0"),
    Column(RENT, "Rent", ColumnType.NUMBER, "a1"),
    Column(TAGS, "Tags", ColumnType.MULTI_SELECT, "a2", options=OPTIONS),
)
FILTER: Final[Json] = {"all": [[TAGS, "has", OPEN]]}

# Each line is one edit; what is trashed twice is taken out of the trash by the last.
EDITS: Final[tuple[tuple[Write, ...], ...]] = (
    (AddRow(QUAY, "a0V"),),
    (SetCell(QUAY, NAME, "Quay"), SetCell(QUAY, TAGS, [OPEN, SOLD])),
    (SetCell(FLAT, RENT, 950.5), SetCell(FLAT, NAME, None), SetCell(FLAT, TAGS, [OPEN])),
    (TrashRow(QUAY, trashed=True), TrashRow(YARD, trashed=True)),
    (TrashRow(YARD, trashed=False),),
    (AddComment(COMMENT, FLAT, NAME, None, "Is it let?", [ANA]),),
    (EditComment(COMMENT, "Is it let already?"), ResolveComment(COMMENT, resolved=True)),
    (SetKey("views", f"{VIEW}:name", "Open ones"), SetKey("views", f"{VIEW}:kind", "grid")),
    (SetKey("views", f"{VIEW}:filter", FILTER),),
)

SEEN: Final[Json] = {
    "rows": [
        {"id": FLAT, "position": "a0", "trashed": False, "cells": {NAME: None, RENT: 950.5, TAGS: [OPEN]}},
        {"id": QUAY, "position": "a0V", "trashed": True, "cells": {NAME: "Quay", RENT: None, TAGS: [OPEN, SOLD]}},
        {"id": YARD, "position": "a1", "trashed": False, "cells": {NAME: "Yard", RENT: None, TAGS: []}},
    ],
    "comments": [
        {
            "id": COMMENT,
            "row": FLAT,
            "column": NAME,
            "parent": None,
            "author": ANA,
            "at": AT,
            "body": "Is it let already?",
            "mentions": [ANA],
            "resolved": {"by": ANA, "at": AT},
            "deleted": None,
        }
    ],
    "views": [{"id": VIEW, "name": "Open ones", "kind": "grid", "filter": FILTER}],
}


def edited() -> bytes:
    """The document with a segment under edits, as one update."""
    segment = encode_segment(
        Segment([NAME, RENT, TAGS], [[FLAT, "a0", "Flat", 900, [SOLD]], [YARD, "a1", "Yard", None, []]])
    )
    first = new_list(
        "list-harbour---1", "Harbour", COLUMNS, {"segment-one----1": segment}, actor=ANA, now=NOW, batch_id=UUID(int=1)
    )
    document = ListDocument(EPOCH)
    document.apply([update.update for update in first.updates])
    draft = Draft(document, Owners({}, 10_000), frozenset({ANA}), Limits())
    for writes in EDITS:
        draft.write(Principal(ANA, "Ana", Role.OWNER, 1), Source.API, writes, NOW)
    return document.difference()


def main() -> None:
    """Write the vectors, a line each."""
    vector = {"name": "a segment under edits", "base64": base64.b64encode(edited()).decode(), "seen": SEEN}
    text = f'{{"format": 1, "documents": [\n{json.dumps(vector, separators=(",", ":"))}\n]}}\n'
    (FOLDER / "documents.python.json").write_text(text)


if __name__ == "__main__":
    main()
