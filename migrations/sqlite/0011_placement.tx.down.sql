ALTER TABLE torrents DROP COLUMN begun;
ALTER TABLE torrent_servers DROP COLUMN outstanding;
ALTER TABLE torrent_servers DROP COLUMN free_space;
ALTER TABLE torrent_servers DROP COLUMN client_version;
ALTER TABLE torrent_servers DROP COLUMN probed_at;
ALTER TABLE torrent_servers DROP COLUMN max_active;
ALTER TABLE torrent_servers DROP COLUMN labels;
