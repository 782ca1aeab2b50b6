-- what lists are ordered by; one statement, so that the table is written anew once
ALTER TABLE torrents
    -- the name with the differences of case taken out, by the application: no
    -- database folds all of Unicode alike. The C collation sorts by code points.
    ADD COLUMN IF NOT EXISTS name_folded text COLLATE "C" NOT NULL DEFAULT '',
    -- along the life line: queued, downloading, completed
    ADD COLUMN IF NOT EXISTS status_order smallint NOT NULL GENERATED ALWAYS AS
        (CASE WHEN completed_at IS NOT NULL THEN 2 WHEN accepted_at IS NOT NULL THEN 1 ELSE 0 END) STORED,
    -- what has not completed counts as later than all that has
    ADD COLUMN IF NOT EXISTS completed_order timestamptz NOT NULL GENERATED ALWAYS AS
        (coalesce(completed_at, 'infinity'::timestamptz)) STORED;

-- lists by status, which also answer for one status, newest first
CREATE INDEX IF NOT EXISTS torrents_by_status ON torrents (status_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_status_of_user ON torrents (user_id, status_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_status_of_server ON torrents (server_id, status_order, created_at, id)
    WHERE deleted_at IS NULL;
DROP INDEX IF EXISTS torrents_list_open;
-- lists by completion
CREATE INDEX IF NOT EXISTS torrents_by_completion ON torrents (completed_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_completion_of_user ON torrents (user_id, completed_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_completion_of_server ON torrents (server_id, completed_order, created_at, id)
    WHERE deleted_at IS NULL;
-- lists by name
CREATE INDEX IF NOT EXISTS torrents_by_name ON torrents (name_folded, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_name_of_user ON torrents (user_id, name_folded, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_name_of_server ON torrents (server_id, name_folded, created_at, id)
    WHERE deleted_at IS NULL;
-- whether some torrent still needs a transfer, and where some content is
DROP INDEX IF EXISTS torrents_infohash;
CREATE INDEX IF NOT EXISTS torrents_of_infohash ON torrents (info_hash, server_id)
    WHERE deleted_at IS NULL;
