"""The commit of a list as one SQL statement: checks, log, audit and relational rows, in one round trip.

`head` is the gate that everything else reads from: it takes the list's row if number, epoch and trash allow it
and every acting user's membership is the one that the edits were judged under. The memberships are read with
`FOR SHARE`, so a revocation either committed before and is seen here, or waits until this commit is done. If
the gate stays shut, no other part writes. The rows' snapshot is sound because a list's rows change only under
its head, and the head was found to be the expected one.
"""

from typing import Final

COMMIT: Final = """
WITH asked AS (
    SELECT m.user_id, m.role, m.version, m.removed_at IS NULL AS active, judged.version AS judged_version
    FROM unnest($9::text[], $10::integer[]) AS judged (user_id, version)
    JOIN members m ON m.user_id = judged.user_id
        AND m.workspace_id = (SELECT workspace_id FROM lists WHERE id = $1)
    ORDER BY m.user_id
    FOR SHARE OF m
),
head AS (
    UPDATE lists
    SET head = head + cardinality($5::bytea[]), schema = coalesce($17::jsonb, schema), name = coalesce($18, name)
    WHERE id = $1 AND head = $2 AND epoch = $3 AND trashed_at IS NULL
        AND (SELECT count(*) FROM asked WHERE active AND version = judged_version) = cardinality($9::text[])
    RETURNING workspace_id
),
logged AS (
    INSERT INTO updates (list_id, seq, actor, source, batch_id, update, at)
    SELECT $1, $2 + entry.number, entry.actor, entry.source, $4, entry.update, entry.at
    FROM head, unnest($5::bytea[], $6::text[], $7::text[], $8::timestamptz[])
        WITH ORDINALITY AS entry (update, actor, source, at, number)
),
audited AS (
    INSERT INTO facts (list_id, seq, ordinal, kind, row_id, column_id, entity, attribute, old, new,
        actor, source, reason, at)
    SELECT $1, $2 + 1 + f.u, f.n, f.kind, f."row", f."column", f.entity, f.attribute, f.old, f.new,
        f.actor, f.source, f.reason, f.at
    FROM head, jsonb_to_recordset($11::jsonb) AS f (u integer, n integer, kind text, "row" text, "column" text,
        entity text, attribute text, old jsonb, new jsonb, actor text, source text, reason text, at timestamptz)
),
row_patches AS (
    SELECT p.*, head.workspace_id
    FROM head, jsonb_to_recordset($12::jsonb) AS p ("row" text, u integer, actor text, at timestamptz, "set" jsonb,
        cleared text[], position text, trash boolean, trashed_by text, trashed_at timestamptz,
        created_by text, created_at timestamptz)
),
patched AS (
    UPDATE records r
    SET data = (r.data - p.cleared) || p."set",
        position = coalesce(p.position, r.position),
        seq = $2 + 1 + p.u, updated_at = p.at, updated_by = p.actor,
        trashed_at = CASE WHEN p.trash THEN p.trashed_at ELSE r.trashed_at END,
        trashed_by = CASE WHEN p.trash THEN p.trashed_by ELSE r.trashed_by END
    FROM row_patches p
    WHERE r.list_id = $1 AND r.row_id = p."row"
),
added AS (
    INSERT INTO records (list_id, row_id, workspace_id, data, position, seq, created_at, created_by,
        updated_at, updated_by, trashed_at, trashed_by)
    SELECT $1, p."row", p.workspace_id, p."set", p.position, $2 + 1 + p.u, p.created_at, p.created_by,
        p.at, p.actor, p.trashed_at, p.trashed_by
    FROM row_patches p
    WHERE NOT EXISTS (SELECT FROM records r WHERE r.list_id = $1 AND r.row_id = p."row")
),
link_patches AS (
    SELECT p.*
    FROM head, jsonb_to_recordset($13::jsonb)
        AS p ("row" text, "column" text, target_list text, target_row text, present boolean)
),
unlinked AS (
    DELETE FROM links l
    USING link_patches p
    WHERE NOT p.present
        AND l.list_id = $1 AND l.row_id = p."row" AND l.column_id = p."column" AND l.target_row_id = p.target_row
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
