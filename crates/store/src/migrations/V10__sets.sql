-- A set is sent like any other message: again until it is taken, or until nobody sends it by itself
-- any more (dead_at). A set of which nothing is stored but its row is held, or is being put into a
-- folder.
ALTER TABLE pending_set ADD COLUMN attempts {int} NOT NULL DEFAULT 0;
ALTER TABLE pending_set ADD COLUMN next_at {instant};
ALTER TABLE pending_set ADD COLUMN dead_at {instant};
ALTER TABLE pending_set ADD COLUMN reason {text};
ALTER TABLE pending_set ADD COLUMN owner {text};
