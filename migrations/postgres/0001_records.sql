-- Records in chains. `entries` is append-only; what follows `body` is there to find records and says nothing that the body does not.
CREATE TABLE chains (
    number   INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain    TEXT   NOT NULL UNIQUE,
    sequence BIGINT NOT NULL,
    digest   BYTEA  NOT NULL
);

CREATE TABLE entries (
    chain           INTEGER  NOT NULL REFERENCES chains (number),
    sequence        BIGINT   NOT NULL,
    kind            SMALLINT NOT NULL,
    recorded_at     BIGINT   NOT NULL, -- microseconds since 1970
    previous_digest BYTEA    NOT NULL,
    digest          BYTEA    NOT NULL,
    body_digest     BYTEA    NOT NULL,
    body            BYTEA,             -- NULL once erased
    id              TEXT COLLATE "C",
    about           TEXT COLLATE "C",
    subject_kind    SMALLINT,
    subject_id      TEXT COLLATE "C",
    party_kind      SMALLINT,
    party_id        TEXT COLLATE "C",
    area            SMALLINT,
    action          SMALLINT,
    policy          TEXT COLLATE "C",
    amount          BIGINT,
    PRIMARY KEY (chain, sequence)
);

CREATE UNIQUE INDEX entries_by_id ON entries (kind, id) WHERE id IS NOT NULL;
CREATE INDEX entries_by_party ON entries (party_id, kind, id) WHERE party_id IS NOT NULL;
CREATE INDEX entries_by_subject ON entries (subject_id, kind, id) WHERE subject_id IS NOT NULL;
CREATE INDEX entries_about ON entries (about) WHERE about IS NOT NULL;
CREATE INDEX entries_events ON entries (chain, sequence) WHERE kind = 4;
CREATE INDEX entries_tallies ON entries (recorded_at) WHERE amount IS NOT NULL;
