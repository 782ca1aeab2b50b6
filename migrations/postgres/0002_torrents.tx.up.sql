CREATE TABLE IF NOT EXISTS torrents (
    id uuid PRIMARY KEY,
    local_node varchar(255) NOT NULL,
    server_id uuid NOT NULL REFERENCES torrent_servers (id),
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id uuid,
    hash_string varchar(255),
    name varchar(255),
    completed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    -- the infohash that the magnet names
    info_hash text NOT NULL,
    accepted_at timestamptz,
    missing_since timestamptz,
    problem_code text,
    problem_since timestamptz,
    problem_attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    problem_message text,
    "magnetURI" text NOT NULL
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
    id uuid PRIMARY KEY,
    server_id uuid NOT NULL REFERENCES torrent_servers (id),
    info_hash text NOT NULL,
    delete_data boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS torrent_removals_pending ON torrent_removals (server_id, created_at, id);
