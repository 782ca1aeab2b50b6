CREATE TABLE IF NOT EXISTS users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- the name with the differences of case taken out, by the application: no
    -- database folds all of Unicode alike
    name_folded TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT users_name_folded UNIQUE (name_folded)
);

CREATE TABLE IF NOT EXISTS api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- of the secret, which is kept nowhere
    hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    CONSTRAINT api_tokens_hash UNIQUE (hash)
);

CREATE INDEX IF NOT EXISTS api_tokens_list ON api_tokens (created_at, id);
CREATE INDEX IF NOT EXISTS api_tokens_list_of_user ON api_tokens (user_id, created_at, id);
