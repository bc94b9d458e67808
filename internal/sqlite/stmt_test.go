package sqlite

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"

	lib "modernc.org/sqlite/lib"
	"pgregory.net/rapid"
)

// open opens a database of its own, or the one at path.
func open(t *testing.T, path string, flags Flags) *Conn {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "test.db")
	}
	c, err := Open(path, flags)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func exec(t *testing.T, c *Conn, script string) {
	t.Helper()
	if err := c.Exec(script); err != nil {
		t.Fatal(err)
	}
}

func prepare(t *testing.T, c *Conn, sql string) *Stmt {
	t.Helper()
	s, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run binds and steps a statement once and resets it; it answers whether there
// was a row.
func run(s *Stmt, args ...any) (bool, error) {
	if err := s.Bind(args); err != nil {
		return false, err
	}
	row, err := s.Step()
	s.Reset()
	return row, err
}

func mustRun(t *testing.T, s *Stmt, args ...any) {
	t.Helper()
	if _, err := run(s, args...); err != nil {
		t.Fatal(err)
	}
}

// number reads the first column of the only row.
func number(t *testing.T, c *Conn, sql string, args ...any) int64 {
	t.Helper()
	s := prepare(t, c, sql)
	defer s.Reset()
	if err := s.Bind(args); err != nil {
		t.Fatal(err)
	}
	if row, err := s.Step(); err != nil || !row {
		t.Fatalf("%s: %v, %v", sql, row, err)
	}
	return s.Int64(0)
}

func TestEveryTypeComesBack(t *testing.T) {
	s := prepare(t, open(t, "", ReadWrite), "SELECT ?1, typeof(?1), length(?1)")
	for _, c := range []struct {
		in      any
		kind    Kind
		class   string
		integer int64
		float   float64
		text    string
		ok      bool
	}{
		{int64(math.MaxInt64), Integer, "integer", math.MaxInt64, math.MaxInt64, "9223372036854775807", true},
		{int64(math.MinInt64), Integer, "integer", math.MinInt64, math.MinInt64, "-9223372036854775808", true},
		{int64(0), Integer, "integer", 0, 0, "0", true},
		{42, Integer, "integer", 42, 42, "42", true},
		{true, Integer, "integer", 1, 1, "1", true},
		{false, Integer, "integer", 0, 0, "0", true},
		{121.42799, Float, "real", 121, 121.42799, "121.42799", true},
		{math.Inf(-1), Float, "real", math.MinInt64, math.Inf(-1), "-Inf", true},
		{nil, Null, "null", 0, 0, "", false},
		{"", Text, "text", 0, 0, "", true},
		{"重庆 🙂", Text, "text", 0, 0, "重庆 🙂", true},
		{"a\x00b\x00", Text, "text", 0, 0, "a\x00b\x00", true},
		{"17", Text, "text", 17, 17, "17", true},
		{[]byte("\x00\xff\x00"), Blob, "blob", 0, 0, "\x00\xff\x00", true},
		{[]byte{}, Blob, "blob", 0, 0, "", false},
	} {
		if err := s.Bind([]any{c.in}); err != nil {
			t.Errorf("%v: %v", c.in, err)
			continue
		}
		if row, err := s.Step(); !row || err != nil {
			t.Fatalf("%v: %v, %v", c.in, row, err)
		}
		if got := s.Kind(0); got != c.kind {
			t.Errorf("%v has the kind %d, want %d", c.in, got, c.kind)
		}
		if got, _ := s.String(1); got != c.class {
			t.Errorf("%v has the class %s, want %s", c.in, got, c.class)
		}
		if got := s.Int64(0); got != c.integer {
			t.Errorf("%v reads as the integer %d, want %d", c.in, got, c.integer)
		}
		if got := s.Float64(0); got != c.float {
			t.Errorf("%v reads as the float %v, want %v", c.in, got, c.float)
		}
		if b, isBlob := c.in.([]byte); isBlob {
			if got := s.Bytes(0); !bytes.Equal(got, b) {
				t.Errorf("%v reads as the bytes %v", c.in, got)
			}
		} else if got, ok := s.String(0); got != c.text || ok != c.ok {
			t.Errorf("%v reads as the text %q, %v", c.in, got, ok)
		}
		s.Reset()
	}
}

func TestNullReadsAsZero(t *testing.T) {
	s := prepare(t, open(t, "", ReadWrite), "SELECT NULL")
	if row, err := s.Step(); !row || err != nil {
		t.Fatal(row, err)
	}
	defer s.Reset()
	if text, ok := s.String(0); text != "" || ok || s.Bytes(0) != nil || s.Int64(0) != 0 || s.Float64(0) != 0 {
		t.Error("NULL reads as something")
	}
}

func TestWhatIsReadStays(t *testing.T) {
	s := prepare(t, open(t, "", ReadWrite), "SELECT ?1, ?2")
	if err := s.Bind([]any{"first", []byte("second")}); err != nil {
		t.Fatal(err)
	}
	if row, err := s.Step(); !row || err != nil {
		t.Fatal(row, err)
	}
	text, _ := s.String(0)
	blob := s.Bytes(1)
	s.Reset()
	mustRun(t, s, "other", []byte("bytes!"))
	if text != "first" || string(blob) != "second" {
		t.Errorf("what was read became %q and %q", text, blob)
	}
}

func TestBoundValuesAreCopied(t *testing.T) {
	c := open(t, "", ReadWrite)
	s := prepare(t, c, "SELECT ?1")
	in := []byte("before")
	if err := s.Bind([]any{in}); err != nil {
		t.Fatal(err)
	}
	copy(in, "AFTER!")
	if row, err := s.Step(); !row || err != nil || string(s.Bytes(0)) != "before" {
		t.Errorf("%v, %v, %q", row, err, s.Bytes(0))
	}
	s.Reset()
}

func TestLargeValues(t *testing.T) {
	c := open(t, "", ReadWrite)
	exec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB)")
	insert := prepare(t, c, "INSERT INTO t VALUES (?1, ?2, ?3)")
	text, blob := strings.Repeat("客户", 1<<20), bytes.Repeat([]byte{0, 1, 2}, 1<<20)
	mustRun(t, insert, 1, text, blob)
	mustRun(t, insert, 2, "small", []byte("small")) // in the buffer of the large ones
	s := prepare(t, c, "SELECT a, b FROM t ORDER BY id")
	for _, want := range []struct {
		text string
		blob []byte
	}{{text, blob}, {"small", []byte("small")}} {
		if row, err := s.Step(); !row || err != nil {
			t.Fatal(row, err)
		}
		if got, _ := s.String(0); got != want.text || !bytes.Equal(s.Bytes(1), want.blob) {
			t.Errorf("%d and %d bytes came back otherwise", len(want.text), len(want.blob))
		}
	}
	s.Reset()
}

func TestAnyRowComesBack(t *testing.T) {
	c := open(t, "", ReadWrite)
	s := prepare(t, c, "SELECT ?1, ?2, ?3, ?4")
	rapid.Check(t, func(t *rapid.T) {
		n, f := rapid.Int64().Draw(t, "integer"), rapid.Float64().Draw(t, "float")
		text, blob := rapid.String().Draw(t, "text"), rapid.SliceOfN(rapid.Byte(), 1, 600).Draw(t, "blob")
		if err := s.Bind([]any{n, f, text, blob}); err != nil {
			t.Fatal(err)
		}
		defer s.Reset()
		if row, err := s.Step(); !row || err != nil {
			t.Fatal(row, err)
		}
		got, ok := s.String(2)
		if s.Int64(0) != n || s.Float64(1) != f || got != text || !ok || !bytes.Equal(s.Bytes(3), blob) {
			t.Fatalf("%d, %v, %q, %v came back as %d, %v, %q, %v", n, f, text, blob, s.Int64(0), s.Float64(1), got, s.Bytes(3))
		}
	})
}

func TestBindRefuses(t *testing.T) {
	s := prepare(t, open(t, "", ReadWrite), "SELECT ?1, ?2")
	if s.Params() != 2 || s.Columns() != 2 {
		t.Errorf("%d parameters, %d columns", s.Params(), s.Columns())
	}
	for _, args := range [][]any{nil, {1}, {1, 2, 3}, {1, struct{}{}}, {uint(1), 2}, {int32(1), 2}} {
		if err := s.Bind(args); err == nil {
			t.Errorf("%v was bound", args)
		}
	}
	if row, err := run(s, 1, "two"); !row || err != nil {
		t.Errorf("after refusals: %v, %v", row, err)
	}
}

// TestBindOfARunningStatement must not touch the values that the running
// statement still reads.
func TestBindOfARunningStatement(t *testing.T) {
	c := open(t, "", ReadWrite)
	exec(t, c, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x'), ('x'), ('x')")
	s := prepare(t, c, "SELECT ?1 FROM t WHERE a = ?2")
	long := strings.Repeat("value", 100)
	if err := s.Bind([]any{long, "x"}); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		row, err := s.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !row {
			if n != 3 {
				t.Errorf("%d rows, want 3", n)
			}
			break
		}
		if got, _ := s.String(0); got != long {
			t.Fatalf("row %d has %q", n, got)
		}
		if err := s.Bind([]any{strings.Repeat("another", 1000), "y"}); err == nil {
			t.Fatal("a running statement was bound anew")
		}
	}
	s.Reset()
	if row, err := run(s, "a", "x"); !row || err != nil {
		t.Errorf("after its end: %v, %v", row, err)
	}
}

// TestStatementsAreNotCompiledAnew is why this package exists: another value
// for an indexed column must not make the planner think again, also when it
// has statistics that depend on the value.
func TestStatementsAreNotCompiledAnew(t *testing.T) {
	c := open(t, "", ReadWrite)
	exec(t, c, `CREATE TABLE t (organization_id INTEGER, id INTEGER, name TEXT, PRIMARY KEY (organization_id, id));
		CREATE INDEX t_name ON t (organization_id, name)`)
	insert := prepare(t, c, "INSERT INTO t VALUES (1, ?1, ?2)")
	exec(t, c, "BEGIN")
	for i := range 500 {
		mustRun(t, insert, i, strings.Repeat("a", i%7))
	}
	exec(t, c, "COMMIT; ANALYZE")
	for _, sql := range []string{
		"SELECT id FROM t WHERE organization_id = ?1 AND name = ?2",
		"SELECT id FROM t WHERE organization_id = ?1 AND id > ?2",
		"SELECT id FROM t WHERE organization_id = ?1 AND name LIKE ?2",
	} {
		s := prepare(t, c, sql)
		mustRun(t, s, 1, "a") // the first run may see that the schema has changed
		before := lib.Xsqlite3_stmt_status(c.tls, s.ptr, lib.SQLITE_STMTSTATUS_REPREPARE, 0)
		for i := range 50 {
			mustRun(t, s, i%3, strings.Repeat("a", i%9))
		}
		if n := lib.Xsqlite3_stmt_status(c.tls, s.ptr, lib.SQLITE_STMTSTATUS_REPREPARE, 0) - before; n != 0 {
			t.Errorf("%s was compiled %d times more", sql, n)
		}
	}
}
