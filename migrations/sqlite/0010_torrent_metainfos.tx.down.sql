DROP TABLE IF EXISTS torrent_metainfos;
