"""The presence board: who may say what of whom."""

import pytest

from persistence.contract import Json
from realtime.core.messages import PresenceEntry
from realtime.core.presence import PresenceBoard

USER: dict[str, Json] = {"id": "user-edda----", "name": "Edda"}
STAMPED = '{"x":1,"user":{"id":"user-edda----","name":"Edda"}}'


@pytest.fixture
def board() -> PresenceBoard:
    """A board for states of 100 bytes."""
    return PresenceBoard(100, 2)


def say(board: PresenceBoard, *entries: PresenceEntry, session: str = "one") -> tuple[PresenceEntry, ...]:
    """A session of the owner of clients 7 and 8 speaks; what is shown then."""
    board.receive(session, USER, entries, lambda client: client in (7, 8))
    return board.take_changes()


@pytest.mark.rule("PRES-2")
def test_foreign_entries_are_dropped(board: PresenceBoard) -> None:
    """Stock clients echo everybody; only the own ids count."""
    assert say(board, PresenceEntry(9, 1, "{}"), PresenceEntry(7, 1, '{"x":1}')) == (PresenceEntry(7, 1, STAMPED),)
    assert [entry.client for entry in board.everybody()] == [7]


@pytest.mark.rule("PRES-3")
def test_an_old_clock_is_not_sent_on(board: PresenceBoard) -> None:
    """Repeated and older states change nothing."""
    say(board, PresenceEntry(7, 5, '{"x":1}'))
    assert say(board, PresenceEntry(7, 5, '{"x":2}'), PresenceEntry(7, 4, '{"x":3}')) == ()
    assert not board.changed


@pytest.mark.rule("PRES-6")
def test_a_client_stays_while_anyone_speaks_for_it(board: PresenceBoard) -> None:
    """Tabs of one browser echo each other; the last of them takes the state along."""
    say(board, PresenceEntry(7, 5, '{"x":1}'))
    assert say(board, PresenceEntry(7, 5, '{"x":1}'), session="two") == ()
    board.leave("one")
    assert not board.changed
    board.leave("two")
    assert board.take_changes() == (PresenceEntry(7, 5, "null"),)


@pytest.mark.rule("PRES-7")
def test_a_session_speaks_for_few_clients() -> None:
    """What is beyond the limit is dropped."""
    board = PresenceBoard(100, 1)
    assert [entry.client for entry in say(board, PresenceEntry(7, 1, "{}"), PresenceEntry(8, 1, "{}"))] == [7]


@pytest.mark.rule("PRES-6")
def test_gone_is_gone(board: PresenceBoard) -> None:
    """By word or by leaving; only once, and never by an older word."""
    say(board, PresenceEntry(7, 5, "{}"), PresenceEntry(8, 1, "{}"))
    assert say(board, PresenceEntry(7, 4, "null")) == ()
    assert say(board, PresenceEntry(7, 5, "null")) == (PresenceEntry(7, 5, "null"),)
    assert say(board, PresenceEntry(7, 6, "null")) == ()
    board.leave("one")
    assert board.take_changes() == (PresenceEntry(8, 1, "null"),)
    board.leave("one")
    assert board.everybody() == ()


@pytest.mark.rule("PRES-7")
@pytest.mark.parametrize(
    "state",
    [
        *("", "{", "[]", "5", '"x"', "true", '{"x":NaN}', '{"x":1e999}', '{"x":"\\ud800"}', '{"x":"\\u0000"}'),
        *(
            '{"__proto__":1}',
            '{"x":' + "[" * 9 + "]" * 9 + "}",
            '{"x":"' + "y" * 100 + '"}',
            '{"a":' * 20 + "1" + "}" * 20,
        ),
        *('{"x":' + "9" * 5000 + "}", "[" * 5000),
    ],
)
def test_states_are_small_plain_objects(board: PresenceBoard, state: str) -> None:
    """Anything else is dropped, and nobody hears of it."""
    assert say(board, PresenceEntry(7, 1, state)) == ()


def test_a_deeply_nested_state_is_dropped() -> None:
    """However deep the reader's own stack is."""
    board = PresenceBoard(4096, 2)
    for depth in range(900, 1100):
        assert say(board, PresenceEntry(7, 1, '{"x":' + "[" * depth + "]" * depth + "}")) == ()
