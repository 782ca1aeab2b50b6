-- The table is made anew: SQLite cannot add a column unless it is missing, so that
-- the step could not be repeated, and what is added would lie behind the long
-- magnets, where reading it is slow.
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
    id, local_node, server_id, user_id, hash_string, name, completed_at, created_at, updated_at, deleted_at,
    info_hash, accepted_at, missing_since, problem_code, problem_since, problem_attempts, retry_at,
    problem_message, "magnetURI"
) SELECT
    id, local_node, server_id, user_id, hash_string, name, completed_at, created_at, updated_at, deleted_at,
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
-- what a check reads, and how busy a server is
CREATE INDEX IF NOT EXISTS torrents_open ON torrents (server_id, created_at, id)
    WHERE completed_at IS NULL AND deleted_at IS NULL;
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
