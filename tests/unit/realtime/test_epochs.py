"""A list that was rebuilt: copies of the document before are turned away before anything of them is merged."""

from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest

from realtime.core import codec, events
from realtime.core.effects import Close, Effect, Send
from realtime.core.limits import Limits
from realtime.core.room import Room
from tests.property_list import EDDA, NOW, furnished_store, opened

EPOCH = 3


@pytest.fixture
def room() -> Room:
    """A list in its third epoch whose document begins with what a server wrote in the first one."""
    ids = count(100)
    return Room(replace(opened(furnished_store()), epoch=EPOCH), Limits(), lambda: UUID(int=next(ids)), NOW)


def join(room: Room, copy: int | None) -> list[Effect]:
    """A client comes, and says which epoch its copy is of, or nothing."""
    return room.decide(events.Joined("session", EDDA, 200, control=True, copy=copy), NOW)


def ask(room: Room, *clients: int) -> list[Effect]:
    """A client that says nothing sends a state vector that names these client ids."""
    join(room, None)
    vector = codec.uint(len(clients)) + b"".join(codec.uint(client) + codec.uint(1) for client in clients)
    return room.decide(events.Received("session", b"\x00\x00" + codec.buffer(vector)), NOW)


def codes(effects: list[Effect]) -> list[int]:
    """The codes of the closes among effects."""
    return [effect.code for effect in effects if isinstance(effect, Close)]


@pytest.mark.rule("ROOM-44")
@pytest.mark.parametrize(("copy", "code"), [(1, 4409), (2, 4409), (4, 1013)])
def test_a_copy_of_another_epoch_is_turned_away_before_anything_is_sent(room: Room, copy: int, code: int) -> None:
    """An older one must start afresh; a later one has come to a node that lags behind, and tries again."""
    effects = join(room, copy)
    assert codes(effects) == [code]
    assert [effect for effect in effects if isinstance(effect, Send)] == []
    assert room.idle


@pytest.mark.rule("ROOM-44")
@pytest.mark.parametrize("copy", [EPOCH, None])
def test_a_copy_of_this_epoch_comes_in(room: Room, copy: int | None) -> None:
    """So does who has none, and who does not say."""
    assert codes(join(room, copy)) == []
    assert not room.idle


@pytest.mark.rule("ROOM-45")
@pytest.mark.parametrize(("clients", "closed"), [((2, 5001), [4409]), ((7,), [1013]), ((2, 7), [1013])])
def test_a_stock_client_of_another_epoch_is_turned_away(
    room: Room, clients: tuple[int, ...], closed: list[int]
) -> None:
    """It has met a server of an epoch that this document knows nothing of."""
    effects = ask(room, *clients)
    assert codes(effects) == closed
    assert not any(isinstance(effect, Send) and effect.message[:2] == b"\x00\x01" for effect in effects)


@pytest.mark.rule("ROOM-45")
@pytest.mark.parametrize("clients", [(), (1,), (1, 5001)])
def test_a_stock_client_of_this_document_is_answered(room: Room, clients: tuple[int, ...]) -> None:
    """What the document holds of earlier epochs it has met, too: a restored backup keeps its history."""
    effects = ask(room, *clients)
    assert codes(effects) == []
    assert any(isinstance(effect, Send) and effect.message[:2] == b"\x00\x01" for effect in effects)
