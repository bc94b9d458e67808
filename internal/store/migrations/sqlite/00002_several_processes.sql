-- What several processes need on one database.

-- +goose Up

-- How often sessions of the organization have ended: a process that keeps
-- sessions in memory reads them anew when it has moved.
ALTER TABLE organizations ADD COLUMN sessions_version INTEGER NOT NULL DEFAULT 0;

-- local: who does what only one process may do. fencing counts the holders.
CREATE TABLE leases (
    name       TEXT    NOT NULL PRIMARY KEY,
    holder     TEXT    NOT NULL,
    fencing    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
