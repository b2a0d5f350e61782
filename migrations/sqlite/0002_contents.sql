-- Contents stand apart from entries, so that they can be erased without touching a chain.
CREATE TABLE contents (
    chain       INTEGER NOT NULL REFERENCES chains (number),
    sequence    INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    content     BLOB    NOT NULL,
    PRIMARY KEY (chain, sequence)
) STRICT;

CREATE INDEX contents_by_time ON contents (recorded_at);
