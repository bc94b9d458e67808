-- What a move of all data from another database needs in its target.

-- +goose Up

-- local: how far an unfinished move has come, by organization and table; 0 in
-- the place of the organization for tables that belong to none. last_key is the
-- last row that is there, row_sum the sum of the rows' hashes. Empty but during
-- a move.
CREATE TABLE moves (
    organization_id INTEGER NOT NULL,
    table_name      TEXT    NOT NULL,
    last_key        TEXT    NOT NULL,
    copied          INTEGER NOT NULL,
    row_sum         TEXT    NOT NULL,
    finished        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, table_name)
);
