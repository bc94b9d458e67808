package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"guanxi/internal/sqlite"
)

func checkSQLite(path string) (*CheckReport, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database at %s: guanxi migrate or a server's start makes it", path)
	}
	conn, err := sqlite.Open(path, sqlite.ReadOnly)
	if err != nil {
		return nil, err
	}
	r := &CheckReport{}
	tx := &sqliteTx{conn: conn}
	err = tx.read(0, func(tx Tx) error { return r.embedded(askTx(tx)) })
	err = errors.Join(err, tx.release(), conn.Close())
	if sqlite.IsDamaged(err) && len(r.Faults) > 0 {
		return r, nil // it is told already
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r *CheckReport) embedded(ask asker) error {
	rows, err := ask("SELECT integrity_check FROM pragma_integrity_check", 1)
	if sqlite.IsDamaged(err) { // so much that the looking breaks off
		rows = [][]string{{err.Error()}}
	} else if err != nil {
		return err
	}
	if len(rows) == 1 && rows[0][0] == "ok" {
		r.pass("the file is whole")
	} else {
		for _, row := range rows {
			r.fault("Restore a backup; keep this file for looking into it.", "the file is damaged: %s", row[0])
		}
		return nil // what else a damaged file says is worth nothing, if it can be read at all
	}
	all, only, err := r.migrations(ask, "sqlite", `SELECT name FROM sqlite_master WHERE type = 'table' AND name = '`+migrationsTable+`'`)
	if err != nil || !all {
		return err
	}
	if only {
		c, err := sqliteCatalogue(ask)
		if err != nil {
			return err
		}
		r.schema(c)
	}
	rows, err = ask(`SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2`, 3)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r.fault("Restore a backup, or remove these rows; sqlite3 tells them: PRAGMA foreign_key_check;",
			"%s rows of %s refer to rows of %s that are not there", row[2], row[0], row[1])
	}
	if len(rows) == 0 {
		r.pass("every reference leads to a row that is there")
	}
	return nil
}
