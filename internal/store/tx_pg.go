package store

import (
	"fmt"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/pg"
)

// pgTx is a connection seen as a transaction.
type pgTx struct {
	conn   *pg.Conn
	queued int  // statements in front of the next one, whose answers nobody reads
	opened bool // BEGIN was sent
	brief  bool // Once may end the transaction
	// failed is the first error of a statement: the server takes nothing more
	// in this transaction, whatever the caller makes of it.
	failed error
}

// begin queues the statements that open a transaction; they go out with the
// first one.
func (t *pgTx) begin(statements ...string) error {
	t.opened = true
	for _, s := range statements {
		if s == "" {
			continue
		}
		if err := t.queue(s); err != nil {
			return err
		}
	}
	return nil
}

func (t *pgTx) queue(sql string, args ...any) error {
	t.queued++
	return t.conn.Send(sql, args...)
}

// pass reads the answers of what was queued.
func (t *pgTx) pass() error {
	for ; t.queued > 0; t.queued-- {
		if _, err := t.conn.Next(); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a statement and reads its whole answer, in one trip with what was
// queued.
func (t *pgTx) ask(sql string, args []any) (*pg.Rows, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	if err := t.conn.Send(sql, args...); err != nil {
		return nil, t.fail(err)
	}
	if err := t.conn.Flush(); err != nil {
		return nil, t.fail(err)
	}
	if err := t.pass(); err != nil {
		return nil, t.fail(err)
	}
	rows, err := t.conn.Next()
	return rows, t.fail(err)
}

// fail notes an error and gives it its meaning for callers.
func (t *pgTx) fail(err error) error {
	if err == nil {
		return nil
	}
	err = unavailable(err)
	if t.failed == nil {
		t.failed = err
	}
	return err
}

func (t *pgTx) Query(sql string, args ...any) (Rows, error) {
	rows, err := t.ask(sql, args)
	if err != nil {
		return nil, err
	}
	return &pgRows{rows: rows}, nil
}

func (t *pgTx) Exec(sql string, args ...any) (int64, error) {
	rows, err := t.ask(sql, args)
	if err != nil {
		return 0, err
	}
	return rows.Changed(), nil
}

func (t *pgTx) Together(questions ...Question) error {
	if t.failed != nil {
		return t.failed
	}
	for _, q := range questions {
		if err := t.conn.Send(q.SQL, q.Args...); err != nil {
			return t.fail(err)
		}
	}
	if err := t.conn.Flush(); err != nil {
		return t.fail(err)
	}
	if err := t.pass(); err != nil {
		return t.fail(err)
	}
	for _, q := range questions {
		rows, err := t.conn.Next()
		if err != nil {
			return t.fail(err)
		}
		if err := eachOf(rows, q.Each); err != nil {
			return err
		}
	}
	return nil
}

func eachOf(rows *pg.Rows, fn func(Rows) error) error {
	r := &pgRows{rows: rows}
	for fn != nil && r.Next() {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// lockOrganization makes updates of one organization run one after the other,
// as the embedded database does with all: what a transaction has read stays
// true until it commits.
const lockOrganization = `SELECT version FROM organizations WHERE organization_id = $1 FOR NO KEY UPDATE`

// Once ends the implicit transaction in the same trip: a second one, for its
// end, costs both sides a tenth.
func (t *pgTx) Once(question Question) error {
	if !t.brief || t.opened || t.queued > 0 {
		return t.Together(question)
	}
	if t.failed != nil {
		return t.failed
	}
	if err := t.conn.Send(question.SQL, question.Args...); err != nil {
		return t.fail(err)
	}
	if err := t.conn.Sync(); err != nil {
		return t.fail(err)
	}
	rows, err := t.conn.Next()
	if err == nil {
		err = t.conn.Ready()
	}
	if err != nil {
		return t.fail(err)
	}
	return eachOf(rows, question.Each)
}

func (t *pgTx) Near() bool { return false }

// Alone goes out with the statement that follows.
func (t *pgTx) Alone(org int64) error { return t.queue(lockOrganization, org) }

// finish ends a transaction that has only read; its end is read when the
// connection is used next.
func (t *pgTx) finish() error {
	if t.failed != nil {
		return t.failed
	}
	if t.opened {
		if err := t.conn.Send("COMMIT"); err != nil {
			return err
		}
	}
	if t.conn.Idle() {
		return nil // Once has ended it
	}
	return t.conn.Sync()
}

// endOfLog is how far the primary's log goes: what was committed before lies
// before it.
const endOfLog = `SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint`

// commit ends a transaction that has written and waits until it is durable.
// Where it is asked for, it tells a place in the log behind the commit, noPlace
// where that could not be learned.
func (t *pgTx) commit(tell bool) (end int64, err error) {
	if t.failed != nil {
		return 0, t.failed
	}
	t.conn.Limit(time.Time{}) // what is committed is waited for
	if err := t.conn.Send("COMMIT"); err != nil {
		return 0, err
	}
	if tell {
		if err := t.conn.Send(endOfLog); err != nil {
			return 0, err
		}
	}
	if err := t.conn.Sync(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
	}
	if err := t.pass(); err != nil {
		return 0, err
	}
	rows, err := t.conn.Next()
	switch {
	case err != nil && (t.conn.Broken() != nil || pg.IsPartLost(err)):
		return 0, fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
	case err != nil:
		return 0, err
	case rows.Command() != "COMMIT":
		return 0, fmt.Errorf("store: the transaction was not committed but answered with %s", rows.Command())
	}
	// It is committed, whatever comes now.
	if tell {
		end = noPlace
		if rows, err = t.conn.Next(); err == nil && rows.Next() {
			end = rows.Int64(0)
		}
	}
	t.conn.Ready()
	return end, nil
}

// pgRows are the rows of an answer.
type pgRows struct{ rows *pg.Rows }

func (r *pgRows) Next() bool { return r.rows.Next() }
func (r *pgRows) Err() error { return nil }
func (r *pgRows) Close()     {}

func (r *pgRows) Scan(dest ...any) error {
	s := r.rows
	if len(dest) != s.Width() {
		return fmt.Errorf("store: scan of %d columns does not fit the row", len(dest))
	}
	for i, d := range dest {
		switch d := d.(type) {
		case nil:
		case *crm.Text:
			d.Value, d.Set = s.Text(i), !s.Null(i)
		case *int64:
			*d = s.Int64(i)
		case *string:
			*d = s.Text(i)
		case *crm.Time:
			*d = crm.Time(s.Int64(i))
		case *float64:
			*d = s.Float64(i)
		case *bool:
			*d = s.Int64(i) != 0
		case *int:
			*d = int(s.Int64(i))
		case *crm.Values:
			*d = crm.Values(s.Text(i))
		case *crm.Approval:
			*d = approval(s.Text(i))
		case *crm.Scope:
			*d = crm.Scope(s.Text(i))
		case *crm.Hiding:
			*d = crm.Hiding(s.Text(i))
		default:
			return fmt.Errorf("store: column %d cannot be read into %T", i, d)
		}
	}
	return nil
}
