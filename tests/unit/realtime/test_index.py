"""The index of structs: paths and liveness, exactly those of the document."""

import pytest

from realtime.core.index import Index
from realtime.core.reasons import Unsound
from realtime.core.update import Content, Struct, Update, decode
from tests.property_list import item, update_of

CELL = "c:row-quay0001:col-name----"
PATH = f"overlays/1/{CELL}"


@pytest.fixture
def index() -> Index:
    """Generation 1, a cell written twice, and a deleted run."""
    known = Index()
    known.add(Update([(1, 0, [Struct(1, 0, 1, Content.MAP, parent="overlays", sub="1")])], []))
    structs = (
        item(7, 0, "a", CELL),
        item(7, 1, "b", (7, 0)),
        Struct(7, 2, 5, Content.DELETED, parent="meta", sub="icon"),
    )
    known.add(decode(update_of(*structs, deletions=((7, 0, 1),))))
    return known


def test_every_clock_has_a_path(index: Index) -> None:
    """Of items, of what follows them, and inside of runs."""
    assert [index.path((7, clock)) for clock in (0, 1, 2, 6)] == [PATH, PATH, "meta/icon", "meta/icon"]
    assert index.known(7) == 7
    assert index.known(8) == 0


@pytest.mark.parametrize("struct_id", [(7, 7), (8, 0)])
def test_the_unknown_has_none(index: Index, struct_id: tuple[int, int]) -> None:
    """Clocks and clients that the document does not have."""
    with pytest.raises(Unsound):
        index.path(struct_id)


def test_only_the_last_item_of_a_key_lives(index: Index) -> None:
    """Liveness follows the deletions that the document emits."""
    assert index.living(7, 0, 7) == [(1, PATH)]
    assert index.living(7, 0, 1) == []
    assert index.living(8, 0, 9) == []
    assert index.alive((7, 1))
    assert not index.alive((7, 4))


def test_what_is_not_settled_can_be_taken_back(index: Index) -> None:
    """The index is as it was; what was settled before stays."""
    index.settle()
    index.add(decode(update_of(item(8, 0, "c", (7, 1)), deletions=((7, 1, 1),))))
    index.settle(1)
    index.add(
        decode(
            update_of(item(8, 1, "d", (8, 0)), item(9, 0, "e", "c:row-quay0001:col-other---"), deletions=((8, 0, 1),))
        )
    )
    index.add(decode(update_of(item(8, 2, "f", (8, 1)), deletions=((8, 1, 1),))))
    assert index.take_back() == {PATH, "overlays/1/c:row-quay0001:col-other---"}
    assert (index.known(8), index.known(9), len(index)) == (1, 0, 3)
    assert index.living(8, 0, 9) == [(0, PATH)]
    assert not index.alive((7, 1))
    index.add(decode(update_of(deletions=((8, 0, 1),))))
    assert index.take_back() == {PATH}, "what was deleted stands again"
    assert index.take_back() == set()


def test_an_emitted_update_names_what_it_touched(index: Index) -> None:
    """Written and deleted keys; what was dead or known before is not touched again."""
    touched = index.add(decode(update_of(item(8, 0, "c", (7, 1)), deletions=((7, 0, 2),))))
    assert touched == {PATH}
    assert index.living(7, 0, 7) == []
    assert index.add(decode(update_of(item(8, 0, "c", (7, 1)), deletions=((7, 0, 7),)))) == set()


def test_a_generation_takes_its_edits_along(index: Index) -> None:
    """They are counted while they lie in it; once it is dropped and settled they are one run, and nothing is left to count."""
    index.settle()
    assert index.edits == 2
    drop = Update([], [(1, 0, 1), (7, 0, 2)])
    assert index.add(drop) == {"overlays/1"}
    assert (index.edits, index.path((7, 0))) == (0, None)
    index.take_back()
    assert (index.edits, index.path((7, 0)), index.living(7, 0, 7)) == (2, PATH, [(1, PATH)])
    index.add(drop)
    index.settle()
    assert (index.edits, index.known(7)) == (0, 7)
    assert [index.path((7, clock)) for clock in (0, 1, 2, 6)] == [None, None, "meta/icon", "meta/icon"]
    assert index.living(7, 0, 7) == []
