"""The watch on stores in memory: what a round tells the rooms, and what it never does."""

import asyncio
from datetime import datetime

import pytest

from auth.grants import Grant, GrantKind
from auth.roles import Role
from persistence.contract import StoreUnavailable
from persistence.memory import Membership, MemoryListStore
from persistence.memory_rights import MemoryRights
from persistence.rights import Beliefs, Differences, WorkspaceBelief
from realtime import watch as watching
from realtime.core import codec
from realtime.hub import Arrival, Hub, Seat
from realtime.watch import Watch
from tests.hub_scenes import Line, hub_of
from tests.property_list import EDDA, EMIL, LIST, NOW, OLGA, WORKSPACE, furnished_store

SIGN_IN = Grant(GrantKind.SIGN_IN, "family-of-edda")


def belief(*lists: str, members_version: int = 5) -> WorkspaceBelief:
    """What rooms believe of the workspace and its five people."""
    return WorkspaceBelief(frozenset(lists), members_version)


class CountedRights(MemoryRights):
    """Rights in memory that count how often they are asked, and may be out of reach."""

    def __init__(self, store: MemoryListStore) -> None:
        super().__init__(store)
        self.asked: list[Beliefs] = []
        self.failures: list[Exception] = []
        self.changed = asyncio.Event()

    async def differences(self, beliefs: Beliefs, now: datetime) -> Differences:
        """Count, then answer or fail."""
        self.asked.append(beliefs)
        self.changed.set()
        if self.failures:
            raise self.failures.pop(0)
        return await super().differences(beliefs, now)

    async def until_asked(self, times: int) -> None:
        """Wait until the store has been asked so often."""
        async with asyncio.timeout(20):
            while len(self.asked) < times:
                self.changed.clear()
                await self.changed.wait()


class Scene:
    """A hub on stores in memory, with its watch."""

    def __init__(self) -> None:
        self.store = furnished_store()
        self.rights = CountedRights(self.store)
        self.hub: Hub = hub_of(self.store)
        self.watch = Watch(self.hub, self.rights, lambda: NOW)

    async def join(self, grant: Grant | None = None) -> tuple[Seat, Line]:
        """Edda comes in."""
        line = Line()
        seat = await self.hub.join(LIST, EDDA, Arrival(200, control=True), line, grant=grant)
        seat.receive(b"\x00\x00" + codec.buffer(b"\x00"))
        return seat, line

    def set_member(self, membership: Membership) -> None:
        """Another node changes Edda's membership."""
        self.store.members[WORKSPACE][EDDA.user_id] = membership


@pytest.fixture
async def scene() -> Scene:
    """Nobody is there yet."""
    return Scene()


@pytest.mark.rule("ROOM-17")
async def test_without_an_open_room_nothing_is_asked(scene: Scene) -> None:
    """An idle node leaves the database alone."""
    await scene.watch.look()
    assert scene.rights.asked == []


@pytest.mark.rule("ROOM-17")
async def test_one_question_serves_all_sockets(scene: Scene) -> None:
    """A person with three sockets is asked for once, with the grants that they rest on."""
    scene.rights.grants[SIGN_IN] = None
    for _ in range(3):
        await scene.join(SIGN_IN)
    await scene.watch.look()
    (asked,) = scene.rights.asked
    assert asked == Beliefs(
        {(WORKSPACE, EDDA.user_id): 1},
        frozenset({SIGN_IN}),
        frozenset({LIST}),
        {WORKSPACE: belief(LIST)},
        {LIST: (1, 1)},
    )
    await scene.hub.close()


@pytest.mark.rule("ROOM-17", "ROOM-8")
async def test_roles_and_removals_reach_the_room(scene: Scene) -> None:
    """The role is told once; removed is 4403; what has been told is believed, and not told again."""
    _, line = await scene.join()
    scene.set_member(Membership(Role.MEMBER, 2))
    for _ in range(2):
        await scene.watch.look()
    assert sum(b'"role":"member"' in framed for framed in line.written) == 1
    scene.set_member(Membership(Role.MEMBER, 3, active=False))
    await scene.watch.look()
    assert line.closed == [4403]
    await scene.watch.look()
    assert scene.rights.asked[-1].memberships == {}
    await scene.hub.close()


@pytest.mark.rule("ROOM-17")
async def test_news_that_is_late_closes_nobody_who_has_come_back(scene: Scene) -> None:
    """A removal that was read before somebody returned is about the past."""
    scene.set_member(Membership(Role.EDITOR, 3))
    back = Line()
    returned = OLGA.__class__(EDDA.user_id, EDDA.name, Role.EDITOR, 3)
    await scene.hub.join(LIST, returned, Arrival(200, control=True), back)
    await scene.hub.rights_changed(WORKSPACE, EDDA.user_id, None, 2)
    assert back.closed == []
    await scene.hub.rights_changed(WORKSPACE, EDDA.user_id, None, 0)
    assert back.closed == [4403]
    await scene.hub.close()


@pytest.mark.rule("ROOM-17", "ROOM-18", "AUTH-12")
async def test_a_grant_that_ended_closes_its_sockets_alone(scene: Scene) -> None:
    """With 4401, and nothing is sent to or taken from them afterwards."""
    other = Grant(GrantKind.KEY, "key-of-edda")
    scene.rights.grants |= {SIGN_IN: None, other: None}
    (seat, line), (_, stays) = await scene.join(SIGN_IN), await scene.join(other)
    scene.rights.grants[SIGN_IN] = NOW
    await scene.watch.look()
    assert (line.closed, stays.closed) == ([4401], [])
    written = len(line.written)
    seat.receive(b"\x03")
    assert len(line.written) == written
    await scene.hub.close()


@pytest.mark.rule("ROOM-17", "ROOM-15")
async def test_a_trashed_list_closes(scene: Scene) -> None:
    """With 4404; afterwards there is nothing to ask."""
    _, line = await scene.join()
    scene.store.lists[LIST].trashed = True
    await scene.watch.look()
    assert line.closed == [4404]
    await scene.watch.look()
    assert len(scene.rights.asked) == 1
    await scene.hub.close()


@pytest.mark.rule("ROOM-19")
async def test_new_lists_of_the_workspace_are_learnt(scene: Scene) -> None:
    """A list that another node has made is believed in after the round."""
    await scene.join()
    scene.store.lists["list-other01"] = scene.store.lists[LIST].__class__(WORKSPACE, "Other")
    for _ in range(2):
        await scene.watch.look()
    assert scene.rights.asked[-1].workspaces == {WORKSPACE: belief(LIST, "list-other01")}
    await scene.hub.close()


@pytest.mark.rule("ROOM-22")
async def test_new_members_of_the_workspace_are_learnt(scene: Scene) -> None:
    """Somebody whom another node has added may be named in a cell; somebody whom it has removed may not."""
    seat, _ = await scene.join()
    scene.store.members[WORKSPACE] |= {
        "user-cleo----": Membership(Role.MEMBER),
        EMIL.user_id: Membership(Role.EDITOR, 2, active=False),
    }
    await scene.watch.look()
    members = seat.runner._room.ledger.draft.members
    assert "user-cleo----" in members
    assert EMIL.user_id not in members
    assert scene.hub.beliefs().workspaces == {WORKSPACE: belief(LIST, members_version=7)}
    await scene.hub.close()


@pytest.mark.rule("ROOM-20")
async def test_a_database_that_is_away_is_asked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told once that rights cannot be read, and a failure of another kind ends nothing either."""
    monkeypatch.setattr(watching, "INTERVAL_SECONDS", 0.001)
    _, line = await scene.join()
    scene.set_member(Membership(Role.MEMBER, 2))
    scene.rights.failures = [StoreUnavailable("away"), StoreUnavailable("away"), ValueError("odd")]
    scene.watch.start()
    await scene.rights.until_asked(3)
    await line.until(lambda: any(b'"role":"member"' in framed for framed in line.written))
    await scene.watch.close()
    await scene.hub.close()
    said = capsys.readouterr().out
    assert said.count("rights cannot be read") == 1
    assert said.count("rights could not be compared") == 1


@pytest.mark.rule("ROOM-19")
async def test_a_room_on_its_way_learns_the_lists_too(scene: Scene) -> None:
    """A call that has just read the lists tells a room that began to open before."""
    opening = asyncio.create_task(scene.join())
    await asyncio.sleep(0)
    assert scene.hub._opening
    await scene.hub.lists_known(WORKSPACE, frozenset({LIST, "list-newer01"}))
    await opening
    assert scene.hub.beliefs().workspaces == {WORKSPACE: belief(LIST, "list-newer01")}
    await scene.hub.close()


async def test_rooms_that_disagree_are_told_again(scene: Scene) -> None:
    """Two rooms of one workspace that believe in different lists have no belief in common."""
    await scene.join()
    scene.store.lists["list-other01"] = scene.store.lists[LIST].__class__(WORKSPACE, "Other")
    scene.store.lists["list-other01"].log.extend(scene.store.lists[LIST].log)
    scene.store.lists["list-other01"].head = 1
    await scene.hub.join("list-other01", EMIL, Arrival(200, control=False), Line())
    assert scene.hub.beliefs().workspaces == {WORKSPACE: None}
    await scene.watch.look()
    assert scene.hub.beliefs().workspaces == {WORKSPACE: belief(LIST, "list-other01")}
    await scene.hub.close()
