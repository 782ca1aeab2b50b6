-- Where torrents go. SQLite cannot add a column unless it is missing, so that this
-- step cannot be repeated.

-- a JSON list: the labels of the torrents that the server is for
ALTER TABLE torrent_servers ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
-- how many torrents that are not complete its client has at a time; 0 is no limit
ALTER TABLE torrent_servers ADD COLUMN max_active INTEGER NOT NULL DEFAULT 0;
-- what its client last said about itself, in bytes, and how much it still had to load
ALTER TABLE torrent_servers ADD COLUMN probed_at TEXT;
ALTER TABLE torrent_servers ADD COLUMN client_version TEXT;
ALTER TABLE torrent_servers ADD COLUMN free_space INTEGER;
ALTER TABLE torrent_servers ADD COLUMN outstanding INTEGER NOT NULL DEFAULT 0;
-- whether the client of its server has ever taken the content: what a process of the
-- version before adds from here on, has not. What is accepted has in any case, so that
-- only what is complete without it is written anew
ALTER TABLE torrents ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
UPDATE torrents SET begun = 1
    WHERE accepted_at IS NULL AND completed_at IS NOT NULL AND deleted_at IS NULL;
