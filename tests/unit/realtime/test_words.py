"""The words of nodes: what is encoded is heard as it was said, and nothing without the seal counts."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import LogEntry
from realtime.core.effects import Announce, AskTurn, Publish, ToNodes
from realtime.core.messages import PresenceEntry
from realtime.core.reasons import Unsound
from realtime.core.words import as_heard, decode, encode, seal, unseal

KEY = b"k" * 32
NUMBERS = st.integers(0, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PEOPLE = st.lists(st.builds(PresenceEntry, NUMBERS, NUMBERS, TEXTS), max_size=5).map(tuple)


@st.composite
def publishes(draw: st.DrawFn) -> Publish:
    """Some entries of a log."""
    updates = draw(st.lists(st.tuples(st.binary(max_size=30), st.uuids(), TEXTS), max_size=5))
    first = draw(st.integers(1, 2**50))
    entries = [LogEntry(first + n, update, batch, actor) for n, (update, batch, actor) in enumerate(updates)]
    return Publish(draw(NUMBERS), first + len(entries) - 1, entries)


WORDS = st.one_of(publishes(), st.just(AskTurn()), st.builds(Announce, PEOPLE, st.booleans()))


@pytest.mark.rule("BUS-1")
@given(node=TEXTS, word=WORDS)
def test_what_is_said_is_heard(node: str, word: ToNodes) -> None:
    """By the same node's name, with the same numbers and bytes."""
    assert decode(encode(node, word)) == (node, as_heard(node, word))


@pytest.mark.rule("BUS-4")
@given(payload=st.binary(max_size=200))
def test_decoding_is_total(payload: bytes) -> None:
    """Any bytes are words, or `Unsound`."""
    try:
        decode(payload)
    except Unsound:
        return
    assert payload[:1] == b"\x01"


@pytest.mark.rule("BUS-4")
@given(word=WORDS, at=st.integers(0), bit=st.integers(0, 7))
def test_nothing_without_the_seal_counts(word: ToNodes, at: int, bit: int) -> None:
    """Another key, another list, one flipped bit, a missing end: none of them is taken."""
    payload = encode("node", word)
    sealed = seal(KEY, "list-a", payload)
    assert unseal(KEY, "list-a", sealed) == payload
    forged = bytearray(sealed)
    forged[at % len(forged)] ^= 1 << bit
    assert unseal(KEY, "list-a", bytes(forged)) is None
    assert unseal(KEY, "list-b", sealed) is None
    assert unseal(b"x" * 32, "list-a", sealed) is None
    assert unseal(KEY, "list-a", sealed[:-1]) is None
    assert unseal(KEY, "list-a", b"") is None


def test_an_entry_keeps_its_batch() -> None:
    """So that a batch in doubt is found in what is heard."""
    entry = LogEntry(3, b"x", UUID(int=2**127), "ana")
    _, heard = decode(encode("node", Publish(1, 3, [entry])))
    assert heard == as_heard("node", Publish(1, 3, [entry]))
