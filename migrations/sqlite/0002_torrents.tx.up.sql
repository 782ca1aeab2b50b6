CREATE TABLE IF NOT EXISTS torrents (
    id TEXT NOT NULL PRIMARY KEY,
    local_node TEXT NOT NULL,
    server_id TEXT NOT NULL REFERENCES torrent_servers (id),
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id TEXT,
    hash_string TEXT,
    name TEXT,
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
    "magnetURI" TEXT NOT NULL
);

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
-- the few that are open, among many
CREATE INDEX IF NOT EXISTS torrents_list_open ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND completed_at IS NULL;
-- what a check reads, and how busy a server is
CREATE INDEX IF NOT EXISTS torrents_open ON torrents (server_id, created_at, id)
    WHERE completed_at IS NULL AND deleted_at IS NULL;
-- whether some torrent still needs a transfer
CREATE INDEX IF NOT EXISTS torrents_infohash ON torrents (server_id, info_hash)
    WHERE deleted_at IS NULL;

CREATE TABLE IF NOT EXISTS torrent_removals (
    id TEXT NOT NULL PRIMARY KEY,
    server_id TEXT NOT NULL REFERENCES torrent_servers (id),
    info_hash TEXT NOT NULL,
    delete_data INTEGER NOT NULL,
    created_at TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS torrent_removals_pending ON torrent_removals (server_id, created_at, id);
