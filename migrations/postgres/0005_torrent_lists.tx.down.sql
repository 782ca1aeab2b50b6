DROP INDEX IF EXISTS torrents_of_infohash;
CREATE INDEX IF NOT EXISTS torrents_infohash ON torrents (server_id, info_hash)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_list_open ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND completed_at IS NULL;
ALTER TABLE torrents
    DROP COLUMN IF EXISTS name_folded,
    DROP COLUMN IF EXISTS status_order,
    DROP COLUMN IF EXISTS completed_order;
