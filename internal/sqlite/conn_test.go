package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	lib "modernc.org/sqlite/lib"
)

func TestOpenFailures(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "none", "a.db"), dir} {
		for _, flags := range []Flags{ReadOnly, ReadWrite} {
			if c, err := Open(path, flags); err == nil {
				c.Close()
				t.Errorf("opened %s", path)
			}
		}
	}
	if c, err := Open(filepath.Join(dir, "missing.db"), ReadOnly); err == nil {
		c.Close()
		t.Error("a read-only connection made a file")
	}
}

func TestPrepareErrors(t *testing.T) {
	c := open(t, "", ReadWrite)
	for _, sql := range []string{"SELEC 1", "SELECT a FROM missing", "", "-- nothing", `SELECT "no such column"`} {
		if s, err := c.Prepare(sql); err == nil || s != nil {
			t.Errorf("prepared %q", sql)
		}
		if c.Cached(sql) != nil {
			t.Errorf("%q is kept", sql)
		}
	}
	var e *Error
	if _, err := c.Prepare("SELEC 1"); !errors.As(err, &e) || e.Code&0xff != lib.SQLITE_ERROR || e.Message == "" {
		t.Errorf("got %v", err)
	}
	if err := c.Exec("SELECT 1; SELEC 1"); !errors.As(err, &e) {
		t.Errorf("got %v", err)
	}
	if number(t, c, "SELECT 7") != 7 {
		t.Error("the connection is of no use after an error")
	}
}

func TestStatementsAreKept(t *testing.T) {
	c := open(t, "", ReadWrite)
	a, b := prepare(t, c, "SELECT ?1"), prepare(t, c, "SELECT ?1")
	if a != b || c.Cached("SELECT ?1") != a {
		t.Error("the same text was compiled twice")
	}
	k, err := c.PrepareAs("key", "SELECT 2")
	if err != nil || c.Cached("key") != k || c.Cached("SELECT 2") != nil {
		t.Errorf("kept elsewhere: %v", err)
	}
	again, err := c.PrepareAs("key", "SELECT 2")
	if err != nil || again != k {
		t.Errorf("a second statement for the same key: %v", err)
	}
}

func TestConstraintErrors(t *testing.T) {
	c := open(t, "", ReadWrite)
	exec(t, c, `PRAGMA foreign_keys = ON;
		CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE);
		CREATE TABLE f (p INTEGER REFERENCES p (id), n INTEGER CHECK (n > 0));
		INSERT INTO p VALUES (1, 'a')`)
	for _, bad := range []struct {
		sql  string
		args []any
		code int
	}{
		{"INSERT INTO p VALUES (?1, ?2)", []any{1, "b"}, lib.SQLITE_CONSTRAINT_PRIMARYKEY},
		{"INSERT INTO p VALUES (?1, ?2)", []any{2, "a"}, lib.SQLITE_CONSTRAINT_UNIQUE},
		{"INSERT INTO p VALUES (?1, ?2)", []any{2, nil}, lib.SQLITE_CONSTRAINT_NOTNULL},
		{"INSERT INTO f VALUES (?1, ?2)", []any{9, 1}, lib.SQLITE_CONSTRAINT_FOREIGNKEY},
		{"INSERT INTO f VALUES (?1, ?2)", []any{1, 0}, lib.SQLITE_CONSTRAINT_CHECK},
	} {
		_, err := run(prepare(t, c, bad.sql), bad.args...)
		var e *Error
		if !IsConstraint(err) || isBusy(err) || !errors.As(err, &e) || e.Code != bad.code {
			t.Errorf("%s %v: %v", bad.sql, bad.args, err)
		}
		if !IsConstraint(fmt.Errorf("write: %w", err)) {
			t.Error("a wrapped constraint error is not recognised")
		}
	}
	// The same statements work afterwards.
	mustRun(t, prepare(t, c, "INSERT INTO p VALUES (?1, ?2)"), 2, "b")
	mustRun(t, prepare(t, c, "INSERT INTO f VALUES (?1, ?2)"), 2, 5)
	if c.Changes() != 1 || number(t, c, "SELECT count(*) FROM p") != 2 || number(t, c, "SELECT count(*) FROM f") != 1 {
		t.Error("the tables hold something else")
	}
	mustRun(t, prepare(t, c, "UPDATE p SET name = 'x' WHERE id = 99"))
	if c.Changes() != 0 {
		t.Errorf("an update without a row changed %d", c.Changes())
	}
	if IsConstraint(nil) || IsConstraint(errors.New("x")) || isBusy(nil) {
		t.Error("recognised what is none")
	}
}

// isBusy reports whether another connection held the lock for longer than the
// busy timeout.
func isBusy(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code&0xff == lib.SQLITE_BUSY || e.Code&0xff == lib.SQLITE_LOCKED)
}

func TestBusyIsRecognised(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	a, b := open(t, path, ReadWrite), open(t, path, ReadWrite)
	exec(t, a, "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)")
	exec(t, b, "PRAGMA busy_timeout = 0")
	exec(t, a, "BEGIN IMMEDIATE")
	begin := prepare(t, b, "BEGIN IMMEDIATE")
	if _, err := run(begin); !isBusy(err) || IsConstraint(err) {
		t.Errorf("got %v", err)
	}
	if b.InTransaction() || !a.InTransaction() {
		t.Error("the transactions are not as they should be")
	}
	exec(t, a, "COMMIT")
	mustRun(t, begin)
	exec(t, b, "ROLLBACK")
}

func TestReadOnlyRefusesToWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	exec(t, open(t, path, ReadWrite), "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)")
	r := open(t, path, ReadOnly)
	if err := r.Exec("INSERT INTO t VALUES (1)"); err == nil {
		t.Error("written through a read-only connection")
	}
	if number(t, r, "SELECT count(*) FROM t") != 0 {
		t.Error("there is a row")
	}
}

func TestReadersSeeASnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	w := open(t, path, ReadWrite)
	exec(t, w, "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)")
	r := open(t, path, ReadOnly)
	const count = "SELECT count(*) FROM t"
	exec(t, r, "BEGIN")
	if number(t, r, count) != 1 {
		t.Fatal("the reader does not see what was committed")
	}
	exec(t, w, "BEGIN IMMEDIATE; INSERT INTO t VALUES (2)")
	if number(t, r, count) != 1 || number(t, w, count) != 2 {
		t.Error("the reader sees what is not committed, or the writer not its own")
	}
	exec(t, w, "COMMIT; INSERT INTO t VALUES (3)")
	if number(t, r, count) != 1 {
		t.Error("the reader's snapshot has moved")
	}
	exec(t, r, "COMMIT")
	if number(t, r, count) != 3 {
		t.Error("a new snapshot does not see the commits")
	}
}

func TestCloseWithOpenStatements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	c, err := Open(path, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)")
	s := prepare(t, c, "SELECT n, ?1 FROM t")
	if err := s.Bind([]any{"text"}); err != nil {
		t.Fatal(err)
	}
	if row, err := s.Step(); !row || err != nil {
		t.Fatal(row, err)
	}
	exec(t, c, "BEGIN; INSERT INTO t VALUES (3)")
	if err := c.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if number(t, open(t, path, ReadOnly), "SELECT count(*) FROM t") != 2 {
		t.Error("an open transaction was committed by closing")
	}
}

// TestManyConnections reads and writes from many goroutines, each with a
// connection of its own. Every reader sees two rows that were written together.
func TestManyConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	exec(t, open(t, path, ReadWrite), `PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);
		INSERT INTO t VALUES (1, 0), (2, 0)`)
	const writers, readers, rounds = 3, 5, 40
	var all sync.WaitGroup
	work := func(flags Flags, fn func(*Conn, int) error) {
		all.Go(func() {
			c, err := Open(path, flags)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for i := range rounds {
				if err := fn(c, i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range writers {
		work(ReadWrite, func(c *Conn, _ int) error {
			return c.Exec("BEGIN IMMEDIATE; UPDATE t SET n = n + 1 WHERE id = 1; UPDATE t SET n = n + 1 WHERE id = 2; COMMIT")
		})
	}
	for range readers {
		work(ReadOnly, func(c *Conn, i int) error {
			s, err := c.Prepare("SELECT a.n - b.n, ?1 FROM t a, t b WHERE a.id = 1 AND b.id = 2")
			if err != nil {
				return err
			}
			defer s.Reset()
			want := fmt.Sprint("round ", i)
			if err := s.Bind([]any{want}); err != nil {
				return err
			}
			row, err := s.Step()
			if err != nil {
				return err
			}
			if got, _ := s.String(1); !row || s.Int64(0) != 0 || got != want {
				return fmt.Errorf("saw half a transaction: %v, %d, %q", row, s.Int64(0), got)
			}
			return nil
		})
	}
	all.Wait()
	if n := number(t, open(t, path, ReadOnly), "SELECT n FROM t WHERE id = 2"); n != writers*rounds {
		t.Errorf("%d of %d updates are there", n, writers*rounds)
	}
}
