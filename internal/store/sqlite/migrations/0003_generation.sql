-- generation has one row, whose number rises with every change of what callers may find in a cache: accounts, keys, applications
-- and messages. Triggers keep it true whoever changes them, in whatever process.
CREATE TABLE generation (n INTEGER NOT NULL) STRICT;

INSERT INTO generation VALUES (1);

CREATE TRIGGER accounts_made AFTER INSERT ON accounts BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER accounts_changed AFTER UPDATE ON accounts BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER accounts_removed AFTER DELETE ON accounts BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER keys_made AFTER INSERT ON keys BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER keys_changed AFTER UPDATE ON keys BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER keys_removed AFTER DELETE ON keys BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER applications_made AFTER INSERT ON applications BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER applications_changed AFTER UPDATE ON applications BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER applications_removed AFTER DELETE ON applications BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER messages_made AFTER INSERT ON messages BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER messages_changed AFTER UPDATE ON messages BEGIN UPDATE generation SET n = n + 1; END;
CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN UPDATE generation SET n = n + 1; END;
