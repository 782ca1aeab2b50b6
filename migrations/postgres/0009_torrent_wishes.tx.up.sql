-- what users wish of how a torrent is treated, and what becomes of one that has
-- completed; no column makes the table to be written anew
ALTER TABLE torrents
    -- what the client has not been told yet, a bit for each setting
    ADD COLUMN IF NOT EXISTS unapplied integer NOT NULL DEFAULT 0,
    -- it has completed, and what becomes of it then is still to be done
    ADD COLUMN IF NOT EXISTS seeding boolean NOT NULL DEFAULT false,
    -- in place of what the server has
    ADD COLUMN IF NOT EXISTS on_complete text,
    ADD COLUMN IF NOT EXISTS seed_ratio double precision,
    ADD COLUMN IF NOT EXISTS seed_seconds bigint,
    ADD COLUMN IF NOT EXISTS paused boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS renamed boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS priority text NOT NULL DEFAULT 'NORMAL',
    -- in bytes per second
    ADD COLUMN IF NOT EXISTS download_limit bigint,
    ADD COLUMN IF NOT EXISTS upload_limit bigint,
    ADD COLUMN IF NOT EXISTS label varchar(255),
    ADD COLUMN IF NOT EXISTS folder text,
    -- the files that are left out, as JSON: pairs of the first and the last of a row
    ADD COLUMN IF NOT EXISTS unwanted text;

-- what a check reads, and how busy a server is
DROP INDEX IF EXISTS torrents_open;
CREATE INDEX IF NOT EXISTS torrents_attended ON torrents (server_id, created_at, id, completed_at)
    WHERE deleted_at IS NULL
    AND (completed_at IS NULL OR accepted_at IS NOT NULL AND (seeding OR unapplied <> 0));
-- lists of a label, and the few that are paused, among many
CREATE INDEX IF NOT EXISTS torrents_of_label ON torrents (label, created_at, id)
    WHERE deleted_at IS NULL AND label IS NOT NULL;
CREATE INDEX IF NOT EXISTS torrents_paused ON torrents (created_at, id)
    WHERE deleted_at IS NULL AND paused;

-- how much a completed torrent gives to others, and which folders may be chosen, as
-- JSON
ALTER TABLE torrent_servers
    ADD COLUMN IF NOT EXISTS seed_ratio double precision,
    ADD COLUMN IF NOT EXISTS seed_seconds bigint,
    ADD COLUMN IF NOT EXISTS folders text;
