-- What several processes count together.

-- +part tables

-- tenant: what an organization has left of a limit that several processes
-- share (calls: the rate limit), changed by compare-and-set on revision. state
-- is JSON of package api.
CREATE TABLE rate_budgets (
    organization_id bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    state           text COLLATE "C" NOT NULL,
    revision        bigint NOT NULL,
    PRIMARY KEY (organization_id, name)
);

-- identity: failed sign-ins by a keyed hash of the login or of the address.
-- since is when the first one that counts came.
CREATE TABLE signin_failures (
    failure_key text COLLATE "C" NOT NULL PRIMARY KEY,
    failures    bigint NOT NULL,
    since       bigint NOT NULL
);
