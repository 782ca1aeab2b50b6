DROP TABLE IF EXISTS event_consumers;
