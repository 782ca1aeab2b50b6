-- how long the client took to answer the last check, in microseconds
ALTER TABLE torrent_servers ADD COLUMN IF NOT EXISTS latency bigint;
