-- What users wish of how a torrent is treated, and what becomes of one that has
-- completed. The table is made anew, as in step 5: what is added would lie behind the
-- long magnets, where reading it is slow.
CREATE TABLE IF NOT EXISTS torrents_anew (
    id TEXT NOT NULL PRIMARY KEY,
    local_node TEXT NOT NULL,
    server_id TEXT NOT NULL REFERENCES torrent_servers (id),
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id TEXT,
    hash_string TEXT,
    name TEXT,
    -- the name with the differences of case taken out, by the application: no
    -- database folds all of Unicode alike
    name_folded TEXT NOT NULL DEFAULT '',
    completed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    -- the infohash that the magnet names
    info_hash TEXT NOT NULL,
    accepted_at TEXT,
    missing_since TEXT,
    problem_code TEXT,
    problem_since TEXT,
    problem_attempts INTEGER NOT NULL DEFAULT 0,
    retry_at TEXT,
    -- what the client has not been told yet, a bit for each setting
    unapplied INTEGER NOT NULL DEFAULT 0,
    -- it has completed, and what becomes of it then is still to be done
    seeding INTEGER NOT NULL DEFAULT 0,
    -- in place of what the server has
    on_complete TEXT,
    seed_ratio REAL,
    seed_seconds INTEGER,
    paused INTEGER NOT NULL DEFAULT 0,
    renamed INTEGER NOT NULL DEFAULT 0,
    priority TEXT NOT NULL DEFAULT 'NORMAL',
    -- in bytes per second
    download_limit INTEGER,
    upload_limit INTEGER,
    label TEXT,
    folder TEXT,
    -- the files that are left out, as JSON: pairs of the first and the last of a row
    unwanted TEXT,
    problem_message TEXT,
    "magnetURI" TEXT NOT NULL,
    -- along the life line: queued, downloading, completed
    status_order INTEGER NOT NULL GENERATED ALWAYS AS
        (CASE WHEN completed_at IS NOT NULL THEN 2 WHEN accepted_at IS NOT NULL THEN 1 ELSE 0 END) VIRTUAL,
    -- what has not completed counts as later than all that has, as the text is
    -- behind all times
    completed_order TEXT NOT NULL GENERATED ALWAYS AS (coalesce(completed_at, 'infinity')) VIRTUAL
);
INSERT INTO torrents_anew (
    id, local_node, server_id, user_id, hash_string, name, name_folded, completed_at, created_at, updated_at, deleted_at,
    info_hash, accepted_at, missing_since, problem_code, problem_since, problem_attempts, retry_at,
    problem_message, "magnetURI"
) SELECT
    id, local_node, server_id, user_id, hash_string, name, name_folded, completed_at, created_at, updated_at, deleted_at,
    info_hash, accepted_at, missing_since, problem_code, problem_since, problem_attempts, retry_at,
    problem_message, "magnetURI"
FROM torrents;
DROP TABLE torrents;
ALTER TABLE torrents_anew RENAME TO torrents;

-- lists, newest first: of all, of a user, of a server
CREATE INDEX IF NOT EXISTS torrents_list ON torrents (created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_list_of_user ON torrents (user_id, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_list_of_server ON torrents (server_id, created_at, id)
    WHERE deleted_at IS NULL;
-- the few that are in trouble, among many
CREATE INDEX IF NOT EXISTS torrents_list_with_problem ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND problem_code IS NOT NULL;
-- lists by status, which also answer for one status, newest first
CREATE INDEX IF NOT EXISTS torrents_by_status ON torrents (status_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_status_of_user ON torrents (user_id, status_order, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_by_status_of_server ON torrents (server_id, status_order, created_at, id)
    WHERE deleted_at IS NULL;
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
CREATE INDEX IF NOT EXISTS torrents_of_infohash ON torrents (info_hash, server_id)
    WHERE deleted_at IS NULL;
-- what a check reads, and how busy a server is
CREATE INDEX IF NOT EXISTS torrents_attended ON torrents (server_id, created_at, id, completed_at)
    WHERE deleted_at IS NULL
    AND (completed_at IS NULL OR accepted_at IS NOT NULL AND (seeding OR unapplied <> 0));
-- lists of a label, and the few that are paused, among many
CREATE INDEX IF NOT EXISTS torrents_of_label ON torrents (label, created_at, id)
    WHERE deleted_at IS NULL AND label IS NOT NULL;
CREATE INDEX IF NOT EXISTS torrents_paused ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND paused;

-- How much a completed torrent gives to others, and which folders may be chosen, as
-- JSON. As step 8, this cannot be repeated.
ALTER TABLE torrent_servers ADD COLUMN seed_ratio REAL;
ALTER TABLE torrent_servers ADD COLUMN seed_seconds INTEGER;
ALTER TABLE torrent_servers ADD COLUMN folders TEXT;
