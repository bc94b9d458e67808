package pg

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// connect opens a connection to a database of the test's own.
func connect(t *testing.T, o Options) *Conn {
	t.Helper()
	return connectTo(t, pgtest.Shared(t).Fresh(t, ""), o)
}

func connectTo(t *testing.T, url string, o Options) *Conn {
	t.Helper()
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute // so that a test that hangs says where
	}
	c, err := Open(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask runs a statement as a transaction of its own.
func ask(c *Conn, sql string, args ...any) (*Rows, error) {
	if err := c.Send(sql, args...); err != nil {
		return nil, err
	}
	if err := c.Sync(); err != nil {
		return nil, err
	}
	rows, err := c.Next()
	return rows, errors.Join(err, c.Ready())
}

// run is ask for a statement that has to succeed.
func run(t *testing.T, c *Conn, sql string, args ...any) *Rows {
	t.Helper()
	rows, err := ask(c, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if !c.Idle() {
		t.Fatalf("%s: the connection is not idle", sql)
	}
	return rows
}

// number runs a query that gives one integer.
func number(t *testing.T, c *Conn, sql string, args ...any) int64 {
	t.Helper()
	rows := run(t, c, sql, args...)
	if !rows.Next() {
		t.Fatalf("%s gives no row", sql)
	}
	return rows.Int64(0)
}

// expectCode wants a refusal of the server that leaves the connection good.
func expectCode(t *testing.T, c *Conn, err error, code string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code || c.Broken() != nil {
		t.Errorf("got %v, want %s; broken: %v", err, code, c.Broken())
	}
}

func TestValues(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		c := connect(t, Options{Unnamed: unnamed})
		for range 2 { // the second time it is prepared
			rows := run(t, c, `SELECT $1::bigint, $2::int, $3::smallint, $4::double precision, $5::real, $6::boolean, $7::text, $8::jsonb,
				$9::text COLLATE "C", $10::varchar, $11::json, 'x'::name, 7::oid, $12::char(3), '' AS empty`,
				int64(math.MinInt64), int(-7), 32767, 0.1, -0.5, true, "关系\x01\\'\"\t\n", `{"b": [1, null], "a": "关"}`, nil, "v", ` {"a":1} `, "ab")
			if !rows.Next() || rows.Width() != 15 || rows.Count() != 1 || rows.Changed() != 1 || rows.Command() != "SELECT" {
				t.Fatalf("one row of 15 columns: %+v", rows)
			}
			if rows.Int64(0) != math.MinInt64 || rows.Int64(1) != -7 || rows.Int64(2) != 32767 || rows.Float64(3) != 0.1 || rows.Float64(4) != -0.5 ||
				rows.Int64(5) != 1 || rows.Int64(12) != 7 {
				t.Errorf("numbers: %d %d %d %v %v %d %d", rows.Int64(0), rows.Int64(1), rows.Int64(2), rows.Float64(3), rows.Float64(4), rows.Int64(5), rows.Int64(12))
			}
			texts := []string{rows.Text(6), rows.Text(7), rows.Text(8), rows.Text(9), rows.Text(10), rows.Text(11), rows.Text(13), rows.Text(14)}
			if !slices.Equal(texts, []string{"关系\x01\\'\"\t\n", `{"a": "关", "b": [1, null]}`, "", "v", ` {"a":1} `, "x", "ab ", ""}) {
				t.Errorf("texts: %q", texts)
			}
			if !rows.Null(8) || rows.Null(14) || rows.Null(0) {
				t.Error("NULL is mixed up with empty")
			}
			kinds := []Kind{Integer, Integer, Integer, Float, Float, Bool, Text, JSON, Text, Text, Text, Text, Integer, Text, Text}
			for i, want := range kinds {
				if k, err := rows.Kind(i); k != want || err != nil {
					t.Errorf("the kind of column %d is %d, %v", i, k, err)
				}
			}
			if names := rows.Columns(); names[14] != "empty" || names[0] != "int8" {
				t.Errorf("the columns are %q", names)
			}
			if rows.Next() {
				t.Error("a second row")
			}
		}
		rows := run(t, c, `SELECT NULL::bigint, NULL::double precision, NULL::boolean, NULL::text, NULL::jsonb`)
		rows.Next()
		for i := range 5 {
			if !rows.Null(i) || rows.Int64(i) != 0 || rows.Float64(i) != 0 || rows.Text(i) != "" {
				t.Errorf("NULL in column %d reads as %d, %v, %q", i, rows.Int64(i), rows.Float64(i), rows.Text(i))
			}
		}
		rows = run(t, c, `SELECT $1::double precision, $2::double precision, $3::double precision, $4::boolean`, math.Inf(1), math.Inf(-1), math.NaN(), false)
		rows.Next()
		if !math.IsInf(rows.Float64(0), 1) || !math.IsInf(rows.Float64(1), -1) || !math.IsNaN(rows.Float64(2)) || rows.Int64(3) != 0 || rows.Null(3) {
			t.Errorf("got %v, %v, %v, %d", rows.Float64(0), rows.Float64(1), rows.Float64(2), rows.Int64(3))
		}
	}
}

// TestTypesThatAreNotRead refuses what would be read as nonsense.
func TestTypesThatAreNotRead(t *testing.T) {
	c := connect(t, Options{})
	for _, sql := range []string{`SELECT 1 AS good, sum(x) AS bad FROM (VALUES (1::bigint)) v(x)`, `SELECT now() AS bad`, `SELECT ARRAY[1] AS bad WHERE FALSE`} {
		for range 2 {
			if rows, err := ask(c, sql); err == nil || !strings.Contains(err.Error(), "column bad") || !c.Idle() {
				t.Errorf("%s: %v, %v", sql, rows, err)
			}
		}
	}
	if n := number(t, c, `SELECT sum(x)::bigint FROM (VALUES (1::bigint), (2)) v(x)`); n != 3 {
		t.Errorf("got %d", n)
	}
	for _, sql := range []string{`SELECT pg_sleep(0)`, `SELECT`, ``, `-- nothing`} {
		run(t, c, sql)
	}
}

func TestChangedRows(t *testing.T) {
	c := connect(t, Options{})
	for _, step := range []struct {
		sql     string
		command string
		changed int64
	}{
		{`CREATE TABLE x (id bigint PRIMARY KEY, n bigint)`, "CREATE TABLE", 0},
		{`INSERT INTO x VALUES (1, 1), (2, 2), (3, 3)`, "INSERT", 3},
		{`INSERT INTO x VALUES (1, 1) ON CONFLICT (id) DO NOTHING`, "INSERT", 0},
		{`UPDATE x SET n = n + 1 WHERE id > 1`, "UPDATE", 2},
		{`UPDATE x SET n = n + 1 WHERE id > 1 RETURNING id`, "UPDATE", 2},
		{`SELECT id FROM x`, "SELECT", 3},
		{`DELETE FROM x`, "DELETE", 3},
		{`BEGIN`, "BEGIN", 0},
		{`COMMIT`, "COMMIT", 0},
	} {
		rows, err := ask(c, step.sql)
		if err != nil || rows.Command() != step.command || rows.Changed() != step.changed {
			t.Errorf("%s: %s %d, %v", step.sql, rows.Command(), rows.Changed(), err)
		}
	}
}

// TestParametersThatDoNotFit leaves the connection as it was.
func TestParametersThatDoNotFit(t *testing.T) {
	c := connect(t, Options{})
	if err := c.Send(`SELECT $1::bigint`, int64(5)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]any{{[]byte("x")}, {uint8(1)}, make([]any, 1<<16)} {
		if err := c.Send(`SELECT 'never'`, args...); err == nil {
			t.Errorf("%d of %T are taken", len(args), args[0])
		}
	}
	must(t, c.Sync())
	if rows, err := c.Next(); err != nil || !rows.Next() || rows.Int64(0) != 5 {
		t.Errorf("got %v", err)
	}
	must(t, c.Ready())
	if _, err := c.Next(); err == nil {
		t.Error("an answer to nothing")
	}
	for sql, code := range map[string]string{`SELECT $1::bigint`: "08P01", `SELECT $1::bigint + $2`: "08P01"} {
		_, err := ask(c, sql) // too few
		expectCode(t, c, err, code)
	}
	_, err := ask(c, `SELECT $1::text`, "a\x00b")
	expectCode(t, c, err, "22021")
	_, err = ask(c, `SELECT $1::bigint`, "seven")
	expectCode(t, c, err, "22P02")
	number(t, c, `SELECT 1`)
}

func TestHugeRows(t *testing.T) {
	c := connect(t, Options{})
	for _, size := range []int{0, 1, 16<<10 - 6, 16 << 10, 64 << 10, 64<<10 + 1, 5 << 20, 100, 30 << 20, 1} {
		want := strings.Repeat("关", size/3) + strings.Repeat("x", size%3)
		rows := run(t, c, `SELECT $1::text, 7, $1::text FROM generate_series(1, 2)`, want)
		for range 2 {
			if !rows.Next() || rows.Text(0) != want || rows.Int64(1) != 7 || rows.Text(2) != want {
				t.Fatalf("%d bytes are not what was sent", size)
			}
		}
	}
	if cap(c.in) > maxRoom || cap(c.out) > maxRoom {
		t.Errorf("buffers of %d and %d bytes are kept", cap(c.in), cap(c.out))
	}
	rows := run(t, c, `SELECT i, repeat('x', (i % 100)::int) FROM generate_series(1::bigint, 200000) i`)
	var sum, letters int64
	for rows.Next() {
		sum, letters = sum+rows.Int64(0), letters+int64(len(rows.Text(1)))
	}
	if sum != 200000*200001/2 || letters != 200000/100*4950 || rows.Count() != 200000 {
		t.Errorf("%d rows, sum %d, %d letters", rows.Count(), sum, letters)
	}
}
