-- The note that a step was applied is not part of the step's transaction, so
-- that every statement can be repeated.
CREATE TABLE IF NOT EXISTS torrent_servers (
    id TEXT NOT NULL PRIMARY KEY,
    local_node TEXT NOT NULL,
    address TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    -- encrypted by the application
    credentials BLOB,
    on_complete TEXT NOT NULL,
    last_seen_at TEXT,
    problem_code TEXT,
    problem_message TEXT,
    problem_since TEXT,
    problem_attempts INTEGER NOT NULL DEFAULT 0,
    retry_at TEXT,
    next_check_at TEXT NOT NULL,
    -- the lease of who is checking the server; its owner is for people to see
    lease_id TEXT,
    lease_owner TEXT,
    lease_until TEXT
);

-- which server is due
CREATE INDEX IF NOT EXISTS torrent_servers_due ON torrent_servers (local_node, next_check_at, id)
    WHERE deleted_at IS NULL;
