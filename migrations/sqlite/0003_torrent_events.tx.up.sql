-- Append-only. SQLite has one writer at a time, so that events become visible in
-- the order of seq; AUTOINCREMENT keeps a pruned seq from being given again.
CREATE TABLE IF NOT EXISTS torrent_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    torrent_id TEXT NOT NULL,
    server_id TEXT NOT NULL,
    user_id TEXT,
    name TEXT,
    hash_string TEXT,
    completed_at TEXT,
    problem TEXT,
    at TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS torrent_events_of_type ON torrent_events (type, seq);
CREATE INDEX IF NOT EXISTS torrent_events_of_user ON torrent_events (user_id, seq);

-- One row: the highest seq that was pruned. Cursors before it have expired.
CREATE TABLE IF NOT EXISTS torrent_events_pruned (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
);
INSERT INTO torrent_events_pruned (id, seq) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;
