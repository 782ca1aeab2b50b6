DROP TABLE IF EXISTS torrent_removals;
DROP TABLE IF EXISTS torrents;
