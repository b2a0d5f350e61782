-- Events of a party lie in runs: the first four million of a chain in runs of 65,536 entries, the others in runs of a million. An event then goes
-- to a page of the newest run, which is in the processor's cache, and not to any page of an index that grows with the file; who reads a party looks
-- into each run. `src/store/sqlite/runs.rs` says the same expression.
DROP INDEX events_by_party;
CREATE INDEX events_by_party ON entries (
    chain, CASE WHEN sequence < 4194304 THEN sequence >> 16 ELSE 60 + (sequence >> 20) END, party_id, party_kind
) WHERE kind = 4;
