"""Keys and paths: what a list document can hold."""

import pytest

from persistence.contract import FactKind
from realtime.core import keys
from realtime.core.keys import Key, parse

ROW, COL, ONE = "row-quay0001", "col-name----", "option-sold1"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("meta/name", Key(FactKind.META, attribute="name")),
        (f"columns/{COL}:type", Key(FactKind.COLUMN, column=COL, attribute="type")),
        (f"columns/{COL}:option:{ONE}", Key(FactKind.COLUMN, column=COL, attribute=f"option:{ONE}")),
        ("views/view-0000001:sort", Key(FactKind.VIEW, entity="view-0000001", attribute="sort")),
        ("comments/comment-0001", Key(FactKind.COMMENT, entity="comment-0001", attribute="")),
        ("comments/comment-0001:body", Key(FactKind.COMMENT, entity="comment-0001", attribute="body")),
        ("segments/segment-0001", Key(FactKind.SEGMENT, entity="segment-0001")),
        ("overlays/12", Key(FactKind.GENERATION, entity="12", generation=12)),
        (f"overlays/3/{keys.row_key(ROW)}", Key(FactKind.ROW, ROW, generation=3)),
        (f"overlays/3/{keys.trash(ROW)}", Key(FactKind.TRASH, ROW, generation=3)),
        (f"overlays/3/{keys.cell(ROW, COL)}", Key(FactKind.CELL, ROW, COL, generation=3)),
        (f"overlays/3/{keys.element(ROW, COL, ONE)}", Key(FactKind.ELEMENT, ROW, COL, attribute=ONE, generation=3)),
    ],
)
def test_every_kind_of_key(path: str, key: Key) -> None:
    """Each root and each overlay key of format 1."""
    assert parse(path) == key


@pytest.mark.parametrize(
    "path",
    [
        *("", "meta", "meta/", "meta/owner", "elsewhere/name", "overlays", "overlays/0", "overlays/01", "overlays/x"),
        *(
            "overlays/1/",
            "overlays/1/x:row-quay0001",
            "overlays/1/c:row-quay0001",
            "overlays/1/r:short",
            "overlays/1234567890",
        ),
        *(
            f"columns/{COL}",
            f"columns/{COL}:other",
            f"columns/{COL}:option:x",
            f"columns/{COL}:option:",
            "columns/x:name",
        ),
        *("views/view-0000001", "comments/short", "comments/comment-0001:author", "segments/segment-0001:x"),
        *("comments/comment-0001/x", f"overlays/1/c:{ROW}:{COL}/x", "overlays/1/r:row-quay-é001", "meta/name/x"),
    ],
)
def test_nothing_else_is_a_key(path: str) -> None:
    """Unknown names, ids of another form, too few or too many parts."""
    assert parse(path) is None
