package store

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"guanxi/internal/crm"
	"guanxi/internal/sqlite"
)

// sqliteTx is a connection seen as a transaction.
type sqliteTx struct {
	conn *sqlite.Conn
	open []*sqliteRows // queries of the running transaction, for the clean-up

	// A reader keeps its snapshot from view to view for as long as nothing was
	// committed: beginning and ending one costs as much as a short query.
	holding  bool
	snapshot int64 // the count of commits when the snapshot was begun
}

// read runs fn on a snapshot that is at least as new as the given count of
// commits.
func (t *sqliteTx) read(commits int64, fn func(Tx) error) error {
	if !t.holding || t.snapshot != commits {
		if err := t.release(); err != nil {
			return err
		}
		if err := t.step("BEGIN"); err != nil {
			return err
		}
		t.holding, t.snapshot = true, commits
	}
	returned := false
	defer func() {
		if !returned { // fn has panicked or ended its goroutine
			t.release()
		}
	}()
	err := fn(t)
	returned = true
	if err != nil {
		return errors.Join(err, t.release())
	}
	t.closeRows()
	return nil
}

// release ends the reader's snapshot, if it holds one.
func (t *sqliteTx) release() error {
	if !t.holding {
		return nil
	}
	t.holding = false
	return t.end("COMMIT")
}

// write runs fn in a write transaction of its own.
func (t *sqliteTx) write(fn func(Tx) error) (err error) {
	if err := t.step("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	returned := false
	defer func() {
		if !returned { // fn has panicked or ended its goroutine
			t.end("ROLLBACK")
		}
	}()
	err = fn(t)
	returned = true
	if err != nil {
		return errors.Join(err, t.end("ROLLBACK"))
	}
	if err := t.end("COMMIT"); err != nil {
		return errors.Join(err, t.end("ROLLBACK"))
	}
	return nil
}

// end closes what is still open and ends the transaction, if there is one.
func (t *sqliteTx) end(how string) error {
	t.closeRows()
	if !t.conn.InTransaction() {
		return nil // the engine has rolled back by itself (disk full, for one)
	}
	return t.step(how)
}

func (t *sqliteTx) closeRows() {
	for _, r := range t.open {
		r.Close()
	}
	t.open = t.open[:0]
}

func (t *sqliteTx) step(sql string) error {
	s, err := t.conn.Prepare(sql)
	if err != nil {
		return err
	}
	_, err = s.Step()
	s.Reset()
	return err
}

// skipLocked is how a claim passes over rows that others hold. There is one
// writer here, so nobody does, and the engine does not know the words.
const skipLocked = " FOR UPDATE SKIP LOCKED"

// prepare gives the statement for a text with $1, rewritten to ?1: SQLite
// takes $1 for a name and would number it by its place. The words of
// skipLocked are left out.
func (t *sqliteTx) prepare(sql string) (*sqlite.Stmt, error) {
	if s := t.conn.Cached(sql); s != nil {
		return s, nil
	}
	return t.conn.PrepareAs(sql, strings.ReplaceAll(strings.Replace(sql, skipLocked, "", 1), "$", "?"))
}

func (t *sqliteTx) Query(sql string, args ...any) (Rows, error) {
	s, err := t.prepare(sql)
	if err != nil {
		return nil, err
	}
	if err := s.Bind(args); err != nil {
		return nil, err
	}
	r := &sqliteRows{stmt: s}
	t.open = append(t.open, r)
	return r, nil
}

func (t *sqliteTx) Together(questions ...Question) error {
	for _, q := range questions {
		rows, err := t.Query(q.SQL, q.Args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			if q.Each == nil {
				continue
			}
			if err := q.Each(rows); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (t *sqliteTx) Once(question Question) error { return t.Together(question) }

func (t *sqliteTx) Near() bool { return true }

// Alone has nothing to do: there is one writer.
func (t *sqliteTx) Alone(int64) error { return nil }

func (t *sqliteTx) Exec(sql string, args ...any) (int64, error) {
	s, err := t.prepare(sql)
	if err != nil {
		return 0, err
	}
	if err := s.Bind(args); err != nil {
		return 0, err
	}
	_, err = s.Step()
	s.Reset()
	if sqlite.IsConstraint(err) {
		return 0, fmt.Errorf("%w: %w", ErrConstraint, err)
	}
	if err != nil {
		return 0, err
	}
	return t.conn.Changes(), nil
}

type sqliteRows struct {
	stmt *sqlite.Stmt // nil once closed
	err  error
	// room is where the texts of rows are copied to, many into one piece of
	// memory: a row has twenty of them.
	room []byte
}

// text reads a text column; ok is false for NULL.
func (r *sqliteRows) text(i int) (v string, ok bool) {
	raw, ok := r.stmt.Raw(i)
	if len(raw) == 0 {
		return "", ok
	}
	if cap(r.room)-len(r.room) < len(raw) {
		r.room = make([]byte, 0, max(roomSize, len(raw)))
	}
	start := len(r.room)
	r.room = append(r.room, raw...)
	// What has been appended is never written again.
	return unsafe.String(&r.room[start], len(raw)), ok
}

const roomSize = 512

func (r *sqliteRows) Next() bool {
	if r.stmt == nil {
		return false
	}
	ok, err := r.stmt.Step()
	if err != nil {
		r.err = err
	}
	if !ok {
		r.Close()
	}
	return ok
}

func (r *sqliteRows) Err() error { return r.err }

func (r *sqliteRows) Close() {
	if r.stmt != nil {
		r.stmt.Reset()
		r.stmt = nil
	}
}

func (r *sqliteRows) Scan(dest ...any) error {
	s := r.stmt
	if s == nil || len(dest) != s.Columns() {
		return fmt.Errorf("store: scan of %d columns does not fit the row", len(dest))
	}
	for i, d := range dest {
		switch d := d.(type) {
		case nil:
		case *crm.Text:
			d.Value, d.Set = r.text(i)
		case *int64:
			*d = s.Int64(i)
		case *string:
			*d, _ = r.text(i)
		case *crm.Time:
			*d = crm.Time(s.Int64(i))
		case *float64:
			*d = s.Float64(i)
		case *bool:
			*d = s.Int64(i) != 0
		case *int:
			*d = int(s.Int64(i))
		case *crm.Values:
			*d = crm.Values(s.Bytes(i))
		case *crm.Approval:
			v, _ := r.text(i)
			*d = approval(v)
		case *crm.Scope:
			v, _ := r.text(i)
			*d = crm.Scope(v)
		case *crm.Hiding:
			v, _ := r.text(i)
			*d = crm.Hiding(v)
		default:
			return fmt.Errorf("store: column %d cannot be read into %T", i, d)
		}
	}
	return nil
}

// approval avoids a new string for the value that nearly every row has.
func approval(s string) crm.Approval {
	if s == string(crm.Approved) {
		return crm.Approved
	}
	return crm.Approval(s)
}
