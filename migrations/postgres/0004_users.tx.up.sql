CREATE TABLE IF NOT EXISTS users (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    -- the name with the differences of case taken out, by the application: no
    -- database folds all of Unicode alike
    name_folded text COLLATE "C" NOT NULL,
    role text NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_name_folded UNIQUE (name_folded)
);

CREATE TABLE IF NOT EXISTS api_tokens (
    id uuid PRIMARY KEY,
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id uuid NOT NULL,
    name text NOT NULL,
    -- of the secret, which is kept nowhere
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_tokens_hash UNIQUE (hash)
);

CREATE INDEX IF NOT EXISTS api_tokens_list ON api_tokens (created_at, id);
CREATE INDEX IF NOT EXISTS api_tokens_list_of_user ON api_tokens (user_id, created_at, id);
