-- What a move of all data from another database needs in its target.

-- +part tables

-- local: how far an unfinished move has come, by organization and table; 0 in
-- the place of the organization for tables that belong to none. last_key is the
-- last row that is there, row_sum the sum of the rows' hashes. Empty but during
-- a move.
CREATE TABLE moves (
    organization_id bigint NOT NULL,
    table_name      text COLLATE "C" NOT NULL,
    last_key        text COLLATE "C" NOT NULL,
    copied          bigint NOT NULL,
    row_sum         text COLLATE "C" NOT NULL,
    finished        boolean NOT NULL,
    PRIMARY KEY (organization_id, table_name)
);
