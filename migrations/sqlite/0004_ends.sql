-- When a chain was last extended, so that time never goes back within it, whatever the machine's clock does.
ALTER TABLE chains ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0; -- microseconds since 1970
UPDATE chains SET recorded_at = coalesce(
    (SELECT e.recorded_at FROM entries e WHERE e.chain = chains.number AND e.sequence = chains.sequence), 0);
