-- What was added under which key. It is no part of torrents: a key is its adder's,
-- whoever the torrent is given to, and holds what was asked for, whatever is changed.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    -- the zero id when nobody's; no foreign key: the users of a Clarion host live elsewhere
    user_id uuid NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    -- no foreign key: it is written before the torrent, in the same transaction
    torrent_id uuid NOT NULL,
    server_id uuid NOT NULL,
    magnet_hash text NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);
