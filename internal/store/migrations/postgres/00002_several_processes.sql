-- What several processes need on one database.

-- +part tables

-- How often sessions of the organization have ended: a process that keeps
-- sessions in memory reads them anew when it has moved.
ALTER TABLE organizations ADD COLUMN sessions_version bigint NOT NULL DEFAULT 0;

-- local: who does what only one process may do. fencing counts the holders.
-- The migrations themselves need it and have made it before the first step.
CREATE TABLE IF NOT EXISTS leases (
    name       text COLLATE "C" NOT NULL PRIMARY KEY,
    holder     text COLLATE "C" NOT NULL,
    fencing    bigint NOT NULL,
    expires_at bigint NOT NULL
);
