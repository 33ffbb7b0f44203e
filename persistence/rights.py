"""What the open rooms of a node rest on, asked of the database all at once: which rights and heads have moved since?

One statement serves every open room of a node. It is given what the node believes and answers differences only, so a
round in which nothing happened carries nothing back. Every look-up is by primary key or by an index that begins with
the value, one lateral look-up for each, as in the commit statement: the plan stays good however the tables grow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import asyncpg
import orjson

from auth.grants import Grant, GrantKind
from auth.roles import Role
from persistence.pool import reaching


@dataclass(frozen=True, slots=True)
class WorkspaceBelief:
    """The lists of a workspace that are not in the trash, and the versions of all its memberships added up."""

    lists: frozenset[str]
    members_version: int


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What a node believes of the rights that its open rooms rest on.

    `memberships` maps (workspace, user) to the membership's version; a workspace is `None` where its rooms believe
    different things.
    """

    memberships: Mapping[tuple[str, str], int] = field(default_factory=dict)
    grants: frozenset[Grant] = frozenset()
    lists: frozenset[str] = frozenset()
    workspaces: Mapping[str, WorkspaceBelief | None] = field(default_factory=dict)
    heads: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The epoch and the head of each open list, as it has been shown."""


@dataclass(frozen=True, slots=True)
class WorkspaceNow:
    """The lists and members of a workspace that are not as believed."""

    workspace_id: str
    lists: frozenset[str]
    members: frozenset[str]
    members_version: int


@dataclass(frozen=True, slots=True)
class MembershipNow:
    """A membership that is not as believed; `role` is `None` where it has ended, `version` 0 where it never was."""

    workspace_id: str
    user_id: str
    role: Role | None
    version: int


@dataclass(frozen=True, slots=True)
class HeadNow:
    """A list that has another epoch than believed, or a later head."""

    list_id: str
    epoch: int
    head: int


@dataclass(frozen=True, slots=True)
class Differences:
    """What is not as believed: memberships, grants that have ended, lists that are gone, workspaces, heads."""

    memberships: Sequence[MembershipNow] = ()
    ended: Sequence[Grant] = ()
    gone: Sequence[str] = ()
    workspaces: Sequence[WorkspaceNow] = ()
    heads: Sequence[HeadNow] = ()


class RightsStore(Protocol):
    """Where rights are asked for. Raises `StoreUnavailable`."""

    async def differences(self, beliefs: Beliefs, now: datetime) -> Differences:
        """Compare what a node believes with what is committed."""


class PostgresRights:
    """`RightsStore` on the connections of `persistence.pool.create_pool`; the caller closes the pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def differences(self, beliefs: Beliefs, now: datetime) -> Differences:
        """Ask everything in one statement."""
        async with reaching(self._pool) as connection:
            row = await connection.fetchrow(DIFFERENCES, *arguments(beliefs, now))
        families, keys = (_parsed(row[name]) for name in ("families", "keys"))
        return Differences(
            [
                MembershipNow(workspace, user, Role(role) if active else None, version)
                for workspace, user, role, version, active in _parsed(row["memberships"])
            ],
            [Grant(GrantKind.SIGN_IN, family) for family in families] + [Grant(GrantKind.KEY, key) for key in keys],
            _parsed(row["lists"]),
            [
                WorkspaceNow(workspace, _ids(lists), _ids(members), version)
                for workspace, lists, members, version in _parsed(row["workspaces"])
            ],
            [HeadNow(*moved) for moved in _parsed(row["heads"])],
        )


def arguments(beliefs: Beliefs, now: datetime) -> tuple[Any, ...]:
    """The arguments of the statement, in its order."""
    believed = beliefs.workspaces
    return (
        [workspace for workspace, _ in beliefs.memberships],
        [user for _, user in beliefs.memberships],
        list(beliefs.memberships.values()),
        [grant.id for grant in beliefs.grants if grant.kind is GrantKind.SIGN_IN],
        [grant.id for grant in beliefs.grants if grant.kind is GrantKind.KEY],
        list(beliefs.lists),
        list(believed),
        [None if belief is None else ",".join(sorted(belief.lists)) for belief in believed.values()],
        now,
        [None if belief is None else belief.members_version for belief in believed.values()],
        list(beliefs.heads),
        [epoch for epoch, _ in beliefs.heads.values()],
        [head for _, head in beliefs.heads.values()],
    )


def _parsed(text: str | None) -> list[Any]:
    found: list[Any] = [] if text is None else orjson.loads(text)
    return found


def _ids(joined: str) -> frozenset[str]:
    return frozenset(joined.split(",")) if joined else frozenset()


DIFFERENCES: Final = """
SELECT
    (
        SELECT json_agg(json_build_array(b.workspace_id, b.user_id, m.role, coalesce(m.version, 0),
            coalesce(m.active, false)))
        FROM unnest($1::text[], $2::text[], $3::integer[]) AS b (workspace_id, user_id, version)
            LEFT JOIN LATERAL (
                SELECT role, version, removed_at IS NULL AS active
                FROM members
                WHERE workspace_id = b.workspace_id AND user_id = b.user_id
                OFFSET 0
            ) AS m ON true
        WHERE m.version IS DISTINCT FROM b.version
    ) AS memberships,
    (
        SELECT json_agg(b.family)
        FROM unnest($4::text[]) AS b (family)
            LEFT JOIN LATERAL (
                SELECT true AS alive
                FROM sessions
                WHERE family = b.family AND revoked_at IS NULL AND expires_at > $9
                LIMIT 1
            ) AS s ON true
        WHERE s.alive IS NULL
    ) AS families,
    (
        SELECT json_agg(b.id)
        FROM unnest($5::text[]) AS b (id)
            LEFT JOIN LATERAL (
                SELECT true AS alive
                FROM api_keys
                WHERE id = b.id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $9)
                LIMIT 1
            ) AS k ON true
        WHERE k.alive IS NULL
    ) AS keys,
    (
        SELECT json_agg(b.id)
        FROM unnest($6::text[]) AS b (id)
            LEFT JOIN LATERAL (
                SELECT true AS stands
                FROM lists l JOIN workspaces w ON w.id = l.workspace_id
                WHERE l.id = b.id AND l.trashed_at IS NULL AND w.trashed_at IS NULL
                LIMIT 1
            ) AS l ON true
        WHERE l.stands IS NULL
    ) AS lists,
    (
        SELECT json_agg(json_build_array(b.workspace_id, l.ids, m.ids, m.version))
        FROM unnest($7::text[], $8::text[], $10::bigint[]) AS b (workspace_id, lists, members_version),
            LATERAL (
                SELECT coalesce(string_agg(id, ',' ORDER BY id), '') AS ids
                FROM lists
                WHERE workspace_id = b.workspace_id AND trashed_at IS NULL
                OFFSET 0
            ) AS l,
            LATERAL (
                SELECT coalesce(sum(version), 0) AS version,
                    coalesce(string_agg(user_id, ',') FILTER (WHERE removed_at IS NULL), '') AS ids
                FROM members
                WHERE workspace_id = b.workspace_id
                OFFSET 0
            ) AS m
        WHERE l.ids IS DISTINCT FROM b.lists OR m.version IS DISTINCT FROM b.members_version
    ) AS workspaces,
    (
        SELECT json_agg(json_build_array(b.id, l.epoch, l.head))
        FROM unnest($11::text[], $12::integer[], $13::bigint[]) AS b (id, epoch, head),
            LATERAL (
                SELECT epoch, head
                FROM lists
                WHERE id = b.id
                OFFSET 0
            ) AS l
        WHERE l.epoch <> b.epoch OR l.head > b.head
    ) AS heads
"""
"""Arguments: `arguments`. One row of JSON texts, each NULL where everything is as believed."""
