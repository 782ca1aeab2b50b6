DROP INDEX IF EXISTS torrents_attended;
DROP INDEX IF EXISTS torrents_of_label;
DROP INDEX IF EXISTS torrents_paused;
CREATE INDEX IF NOT EXISTS torrents_open ON torrents (server_id, created_at, id)
    WHERE completed_at IS NULL AND deleted_at IS NULL;
ALTER TABLE torrents
    DROP COLUMN IF EXISTS unapplied,
    DROP COLUMN IF EXISTS seeding,
    DROP COLUMN IF EXISTS on_complete,
    DROP COLUMN IF EXISTS seed_ratio,
    DROP COLUMN IF EXISTS seed_seconds,
    DROP COLUMN IF EXISTS paused,
    DROP COLUMN IF EXISTS renamed,
    DROP COLUMN IF EXISTS priority,
    DROP COLUMN IF EXISTS download_limit,
    DROP COLUMN IF EXISTS upload_limit,
    DROP COLUMN IF EXISTS label,
    DROP COLUMN IF EXISTS folder,
    DROP COLUMN IF EXISTS unwanted;
ALTER TABLE torrent_servers
    DROP COLUMN IF EXISTS folders,
    DROP COLUMN IF EXISTS seed_seconds,
    DROP COLUMN IF EXISTS seed_ratio;
