-- An index of its own for what each question asks: events carry no identifier in theirs, and are told apart from decisions, so that a bulk of
-- events touches fewer pages. What is read on from a cursor lies in the order of the primary key.
DROP INDEX entries_by_party;
DROP INDEX entries_events;
CREATE INDEX decisions_by_party ON entries (party_id, id) WHERE kind = 1;
CREATE INDEX events_by_party ON entries (party_id, party_kind) WHERE kind = 4;
CREATE INDEX policies ON entries (chain, sequence) WHERE kind = 8;
