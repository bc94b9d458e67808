-- What several processes count together.

-- +goose Up

-- tenant: what an organization has left of a limit that several processes
-- share (calls: the rate limit), changed by compare-and-set on revision. state
-- is JSON of package api.
CREATE TABLE rate_budgets (
    organization_id INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, name)
);

-- identity: failed sign-ins by a keyed hash of the login or of the address.
-- since is when the first one that counts came.
CREATE TABLE signin_failures (
    failure_key TEXT    NOT NULL PRIMARY KEY,
    failures    INTEGER NOT NULL,
    since       INTEGER NOT NULL
);
