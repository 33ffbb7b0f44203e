"""Row patches against a full rebuild: edits laid over each other in any order and grouping."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import AuditEntry, Fact, FactKind, Json, LinkPatch, RowPatch, Source
from snapshots.columns import ColumnType
from snapshots.patches import row_patches
from snapshots.values import normalise
from tests.list_columns import SCHEMA, column_id

POSITIONS = st.integers(0, 999).map(lambda number: f"c{number:03}")
ROWS = ("row-1-0000000000", "row-2-0000000000")
TEXT, NUMBER = column_id(ColumnType.TEXT), column_id(ColumnType.NUMBER)
LINK, TAGS = column_id(ColumnType.LINK), column_id(ColumnType.MULTI_SELECT)
ELEMENTS = ("owner-1-00000000", "owner-2-00000000")
AT = datetime(2026, 3, 1, tzinfo=UTC)
EDITS = st.one_of(
    st.tuples(st.just("cell"), st.sampled_from(ROWS), st.sampled_from((TEXT, NUMBER)), st.integers(0, 3) | st.none()),
    st.tuples(st.just("uncover"), st.sampled_from(ROWS), st.sampled_from((TEXT, NUMBER)), st.none()),
    st.tuples(
        st.sampled_from(ELEMENTS),
        st.sampled_from(ROWS),
        st.sampled_from((LINK, TAGS)),
        st.sampled_from([True, False, None]),
    ),
    st.tuples(st.just("trash"), st.sampled_from(ROWS), st.none(), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from(ROWS), st.none(), POSITIONS),
)


@dataclass
class Layers:
    """A list as its document lays it: values below, newer ones over them, which can be taken away again."""

    below: dict[tuple[str, str], Json] = field(default_factory=dict)
    over: dict[tuple[str, ...], Json] = field(default_factory=dict)

    def value(self, row: str, column: str) -> Json:
        """The merged value; an array for a set-valued column."""
        base = self.below.get((row, column))
        if column not in (LINK, TAGS):
            return self.over.get((row, column), base)
        listed = base if isinstance(base, list) else []
        return [one for one in ELEMENTS if self.over.get((row, column, one), one in listed)]

    def edit(self, kind: str, row: str, column: str | None, said: Json) -> Fact:
        """Bring about one edit; returns the fact that people see."""
        if column is None:
            fact = FactKind.TRASH if kind == "trash" else FactKind.ROW
            new = ({"by": "ana"} if said else None) if kind == "trash" else said
            old, self.over[row, kind] = self.over.get((row, kind)), new
            return Fact(fact, row, old=old, new=new)
        key = (row, column) if kind in ("cell", "uncover") else (row, column, kind)
        old = self._seen(*key)
        if kind == "uncover" or (len(key) == len(ROWS) + 1 and said is None):
            self.over.pop(key, None)
        else:
            self.over[key] = said
        element = None if len(key) == len(ROWS) else kind
        return Fact(
            FactKind.CELL if element is None else FactKind.ELEMENT,
            row,
            column,
            attribute=element,
            old=old,
            new=self._seen(*key),
        )

    def members(self, row: str, column: str) -> list[str]:
        """The elements of a set."""
        held = self.value(row, column)
        return [str(one) for one in held] if isinstance(held, list) else []

    def _seen(self, row: str, column: str, element: str | None = None) -> Json:
        value = self.value(row, column)
        return value if element is None else (isinstance(value, list) and element in value) or None


@dataclass
class Kept:
    """Rows and links that do nothing but apply patches."""

    cells: dict[tuple[str, str], Json] = field(default_factory=dict)
    positions: dict[str, str | None] = field(default_factory=dict)
    trashed: dict[str, bool] = field(default_factory=dict)
    links: set[tuple[str, str, str]] = field(default_factory=set)

    def patch_row(self, patch: RowPatch) -> None:
        """An empty cell has no key."""
        for name, value in patch.cells.items():
            self.cells.pop((patch.row, name), None)
            if value is not None:
                self.cells[patch.row, name] = value
        if patch.position is not None:
            self.positions[patch.row] = patch.position
        if patch.trashed is not None:
            self.trashed[patch.row] = patch.trashed

    def patch_link(self, patch: LinkPatch) -> None:
        """A link comes or goes; one that is there is never added again, one that is not never taken."""
        link = (patch.row, patch.column, patch.target_row)
        assert (link in self.links) is not patch.present
        self.links ^= {link}


def rebuilt(layers: Layers) -> Kept:
    """Rows and links made from the whole list at once."""
    kept = Kept()
    for row in ROWS:
        for name in (TEXT, NUMBER, LINK, TAGS):
            value = layers.value(row, name)
            if value is not None and value != []:
                kept.cells[row, name] = normalise(SCHEMA.columns[name], value)
            if name == LINK and isinstance(value, list):
                kept.links |= {(row, name, str(one)) for one in value}
        position = layers.over.get((row, "move"))
        if isinstance(position, str):
            kept.positions[row] = position
        if (row, "trash") in layers.over:
            kept.trashed[row] = layers.over[row, "trash"] is not None
    return kept


def entries(layers: Layers, edits: list[tuple[str, str, str | None, Json]]) -> Iterator[AuditEntry]:
    """The visible facts of a batch, an update for each edit."""
    for number, edit in enumerate(edits):
        yield AuditEntry(number, layers.edit(*edit), "user-ana-0000001", Source.SOCKET, AT)


@pytest.mark.rule("SNAP-6")
@given(
    below=st.fixed_dictionaries(
        {
            (ROWS[0], TEXT): st.none() | st.just("below"),
            (ROWS[0], LINK): st.lists(st.sampled_from(ELEMENTS), unique=True),
            (ROWS[1], TAGS): st.lists(st.sampled_from(ELEMENTS), unique=True),
        }
    ),
    batches=st.lists(st.lists(EDITS, max_size=8), max_size=6),
)
def test_patches_of_all_batches_give_what_a_rebuild_gives(
    below: dict[tuple[str, str], Json], batches: list[list[tuple[str, str, str | None, Json]]]
) -> None:
    """Edits, deletions that show what lies below, elements that come and go, moves and the trash, in any grouping."""
    layers = Layers(below=below)
    kept = rebuilt(layers)
    for batch in batches:
        told = list(entries(layers, batch))
        made = row_patches(told, SCHEMA, layers.members)
        assert len({patch.row for patch in made.rows}) == len(made.rows)
        for row in made.rows:
            kept.patch_row(row)
        for link in made.links:
            kept.patch_link(link)
        assert kept == rebuilt(layers)
