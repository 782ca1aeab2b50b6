-- The note that a step was applied is not part of the step's transaction, so
-- that every statement can be repeated.
CREATE TABLE IF NOT EXISTS torrent_servers (
    id uuid PRIMARY KEY,
    local_node varchar(255) NOT NULL,
    address varchar(255) NOT NULL,
    type varchar(255) NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    -- encrypted by the application
    credentials bytea,
    on_complete text NOT NULL,
    last_seen_at timestamptz,
    problem_code text,
    problem_message text,
    problem_since timestamptz,
    problem_attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    next_check_at timestamptz NOT NULL,
    -- the lease of who is checking the server; its owner is for people to see
    lease_id uuid,
    lease_owner text,
    lease_until timestamptz
);

-- which server is due
CREATE INDEX IF NOT EXISTS torrent_servers_due ON torrent_servers (local_node, next_check_at, id)
    WHERE deleted_at IS NULL;
