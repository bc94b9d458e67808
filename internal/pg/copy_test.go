package pg

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// within runs fn inside a transaction.
func within(t *testing.T, c *Conn, fn func()) {
	t.Helper()
	run(t, c, `CREATE TEMP TABLE IF NOT EXISTS nothing ()`)
	must(t, c.Send(`BEGIN`))
	must(t, c.Sync())
	must(t, c.Ready())
	fn()
	must(t, c.Recover())
	if !c.Idle() {
		t.Fatal("not idle")
	}
}

func commit(t *testing.T, c *Conn) {
	t.Helper()
	must(t, c.Send(`COMMIT`))
	must(t, c.Sync())
	must(t, c.Ready())
}

func TestCopy(t *testing.T) {
	c := connect(t, Options{})
	run(t, c, `CREATE TABLE x (id bigint PRIMARY KEY, name text, price double precision, good boolean, more jsonb)`)
	texts := []string{"", `\N`, `\.`, "a\tb\nc\rd\\e", "关系", "\b\f\v\x01\x7f", `"quoted", 'too'`, strings.Repeat("长", 100_000)}
	var data []byte
	var err error
	for i, text := range texts {
		data, err = AppendRow(data, []any{int64(i), text, 0.1 * float64(i), i%2 == 0, `{"a": "\\\n\"x"}`})
		must(t, err)
	}
	data, err = AppendRow(data, []any{100, nil, math.Inf(1), nil, nil})
	must(t, err)
	if _, err := AppendRow(nil, []any{[]byte("x")}); err == nil {
		t.Error("bytes are taken")
	}
	for _, size := range []int{7, 1000, len(data)} { // pieces need not end with rows
		within(t, c, func() {
			rest := data
			n, err := c.CopyIn(`COPY x FROM STDIN`, func() ([]byte, error) {
				piece := rest[:min(size, len(rest))]
				rest = rest[len(piece):]
				return piece, nil
			})
			if err != nil || n != int64(len(texts)+1) {
				t.Fatalf("pieces of %d: %d rows, %v", size, n, err)
			}
			commit(t, c)
		})
		rows := run(t, c, `SELECT id, name, price, good, more FROM x ORDER BY id`)
		for i, text := range texts {
			if !rows.Next() || rows.Int64(0) != int64(i) || rows.Text(1) != text || rows.Null(1) || rows.Float64(2) != 0.1*float64(i) ||
				rows.Int64(3) != int64(1-i%2) || rows.Text(4) != `{"a": "\\\n\"x"}` {
				t.Errorf("row %d: %q", i, rows.Text(1))
			}
		}
		if !rows.Next() || !rows.Null(1) || !math.IsInf(rows.Float64(2), 1) || !rows.Null(3) || !rows.Null(4) {
			t.Error("the row of NULL")
		}
		run(t, c, `DELETE FROM x`)
	}
	within(t, c, func() {
		if n, err := c.CopyIn(`COPY x FROM STDIN`, pieces()); n != 0 || err != nil {
			t.Errorf("nothing: %d, %v", n, err)
		}
	})
}

func TestCopyFails(t *testing.T) {
	c := connect(t, Options{})
	run(t, c, `CREATE TABLE x (id bigint PRIMARY KEY)`)
	run(t, c, `INSERT INTO x VALUES (1)`)
	many := strings.Repeat("7\n", 1_000_000)
	for name, test := range map[string]struct {
		sql, code string
		data      []string
	}{
		"no table":           {`COPY y FROM STDIN`, "42P01", nil},
		"wrong words":        {`COPY`, "42601", nil},
		"a letter":           {`COPY x FROM STDIN`, "22P02", []string{"2\n", "x\n", "3\n"}},
		"a row twice":        {`COPY x FROM STDIN`, "23505", []string{"2\n", "1\n"}},
		"twice, early":       {`COPY x FROM STDIN`, "23505", []string{many, many, many, many, many}},
		"half a row":         {`COPY x FROM STDIN`, "22P04", []string{"2\t"}},
		"a byte that is not": {`COPY x FROM STDIN`, "22021", []string{"2\xff\n"}},
	} {
		within(t, c, func() {
			n, err := c.CopyIn(test.sql, pieces(test.data...))
			if n != 0 || err == nil {
				t.Errorf("%s: %d rows", name, n)
			}
			expectCode(t, c, err, test.code)
			if !c.Failed() {
				t.Errorf("%s: the transaction goes on", name)
			}
		})
		if n := number(t, c, `SELECT count(*) FROM x`); n != 1 {
			t.Errorf("%s leaves %d rows", name, n)
		}
	}
	// The caller has no more data.
	failed := errors.New("the disk is full")
	within(t, c, func() {
		given := false
		_, err := c.CopyIn(`COPY x FROM STDIN`, func() ([]byte, error) {
			if given {
				return nil, failed
			}
			given = true
			return []byte("5\n"), nil
		})
		if !errors.Is(err, failed) || !c.Failed() || c.Broken() != nil {
			t.Errorf("got %v", err)
		}
	})
	// The caller is gone.
	within(t, c, func() {
		func() {
			defer func() { recover() }()
			c.CopyIn(`COPY x FROM STDIN`, func() ([]byte, error) { panic("gone") })
		}()
	})
	if n := number(t, c, `SELECT count(*) FROM x`); n != 1 {
		t.Errorf("%d rows are left", n)
	}
	// Not while answers are to come.
	must(t, c.Send(`SELECT 5`))
	if _, err := c.CopyIn(`COPY x FROM STDIN`, pieces("9\n")); err == nil {
		t.Error("copied in the middle of a pipeline")
	}
	must(t, c.Sync())
	if rows, err := c.Next(); err != nil || !rows.Next() || rows.Int64(0) != 5 {
		t.Errorf("got %v", err)
	}
	must(t, c.Ready())
}
