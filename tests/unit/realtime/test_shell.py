"""The shell: outboxes, the runner and the hub on the store in memory. Tests wait for conditions, never for time."""

import asyncio
from uuid import uuid4

import pytest
import structlog

from auth.roles import Role
from persistence.contract import LogEntry, Source, StoreUnavailable
from realtime.core import events
from realtime.core.limits import Limits
from realtime.core.reasons import Reason
from realtime.core.writes import AddRow, SetCell
from realtime.hub import Arrival, Barred, Busy, Crowded, ListMissing, WritesRefused
from realtime.outbox import Outbox, frame
from realtime.seat import GIVE_WAY_SECONDS, TURN_SECONDS
from tests.hub_scenes import Line, SlowStore, hub_of, join
from tests.property_list import (
    EDDA,
    EMIL,
    LIST,
    MIA,
    NAME,
    NOW,
    OLGA,
    QUAY,
    WORKSPACE,
    item,
    update_frame,
    update_of,
)


@pytest.fixture
def store() -> SlowStore:
    """The list, its people, an open gate."""
    return SlowStore()


@pytest.mark.rule("WIRE-11")
@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x82\x00"),
        (125, b"\x82\x7d"),
        (126, b"\x82\x7e\x00\x7e"),
        (65535, b"\x82\x7e\xff\xff"),
        (65536, b"\x82\x7f" + bytes(5) + b"\x01\x00\x00"),
    ],
)
def test_frames_are_framed_by_their_length(size: int, head: bytes) -> None:
    """RFC 6455, section 5.2, without a mask."""
    framed = frame(b"x" * size)
    assert framed.startswith(head)
    assert len(framed) == len(head) + size


@pytest.mark.rule("ROOM-9")
async def test_an_outbox_tells_once_when_it_is_full_and_when_it_has_drained() -> None:
    """Until it has drained, it is not told again."""
    line, told = Line(), list[object]()
    outbox = Outbox(line, 10, lambda: told.append("congested"), lambda: told.append("drained"), told.append)
    outbox.write(b"x")
    line.drained()
    line.held = 11
    outbox.write(b"x")
    outbox.write(b"x")
    line.drained()
    outbox.close(1001, "Bye.")
    assert told == ["congested", "drained", 1001]
    assert line.closed == [1001]
    assert outbox.written_bytes == 3


@pytest.mark.rule("OPS-4")
async def test_what_a_room_does_for_all_is_not_put_down_to_one(
    store: SlowStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that is not answered is logged with its list, and without the call that happened to set it off."""
    hub = hub_of(store)
    store.failures = [StoreUnavailable()]
    with structlog.contextvars.bound_contextvars(request_id="a-call-of-olgas"):
        await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    await hub.close()
    (said,) = [line for line in capsys.readouterr().out.splitlines() if "commit unanswered" in line]
    assert LIST in said
    assert "a-call-of-olgas" not in said


@pytest.mark.rule("API-7")
async def test_a_write_returns_when_it_is_durable(store: SlowStore) -> None:
    """With the head and the time; a refusal names the writes."""
    hub = hub_of(store)
    written = await hub.write(LIST, OLGA, [AddRow(QUAY), SetCell(QUAY, NAME, "Quay 1")], source=Source.API)
    assert (written.head, written.at) == (2, NOW)
    assert store.lists[LIST].rows[QUAY].cells == {NAME: "Quay 1"}
    with pytest.raises(WritesRefused) as refused:
        await hub.write(LIST, MIA, [SetCell(QUAY, NAME, "x")], source=Source.API)
    assert refused.value.refusals == [(0, Reason.ROLE)]
    await hub.close()


@pytest.mark.rule("ROOM-1")
async def test_teammates_see_an_edit_after_its_commit(store: SlowStore) -> None:
    """Held up at the store, nothing is shown; afterwards everybody has it."""
    hub = hub_of(store)
    await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    (edda, _), (_, line) = await join(hub, EDDA), await join(hub, EMIL)
    store.gate.clear()
    before = len(line.written)
    edda.receive(update_frame(update_of(item(5001, 0, "Quay 1", f"c:{QUAY}:{NAME}"))))
    await asyncio.sleep(0)
    assert len(line.written) == before
    store.gate.set()
    await line.until(lambda: any(b"Quay 1" in framed for framed in line.written))
    assert store.lists[LIST].rows[QUAY].cells == {NAME: "Quay 1"}
    await hub.close()
    assert line.closed == [1001]


@pytest.mark.rule("ROOM-16")
async def test_a_list_is_opened_once(store: SlowStore) -> None:
    """However many ask at the same moment; a list that is not there is missing to all of them."""
    hub = hub_of(store)
    await asyncio.gather(*(hub.write(LIST, OLGA, [AddRow(f"row-new0000{n}")], source=Source.API) for n in range(5)))
    assert store.opened == 1
    results = await asyncio.gather(
        *(hub.write("list-missing", OLGA, [], source=Source.API) for _ in range(2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [ListMissing, ListMissing]
    await hub.close()
    with pytest.raises(Busy):
        await hub.write(LIST, OLGA, [AddRow("row-late00001")], source=Source.API)


@pytest.mark.rule("ROOM-16")
async def test_seats_are_limited_and_given_back(store: SlowStore) -> None:
    """The next one gets in when somebody leaves."""
    hub = hub_of(store, Limits(sessions_per_list_max=1))
    seat, _ = await join(hub, EDDA)
    with pytest.raises(Busy):
        await join(hub, EMIL)
    hub.leave(seat)
    await join(hub, EMIL)
    await hub.close()


@pytest.mark.rule("ROOM-25")
async def test_a_person_has_so_many_sockets_on_all_lists(store: SlowStore) -> None:
    """A colleague is not touched by it; a list that does not exist takes no place."""
    hub = hub_of(store, Limits(sessions_per_user_max=1))
    with pytest.raises(ListMissing):
        await hub.join("list-nowhere1", EDDA, Arrival(200, control=True), Line())
    seat, _ = await join(hub, EDDA)
    with pytest.raises(Crowded):
        await join(hub, EDDA)
    await join(hub, EMIL)
    hub.leave(seat)
    await join(hub, EDDA)
    await hub.close()


@pytest.mark.rule("ROOM-59")
@pytest.mark.parametrize(("worked", "rests"), [(TURN_SECONDS / 2, 0.0), (2 * TURN_SECONDS, GIVE_WAY_SECONDS)])
async def test_who_takes_long_lets_others_go_first(
    store: SlowStore, monkeypatch: pytest.MonkeyPatch, worked: float, rests: float
) -> None:
    """A short rest follows a frame that kept the process, and none a quick one."""
    hub = hub_of(store)
    seat, _ = await join(hub, EDDA)
    times = iter((1.0, 1.0 + worked))
    monkeypatch.setattr("realtime.seat.thread_time", lambda: next(times))
    assert seat.receive(b"\x03") == rests
    await hub.close()


@pytest.mark.rule("ROOM-25")
async def test_all_sockets_of_a_person_draw_on_one_allowance(store: SlowStore) -> None:
    """What one of them spends the other has no more; a colleague has their own."""
    hub = hub_of(store, Limits(frames_per_second_max=1, burst_seconds=4))
    (one, _), (other, _), (colleague, _) = await join(hub, EDDA), await join(hub, EDDA), await join(hub, EMIL)
    query = b"\x03"
    assert [one.receive(query), other.receive(query)] == [0.0, 0.0]
    assert [one.receive(query), other.receive(query)] == [1.0, 2.0]
    assert colleague.receive(query) == 0.0
    await hub.close()


@pytest.mark.rule("ROOM-27")
async def test_who_is_closed_again_and_again_stays_outside(store: SlowStore) -> None:
    """Two unsound frames on two connections, and the third does not come in, on no list of the node."""
    hub = hub_of(store, Limits(strikes_burst_max=2, strikes_per_second_max=0.1))
    for _ in range(2):
        seat, line = await join(hub, EDDA)
        seat.receive(b"\x2a")
        assert line.closed == [4400]
        hub.leave(seat)
    with pytest.raises(Barred):
        await join(hub, EDDA)
    await join(hub, EMIL)
    await hub.close()


@pytest.mark.rule("ROOM-6")
async def test_a_commit_without_an_answer_is_tried_again(store: SlowStore) -> None:
    """The store was away for a moment: the writer hears of the success only."""
    hub = hub_of(store)
    store.failures.append(StoreUnavailable())
    written = await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    assert written.head == 2
    await hub.close()


async def test_a_batch_that_the_store_cannot_take_sends_its_people_away(store: SlowStore) -> None:
    """With 1011; the room is opened anew for who comes next."""
    hub = hub_of(store)
    _, line = await join(hub, EDDA)
    store.failures.append(ValueError())
    with pytest.raises(Busy):
        await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    assert line.closed == [1011]
    assert (await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)).head == 2
    assert store.opened == 2
    await hub.close()


@pytest.mark.rule("ROOM-8", "ROOM-15")
async def test_news_of_rights_and_of_the_trash_reach_open_lists(store: SlowStore) -> None:
    """The role of the next frame; 4403; 4404."""
    hub = hub_of(store)
    (_, edda), (_, emil) = await join(hub, EDDA), await join(hub, EMIL)
    await hub.rights_changed(WORKSPACE, EDDA.user_id, Role.MEMBER, 2)
    await edda.until(lambda: any(b'"role":"member"' in framed for framed in edda.written))
    await hub.rights_changed(WORKSPACE, EDDA.user_id, None, 3)
    await edda.until(lambda: edda.closed == [4403])
    await hub.rights_changed("another-place", EMIL.user_id, None, 3)
    await hub.list_trashed(LIST)
    await emil.until(lambda: emil.closed == [4404])
    await hub.close()


@pytest.mark.rule("ROOM-15")
@pytest.mark.parametrize(
    ("happens", "code"),
    [("trashed", 4404), ("rebuilt", 4409), ("rebuilt while away", 4409), ("trashed and put back", 1013)],
)
async def test_an_edit_that_finds_its_list_gone_says_why(store: SlowStore, happens: str, code: int) -> None:
    """The commit only says that nothing was written; its people are told trash from a rebuilt document."""
    hub = hub_of(store)
    edda, line = await join(hub, EDDA)
    kept = store.lists[LIST]
    kept.trashed, kept.epoch = happens.startswith("trashed"), 1 if happens.startswith("trashed") else 2
    if happens == "trashed and put back":
        store.put_back = True
    store.away = happens == "rebuilt while away"
    edda.receive(update_frame(update_of(item(5001, 0, "a5", "r:row-new00001"))))
    await line.until(lambda: bool(line.closed))
    assert line.closed == [code]
    with pytest.raises(Busy):
        await edda.runner.request(events.Requested("late", EDDA, Source.API, ()))
    await hub.close()


@pytest.mark.rule("ROOM-15")
async def test_the_log_of_a_rebuilt_list_is_not_read_on(store: SlowStore) -> None:
    """What was committed to the new document before this node has noticed it is shown to nobody here."""
    hub = hub_of(store)
    _, edda = await join(hub, EDDA)
    kept = store.lists[LIST]
    kept.log.append(LogEntry(2, update_of(item(7001, 0, "afterwards", "meta/description")), uuid4(), OLGA.user_id))
    kept.epoch, kept.head = 2, 2
    with pytest.raises(Busy):
        await hub.write(LIST, OLGA, [AddRow(QUAY)], source=Source.API)
    assert edda.closed == [4409]
    assert not any(b"afterwards" in framed for framed in edda.written)
    await hub.close()
