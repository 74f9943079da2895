-- Since when a target is no longer configured; nobody asks that it follow the ledger.
ALTER TABLE target ADD COLUMN closed_at {instant};
