-- How long the client took to answer the last check, in microseconds.
--
-- SQLite cannot add a column unless it is missing, and the table cannot be made
-- anew, since others refer to it: this is the one step that cannot be repeated.
ALTER TABLE torrent_servers ADD COLUMN latency INTEGER;
