-- When a chain was last extended, so that time never goes back within it, whatever the machine's clock does.
ALTER TABLE chains ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0; -- microseconds since 1970
UPDATE chains SET recorded_at = coalesce(
    (SELECT e.recorded_at FROM entries e WHERE e.chain = chains.number AND e.sequence = chains.sequence), 0);

-- Events of one party are read page by page, in the order of their places.
DROP INDEX events_by_party;
CREATE INDEX events_by_party ON entries (party_id, party_kind, chain, sequence) WHERE kind = 4;
