-- The first tables. Times are Unix milliseconds, 0 for none; intervals are milliseconds. seq rises with every row, and
-- so keeps the order of rows that came in one millisecond.
--
-- The ids of applications and messages are an account's own, so the account goes first in their keys. What calls write by
-- the thousand names them by their seq, which is never another's: rows and indexes stay small. It has no foreign keys, as
-- each would be one more query for every row. Locks keep it true instead, as the package says. Texts that are compared are
-- compared byte by byte (COLLATE "C").
--
-- Hardly a statement has two indexes to choose from: the planner must find the right one while a table is empty and it knows
-- nothing, as its plan is used when the table is not. So an account's applications and messages, which are few, are
-- listed by their keys.

CREATE TABLE accounts (
    seq           BIGINT  GENERATED ALWAYS AS IDENTITY,
    id            TEXT    COLLATE "C" PRIMARY KEY,
    name          TEXT    COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    parent_id     TEXT    COLLATE "C" NOT NULL DEFAULT '', -- of a world, the account that opened it
    world_name    TEXT    NOT NULL DEFAULT '',
    clock_ahead   BIGINT  NOT NULL DEFAULT 0, -- of a sandbox, by how much its clock is ahead of real time
    created_at    BIGINT  NOT NULL,
    revoked_at    BIGINT  NOT NULL
);

CREATE INDEX accounts_by_parent ON accounts (parent_id, created_at, seq);

CREATE TABLE keys (
    seq        BIGINT  GENERATED ALWAYS AS IDENTITY,
    id         TEXT    COLLATE "C" PRIMARY KEY,
    account_id TEXT    COLLATE "C" NOT NULL REFERENCES accounts (id),
    name       TEXT    NOT NULL,
    hash       BYTEA   NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at BIGINT  NOT NULL,
    revoked_at BIGINT  NOT NULL
);

CREATE INDEX keys_by_account ON keys (account_id, created_at, seq);

-- The row of an application is also the lock of its limits: whoever takes or frees places holds it.
CREATE TABLE applications (
    seq                         BIGINT  GENERATED ALWAYS AS IDENTITY UNIQUE,
    id                          TEXT    COLLATE "C" NOT NULL,
    account_id                  TEXT    COLLATE "C" NOT NULL REFERENCES accounts (id),
    created_at                  BIGINT  NOT NULL,
    name                        TEXT    NOT NULL,
    enabled                     BOOLEAN NOT NULL,
    process_id                  TEXT    NOT NULL,
    pin_time_to_live            BIGINT  NOT NULL,
    pin_attempts                BIGINT  NOT NULL,
    verification_attempts       BIGINT  NOT NULL,
    verification_interval       BIGINT  NOT NULL,
    initiation_attempts         BIGINT  NOT NULL,
    initiation_interval         BIGINT  NOT NULL,
    overall_initiation_attempts BIGINT  NOT NULL,
    overall_initiation_interval BIGINT  NOT NULL,
    multiple_verifications      BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE messages (
    seq            BIGINT  GENERATED ALWAYS AS IDENTITY UNIQUE,
    id             TEXT    COLLATE "C" NOT NULL,
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    created_at     BIGINT  NOT NULL,
    text           TEXT    NOT NULL,
    placeholder    TEXT    NOT NULL,
    pin_type       TEXT    NOT NULL,
    pin_length     BIGINT  NOT NULL,
    sender         TEXT    NOT NULL,
    PRIMARY KEY (account_id, id), -- without the application: an id is one message of an account, and a seed may move it
    FOREIGN KEY (account_id, application_id) REFERENCES applications (account_id, id)
);

-- The numbers of PINs and deliveries: each replica takes a block of them at a time and counts on by itself.
CREATE SEQUENCE numbers INCREMENT BY 1048576;

-- The key that makes public ids of these numbers; see package blockid. The first replica that opens the database makes it.
CREATE TABLE id_key (
    single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
    key    BYTEA   NOT NULL CHECK (length(key) = 32)
);

-- A PIN has all its deliveries with it, so that a send is one row, and what a carrier makes of it a change of that row. No
-- index has a column that changes, and each page has room for all its rows once more, a little longer: a change stays on its
-- page and touches no index (HOT).
-- What changes stands last, as the log has only what differs behind what is the same.
CREATE TABLE pins (
    number        BIGINT  PRIMARY KEY,
    application   BIGINT  NOT NULL, -- applications.seq
    message       BIGINT  NOT NULL, -- messages.seq
    phone         BIGINT  NOT NULL, -- its digits, which never begin with 0
    created_at    BIGINT  NOT NULL,
    expires_at    BIGINT  NOT NULL,
    lookup_needed BOOLEAN NOT NULL,
    sender        TEXT    NOT NULL,
    sealed        BYTEA, -- NULL once used up or expired
    attempts      INTEGER NOT NULL,
    verified_at   BIGINT  NOT NULL,
    sent_at       BIGINT  NOT NULL,
    open_since    BIGINT  NOT NULL, -- of its oldest delivery that nobody has closed
    deliveries    BYTEA   NOT NULL  -- see package deliverylog
) WITH (fillfactor = 45);

CREATE INDEX pins_by_application ON pins (application, created_at, number);
CREATE INDEX pins_by_phone ON pins (application, phone);

-- The agenda says which PINs are to be looked at and when: deliveries that are given up, PINs that are wiped and PINs that are
-- removed. A row stands for PINs that were kept together, so that a send costs a part of a row here, and no index of pins.
CREATE TABLE agenda (
    task SMALLINT NOT NULL, -- taskGiveUp, taskWipe, taskRemove
    at   BIGINT   NOT NULL, -- the earliest time that one of them is due
    seq  BIGINT   GENERATED ALWAYS AS IDENTITY,
    pins BIGINT[] NOT NULL,
    PRIMARY KEY (task, at, seq)
);

-- remotes finds a delivery by what its carrier calls it. Only those have a row that a carrier gave an id.
CREATE TABLE remotes (
    hash     BIGINT NOT NULL, -- of carrier and remote id; the delivery itself says whether it is the one
    at       BIGINT NOT NULL, -- when the delivery was asked for
    delivery BIGINT NOT NULL,
    pin      BIGINT NOT NULL,
    PRIMARY KEY (hash, at, delivery)
);

-- firsts are the first requests with a key, each kept with the delivery that it asked for. It stands alone: its PIN may
-- be removed before the key comes free.
CREATE TABLE firsts (
    account_id  TEXT    COLLATE "C" NOT NULL,
    key_hash    BYTEA   NOT NULL CHECK (length(key_hash) = 32),
    fingerprint BYTEA   NOT NULL CHECK (length(fingerprint) = 32),
    pin_id      TEXT    COLLATE "C" NOT NULL,
    delivery_id TEXT    COLLATE "C" NOT NULL UNIQUE,
    channel     TEXT    NOT NULL,
    phone       TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    answer      TEXT, -- JSON; NULL until the delivery has an outcome
    PRIMARY KEY (account_id, key_hash)
);

CREATE INDEX firsts_by_age ON firsts (created_at);

-- places are the events that limits count. One row serves the limit of its phone and that of its application.
CREATE TABLE places (
    tally BIGINT NOT NULL, -- applications.seq * 2 + pin.LimitSends or pin.LimitChecks
    phone BIGINT NOT NULL,
    at    BIGINT NOT NULL,
    event BIGINT NOT NULL, -- the number of the delivery, or one that an attempt has for this alone
    PRIMARY KEY (tally, phone, at, event)
);

CREATE INDEX places_by_time ON places (tally, at);

-- place_counts says how many places each slot of ten minutes has, so that the limit of an application with many events
-- looks at few rows. Every statement that takes or frees places changes it too.
CREATE TABLE place_counts (
    tally BIGINT NOT NULL,
    slot  BIGINT NOT NULL, -- at / 600000
    n     BIGINT NOT NULL,
    PRIMARY KEY (tally, slot)
) WITH (fillfactor = 50);

-- seq is the cursor of an entry, taken from inbox_cursor in the transaction that keeps it.
CREATE TABLE inbox (
    seq            BIGINT  PRIMARY KEY,
    id             TEXT    COLLATE "C" NOT NULL,
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    message_id     TEXT    COLLATE "C" NOT NULL,
    pin_id         TEXT    COLLATE "C" NOT NULL,
    pin_number     BIGINT  NOT NULL, -- pins.number, or 0
    channel        TEXT    NOT NULL,
    phone          TEXT    COLLATE "C" NOT NULL,
    sender         TEXT    NOT NULL,
    text           TEXT    NOT NULL,
    spoken         TEXT    NOT NULL,
    pin            TEXT    NOT NULL,
    encoding       TEXT    NOT NULL,
    segments       BIGINT  NOT NULL,
    nc_status      TEXT    NOT NULL,
    call_status    TEXT    NOT NULL,
    at             BIGINT  NOT NULL
);

CREATE INDEX inbox_by_time ON inbox (at, seq);
CREATE INDEX inbox_by_account ON inbox (account_id, seq);
CREATE INDEX inbox_by_phone ON inbox (account_id, phone, seq);
CREATE INDEX inbox_by_pin ON inbox (account_id, pin_id, seq);
CREATE INDEX inbox_by_id ON inbox (account_id, id, seq);

-- The highest cursor there ever was; its one row is locked until the entry is committed, so that cursors become visible
-- in their order and a follower misses none. It starts above 0, so that there is a cursor before the first entry.
CREATE TABLE inbox_cursor (
    single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
    last   BIGINT  NOT NULL
) WITH (fillfactor = 20);

INSERT INTO inbox_cursor (last) VALUES (1);

-- n is another number after each change of accounts, keys, applications or messages, so that whoever keeps some of these
-- in memory can ask whether they still hold. Its one row is the last that such a change locks.
CREATE TABLE generation (
    single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
    n      BIGINT  NOT NULL
) WITH (fillfactor = 20);

INSERT INTO generation (n) VALUES (1);
