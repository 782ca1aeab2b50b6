-- How far the readers of the event log have got that have a name.
CREATE TABLE IF NOT EXISTS event_consumers (
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    cursor bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, name)
);
