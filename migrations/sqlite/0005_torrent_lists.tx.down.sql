DROP INDEX IF EXISTS torrents_of_infohash;
DROP INDEX IF EXISTS torrents_by_status;
DROP INDEX IF EXISTS torrents_by_status_of_user;
DROP INDEX IF EXISTS torrents_by_status_of_server;
DROP INDEX IF EXISTS torrents_by_completion;
DROP INDEX IF EXISTS torrents_by_completion_of_user;
DROP INDEX IF EXISTS torrents_by_completion_of_server;
DROP INDEX IF EXISTS torrents_by_name;
DROP INDEX IF EXISTS torrents_by_name_of_user;
DROP INDEX IF EXISTS torrents_by_name_of_server;
CREATE INDEX IF NOT EXISTS torrents_infohash ON torrents (server_id, info_hash)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS torrents_list_open ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND completed_at IS NULL;
ALTER TABLE torrents DROP COLUMN completed_order;
ALTER TABLE torrents DROP COLUMN status_order;
ALTER TABLE torrents DROP COLUMN name_folded;
