-- The first tables. Times are Unix milliseconds, 0 for none; intervals are milliseconds. seq rises with every row, and
-- so keeps the order of rows that came in one millisecond.
--
-- The ids of applications and messages are an account's own, so the account goes first in their keys and in each index.
-- PINs and deliveries have random ids, which are unique in the whole database; both have their account beside it, so
-- that all rows of an account can be kept on one node. Texts that are compared are compared byte by byte (COLLATE "C").
--
-- No statement has two indexes to choose from: the planner must find the right one while a table is empty and it knows
-- nothing, as its plan is used when the table is not. So an account's applications and messages, which are few, are
-- listed by their keys.
--
-- What calls write by the thousand (pins, deliveries, firsts, places) has no foreign keys: each would be one more query
-- for every row. Locks keep them true instead, as the package says.

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
    seq                         BIGINT  GENERATED ALWAYS AS IDENTITY,
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
    seq            BIGINT  GENERATED ALWAYS AS IDENTITY,
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

-- A PIN changes soon after it is kept, when its message went out. Room on its page makes that change cheap.
CREATE TABLE pins (
    seq            BIGINT  GENERATED ALWAYS AS IDENTITY,
    id             TEXT    COLLATE "C" PRIMARY KEY,
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    message_id     TEXT    COLLATE "C" NOT NULL,
    phone          TEXT    COLLATE "C" NOT NULL,
    number         UUID    NOT NULL, -- a hash of account, application, pin.LimitSends and phone: a short key for all
    sender         TEXT    NOT NULL,
    lookup_needed  BOOLEAN NOT NULL,
    sealed         BYTEA, -- NULL once used up or expired
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    attempts       BIGINT  NOT NULL,
    verified_at    BIGINT  NOT NULL,
    sent_at        BIGINT  NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX pins_by_application ON pins (account_id, application_id, created_at, seq);
CREATE INDEX pins_by_number ON pins (number, created_at, seq);
-- A PIN is wiped when it expires, and removed later: it is in one of these at a time.
CREATE INDEX pins_to_wipe ON pins (expires_at, seq) WHERE sealed IS NOT NULL;
CREATE INDEX pins_to_remove ON pins (expires_at, seq) WHERE sealed IS NULL;

CREATE TABLE deliveries (
    seq        BIGINT  GENERATED ALWAYS AS IDENTITY,
    id         TEXT    COLLATE "C" PRIMARY KEY,
    account_id TEXT    COLLATE "C" NOT NULL,
    pin_id     TEXT    COLLATE "C" NOT NULL,
    channel    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    open       BOOLEAN NOT NULL DEFAULT TRUE, -- until an outcome, a receipt or a purge closes it
    reported   BOOLEAN NOT NULL DEFAULT FALSE, -- whether a receipt brought the state
    carrier    TEXT    COLLATE "C" NOT NULL,
    remote_id  TEXT    COLLATE "C" NOT NULL,
    at         BIGINT  NOT NULL,
    history    TEXT    NOT NULL -- every state so far, oldest first: [{"state": "…", "at": 0}, …]
);

CREATE INDEX deliveries_by_pin ON deliveries (pin_id);
CREATE INDEX deliveries_by_remote_id ON deliveries (carrier, remote_id, seq) WHERE remote_id <> '';
CREATE INDEX deliveries_open ON deliveries (at) WHERE open;

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

-- places are the events that limits count. One row serves the limit of its number and that of its application. A delivery
-- finds its place by its PIN's number and its own time.
CREATE TABLE places (
    seq            BIGINT  GENERATED ALWAYS AS IDENTITY,
    kind           BIGINT  NOT NULL, -- pin.LimitSends, pin.LimitChecks
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    number         UUID    NOT NULL, -- a hash of account, application, kind and phone
    at             BIGINT  NOT NULL,
    delivery_id    TEXT    COLLATE "C", -- of a send
    PRIMARY KEY (number, at, seq)
);

CREATE INDEX places_by_application ON places (account_id, application_id, kind, at);

-- place_counts says how many places each slot of ten minutes has, so that the limit of an application with many events
-- looks at few rows. Every statement that takes or frees places changes it too.
CREATE TABLE place_counts (
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    kind           BIGINT  NOT NULL,
    slot           BIGINT  NOT NULL, -- at / 600000
    n              BIGINT  NOT NULL,
    PRIMARY KEY (account_id, application_id, kind, slot)
) WITH (fillfactor = 50);

-- seq is the cursor of an entry, taken from inbox_cursor in the transaction that keeps it.
CREATE TABLE inbox (
    seq            BIGINT  PRIMARY KEY,
    id             TEXT    COLLATE "C" NOT NULL,
    account_id     TEXT    COLLATE "C" NOT NULL,
    application_id TEXT    COLLATE "C" NOT NULL,
    message_id     TEXT    COLLATE "C" NOT NULL,
    pin_id         TEXT    COLLATE "C" NOT NULL,
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
