ALTER TABLE torrent_servers DROP COLUMN IF EXISTS latency;
