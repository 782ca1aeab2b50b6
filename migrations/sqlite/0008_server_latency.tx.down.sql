ALTER TABLE torrent_servers DROP COLUMN latency;
