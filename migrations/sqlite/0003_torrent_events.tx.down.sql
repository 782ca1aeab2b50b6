DROP TABLE IF EXISTS torrent_events_pruned;
DROP TABLE IF EXISTS torrent_events;
