package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/sqlite"
)

// sqliteEngine is one writer and a few readers on a WAL file. Readers see the
// last committed state and never wait for the writer.
type sqliteEngine struct {
	readers chan *sqliteTx
	writer  chan *sqliteTx
	all     []*sqlite.Conn
}

// sqliteReaders is how many read connections there are: two did as well as
// eight on two cores, since a read is short and never waits.
func sqliteReaders() int { return max(2, runtime.GOMAXPROCS(0)) }

// writerPragmas are what a bulk load changes for its time on the writer.
const writerPragmas = `PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;
	PRAGMA wal_autocheckpoint=4000`

// openSQLite opens an existing, migrated file. Reads are mapped; the writer
// syncs the log at each commit, so that an acknowledged write survives a power
// failure as well as a killed process.
func openSQLite(path string) (*sqliteEngine, error) {
	e := &sqliteEngine{readers: make(chan *sqliteTx, sqliteReaders()), writer: make(chan *sqliteTx, 1)}
	open := func(flags sqlite.Flags, pragmas string) (*sqliteTx, error) {
		c, err := sqlite.Open(path, flags)
		if err != nil {
			return nil, err
		}
		e.all = append(e.all, c)
		return &sqliteTx{conn: c}, c.Exec(pragmas)
	}
	w, err := open(sqlite.ReadWrite, "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY;"+writerPragmas)
	if err != nil {
		return nil, errors.Join(err, e.closeAll())
	}
	e.writer <- w
	for range cap(e.readers) {
		r, err := open(sqlite.ReadOnly, `PRAGMA query_only=ON; PRAGMA mmap_size=1099511627776;
			PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY`)
		if err != nil {
			return nil, errors.Join(err, e.closeAll())
		}
		e.readers <- r
	}
	return e, nil
}

func (e *sqliteEngine) view(ctx context.Context, fn func(Tx) error) error {
	var tx *sqliteTx
	select {
	case tx = <-e.readers:
	default:
		select {
		case tx = <-e.readers:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { e.readers <- tx }()
	return tx.run("BEGIN", fn)
}

func (e *sqliteEngine) update(ctx context.Context, fn func(Tx) error) error {
	select {
	case tx := <-e.writer:
		defer func() { e.writer <- tx }()
		return tx.run("BEGIN IMMEDIATE", fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for running transactions and closes every connection.
func (e *sqliteEngine) close() error {
	var errs []error
	for range len(e.all) {
		select {
		case <-e.readers:
		case tx := <-e.writer:
			errs = append(errs, tx.conn.Exec("PRAGMA optimize"))
		}
	}
	return errors.Join(append(errs, e.closeAll())...)
}

// closeAll closes the writer last: the last connection to go moves the log
// into the file.
func (e *sqliteEngine) closeAll() error {
	var errs []error
	for i := len(e.all) - 1; i >= 0; i-- {
		errs = append(errs, e.all[i].Close())
	}
	return errors.Join(errs...)
}

// sqliteTx is a connection seen as a transaction.
type sqliteTx struct {
	conn *sqlite.Conn
	open []*sqliteRows // queries of the running transaction, for the clean-up
}

func (t *sqliteTx) run(begin string, fn func(Tx) error) (err error) {
	if err := t.step(begin); err != nil {
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
	for _, r := range t.open {
		r.Close()
	}
	t.open = t.open[:0]
	if !t.conn.InTransaction() {
		return nil // the engine has rolled back by itself (disk full, for one)
	}
	return t.step(how)
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

// prepare gives the statement for a text with $1, rewritten to ?1: SQLite
// takes $1 for a name and would number it by its place.
func (t *sqliteTx) prepare(sql string) (*sqlite.Stmt, error) {
	if s := t.conn.Cached(sql); s != nil {
		return s, nil
	}
	return t.conn.PrepareAs(sql, strings.ReplaceAll(sql, "$", "?"))
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
	if err != nil {
		return 0, err
	}
	return t.conn.Changes(), nil
}

type sqliteRows struct {
	stmt *sqlite.Stmt // nil once closed
	err  error
}

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
		case *crm.Text:
			d.Value, d.Set = s.String(i)
		case *int64:
			*d = s.Int64(i)
		case *string:
			*d, _ = s.String(i)
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
			v, _ := s.String(i)
			*d = approval(v)
		case *crm.Scope:
			v, _ := s.String(i)
			*d = crm.Scope(v)
		case *crm.Hiding:
			v, _ := s.String(i)
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
