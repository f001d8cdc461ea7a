-- The first tables. Times are Unix milliseconds, 0 for none; intervals are milliseconds. seq rises with every row, and
-- so keeps the order of rows that came in one millisecond.
--
-- The ids of applications and messages are an account's own: two worlds may load the same seed. So whatever refers to one
-- of them by its id has the account beside it, and the account goes first in each index. PINs, which are many, refer to them by
-- seq.

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

-- The key of the identifiers of PINs and deliveries, which the first process makes, and the block of 2^32 numbers that the next
-- process takes. An identifier is a number of a PIN and that of its delivery, or 0, enciphered as one block.
CREATE TABLE identifiers (
    key   BLOB    NOT NULL CHECK (length(key) = 32),
    block INTEGER NOT NULL
) STRICT;

-- A PIN's number rises, so that rows are appended, however many there are. Nothing else is in order of a random value but what
-- pin_list says. No foreign keys: SQLite would look through all PINs before it removes an application.
CREATE TABLE pins (
    number        INTEGER PRIMARY KEY,
    application   INTEGER NOT NULL, -- applications.seq
    message       INTEGER NOT NULL, -- messages.seq
    phone         INTEGER NOT NULL, -- the digits of the MSISDN, which never begin with 0
    sender        TEXT    NOT NULL,
    lookup_needed INTEGER NOT NULL CHECK (lookup_needed IN (0, 1)),
    sealed        BLOB, -- NULL once used up or expired
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    verified_at   INTEGER NOT NULL,
    sent_at       INTEGER NOT NULL,
    open_since    INTEGER, -- the time of the oldest delivery that no outcome, receipt or purge has closed; NULL when there is none
    deliveries    BLOB    NOT NULL -- see package deliverylog
) STRICT;

-- These grow at their ends too: what is made later expires later, but for the few times to live that applications have.
CREATE INDEX pins_to_wipe ON pins (expires_at) WHERE sealed IS NOT NULL;
CREATE INDEX pins_to_remove ON pins (expires_at) WHERE sealed IS NULL;
CREATE INDEX pins_open ON pins (open_since) WHERE open_since IS NOT NULL;

-- pin_list finds the PINs of an application and of a number. It is written in chunks of some thousand PINs, each sorted and
-- appended as a whole once its PINs are there; a chunk is named by the highest number in it. The PINs above the highest chunk
-- are not listed yet. Chunk 0 has those that came after PINs of higher numbers were listed.
CREATE TABLE pin_chunks (last INTEGER PRIMARY KEY) STRICT;

INSERT INTO pin_chunks VALUES (0);

CREATE TABLE pin_list (
    chunk       INTEGER NOT NULL, -- pin_chunks.last
    application INTEGER NOT NULL,
    phone       INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    PRIMARY KEY (chunk, application, phone, number)
) STRICT, WITHOUT ROWID;

-- remote_ids finds the delivery that a carrier's receipt names by the carrier's own id.
CREATE TABLE remote_ids (
    carrier   TEXT    NOT NULL,
    remote_id TEXT    NOT NULL,
    number    INTEGER NOT NULL, -- of the PIN
    delivery  INTEGER NOT NULL, -- the number of the delivery
    PRIMARY KEY (carrier, remote_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX remote_ids_by_pin ON remote_ids (number);

-- places are the events that limits count, appended and looked up by number alone: the process that writes has them in memory,
-- and reads them here when it starts. That of a send has the number of its delivery.
CREATE TABLE places (
    number      INTEGER PRIMARY KEY,
    application INTEGER NOT NULL,
    kind        INTEGER NOT NULL CHECK (kind IN (0, 1)), -- pin.LimitSends, pin.LimitChecks
    phone       INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

-- places_turn has one row, whose number rises with every transaction that changes places, so that a process learns that another
-- one has changed them.
CREATE TABLE places_turn (n INTEGER NOT NULL) STRICT;

INSERT INTO places_turn VALUES (0);

-- seq is the cursor of an entry. It is not given again when the newest entry is removed, and it starts above 1, so that
-- there is a cursor before the first entry.
CREATE TABLE inbox (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL,
    account_id     TEXT    NOT NULL,
    application_id TEXT    NOT NULL,
    message_id     TEXT    NOT NULL,
    pin_id         TEXT    NOT NULL,
    pin_number     INTEGER NOT NULL, -- of pin_id, which may name a PIN that was never there
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
