-- How far the readers of the event log have got that have a name.
CREATE TABLE IF NOT EXISTS event_consumers (
    -- no foreign key: the users of a Clarion host live elsewhere
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
);
