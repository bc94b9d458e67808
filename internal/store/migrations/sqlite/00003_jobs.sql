-- Work that is done later, again, or for longer than a request may last.

-- +goose Up

-- tenant: jobs, written in the transaction that wants them done. due_at is set
-- while somebody should look at the row: the time to run of a waiting job, the
-- end of the claim of a running one; so one index finds new, retried and
-- orphaned jobs. claim counts the claims: a worker writes only under its own.
-- every is in milliseconds, 0 for a job that runs once. payload and result
-- are JSON, cursor is what the kind makes of it.
CREATE TABLE jobs (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    key             TEXT    NOT NULL,
    payload         TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
    due_at          INTEGER,
    attempts        INTEGER NOT NULL,
    max_attempts    INTEGER NOT NULL,
    every           INTEGER NOT NULL,
    claim           INTEGER NOT NULL,
    worker          TEXT    NOT NULL,
    progress_done   INTEGER NOT NULL,
    progress_total  INTEGER NOT NULL,
    cursor          TEXT    NOT NULL,
    last_error      TEXT    NOT NULL,
    result          TEXT    NOT NULL,
    user_id         INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    started_at      INTEGER,
    finished_at     INTEGER,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, key, kind)
);
-- For the look at all organizations, and for a claim in one of them. (The kind
-- stands last in the unique key, so that no planner takes that for a claim.)
CREATE INDEX jobs_due ON jobs (due_at, organization_id, id, kind);
CREATE INDEX jobs_claim ON jobs (organization_id, kind, due_at, id);
