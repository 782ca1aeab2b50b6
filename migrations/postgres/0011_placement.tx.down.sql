ALTER TABLE torrents DROP COLUMN IF EXISTS begun;
ALTER TABLE torrent_servers
    DROP COLUMN IF EXISTS outstanding,
    DROP COLUMN IF EXISTS free_space,
    DROP COLUMN IF EXISTS client_version,
    DROP COLUMN IF EXISTS probed_at,
    DROP COLUMN IF EXISTS max_active,
    DROP COLUMN IF EXISTS labels;
