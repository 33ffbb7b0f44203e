"""The presence board: who may say what of whom."""

from datetime import UTC, datetime, timedelta

import pytest

from persistence.contract import Json
from realtime.core import messages
from realtime.core.limits import Limits
from realtime.core.messages import Presence, PresenceEntry
from realtime.core.presence import PresenceBoard

USER: dict[str, Json] = {"id": "user-edda----", "name": "Edda"}
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SMALL = Limits(presence_state_bytes_max=100, presence_ids_per_session_max=2, presence_ids_per_user_max=3)
STAMPED = '{"x":1,"user":{"id":"user-edda----","name":"Edda"}}'


@pytest.fixture
def board() -> PresenceBoard:
    """A board for states of 100 bytes."""
    return PresenceBoard(SMALL)


def say(board: PresenceBoard, *entries: PresenceEntry, session: str = "one") -> tuple[PresenceEntry, ...]:
    """A session of the owner of clients 7 and 8 speaks; what is shown then."""
    board.receive(session, USER, entries, lambda client: client in (7, 8), NOW)
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
def test_an_echo_keeps_nobody_here(board: PresenceBoard) -> None:
    """A person's other tab repeats what it was shown; the client goes with the socket that moved it."""
    say(board, PresenceEntry(7, 5, '{"x":1}'))
    assert say(board, PresenceEntry(7, 5, '{"x":1}'), session="two") == ()
    board.leave("one")
    assert board.take_changes() == (PresenceEntry(7, 5, "null"),)
    assert say(board, PresenceEntry(7, 5, '{"x":1}'), session="two") == (), "an echo that comes late shows no ghost"


@pytest.mark.rule("PRES-6")
@pytest.mark.parametrize("first", ["one", "two"])
def test_a_client_goes_with_the_first_socket_that_moved_it(board: PresenceBoard, first: str) -> None:
    """Tabs pass each other's states on; who is still there after all answers, and is shown again."""
    say(board, PresenceEntry(7, 5, '{"x":1}'))
    say(board, PresenceEntry(7, 6, '{"x":2}'), session="two")
    board.leave(first)
    assert board.take_changes() == (PresenceEntry(7, 6, "null"),)
    (shown,) = say(board, PresenceEntry(7, 7, '{"x":2}'), session="two" if first == "one" else "one")
    assert (shown.client, shown.clock) == (7, 7)


@pytest.mark.rule("PRES-8")
def test_who_comes_back_is_told_that_they_were_seen_off(board: PresenceBoard) -> None:
    """With the clock at which everybody saw them go, nobody would show them; the answer makes them take the next."""
    say(board, PresenceEntry(7, 5, '{"x":1}'))
    board.leave("one")
    board.take_changes()
    told = board.receive("two", USER, [PresenceEntry(7, 5, '{"x":1}')], lambda _: True, NOW)
    assert told == (PresenceEntry(7, 5, "null"),)
    assert not board.changed
    assert say(board, PresenceEntry(7, 6, '{"x":1}'), session="two") == (PresenceEntry(7, 6, STAMPED),)


@pytest.mark.rule("PRES-9")
def test_an_id_is_claimed_last() -> None:
    """What is not shown for another reason reserves no client id, and neither does a goodbye."""
    board, claimed = PresenceBoard(SMALL), []
    entries = [PresenceEntry(client, 1, "{}") for client in range(7, 2_000)]
    entries += [PresenceEntry(1, 1, "null"), PresenceEntry(2, 1, "5"), PresenceEntry(3, 1, '{"x":"' + "y" * 200 + '"}')]
    board.receive("one", USER, entries, lambda client: claimed.append(client) is None, NOW)
    assert claimed == [7, 8]


@pytest.mark.rule("PRES-7", "PRES-9")
def test_a_person_speaks_for_few_clients_on_all_their_sockets(board: PresenceBoard) -> None:
    """Two each, three together; who leaves makes room."""
    for session, first in (("one", 10), ("two", 20)):
        entries = [PresenceEntry(client, 1, "{}") for client in range(first, first + 5)]
        board.receive(session, USER, entries, lambda _: True, NOW)
    assert [entry.client for entry in board.everybody()] == [10, 11, 20]
    board.leave("one")
    board.receive("two", USER, [PresenceEntry(21, 1, "{}"), PresenceEntry(22, 1, "{}")], lambda _: True, NOW)
    assert [entry.client for entry in board.everybody()] == [20, 21]


@pytest.mark.rule("PRES-11")
def test_a_person_who_says_too_much_is_not_passed_on() -> None:
    """What is beyond the rate is not shown; a little later the newest is."""
    board = PresenceBoard(Limits(presence_bytes_per_second_max=100.0, presence_burst_bytes_max=200.0))
    shown = [say(board, PresenceEntry(7, clock, '{"x":1}')) for clock in range(1, 10)]
    assert 0 < sum(map(len, shown)) < 9
    board.receive("one", USER, [PresenceEntry(7, 99, '{"x":1}')], lambda _: True, NOW + timedelta(seconds=5))
    assert board.take_changes() == (PresenceEntry(7, 99, STAMPED),)


@pytest.mark.rule("PRES-12")
def test_what_is_shown_can_be_sent_back() -> None:
    """Stock clients send on what they are shown, in one frame: however much is shown, no frame comes near the limit."""
    entries = [PresenceEntry(5_000 + number, 1, '{"x":"' + "y" * 8_000 + '"}') for number in range(300)]
    entries += [PresenceEntry(9_000 + number, 1, "{}") for number in range(3_000)]
    shown = messages.presence_messages(entries)
    assert max(map(len, shown)) < Limits().frame_bytes_max / 8
    decoded = [messages.decode(message) for message in shown]
    assert [entry for one in decoded if isinstance(one, Presence) for entry in one.entries] == entries
    assert messages.presence_messages(()) == []


@pytest.mark.rule("PRES-10")
def test_a_leap_of_the_clock_hurts_nobody_else(board: PresenceBoard) -> None:
    """The last clock that there is counts for the own client, whose word it is; another's stays as it was."""
    say(board, PresenceEntry(7, 2**31 - 1, "{}"), PresenceEntry(9, 2**31 - 1, "{}"))
    assert say(board, PresenceEntry(8, 1, "{}"))
    board.receive("nine", USER, [PresenceEntry(9, 1, '{"x":1}')], lambda client: client == 9, NOW)
    assert board.take_changes() == (PresenceEntry(9, 1, STAMPED),)


@pytest.mark.rule("PRES-7")
def test_a_session_speaks_for_few_clients() -> None:
    """What is beyond the limit is dropped."""
    board = PresenceBoard(Limits(presence_ids_per_session_max=1))
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
    board = PresenceBoard(Limits())
    for depth in range(900, 1100):
        assert say(board, PresenceEntry(7, 1, '{"x":' + "[" * depth + "]" * depth + "}")) == ()
