-- What has to be cleaned is found by the chunks of pin_list, without an index of pins: a chunk has a range of numbers, those above
-- the last chunk are few. Each time is one before which nothing of its kind falls due, and NULL when there is nothing.
DROP INDEX pins_to_wipe;
DROP INDEX pins_to_remove;
DROP INDEX pins_open;

ALTER TABLE pin_chunks ADD COLUMN open_since INTEGER; -- of a delivery that nobody has closed
ALTER TABLE pin_chunks ADD COLUMN wipe_at INTEGER;    -- a sealed PIN expires
ALTER TABLE pin_chunks ADD COLUMN expire_at INTEGER;  -- any PIN expires

UPDATE pin_chunks SET (open_since, wipe_at, expire_at) = (
    SELECT min(p.open_since), min(CASE WHEN p.sealed IS NOT NULL THEN p.expires_at END), min(p.expires_at) FROM pins p
    WHERE p.number > (SELECT max(c.last) FROM pin_chunks c WHERE c.last < pin_chunks.last) AND p.number <= pin_chunks.last);

CREATE INDEX pin_chunks_open ON pin_chunks (open_since) WHERE open_since IS NOT NULL;
CREATE INDEX pin_chunks_to_wipe ON pin_chunks (wipe_at) WHERE wipe_at IS NOT NULL;
CREATE INDEX pin_chunks_to_remove ON pin_chunks (expire_at) WHERE expire_at IS NOT NULL;

-- place_log has the places of limits in the order in which they were taken and given back: a row for those of one application and
-- kind that a transaction took or gave back. Of each it has 24 bytes, big-endian: its number, which is negative where it is
-- given back, the phone, the time.
CREATE TABLE place_log (
    seq         INTEGER PRIMARY KEY,
    application INTEGER NOT NULL,
    kind        INTEGER NOT NULL CHECK (kind IN (0, 1)), -- pin.LimitSends, pin.LimitChecks
    newest      INTEGER NOT NULL, -- the latest of the times
    places      BLOB    NOT NULL
) STRICT;

INSERT INTO place_log (application, kind, newest, places)
SELECT application, kind, at, unhex(printf('%016x%016x%016x', number, phone, at)) FROM places ORDER BY at, number;

DROP TABLE places;

-- SQLite itself tells a process that another one has written.
DROP TABLE places_turn;
