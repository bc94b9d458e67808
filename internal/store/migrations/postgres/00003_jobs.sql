-- Work that is done later, again, or for longer than a request may last.

-- +part tables

-- tenant: jobs, written in the transaction that wants them done. due_at is set
-- while somebody should look at the row: the time to run of a waiting job, the
-- end of the claim of a running one; so one index finds new, retried and
-- orphaned jobs. claim counts the claims: a worker writes only under its own.
-- every is in milliseconds, 0 for a job that runs once. payload and result
-- are JSON, cursor is what the kind makes of it.
CREATE TABLE jobs (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    key             text COLLATE "C" NOT NULL,
    payload         text COLLATE "C" NOT NULL,
    state           text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
    due_at          bigint,
    attempts        bigint NOT NULL,
    max_attempts    bigint NOT NULL,
    every           bigint NOT NULL,
    claim           bigint NOT NULL,
    worker          text COLLATE "C" NOT NULL,
    progress_done   bigint NOT NULL,
    progress_total  bigint NOT NULL,
    cursor          text COLLATE "C" NOT NULL,
    last_error      text COLLATE "C" NOT NULL,
    result          text COLLATE "C" NOT NULL,
    user_id         bigint,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    started_at      bigint,
    finished_at     bigint,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, key, kind)
);

-- +part references

ALTER TABLE jobs ADD CONSTRAINT jobs_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);

-- +part indexes

-- For the look at all organizations, and for a claim in one of them. (The kind
-- stands last in the unique key, so that no planner takes that for a claim.)
CREATE INDEX jobs_due ON jobs (due_at, organization_id, id, kind);
CREATE INDEX jobs_claim ON jobs (organization_id, kind, due_at, id);
