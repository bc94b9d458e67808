package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	lib "modernc.org/sqlite/lib"
)

// pages copies the database of the connection's transaction.
func pages(t *testing.T, c *Conn) []byte {
	t.Helper()
	var file bytes.Buffer
	err := c.Pages(func(page []byte) error {
		file.Write(page)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestPagesAreOneState writes, and moves the log into the file, while the
// pages are read: what comes out is the state of the transaction's beginning.
func TestPagesAreOneState(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	w := open(t, path, ReadWrite)
	exec(t, w, `PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b BLOB);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
		INSERT INTO t SELECT i, 0, zeroblob(1000) FROM n`)
	r := open(t, path, ReadOnly)
	exec(t, r, "BEGIN")
	if number(t, r, "SELECT count(*) FROM t") != 500 {
		t.Fatal("the rows are not there")
	}
	var file bytes.Buffer
	err := r.Pages(func(page []byte) error {
		file.Write(page)
		return w.Exec("UPDATE t SET a = a + 1; INSERT INTO t (a, b) VALUES (1, zeroblob(5000)); PRAGMA wal_checkpoint(PASSIVE)")
	})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, r, "COMMIT")
	if number(t, r, "SELECT count(*) FROM t WHERE a > 0") <= 500 {
		t.Fatal("nothing was written meanwhile")
	}
	copied := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(copied, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, copied, ReadWrite)
	if n := number(t, c, "SELECT count(*) FROM t WHERE a = 0"); n != 500 || number(t, c, "SELECT count(*) FROM t") != 500 {
		t.Errorf("%d rows of the state that was copied", n)
	}
	if number(t, c, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") != 0 {
		t.Error("the copy is not whole")
	}
}

func TestPagesNeedATransaction(t *testing.T) {
	c := open(t, "", ReadWrite)
	exec(t, c, "CREATE TABLE t (n INTEGER)")
	if err := c.Pages(func([]byte) error { return nil }); err == nil {
		t.Error("pages were read outside of a transaction")
	}
	exec(t, c, "BEGIN")
	stop := errors.New("stop")
	if err := c.Pages(func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	first := pages(t, c)
	if second := pages(t, c); !bytes.Equal(first, second) || len(first) == 0 {
		t.Errorf("%d and %d bytes of the same state", len(first), len(second))
	}
	exec(t, c, "COMMIT")
}

func TestInterrupt(t *testing.T) {
	c := open(t, "", ReadWrite)
	c.Interrupt() // nothing is running
	s := prepare(t, c, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
	if row, err := s.Step(); !row || err != nil {
		t.Fatal(row, err)
	}
	c.Interrupt()
	_, err := s.Step()
	for err == nil { // it is noticed every so many steps
		_, err = s.Step()
	}
	var e *Error
	if !errors.As(err, &e) || e.Code != lib.SQLITE_INTERRUPT {
		t.Errorf("got %v", err)
	}
	if number(t, c, "SELECT 7") != 7 {
		t.Error("the connection is of no use after an interruption")
	}
}
