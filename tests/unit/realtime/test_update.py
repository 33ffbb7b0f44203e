"""The update decoder: the subset of Yjs that list documents are made of, and nothing else."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core import codec
from realtime.core.reasons import Flaw, Unsound
from realtime.core.update import Bounds, Content, Struct, Update, decode, encode
from tests.property_list import GENERATION, first_batch, item, update_of
from tests.room_scenes import Peer

HEAD = b"\x01\x01\x07\x00"
"""One client, one struct, client 7 from clock 0."""
ENTRY = b"\x28\x01\x04meta\x04name"
"""An item with JSON content at the root `meta`, key `name`."""


def flaw_of(source: bytes) -> Flaw:
    """Why an update is unsound."""
    with pytest.raises(Unsound) as refused:
        decode(source)
    return refused.value.flaw


def test_what_the_server_and_honest_clients_write_comes_back() -> None:
    """A whole list and an edit, encoded again, are byte for byte the same but for the form of numbers."""
    peer = Peer(5001)
    peer.apply(first_batch().updates[0].update)
    edit = peer.set(
        {"c:row-quay0001:col-name----": "Quay", "meta/name": "Harbour", "c:row-quay0001:col-rent----": None}
    )
    assert encode(decode(edit)) == edit
    whole = peer.doc.get_update()
    assert decode(encode(decode(whole))) == decode(whole)


IDS = st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 2**31 - 2))
NAMES = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=6)
PLACES = st.one_of(
    st.builds(lambda origin: {"origin": origin}, IDS),
    st.builds(lambda parent, sub: {"parent": parent, "sub": sub}, NAMES | IDS, NAMES),
)
CONTENTS = st.one_of(
    st.builds(
        lambda value: {"content": Content.ANY, "values": (value,)}, st.none() | st.booleans() | st.text(max_size=5)
    ),
    st.builds(lambda size: {"content": Content.DELETED, "length": size}, st.integers(1, 99)),
    st.builds(lambda blob: {"content": Content.BINARY, "binary": blob}, st.binary(max_size=5)),
    st.just({"content": Content.MAP}),
)


@given(
    st.dictionaries(
        st.integers(0, 2**53 - 1),
        st.tuples(st.integers(0, 9), st.lists(st.tuples(PLACES, CONTENTS), min_size=1, max_size=4)),
        max_size=3,
    )
)
def test_every_update_of_the_subset_comes_back(drawn: dict[int, tuple[int, list[tuple[dict, dict]]]]) -> None:
    """decode(encode(update)) is the update."""
    blocks = []
    for client, (start, parts) in drawn.items():
        structs, clock = [], start
        for place, content in parts:
            structs.append(Struct(client, clock, **{"length": 1, **place, **content}))
            clock = structs[-1].clock + structs[-1].length
        blocks.append((client, start, structs))
    update = Update(blocks, [(client, start, 1) for client, start, _ in blocks])
    assert decode(encode(update)) == update


@pytest.mark.rule("GATE-1")
@pytest.mark.parametrize(
    "source",
    [
        *(b"\xff\xff\xff\xff\x0f\x00", b"\x80\x94\xeb\xdc\x03\x01\x00\x00"),
        *(b"\x01\xff\xff\xff\x7f\x07\x00" + ENTRY, b"\x01\x00\x07\x00\x00"),
        *(b"\x00\xff\xff\xff\x7f", b"\x00\x01\x07\xff\xff\xff\x7f", b"\x00\x01\x07\x00"),
        HEAD + ENTRY + b"\xff\xff\xff\x7f",
        HEAD + b"\x28\x01\xff\xff\xff\x7fmeta",
        HEAD + ENTRY + b"\x01\x75\xff\xff\xff\x7f",
        HEAD + ENTRY + b"\x01\x77\xff\xff\xff\x7f",
    ],
)
def test_counts_are_plausible(source: bytes) -> None:
    """Clients, structs, deletions, runs, strings and arrays never announce more than there are bytes."""
    assert flaw_of(source) is Flaw.MALFORMED


@pytest.mark.rule("GATE-1")
def test_no_more_is_read_than_may_be() -> None:
    """Structs and ranges of deletions are counted over all clients, by what is announced."""
    two = update_of(item(7, 0, "a", "meta/name"), item(8, 0, "b", "meta/icon"), deletions=((7, 0, 1), (8, 0, 1)))
    assert len(decode(two, Bounds(2, 2)).blocks) == 2
    for bounds in (Bounds(1, 2), Bounds(2, 1)):
        with pytest.raises(Unsound) as caught:
            decode(two, bounds)
        assert caught.value.flaw is Flaw.TOO_LARGE
    announced = b"\x01\x7f\x05\x00" + b"\x00" * 300
    with pytest.raises(Unsound) as caught:
        decode(announced, Bounds(100, 100))
    assert caught.value.flaw is Flaw.TOO_LARGE, "before the first of them is read"


@pytest.mark.rule("GATE-6")
@pytest.mark.parametrize(
    "source",
    [
        *(b"", b"\x00", b"\x80\x00\x00", b"\x00\x80\x00", b"\x00\x00\x00", HEAD, HEAD + ENTRY),
        b"\x02\x01\x07\x00\x00\x01\x01\x07\x01\x00\x01\x00",
        b"\x01\x01" + b"\xff" * 8 + b"\x00\x00\x01\x00",
        b"\x01\x01\x07" + codec.uint(2**31) + b"\x00\x01\x00",
        b"\x01\x02\x07\x00\x00" + codec.uint(2**31 - 1) + b"\x00\x01\x00",
        *(HEAD + b"\x00\x00\x00", HEAD + b"\x20\x01\x00", HEAD + b"\x80\x01\x00"),
        *(
            HEAD + ENTRY + b"\x00\x00",
            HEAD + b"\x28\x02\x04meta\x04name\x01\x7e\x00",
            HEAD + b"\x28\x01\x01\xff\x01a\x01\x7e\x00",
        ),
        HEAD + b"\xa8\x07" + codec.uint(2**31) + b"\x01\x7e\x00",
        *(HEAD + ENTRY + b"\x01\x7f\x00", HEAD + ENTRY + b"\x01\x7b" + struct.pack(">d", float("nan")) + b"\x00"),
        b"\x00\x02\x07\x01\x00\x01\x07\x01\x01\x01",
        *(b"\x00\x01\x07\x02\x00\x02\x01\x01", b"\x00\x01\x07\x01\x00\x00", b"\x00\x01\x07\x00", b"\x00\x00\x01"),
        b"\x00\x01\x07\x01" + codec.uint(2**31 - 1) + b"\x01",
        *(HEAD + b"\x28\x01\x04meta\x03a/b\x01\x7e\x00", HEAD + b"\x28\x01\x03a/b\x04name\x01\x7e\x00"),
    ],
)
def test_there_is_one_form(source: bytes) -> None:
    """Cut short, longer integers, two blocks of a client, clocks past 2^31, empty runs, overlaps, a slash in a name."""
    assert flaw_of(source) is Flaw.MALFORMED


@pytest.mark.rule("GATE-3")
def test_updates_skip_nothing() -> None:
    """A `Skip` struct is a gap."""
    assert flaw_of(HEAD + b"\x0a\x01\x00") is Flaw.CLOCK_GAP


@pytest.mark.rule("GATE-6")
@pytest.mark.parametrize(
    "struct_bytes",
    [
        *(
            b"\x68\x07\x00\x01\x7e",
            b"\xe8\x07\x00\x07\x00\x01\x7e",
            b"\x08\x01\x04meta\x01\x7e",
            b"\x84\x07\x00\x01a",
        ),
        *(bytes((0x20 | kind,)) + b"\x01\x04meta\x04name\x01\x00" for kind in (2, 4, 5, 6, 9, 11, 31)),
        *(b"\x27\x01\x04meta\x04name" + bytes((kind,)) for kind in (0, 2, 3, 4, 5, 6)),
    ],
)
def test_only_map_entries_of_json_exist(struct_bytes: bytes) -> None:
    """No right origins, no list items, no text, formats, embeds, documents, arrays or XML."""
    assert flaw_of(HEAD + struct_bytes + b"\x00") is Flaw.NESTED_TYPE


MERGED = bytes.fromhex(
    "010488270028010563656c6c7303723a63017701618888270001770162888827010177016428010563656c6c7303783a79017e018827010002"
)
"""What `Y.mergeUpdates` makes of four edits of client 5000: three of `r:c` and one of `x:y`."""


@pytest.mark.rule("ROOM-52")
def test_bytes_that_stock_yjs_merged_keep_their_meaning() -> None:
    """Two origins without the flag of the key, between items that name their parents: written with it, byte for byte."""
    update = decode(MERGED)
    origins = [(struct.origin, struct.values) for struct in update.blocks[0][2]]
    assert origins == [(None, ("a",)), ((5000, 0), ("b",)), ((5000, 1), ("d",)), (None, (None,))]
    assert encode(update) == MERGED.replace(b"\x88\x88\x27", b"\xa8\x88\x27")


@pytest.mark.rule("GATE-6", "ROOM-52")
def test_updates_that_were_merged_are_taken_and_written_as_others() -> None:
    """`Y.mergeUpdates` leaves out the flag of the key where an item has an origin."""
    merged = decode(HEAD + b"\x88\x07\x00\x01\x7e\x00")
    assert merged.merged
    assert encode(merged) == HEAD + b"\xa8\x07\x00\x01\x7e\x00"
    assert not decode(encode(merged)).merged


@pytest.mark.rule("GATE-6")
@given(st.binary(max_size=80))
def test_decoding_is_total(source: bytes) -> None:
    """Any bytes are an update or `Unsound`."""
    try:
        update = decode(source)
    except Unsound:
        return
    assert decode(encode(update)) == update


@given(st.integers(0, 200), st.binary(min_size=1, max_size=3))
def test_bent_updates_are_decoded_or_unsound(place: int, bend: bytes) -> None:
    """Honest bytes with a few replaced."""
    honest = update_of(item(7, 0, {"a": [1, "b"]}, "meta/name"), item(7, 1, 5, (7, 0)), item(8, 0, "x", "c:a:b"))
    place %= len(honest)
    with suppress(Unsound):
        decode(honest[:place] + bend + honest[place + len(bend) :])


def test_entries_name_their_parent_once() -> None:
    """The first item of a key names its map, later ones only the item before."""
    update = decode(update_of(item(7, 0, 1, "c:a:b"), item(7, 1, 2, (7, 0))))
    first, second = update.blocks[0][2]
    assert (first.parent, first.sub, first.origin) == (GENERATION, "c:a:b", None)
    assert (second.parent, second.sub, second.origin) == (None, None, (7, 0))
