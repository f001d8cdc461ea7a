-- How calls say a message; '' and 0 where it does not say.
ALTER TABLE messages ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN speech_rate REAL NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN repeat_dtmf TEXT NOT NULL DEFAULT '';
