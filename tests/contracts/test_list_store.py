"""The contract of list stores: one suite for PostgreSQL and for memory."""

from dataclasses import replace
from uuid import UUID

import pytest

from auth.roles import Role
from persistence.contract import (
    Batch,
    CommentPatch,
    Committed,
    Conflict,
    LinkPatch,
    LogEntry,
    RightsMoved,
)
from persistence.memory import Membership
from persistence.states import OtherEpoch
from tests.list_scenes import ANA, LIST, MIA, WORKSPACE, Scene, batch, cell_entry, kept, moment, row_patch

FULL = {
    "audit": [cell_entry("quay", "rent", None, 900)],
    "rows": [row_patch("quay", {"rent": 900})],
    "links": [LinkPatch("quay", "owner", "owners", "olga", present=True)],
    "comments": [CommentPatch("c1", "quay", None, None, ANA, moment(1), "Look at the roof")],
    "client_ids": {7: ANA},
    "schema": {"rent": {"type": "number"}},
    "name": "Homes",
}


@pytest.mark.rule("LOG-1")
async def test_updates_are_numbered_consecutively(scene: Scene) -> None:
    """Three updates in one batch take the three numbers after the head, in order."""
    name = UUID(int=5)
    assert await scene.store.commit(batch(1, updates=3, batch_id=name)) == Committed(4)
    entries = [LogEntry(2 + n, bytes([n]), name, ANA) for n in range(3)]
    assert await scene.store.updates_after(LIST, 1) == entries
    assert await scene.store.updates_after(LIST, 3) == entries[2:]
    assert await scene.store.updates_after(LIST, 4) == []


@pytest.mark.rule("ROOM-15")
async def test_the_log_of_another_epoch_is_not_read(scene: Scene) -> None:
    """Who asks for the updates of an epoch is told once the list has another one, held or not."""
    await scene.store.commit(batch(1))
    for read in (scene.store.updates_after, scene.store.hold):
        assert [entry.seq for entry in await read(LIST, 1, 1)] == [2]
        with pytest.raises(OtherEpoch):
            await read(LIST, 1, 2)


@pytest.mark.rule("LOG-2")
@pytest.mark.parametrize(
    "stale",
    [batch(0, **FULL), batch(2, **FULL), batch(1, **FULL, epoch=2), batch(1, **FULL, list_id="nowhere")],
    ids=["head behind", "head ahead", "epoch", "unknown list"],
)
async def test_a_moved_head_or_epoch_writes_nothing(scene: Scene, stale: Batch) -> None:
    """Log, audit, rows, links, comments, client ids and schema stay as they were."""
    before = await kept(scene)
    assert await scene.store.commit(stale) == Conflict()
    assert await kept(scene) == before


@pytest.mark.rule("LOG-2")
async def test_a_trashed_list_takes_no_edit(scene: Scene) -> None:
    """A list in the trash opens for nobody and is written by nobody."""
    await scene.set_trashed(LIST)
    before = await kept(scene)
    assert await scene.store.commit(batch(1, **FULL)) == Conflict()
    assert await scene.store.open_list(LIST) is None
    assert await kept(scene) == before


@pytest.mark.rule("LOG-2")
async def test_a_trashed_workspace_takes_no_edit(scene: Scene) -> None:
    """With a workspace all its lists are closed, though none of them is in the trash itself."""
    await scene.set_workspace_trashed()
    before = await kept(scene)
    assert await scene.store.commit(batch(1, memberships={ANA: 1}, **FULL)) == Conflict()
    assert await scene.store.open_list(LIST) is None
    assert await kept(scene) == before


@pytest.mark.rule("LOG-3")
@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Membership(Role.MEMBER, 2), ("member", 2)),
        (Membership(Role.EDITOR, 3), ("editor", 3)),
        (Membership(Role.EDITOR, 2, active=False), None),
        (Membership(Role.EDITOR, 1, active=False), None),
    ],
    ids=["demoted", "demoted and promoted", "removed", "removed without a new version"],
)
async def test_a_moved_membership_writes_nothing(scene: Scene, now: Membership, told: tuple[str, int] | None) -> None:
    """Edits that were judged under another membership are not written, and the one that holds is told."""
    before = await kept(scene)
    await scene.set_member(ANA, now)
    result = await scene.store.commit(batch(1, memberships={ANA: 1, MIA: 1}, **FULL))
    assert result == RightsMoved({ANA: told})
    assert await kept(scene) == before


@pytest.mark.rule("LOG-3")
async def test_a_stranger_writes_nothing(scene: Scene) -> None:
    """Somebody who never was a member of the list's workspace has no membership that could be right."""
    before = await kept(scene)
    assert await scene.store.commit(batch(1, memberships={"zoe": 1}, **FULL)) == RightsMoved({"zoe": None})
    assert await kept(scene) == before


@pytest.mark.rule("LOG-3")
async def test_a_moved_membership_is_told_before_a_moved_head(scene: Scene) -> None:
    """Where both have moved the membership is told, so that the edits are judged anew only once."""
    assert await scene.store.commit(batch(0, memberships={ANA: 9})) == RightsMoved({ANA: ("editor", 1)})


async def test_memberships_that_hold_are_no_hindrance(scene: Scene) -> None:
    """Two people's edits in one batch are written when both memberships are the judged ones."""
    assert await scene.store.commit(batch(1, memberships={MIA: 1, ANA: 1})) == Committed(2)


@pytest.mark.rule("LOG-4")
async def test_facts_stand_in_order_under_their_update(scene: Scene) -> None:
    """Entries are numbered within their update, in the order given, however the batch mixes them."""
    entries = [
        cell_entry("quay", "rent", None, 900, update=1),
        cell_entry("quay", "note", "x", None, update=0),
        cell_entry("mole", "rent", 0, False, update=1),
    ]
    await scene.store.commit(batch(1, updates=2, audit=entries))
    stored = [(fact.seq, fact.ordinal, fact.entry) for fact in (await kept(scene)).facts]
    assert stored == [
        (2, 0, entries[1]),
        (3, 0, entries[0]._replace(update=0)),
        (3, 1, entries[2]._replace(update=0)),
    ]


@pytest.mark.rule("LOG-5")
async def test_a_refused_update_holds_a_number(scene: Scene) -> None:
    """An update that was wholly refused has its number and a fact with the reason, and changes no row."""
    before = await kept(scene)
    refusal = cell_entry("quay", "rent", 800, 900, reason="role")
    assert await scene.store.commit(batch(1, audit=[refusal])) == Committed(2)
    after = await kept(scene)
    assert [(fact.seq, fact.entry) for fact in after.facts] == [(2, refusal)]
    assert after.rows == before.rows


async def test_a_row_is_patched_cell_by_cell(scene: Scene) -> None:
    """A patch sets the given cells, empties those given as `None`, and leaves the others."""
    await scene.store.commit(batch(1, rows=[row_patch("quay", {"rent": 900, "tags": ["a"], "note": "x"})]))
    patch = row_patch("quay", {"rent": 950, "note": None, "gone": None}, minute=3)
    await scene.store.commit(batch(2, rows=[patch]))
    row = (await kept(scene)).rows["quay"]
    assert row.cells == {"rent": 950, "tags": ["a"]}
    assert (row.seq, row.position, row.created_at, row.updated_at) == (3, "a0", moment(0), moment(3))


async def test_the_last_of_several_patches_wins(scene: Scene) -> None:
    """Several patches of one row in one batch are one after another, a new row's included."""
    patches = [
        row_patch("pier", {"rent": 1, "note": "x"}, position="a2", minute=1),
        row_patch("pier", {"rent": None, "tags": ["b"]}, update=1, minute=2),
        row_patch("pier", {"note": None}, update=2, minute=3, trashed=True),
        row_patch("pier", {"note": "y"}, update=3, minute=4, position="a3"),
    ]
    await scene.store.commit(batch(1, updates=4, rows=patches))
    row = (await kept(scene)).rows["pier"]
    assert row.cells == {"tags": ["b"], "note": "y"}
    assert (row.seq, row.position, row.created_at, row.updated_at) == (5, "a3", moment(1), moment(4))
    assert (row.trashed_at, row.trashed_by) == (moment(3), ANA)


async def test_a_row_goes_to_the_trash_and_comes_back(scene: Scene) -> None:
    """Trash keeps the cells; an edit in between does not bring the row back."""
    await scene.store.commit(batch(1, rows=[row_patch("quay", {"rent": 1}, trashed=True, minute=5)]))
    await scene.store.commit(batch(2, rows=[row_patch("quay", {"rent": 2}, minute=6)]))
    trashed = (await kept(scene)).rows["quay"]
    assert (trashed.cells, trashed.trashed_at, trashed.trashed_by) == ({"rent": 2}, moment(5), ANA)
    await scene.store.commit(batch(3, rows=[row_patch("quay", trashed=False)]))
    restored = (await kept(scene)).rows["quay"]
    assert (restored.cells, restored.trashed_at, restored.trashed_by) == ({"rent": 2}, None, None)


async def test_links_are_added_and_removed(scene: Scene) -> None:
    """Links are a set: adding twice is adding once, removing what is not there does nothing, the last word counts."""

    def link(row: str, target: str, *, present: bool) -> LinkPatch:
        return LinkPatch(row, "owner", "owners", target, present)

    await scene.store.commit(batch(1, links=[link("quay", "olga", present=True), link("quay", "otto", present=True)]))
    patches = [
        *(link("quay", "olga", present=True), link("quay", "otto", present=False), link("mole", "nina", present=False)),
        *(link("mole", "olga", present=True), link("mole", "olga", present=False)),
        *(link("mole", "otto", present=False), link("mole", "otto", present=True)),
    ]
    await scene.store.commit(batch(2, links=patches))
    assert (await kept(scene)).links == {("quay", "owner", "olga"): "owners", ("mole", "owner", "otto"): "owners"}


async def test_a_comment_is_kept_as_it_stands(scene: Scene) -> None:
    """A comment is written, edited and resolved; who wrote it, where and when never changes."""
    written = CommentPatch("c1", "quay", "rent", None, ANA, moment(1), "Too high?", mentions=[MIA, ANA])
    await scene.store.commit(batch(1, comments=[replace(written, body="Too"), written]))
    edited = replace(written, body="Fine", mentions=[], resolved_by=MIA, resolved_at=moment(2))
    await scene.store.commit(batch(2, comments=[replace(edited, row="mole", author=MIA)]))
    assert (await kept(scene)).comments == {"c1": edited}


async def test_schema_and_name_change_when_given(scene: Scene) -> None:
    """A batch that does not speak of the schema or the name leaves them."""
    await scene.store.commit(batch(1, schema={"rent": {"type": "number"}}, name="Homes"))
    await scene.store.commit(batch(2))
    after = await kept(scene)
    assert (after.schema, after.name) == ({"rent": {"type": "number"}}, "Homes")


@pytest.mark.rule("LOG-6")
async def test_a_client_id_keeps_its_first_owner(scene: Scene) -> None:
    """Client ids up to 2^53 - 1 are kept; who used one first owns it."""
    last = 2**53 - 1
    await scene.store.commit(batch(1, client_ids={7: ANA, last: MIA}))
    await scene.store.commit(batch(2, client_ids={7: MIA}))
    assert (await kept(scene)).client_owners == {7: ANA, last: MIA}


async def test_an_opened_list_has_all_that_a_room_needs(scene: Scene) -> None:
    """Head, epoch, log, client ids, and the members of now, without those who left."""
    await scene.set_member("otto", Membership(Role.OWNER, 2, active=False))
    await scene.store.commit(batch(1, client_ids={7: ANA}))
    opened = await scene.store.open_list(LIST)
    assert opened is not None
    assert (opened.list_id, opened.workspace_id, opened.epoch, opened.head) == (LIST, WORKSPACE, 1, 2)
    assert (opened.state, opened.state_seq, [entry.seq for entry in opened.log]) == (None, 0, [1, 2])
    assert (opened.client_owners, opened.members) == ({7: ANA}, {ANA, MIA})


async def test_a_list_that_does_not_exist_has_nothing(scene: Scene) -> None:
    """An unknown id opens nothing and has no log."""
    assert await scene.store.open_list("nowhere") is None
    assert await scene.store.updates_after("nowhere", 0) == []


async def test_text_of_every_kind_comes_back(scene: Scene) -> None:
    """Quotes, backslashes (also before `u0000`), emoji and line breaks are text like any other."""
    words = ['it\'s "so"', "\\u0000", "\\\\u0000", "\U0001f3e0 é\u2028\n\t", "{1,NULL}", ""]
    facts = [cell_entry("quay", "note", None, word) for word in words]
    await scene.store.commit(batch(1, audit=facts, rows=[row_patch("quay", {"notes": words})]))
    after = await kept(scene)
    assert [fact.entry.fact.new for fact in after.facts] == words
    assert after.rows["quay"].cells == {"notes": words}
