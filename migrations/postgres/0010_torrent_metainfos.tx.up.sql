-- The .torrent files that torrents were made from. They are no part of torrents, whose
-- rows are read and written all the time: a file is read once, when it is handed over.
CREATE TABLE IF NOT EXISTS torrent_metainfos (
    -- no foreign key: it is written with the torrent and deleted when that is removed,
    -- while the torrent's row stays
    torrent_id uuid PRIMARY KEY,
    content bytea NOT NULL
);
-- mostly hashes, which cannot be compressed
ALTER TABLE torrent_metainfos ALTER COLUMN content SET STORAGE EXTERNAL;
