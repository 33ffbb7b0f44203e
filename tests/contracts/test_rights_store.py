"""Every rights store gives the same answer to the same beliefs."""

from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from auth.grants import Grant, GrantKind
from auth.roles import Role
from persistence.memory import Membership
from persistence.memory_rights import MemoryRights
from persistence.rights import (
    Beliefs,
    Differences,
    MembershipNow,
    PostgresRights,
    RightsStore,
    WorkspaceBelief,
    WorkspaceNow,
)
from tests.list_scenes import ANA, LIST, MIA, START, WORKSPACE, MemoryScene, PostgresScene, furnish

SIGN_IN = Grant(GrantKind.SIGN_IN, "family")
KEY = Grant(GrantKind.KEY, "key")
EVERYBODY = frozenset({ANA, MIA})
LATER = START + timedelta(days=1)


class MemoryDesk:
    """The store in memory, and the hand that gives and ends grants."""

    def __init__(self) -> None:
        self.scene = MemoryScene()
        self.memory = MemoryRights(self.scene.store)
        self.rights: RightsStore = self.memory

    async def give(self, grant: Grant, end: datetime | None) -> None:
        """Give a grant to Ana, or move its end."""
        self.memory.grants[grant] = end

    async def revoke(self, grant: Grant) -> None:
        """End a grant."""
        self.memory.grants[grant] = START


class PostgresDesk:
    """The same on PostgreSQL."""

    def __init__(self, scene: PostgresScene) -> None:
        self.scene = scene
        self.rights: RightsStore = PostgresRights(scene.pool)

    async def give(self, grant: Grant, end: datetime | None) -> None:
        """Give a grant to Ana, or move its end."""
        if grant.kind is GrantKind.KEY:
            await self.scene.pool.execute(
                """INSERT INTO api_keys (id, workspace_id, user_id, name, hash, read_only, created_at, expires_at)
                VALUES ($1, $2, $3, 'Robot', $4, false, $5, $6)
                ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at""",
                *(grant.id, WORKSPACE, ANA, grant.id.encode(), START, end),
            )
            return
        await self.scene.pool.execute(
            "INSERT INTO sessions (id, user_id, family, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5)",
            *(f"{grant.id}-{end}", ANA, grant.id, f"{grant.id}-{end}".encode(), end or LATER),
        )

    async def revoke(self, grant: Grant) -> None:
        """End a grant."""
        table, column = ("api_keys", "id") if grant.kind is GrantKind.KEY else ("sessions", "family")
        await self.scene.pool.execute(f"UPDATE {table} SET revoked_at = $2 WHERE {column} = $1", grant.id, START)


Desk = MemoryDesk | PostgresDesk


@pytest.fixture(params=["memory_desk", "postgres_desk"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """A furnished scene with each rights store."""
    chosen: Desk = request.getfixturevalue(request.param)
    return chosen


@pytest_asyncio.fixture
async def memory_desk() -> MemoryDesk:
    """The desk on dictionaries."""
    made = MemoryDesk()
    await furnish(made.scene)
    return made


@pytest_asyncio.fixture
async def postgres_desk(postgres_list_scene: PostgresScene) -> PostgresDesk:
    """The desk on a fresh database."""
    return PostgresDesk(postgres_list_scene)


async def memberships(desk: Desk, **versions: int) -> list[MembershipNow]:
    """What is not as believed of memberships."""
    beliefs = Beliefs({(WORKSPACE, user): version for user, version in versions.items()})
    return list((await desk.rights.differences(beliefs, START)).memberships)


@pytest.mark.rule("ROOM-17")
async def test_what_is_as_believed_is_not_told(desk: Desk) -> None:
    """Members, grants, lists: nothing has happened, so nothing comes back."""
    await desk.give(SIGN_IN, LATER)
    await desk.give(KEY, None)
    held = {(WORKSPACE, ANA): 1, (WORKSPACE, MIA): 1}
    beliefs = Beliefs(
        held, frozenset({SIGN_IN, KEY}), frozenset({LIST}), {WORKSPACE: WorkspaceBelief(frozenset({LIST}), 2)}
    )
    assert await desk.rights.differences(beliefs, START) == Differences([], [], [], [], [])


@pytest.mark.rule("ROOM-17")
async def test_memberships_that_moved_are_told(desk: Desk) -> None:
    """A new role, an end, a return, and somebody who never was a member."""
    await desk.scene.set_member(ANA, Membership(Role.ADMIN, 2))
    assert await memberships(desk, ana=1, mia=1) == [MembershipNow(WORKSPACE, ANA, Role.ADMIN, 2)]
    await desk.scene.set_member(ANA, Membership(Role.ADMIN, 3, active=False))
    assert await memberships(desk, ana=2) == [MembershipNow(WORKSPACE, ANA, None, 3)]
    await desk.scene.set_member(ANA, Membership(Role.MEMBER, 4))
    assert await memberships(desk, ana=3) == [MembershipNow(WORKSPACE, ANA, Role.MEMBER, 4)]
    assert await memberships(desk, nobody=1) == [MembershipNow(WORKSPACE, "nobody", None, 0)]


@pytest.mark.rule("ROOM-17", "AUTH-12")
@pytest.mark.parametrize("grant", [SIGN_IN, KEY])
async def test_grants_that_ended_are_told(desk: Desk, grant: Grant) -> None:
    """By their time, by revocation, and those that never were."""
    beliefs = Beliefs(grants=frozenset({grant}))
    assert (await desk.rights.differences(beliefs, START)).ended == [grant]
    await desk.give(grant, LATER)
    assert (await desk.rights.differences(beliefs, LATER - timedelta(seconds=1))).ended == []
    assert (await desk.rights.differences(beliefs, LATER)).ended == [grant]
    await desk.revoke(grant)
    assert (await desk.rights.differences(beliefs, START)).ended == [grant]


@pytest.mark.rule("ROOM-17", "AUTH-12")
async def test_a_sign_in_lasts_as_long_as_its_latest_token(desk: Desk) -> None:
    """A refresh moves the end on."""
    await desk.give(SIGN_IN, LATER)
    await desk.give(SIGN_IN, LATER + timedelta(days=1))
    assert (await desk.rights.differences(Beliefs(grants=frozenset({SIGN_IN})), LATER)).ended == []


@pytest.mark.rule("ROOM-17")
async def test_lists_that_are_gone_are_told(desk: Desk) -> None:
    """One that never was, one in the trash, one whose workspace is."""
    beliefs = Beliefs(lists=frozenset({LIST, "nowhere"}))
    assert (await desk.rights.differences(beliefs, START)).gone == ["nowhere"]
    await desk.scene.set_workspace_trashed()
    assert sorted((await desk.rights.differences(beliefs, START)).gone) == ["nowhere", LIST]


@pytest.mark.rule("ROOM-19")
async def test_the_lists_of_a_workspace_are_told(desk: Desk) -> None:
    """If they are others than believed, and if the node's rooms do not agree; without those in the trash."""
    for lists in (frozenset[str](), frozenset({LIST, "other"}), None):
        belief = None if lists is None else WorkspaceBelief(lists, 2)
        assert await workspaces(desk, belief) == [WorkspaceNow(WORKSPACE, frozenset({LIST}), EVERYBODY, 2)]
    await desk.scene.set_trashed(LIST)
    found = await workspaces(desk, WorkspaceBelief(frozenset({LIST}), 2))
    assert found == [WorkspaceNow(WORKSPACE, frozenset(), EVERYBODY, 2)]


@pytest.mark.rule("ROOM-22")
async def test_the_members_of_a_workspace_are_told(desk: Desk) -> None:
    """Somebody new, somebody removed, somebody with another role: each moves the sum of versions on."""
    lists = frozenset({LIST})
    await desk.scene.set_member("cleo", Membership(Role.MEMBER))
    assert await workspaces(desk, WorkspaceBelief(lists, 2)) == [
        WorkspaceNow(WORKSPACE, lists, EVERYBODY | {"cleo"}, 3)
    ]
    await desk.scene.set_member("cleo", Membership(Role.MEMBER, 2, active=False))
    assert await workspaces(desk, WorkspaceBelief(lists, 3)) == [WorkspaceNow(WORKSPACE, lists, EVERYBODY, 4)]
    assert await workspaces(desk, WorkspaceBelief(lists, 4)) == []


async def workspaces(desk: Desk, belief: WorkspaceBelief | None) -> list[WorkspaceNow]:
    """What is not as believed of the workspace."""
    return list((await desk.rights.differences(Beliefs(workspaces={WORKSPACE: belief}), START)).workspaces)
