-- firsts are the first requests with a key, each kept with the delivery that it asked for. It stands alone: its PIN may
-- be removed before the key comes free.
CREATE TABLE firsts (
    seq         INTEGER PRIMARY KEY,
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    key_hash    BLOB    NOT NULL CHECK (length(key_hash) = 32),
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    pin_id      TEXT    NOT NULL,
    delivery_id TEXT    NOT NULL UNIQUE,
    channel     TEXT    NOT NULL,
    phone       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    answer      TEXT, -- JSON; NULL until the delivery has an outcome
    UNIQUE (account_id, key_hash)
) STRICT;

CREATE INDEX firsts_by_age ON firsts (created_at);
