"""The commit of a list as one SQL statement: checks, log, audit and relational rows, in one round trip.

`head` is the gate that everything else reads from: it takes the list's row if number, epoch and trash (the list's and its workspace's) allow it
and every acting user's membership is the one that the edits were judged under. The memberships are read with
`FOR SHARE`, so a revocation either committed before and is seen here, or waits until this commit is done. If
the gate stays shut, no other part writes. What is read of the list's rows is their latest state, because they
change only under its head, and the head was found to be the expected one. The same holds for the list's hash chain (`persistence.chain`):
it is extended by the batch's facts, and the last of them keeps its new value.

Every stored row is found by a lateral look-up that the planner cannot turn into a join (`OFFSET 0`, `FOR SHARE`):
the plan is made once, perhaps while the tables are empty, and must stay good when they have grown.
"""

from typing import Final

COMMIT: Final = """
WITH asked AS (
    SELECT m.user_id, m.role, m.version, m.active, judged.version AS judged_version
    FROM (SELECT * FROM unnest($9::text[], $10::integer[]) AS u (user_id, version) ORDER BY user_id) AS judged,
        LATERAL (
            SELECT user_id, role, version, removed_at IS NULL AS active
            FROM members
            WHERE workspace_id = (SELECT workspace_id FROM lists WHERE id = $1) AND user_id = judged.user_id
            FOR SHARE
        ) AS m
),
head AS (
    UPDATE lists
    SET head = head + cardinality($5::bytea[]), schema = coalesce($17::jsonb, schema), name = coalesce($18, name),
        log_bytes = log_bytes + (SELECT sum(octet_length(u)) FROM unnest($5::bytea[]) AS u),
        chain = coalesce(sha256(chain || $19::bytea), chain),
        generation_at = CASE WHEN $21::boolean THEN NULL ELSE coalesce($20::timestamptz, generation_at) END
    WHERE id = $1 AND head = $2 AND epoch = $3 AND trashed_at IS NULL
        AND EXISTS (SELECT FROM workspaces w WHERE w.id = lists.workspace_id AND w.trashed_at IS NULL)
        AND (SELECT count(*) FROM asked WHERE active AND version = judged_version) = cardinality($9::text[])
    RETURNING workspace_id, chain
),
logged AS (
    INSERT INTO updates (list_id, seq, actor, source, batch_id, update, at)
    SELECT $1, $2 + entry.number, entry.actor, entry.source, $4, entry.update, entry.at
    FROM head, unnest($5::bytea[], $6::text[], $7::text[], $8::timestamptz[])
        WITH ORDINALITY AS entry (update, actor, source, at, number)
),
audited AS (
    INSERT INTO facts (list_id, seq, ordinal, kind, row_id, column_id, entity, attribute, old, new,
        actor, source, reason, at, salt, seal)
    SELECT $1, $2 + 1 + f.u, f.n, f.kind, f."row", f."column", f.entity, f.attribute, f.old, f.new,
        coalesce(f.actor, ($6::text[])[f.u + 1]), coalesce(f.source, ($7::text[])[f.u + 1]), f.reason,
        coalesce(f.at, ($8::timestamptz[])[f.u + 1]), f.salt,
        CASE WHEN f.last THEN head.chain END
    FROM head, json_to_recordset($11::json) AS f (u integer, n integer, kind text, "row" text, "column" text,
        entity text, attribute text, old jsonb, new jsonb, actor text, source text, reason text, at timestamptz,
        salt bytea, last boolean)
),
patched AS (
    INSERT INTO records (list_id, row_id, workspace_id, data, position, seq, created_at, created_by,
        updated_at, updated_by, trashed_at, trashed_by)
    SELECT $1, p."row", head.workspace_id, coalesce(r.data - p.cleared, '{}'::jsonb) || p."set",
        coalesce(p.position, r.position), $2 + 1 + p.u,
        coalesce(r.created_at, p.created_at), coalesce(r.created_by, p.created_by), p.at, p.actor,
        CASE WHEN p.trash THEN p.trashed_at ELSE r.trashed_at END,
        CASE WHEN p.trash THEN p.trashed_by ELSE r.trashed_by END
    FROM head, jsonb_to_recordset($12::jsonb) AS p ("row" text, u integer, actor text, at timestamptz, "set" jsonb,
            cleared text[], position text, trash boolean, trashed_by text, trashed_at timestamptz,
            created_by text, created_at timestamptz)
        LEFT JOIN LATERAL (
            SELECT * FROM records WHERE list_id = $1 AND row_id = p."row" OFFSET 0
        ) AS r ON true
    ON CONFLICT (list_id, row_id) DO UPDATE
    SET data = excluded.data, position = excluded.position, seq = excluded.seq,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by,
        trashed_at = excluded.trashed_at, trashed_by = excluded.trashed_by
),
link_patches AS (
    SELECT p.*
    FROM head, jsonb_to_recordset($13::jsonb)
        AS p ("row" text, "column" text, target_list text, target_row text, present boolean)
),
unlinked AS (
    DELETE FROM links
    WHERE ctid = ANY (ARRAY(
        SELECT l.place
        FROM link_patches p, LATERAL (
            SELECT ctid AS place
            FROM links
            WHERE list_id = $1 AND row_id = p."row" AND column_id = p."column" AND target_row_id = p.target_row
            OFFSET 0
        ) AS l
        WHERE NOT p.present
    ))
),
linked AS (
    INSERT INTO links (list_id, row_id, column_id, target_row_id, target_list_id)
    SELECT $1, p."row", p."column", p.target_row, p.target_list
    FROM link_patches p
    WHERE p.present
    ON CONFLICT (list_id, row_id, column_id, target_row_id) DO UPDATE SET target_list_id = excluded.target_list_id
),
commented AS (
    INSERT INTO comments (list_id, comment_id, row_id, column_id, parent_id, author, at, body, mentions,
        resolved_by, resolved_at, deleted_by, deleted_at)
    SELECT $1, c.comment, c."row", c."column", c.parent, c.author, c.at, c.body, c.mentions,
        c.resolved_by, c.resolved_at, c.deleted_by, c.deleted_at
    FROM head, jsonb_to_recordset($14::jsonb) AS c (comment text, "row" text, "column" text, parent text,
        author text, at timestamptz, body text, mentions text[],
        resolved_by text, resolved_at timestamptz, deleted_by text, deleted_at timestamptz)
    ON CONFLICT (list_id, comment_id) DO UPDATE
    SET body = excluded.body, mentions = excluded.mentions,
        resolved_by = excluded.resolved_by, resolved_at = excluded.resolved_at,
        deleted_by = excluded.deleted_by, deleted_at = excluded.deleted_at
),
owned AS (
    INSERT INTO client_ids (list_id, client_id, user_id)
    SELECT $1, owner.client_id, owner.user_id
    FROM head, unnest($15::bigint[], $16::text[]) AS owner (client_id, user_id)
    ON CONFLICT (list_id, client_id) DO NOTHING
)
SELECT EXISTS (SELECT FROM head) AS committed,
    CASE WHEN NOT EXISTS (SELECT FROM head)
        THEN (SELECT json_object_agg(user_id, json_build_array(role, version)) FROM asked WHERE active)
    END AS memberships,
    workspace_id
FROM lists
WHERE id = $1
"""
"""Arguments: `persistence.payload.arguments`. One row, or none where the list does not exist:

| committed | whether everything was written; else nothing was |
| memberships | where nothing was written: JSON, user -> [role, version] of each acting user who is a member now |
| workspace_id | the list's workspace |
"""
