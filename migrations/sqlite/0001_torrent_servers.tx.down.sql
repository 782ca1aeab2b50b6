DROP TABLE IF EXISTS torrent_servers;
