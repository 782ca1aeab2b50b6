-- where torrents go; one statement for all columns of a table
ALTER TABLE torrent_servers
    -- a JSON list: the labels of the torrents that the server is for
    ADD COLUMN IF NOT EXISTS labels text NOT NULL DEFAULT '[]',
    -- how many torrents that are not complete its client has at a time; 0 is no limit
    ADD COLUMN IF NOT EXISTS max_active integer NOT NULL DEFAULT 0,
    -- what its client last said about itself, in bytes, and how much it still had to load
    ADD COLUMN IF NOT EXISTS probed_at timestamptz,
    ADD COLUMN IF NOT EXISTS client_version text,
    ADD COLUMN IF NOT EXISTS free_space bigint,
    ADD COLUMN IF NOT EXISTS outstanding bigint NOT NULL DEFAULT 0;
-- whether the client of its server has ever taken the content: what was there before
-- counts as begun unless it waits, so that the default writes no row anew; what a
-- process of the version before adds from here on, has not
ALTER TABLE torrents ADD COLUMN IF NOT EXISTS begun boolean NOT NULL DEFAULT true;
ALTER TABLE torrents ALTER COLUMN begun SET DEFAULT false;
UPDATE torrents SET begun = false
    WHERE accepted_at IS NULL AND completed_at IS NULL AND deleted_at IS NULL AND begun;
