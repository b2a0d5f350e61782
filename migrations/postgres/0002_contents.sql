-- Contents stand apart from entries, so that they can be erased without touching a chain.
CREATE TABLE contents (
    chain       INTEGER NOT NULL REFERENCES chains (number),
    sequence    BIGINT  NOT NULL,
    recorded_at BIGINT  NOT NULL,
    content     BYTEA   NOT NULL,
    PRIMARY KEY (chain, sequence)
);

CREATE INDEX contents_by_time ON contents (recorded_at);
