-- How calls say a message; '' and 0 where it does not say.
ALTER TABLE messages
    ADD COLUMN language    TEXT             NOT NULL DEFAULT '',
    ADD COLUMN speech_rate DOUBLE PRECISION NOT NULL DEFAULT 0,
    ADD COLUMN repeat_dtmf TEXT             NOT NULL DEFAULT '';
