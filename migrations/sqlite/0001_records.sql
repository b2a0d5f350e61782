-- Records in chains. `entries` is append-only; what follows `body` is there to find records and says nothing that the body does not.
CREATE TABLE chains (
    number   INTEGER PRIMARY KEY,
    chain    TEXT    NOT NULL UNIQUE,
    sequence INTEGER NOT NULL,
    digest   BLOB    NOT NULL
) STRICT;

CREATE TABLE entries (
    chain           INTEGER NOT NULL REFERENCES chains (number),
    sequence        INTEGER NOT NULL,
    kind            INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL, -- microseconds since 1970
    previous_digest BLOB    NOT NULL,
    digest          BLOB    NOT NULL,
    body_digest     BLOB    NOT NULL,
    body            BLOB,             -- NULL once erased
    id              TEXT,
    about           TEXT,
    subject_kind    INTEGER,
    subject_id      TEXT,
    party_kind      INTEGER,
    party_id        TEXT,
    area            INTEGER,
    action          INTEGER,
    policy          TEXT,
    amount          INTEGER,
    PRIMARY KEY (chain, sequence)
) STRICT;

CREATE UNIQUE INDEX entries_by_id ON entries (kind, id) WHERE id IS NOT NULL;
CREATE INDEX entries_by_party ON entries (party_id, kind, id) WHERE party_id IS NOT NULL;
CREATE INDEX entries_by_subject ON entries (subject_id, kind, id) WHERE subject_id IS NOT NULL;
CREATE INDEX entries_about ON entries (about) WHERE about IS NOT NULL;
CREATE INDEX entries_events ON entries (chain, sequence) WHERE kind = 4;
CREATE INDEX entries_tallies ON entries (recorded_at) WHERE amount IS NOT NULL;
