"""From the facts of a batch to patches of rows and links."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from persistence.contract import AuditEntry, Fact, FactKind, Json, LinkPatch, RowPatch, Source
from snapshots.columns import ColumnType
from snapshots.patches import Patches, row_patches
from tests.list_columns import SCHEMA, column_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA, BEN = "user-ana-0000001", "user-ben-0000001"
ROW, OTHER, OWNER = "row-1-0000000000", "row-2-0000000000", "owner-1-00000000"
TEXT, NUMBER, LINK = (column_id(kind) for kind in (ColumnType.TEXT, ColumnType.NUMBER, ColumnType.LINK))
TAGS = column_id(ColumnType.MULTI_SELECT)


def entry(update: int, fact: Fact, actor: str = ANA, reason: str | None = None) -> AuditEntry:
    """A fact in the batch's update of this position, a second apart from the one before."""
    return AuditEntry(update, fact, actor, Source.SOCKET, AT + timedelta(seconds=update), reason)


def cell(row: str, column: str, new: Json, old: Json = None) -> Fact:
    """A cell's new value."""
    return Fact(FactKind.CELL, row, column, old=old, new=new)


def element(row: str, column: str, member: str, *, present: bool) -> Fact:
    """An element that comes or goes."""
    return Fact(FactKind.ELEMENT, row, column, attribute=member, old=None if present else True, new=present)


def patches(*entries: AuditEntry, members: Mapping[tuple[str, str], list[str]] | None = None) -> Patches:
    """The patches of a batch after which the sets have these members."""
    return row_patches(entries, SCHEMA, lambda row, column: (members or {})[row, column])


@pytest.mark.rule("SNAP-6")
def test_a_row_has_one_patch_with_its_merged_values() -> None:
    """Two people's edits of one row are one patch, under the last of them."""
    made = patches(
        entry(0, Fact(FactKind.ROW, ROW, new="a0")),
        entry(0, cell(ROW, TEXT, "first")),
        entry(1, cell(OTHER, TEXT, "other")),
        entry(2, cell(ROW, TEXT, "second", "first"), BEN),
        entry(3, cell(ROW, NUMBER, 5.0), BEN),
    )
    assert made.rows == (
        RowPatch(ROW, 3, BEN, AT + timedelta(seconds=3), {TEXT: "second", NUMBER: 5}, position="a0"),
        RowPatch(OTHER, 1, ANA, AT + timedelta(seconds=1), {TEXT: "other"}),
    )
    assert isinstance(made.rows[0].cells[NUMBER], int)
    assert made.links == ()


@pytest.mark.rule("SNAP-6")
def test_an_emptied_cell_counts_as_its_last_fact_says() -> None:
    """What lies below a deleted key is in the fact; a cell without a value is patched to nothing."""
    made = patches(
        entry(0, cell(ROW, TEXT, "below", "over")),
        entry(0, cell(OTHER, TEXT, "x")),
        entry(1, cell(OTHER, TEXT, None, "x")),
    )
    assert [patch.cells for patch in made.rows] == [{TEXT: "below"}, {TEXT: None}]


@pytest.mark.rule("SNAP-6")
def test_refusals_and_facts_about_no_row_make_no_patch() -> None:
    """Comments, columns and views are other tables'."""
    made = patches(
        entry(0, cell(ROW, TEXT, "refused"), reason="role"),
        entry(0, element(ROW, LINK, OWNER, present=True), reason="locked_column"),
        entry(1, Fact(FactKind.COMMENT, ROW, entity="comment-00000001", attribute="", new={})),
        entry(1, Fact(FactKind.COLUMN, column=TEXT, attribute="name", new="Name")),
        entry(1, Fact(FactKind.META, attribute="name", new="Name")),
    )
    assert made == Patches((), ())


@pytest.mark.rule("SNAP-6")
@pytest.mark.parametrize(
    ("facts", "trashed"), [(["trash"], True), (["restore"], False), (["trash", "restore"], False), ([], None)]
)
def test_the_trash_is_as_the_last_fact_leaves_it(facts: list[str], trashed: bool | None) -> None:  # noqa: FBT001 - a parameter
    """A row that nobody trashed or restored stays where it is."""
    news: dict[str, Json] = {"trash": {"by": ANA, "at": AT.isoformat()}, "restore": None}
    told = [entry(0, Fact(FactKind.TRASH, ROW, new=news[name])) for name in facts]
    assert patches(entry(0, cell(ROW, TEXT, "x")), *told).rows[0].trashed is trashed


@pytest.mark.rule("SNAP-6")
def test_links_come_and_go_with_their_elements() -> None:
    """A link that comes and goes within the batch is none; elements of other columns never are."""
    held = [OWNER]
    made = patches(
        entry(0, element(ROW, LINK, OWNER, present=True)),
        entry(0, element(ROW, LINK, "owner-2-00000000", present=True)),
        entry(1, element(ROW, LINK, "owner-2-00000000", present=False)),
        entry(1, element(OTHER, LINK, OWNER, present=False)),
        entry(1, element(ROW, TAGS, "option-sold1", present=True)),
        members={(ROW, LINK): held, (OTHER, LINK): [], (ROW, TAGS): ["option-sold1"]},
    )
    assert made.links == (
        LinkPatch(ROW, LINK, "owners-list-1", OWNER, present=True),
        LinkPatch(OTHER, LINK, "owners-list-1", OWNER, present=False),
    )
    assert {patch.row: dict(patch.cells) for patch in made.rows} == {
        ROW: {LINK: held, TAGS: ["option-sold1"]},
        OTHER: {LINK: None},
    }


@pytest.mark.rule("SNAP-6")
def test_a_column_without_a_target_has_no_links() -> None:
    """An element of an unknown column or of a link column that points nowhere patches the row alone."""
    aimless = replace(SCHEMA.columns[LINK], config={})
    schema = replace(SCHEMA, columns={LINK: aimless})
    facts = [entry(0, element(ROW, column, OWNER, present=True)) for column in (LINK, "col-unknown-0001")]
    made = row_patches(facts, schema, lambda _row, _column: [OWNER])
    assert made.links == ()
    assert made.rows[0].cells == {LINK: [OWNER], "col-unknown-0001": [OWNER]}
