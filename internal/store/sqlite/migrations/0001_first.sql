-- The first tables. Times are Unix milliseconds, 0 for none; intervals are milliseconds. seq rises with every row, and
-- so keeps the order of rows that came in one millisecond.
--
-- The ids of applications and messages are an account's own: two worlds may load the same seed. So whatever refers to one
-- of them has the account beside its id, and the account goes first in each index. The key is of two texts, not a number
-- of the store's own, because every request comes with these texts: a number would have to be looked up before limits can
-- be counted or a PIN kept. PINs and deliveries have random ids, which are unique in the whole store.

CREATE TABLE accounts (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    parent_id     TEXT    NOT NULL DEFAULT '', -- of a world, the account that opened it
    world_name    TEXT    NOT NULL DEFAULT '',
    clock_ahead   INTEGER NOT NULL DEFAULT 0, -- of a sandbox, by how much its clock is ahead of real time, in milliseconds
    created_at    INTEGER NOT NULL,
    revoked_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX accounts_by_parent ON accounts (parent_id, created_at);

CREATE TABLE keys (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    account_id TEXT    NOT NULL REFERENCES accounts (id),
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
) STRICT;

CREATE INDEX keys_by_account ON keys (account_id, created_at);

CREATE TABLE applications (
    seq                         INTEGER PRIMARY KEY,
    id                          TEXT    NOT NULL,
    account_id                  TEXT    NOT NULL REFERENCES accounts (id),
    created_at                  INTEGER NOT NULL,
    name                        TEXT    NOT NULL,
    enabled                     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    process_id                  TEXT    NOT NULL,
    pin_time_to_live            INTEGER NOT NULL,
    pin_attempts                INTEGER NOT NULL,
    verification_attempts       INTEGER NOT NULL,
    verification_interval       INTEGER NOT NULL,
    initiation_attempts         INTEGER NOT NULL,
    initiation_interval         INTEGER NOT NULL,
    overall_initiation_attempts INTEGER NOT NULL,
    overall_initiation_interval INTEGER NOT NULL,
    multiple_verifications      INTEGER NOT NULL CHECK (multiple_verifications IN (0, 1)),
    UNIQUE (account_id, id)
) STRICT;

CREATE INDEX applications_by_account ON applications (account_id, created_at);

CREATE TABLE messages (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL,
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    text           TEXT    NOT NULL,
    placeholder    TEXT    NOT NULL,
    pin_type       TEXT    NOT NULL,
    pin_length     INTEGER NOT NULL,
    sender         TEXT    NOT NULL,
    UNIQUE (account_id, id), -- without the application: an id is one message of an account, and a seed may move it
    FOREIGN KEY (account_id, application_id) REFERENCES applications (account_id, id)
) STRICT;

CREATE INDEX messages_by_application ON messages (account_id, application_id, created_at);

CREATE TABLE pins (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    message_id     TEXT    NOT NULL,
    phone          TEXT    NOT NULL,
    sender         TEXT    NOT NULL,
    lookup_needed  INTEGER NOT NULL CHECK (lookup_needed IN (0, 1)),
    sealed         BLOB, -- NULL once used up or expired
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    verified_at    INTEGER NOT NULL,
    sent_at        INTEGER NOT NULL,
    FOREIGN KEY (account_id, application_id) REFERENCES applications (account_id, id),
    FOREIGN KEY (account_id, message_id) REFERENCES messages (account_id, id)
) STRICT;

-- SQLite looks PINs up by their application and by their message before it removes either.
CREATE INDEX pins_by_application ON pins (account_id, application_id, created_at);
CREATE INDEX pins_by_phone ON pins (account_id, application_id, phone, created_at);
CREATE INDEX pins_by_message ON pins (account_id, message_id);
CREATE INDEX pins_by_expiry ON pins (expires_at);
CREATE INDEX pins_to_wipe ON pins (expires_at) WHERE sealed IS NOT NULL;

CREATE TABLE deliveries (
    seq       INTEGER PRIMARY KEY,
    id        TEXT    NOT NULL UNIQUE,
    pin_id    TEXT    NOT NULL REFERENCES pins (id),
    channel   TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    open      INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)), -- until an outcome, a receipt or a purge closes it
    reported  INTEGER NOT NULL DEFAULT 0 CHECK (reported IN (0, 1)), -- whether a receipt brought the state
    carrier   TEXT    NOT NULL,
    remote_id TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    history   TEXT    NOT NULL -- every state so far, oldest first: [{"state": "…", "at": 0}, …]
) STRICT;

CREATE INDEX deliveries_by_pin ON deliveries (pin_id, at);
CREATE INDEX deliveries_by_remote_id ON deliveries (carrier, remote_id) WHERE remote_id <> '';
CREATE INDEX deliveries_open ON deliveries (at) WHERE open = 1;

-- places are the events that limits count. One row serves the limit of its number and that of its application.
CREATE TABLE places (
    seq            INTEGER PRIMARY KEY,
    kind           INTEGER NOT NULL CHECK (kind IN (0, 1)), -- pin.LimitSends, pin.LimitChecks
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    phone          TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    delivery_id    TEXT, -- of a send, to find the place when it is given back; it may outlive the delivery
    FOREIGN KEY (account_id, application_id) REFERENCES applications (account_id, id)
) STRICT;

CREATE INDEX places_by_phone ON places (account_id, application_id, kind, phone, at);
CREATE INDEX places_by_application ON places (account_id, application_id, kind, at);
CREATE INDEX places_by_delivery ON places (delivery_id) WHERE delivery_id IS NOT NULL;

-- place_counts says how many places each slot of ten minutes has, so that the limit of an application with many events
-- looks at few rows. The triggers keep it true whatever happens to places.
CREATE TABLE place_counts (
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    kind           INTEGER NOT NULL,
    slot           INTEGER NOT NULL, -- at / 600000
    n              INTEGER NOT NULL,
    PRIMARY KEY (account_id, application_id, kind, slot)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER place_taken AFTER INSERT ON places BEGIN
    INSERT INTO place_counts VALUES (new.account_id, new.application_id, new.kind, new.at / 600000, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER place_freed AFTER DELETE ON places BEGIN
    UPDATE place_counts SET n = n - 1
        WHERE account_id = old.account_id AND application_id = old.application_id AND kind = old.kind
            AND slot = old.at / 600000;
    DELETE FROM place_counts
        WHERE account_id = old.account_id AND application_id = old.application_id AND kind = old.kind
            AND slot = old.at / 600000 AND n = 0;
END;

-- seq is the cursor of an entry. It is not given again when the newest entry is removed, and it starts above 1, so that
-- there is a cursor before the first entry.
CREATE TABLE inbox (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL,
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    message_id     TEXT    NOT NULL,
    pin_id         TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    phone          TEXT    NOT NULL,
    sender         TEXT    NOT NULL,
    text           TEXT    NOT NULL,
    spoken         TEXT    NOT NULL,
    pin            TEXT    NOT NULL,
    encoding       TEXT    NOT NULL,
    segments       INTEGER NOT NULL,
    nc_status      TEXT    NOT NULL,
    call_status    TEXT    NOT NULL,
    at             INTEGER NOT NULL
) STRICT;

INSERT INTO sqlite_sequence (name, seq) VALUES ('inbox', 1);

CREATE INDEX inbox_by_time ON inbox (at);
CREATE INDEX inbox_by_account ON inbox (account_id); -- each index ends with seq by itself
CREATE INDEX inbox_by_phone ON inbox (account_id, phone);
CREATE INDEX inbox_by_pin ON inbox (account_id, pin_id);
CREATE INDEX inbox_by_id ON inbox (account_id, id);
