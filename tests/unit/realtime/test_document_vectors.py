"""Whole documents made by Python and by TypeScript with stock Yjs, read by this side."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from persistence.contract import CommentPatch
from realtime.core import keys
from realtime.core.comments import comment_patch
from realtime.core.document import ListDocument
from realtime.core.draft import Draft
from realtime.core.limits import Limits
from realtime.core.owners import Owners
from realtime.core.soundness import Absent
from realtime.core.timestamps import write_time

FOLDER = Path(__file__).parents[2] / "vectors"
DOCUMENTS = [
    pytest.param(vector, id=f"{name}: {vector['name']}")
    for name in ("documents.python.json", "documents.typescript.json")
    for vector in json.loads((FOLDER / name).read_text())["documents"]
]


def opened(vector: dict[str, Any]) -> ListDocument:
    """The vector's document with its rows found, as a room's draft has it."""
    document = ListDocument(1)
    document.apply([base64.b64decode(vector["base64"])])
    return Draft(document, Owners({}, 10_000), frozenset(), Limits()).document


def rows_of(document: ListDocument) -> list[dict[str, Any]]:
    """Every row in order with its merged values."""
    columns = document.schema().standing()
    ordered = sorted(document.rows(), key=lambda row: (document.position(row) or "", row))
    return [
        {
            "id": row,
            "position": document.position(row),
            "trashed": document.trashed(row) is not None,
            "cells": {c.id: document.members(row, c.id) if c.set_valued else document.cell(row, c.id) for c in columns},
        }
        for row in ordered
    ]


def comment_of(document: ListDocument, comment: str) -> CommentPatch | None:
    """The relational form of a comment."""

    def visible(attribute: str) -> Any:
        value = document.read(f"{keys.COMMENTS}/{comment}{':' if attribute else ''}{attribute}")
        return None if isinstance(value, Absent) else value

    return comment_patch(comment, visible)


@pytest.mark.parametrize("vector", DOCUMENTS)
def test_rows_read_the_same_from_either_side(vector: dict[str, Any]) -> None:
    """Segment, overlay, elements and trash merge to what the maker of the document says."""
    assert rows_of(opened(vector)) == vector["seen"]["rows"]


@pytest.mark.parametrize("vector", DOCUMENTS)
def test_comments_and_views_read_the_same_from_either_side(vector: dict[str, Any]) -> None:
    """The flat roots hold what the maker of the document says."""
    document = opened(vector)
    (said,) = vector["seen"]["comments"]
    patch = comment_of(document, said["id"])
    assert patch is not None
    assert (patch.row, patch.column, patch.parent, patch.author) == tuple(
        said[name] for name in ("row", "column", "parent", "author")
    )
    assert (patch.body, list(patch.mentions), write_time(patch.at)) == (said["body"], said["mentions"], said["at"])
    assert (patch.resolved_by, patch.deleted_by) == (said["resolved"]["by"], None)
    (view,) = vector["seen"]["views"]
    assert document.entries(keys.VIEWS) == {
        f"{view['id']}:{name}": value for name, value in view.items() if name != "id"
    }
