package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"guanxi/internal/pg"
)

// pgLoadTimeout bounds a trip of a load, which may wait for a checkpoint of the
// whole database.
const pgLoadTimeout = 10 * time.Minute

// loadSettings hold until the batch's transaction ends.
//
// synchronous_commit: a batch is on the disk some time after its commit. After a
// crash of the server the last batches may be missing, each as a whole, and the
// load continues from the last one that is there. statement_timeout is meant
// for requests.
var loadSettings = []string{"SET LOCAL synchronous_commit = off", "SET LOCAL statement_timeout = 0"}

// unchecked lets references be, which are right by construction: checking them
// took two thirds of the time (docs/decisions/2026-11-22-loading-postgresql.md).
// Only superusers may say so, and roles to which one has granted it.
const unchecked = "SET LOCAL session_replication_role = replica"

// load writes over connections of its own, one for each processor: updates of
// different organizations do not meet.
func (e *pgEngine) load(ctx context.Context, fn func(write loading, parallel int) error) error {
	options, parallel := e.pool.options, runtime.GOMAXPROCS(0)
	options.Timeout = pgLoadTimeout
	own := &pgEngine{pool: newPGPool(e.pool.cfg, options, parallel, e.greet), walled: e.walled, brief: e.brief}
	defer own.close()
	settings, mayUncheck := loadSettings, false
	err := e.view(ctx, installation, func(tx Tx) error {
		return one(tx, `SELECT has_parameter_privilege('session_replication_role', 'SET')`, nil, &mayUncheck)
	})
	if err != nil {
		return err
	}
	if mayUncheck {
		settings = append(slices.Clone(settings), unchecked)
	}
	write := func(org int64, change func(Tx) error) error { return own.loadBatch(ctx, org, settings, change) }
	if err := fn(write, parallel); err != nil {
		return err
	}
	// A commit that waits for the disk takes all before it along.
	return e.update(ctx, installation, func(tx Tx) error {
		_, err := tx.Exec(`UPDATE installation SET value = value WHERE name = $1`, FactInstance)
		return err
	})
}

// loadBatch is update without another try: what a load has made is gone then.
func (e *pgEngine) loadBatch(ctx context.Context, org int64, settings []string, change func(Tx) error) error {
	c, err := e.pool.take(ctx)
	if err != nil {
		return unavailable(err)
	}
	return unavailable(e.pool.hold(c, func(c *pgConn) error {
		return e.write(c, org, func(tx Tx) error {
			t := tx.(*pgTx)
			for _, s := range settings {
				if err := t.queue(s); err != nil {
					return err
				}
			}
			if e.walled { // COPY does not know of row-level security
				return change(t)
			}
			return change(&copyTx{pgTx: t})
		})
	}))
}

// copyTx gathers rows as text and sends them by COPY.
type copyTx struct {
	*pgTx
	rows [bulkTables][]byte
	size int
}

// copies are the statements by table.
var copies = [bulkTables]string{
	bulkCustomers: `COPY customers (organization_id, ` + customerColumns + insertAddressColumns + `) FROM STDIN`,
	bulkLabels:    `COPY customer_labels (organization_id, customer_id, label_id) FROM STDIN`,
	bulkContacts:  `COPY contacts (organization_id, ` + contactColumns + insertAddressColumns + `) FROM STDIN`,
}

// copySize is how many bytes are gathered: the next rows are being made while
// the server takes them in. copyPiece is how many go out at once.
const (
	copySize  = 1 << 20
	copyPiece = 32 << 10
)

func (t *copyTx) row(table bulkTable, values []any) (err error) {
	before := len(t.rows[table])
	if t.rows[table], err = pg.AppendRow(t.rows[table], values); err != nil {
		return err
	}
	if t.size += len(t.rows[table]) - before; t.size < copySize {
		return nil
	}
	return t.flush()
}

func (t *copyTx) flush() error {
	for table, rows := range t.rows {
		if len(rows) == 0 {
			continue
		}
		if err := t.copyIn(copies[table], rows); err != nil {
			return err
		}
		t.rows[table] = rows[:0]
	}
	t.size = 0
	return nil
}

// copyIn sends rows. What is queued goes out before, and its answers are read.
func (t *pgTx) copyIn(statement string, rows []byte) error {
	if t.failed != nil {
		return t.failed
	}
	if err := t.conn.Sync(); err != nil {
		return t.fail(err)
	}
	if err := errors.Join(t.pass(), t.conn.Ready()); err != nil {
		return t.fail(err)
	}
	_, err := t.conn.CopyIn(statement, func() ([]byte, error) {
		piece := rows[:min(copyPiece, len(rows))]
		rows = rows[len(piece):]
		return piece, nil
	})
	return t.fail(err)
}
