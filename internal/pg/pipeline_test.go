package pg

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
)

// send queues statements.
func send(t *testing.T, c *Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		must(t, c.Send(s))
	}
}

func TestPipeline(t *testing.T) {
	c := connect(t, Options{})
	for round := range 3 {
		for i := range int64(100) {
			must(t, c.Send(`SELECT $1::bigint`, i))
			must(t, c.Send(fmt.Sprintf(`SELECT $1::bigint + %d`, i%7), i))
		}
		must(t, c.Flush())
		for i := range int64(100) {
			for _, want := range []int64{i, i + i%7} {
				rows, err := c.Next()
				if err != nil || !rows.Next() || rows.Int64(0) != want {
					t.Fatalf("round %d, %d: %v", round, want, err)
				}
			}
		}
		if c.Idle() {
			t.Error("idle before the transaction has ended")
		}
		must(t, c.Sync())
		must(t, c.Ready())
		if !c.Idle() {
			t.Error("not idle afterwards")
		}
	}
}

// TestOneTransactionBetweenSyncs rolls everything back with its last
// statement.
func TestOneTransactionBetweenSyncs(t *testing.T) {
	c := connect(t, Options{})
	run(t, c, `CREATE TABLE x (id bigint PRIMARY KEY)`)
	send(t, c, `INSERT INTO x VALUES (1)`, `INSERT INTO x VALUES (2)`, `INSERT INTO x VALUES (1)`, `INSERT INTO x VALUES (3)`)
	must(t, c.Sync())
	if err := c.Send(`INSERT INTO x VALUES (4)`); err == nil {
		t.Error("a statement behind a transaction whose end was not read")
	}
	for range 2 {
		if _, err := c.Next(); err != nil {
			t.Error(err)
		}
	}
	_, err := c.Next()
	expectCode(t, c, err, "23505")
	if !IsConstraint(err) || IsUnavailable(err) || IsTransient(err) || IsReadOnly(err) || !strings.Contains(err.Error(), "x_pkey") {
		t.Errorf("got %v", err)
	}
	must(t, c.Ready())
	if n := number(t, c, `SELECT coalesce(sum(id), 0)::bigint FROM x`); n != 0 {
		t.Errorf("of a failed transaction is left %d", n)
	}
}

// TestErrorInAPipeline fails at each place, in each way, and goes on.
func TestErrorInAPipeline(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		c := connect(t, Options{Unnamed: unnamed})
		run(t, c, `CREATE TABLE x (id bigint PRIMARY KEY)`)
		for round, bad := range []string{
			`SELECT 1 / (SELECT 0)`, `SELECT nonsense`, `SELEC 1`, `SELECT 'x'::bigint FROM x`, `SELECT 1 / 0`, `INSERT INTO x VALUES (NULL)`,
			`SELECT 1 / (10 - i) FROM generate_series(1, 10) i`, // after some rows
		} {
			for place := range 4 {
				for _, begin := range []bool{false, true} {
					if begin {
						send(t, c, `BEGIN`)
					}
					var statements []string
					for i := range 4 {
						s := fmt.Sprintf(`SELECT %d + %d`, i, 10*round+place) // new ones, which are prepared behind the bad one
						if i == place {
							s = bad
						}
						statements = append(statements, s)
					}
					send(t, c, statements...)
					must(t, c.Flush())
					if begin {
						if _, err := c.Next(); err != nil {
							t.Fatal(err)
						}
					}
					for i := range place {
						if rows, err := c.Next(); err != nil || !rows.Next() || rows.Int64(0) != int64(i+10*round+place) {
							t.Fatalf("%s: before the error: %v", bad, err)
						}
					}
					if _, err := c.Next(); err == nil || c.Broken() != nil {
						t.Fatalf("%s: %v", bad, err)
					}
					must(t, c.Recover())
					if !c.Idle() {
						t.Fatal("not idle")
					}
					for i, s := range statements {
						if i == place {
							continue
						}
						if n := number(t, c, s); n != int64(i+10*round+place) {
							t.Errorf("%s gives %d", s, n)
						}
					}
				}
			}
		}
	}
}

// TestRecoverAnywhere throws away what is queued, what is on its way and what
// was not read.
func TestRecoverAnywhere(t *testing.T) {
	for _, unnamed := range []bool{false, true} {
		c := connect(t, Options{Unnamed: unnamed})
		run(t, c, `CREATE TABLE x (id bigint)`)
		steps := []func(){
			func() { send(t, c, `BEGIN`) },
			func() { send(t, c, `INSERT INTO x VALUES (1)`) },
			func() { must(t, c.Flush()) },
			func() { send(t, c, `SELECT 11`, `INSERT INTO x VALUES (2)`) },
			func() { c.Next() },
			func() { c.Next() },
			func() { must(t, c.Flush()) },
			func() { c.Next() },
			func() { send(t, c, `SELECT 12`) },
		}
		for n := range len(steps) + 1 {
			for _, s := range steps[:n] {
				s()
			}
			must(t, c.Recover())
			if !c.Idle() {
				t.Fatalf("after %d steps it is not idle", n)
			}
			if left := number(t, c, `SELECT count(*) FROM x`); left != 0 {
				t.Errorf("after %d steps %d rows are left", n, left)
			}
			if got := number(t, c, `SELECT 12`); got != 12 {
				t.Errorf("got %d", got)
			}
		}
		// Without BEGIN: what was not sent does not happen.
		send(t, c, `INSERT INTO x VALUES (3)`)
		must(t, c.Recover())
		if left := number(t, c, `SELECT count(*) FROM x`); left != 0 {
			t.Errorf("%d rows that were never sent", left)
		}
		run(t, c, `INSERT INTO x VALUES (3)`)
	}
}

// TestBigPipeline sends more than fits on the way before it reads anything.
func TestBigPipeline(t *testing.T) {
	c := connect(t, Options{})
	const n = 30000
	for i := range int64(n) {
		must(t, c.Send(`SELECT $1::bigint, repeat('x', 100)`, i))
	}
	must(t, c.Sync())
	for i := range int64(n) {
		if rows, err := c.Next(); err != nil || !rows.Next() || rows.Int64(0) != i {
			t.Fatalf("%d: %v", i, err)
		}
	}
	must(t, c.Ready())
	text := strings.Repeat("x", 8<<20)
	for range 4 {
		must(t, c.Send(`SELECT $1::text`, text))
		must(t, c.Send(`SELECT repeat('y', 4000000)`))
	}
	must(t, c.Flush())
	for range 4 {
		for _, want := range []int{len(text), 4000000} {
			if rows, err := c.Next(); err != nil || !rows.Next() || len(rows.Text(0)) != want {
				t.Fatal(err)
			}
		}
	}
	must(t, c.Sync())
	must(t, c.Ready())
}

// TestStatementsArePrepared once for each connection; not at all where nothing
// may be kept in the server.
func TestStatementsArePrepared(t *testing.T) {
	const mine = `SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%of ours%' AND name <> ''`
	for _, unnamed := range []bool{false, true} {
		var told []string
		c := connect(t, Options{Unnamed: unnamed, OnStatement: func(sql string) { told = append(told, sql) }})
		for range 3 {
			if n := number(t, c, `SELECT 1 /* of ours */`); n != 1 {
				t.Error(n)
			}
			number(t, c, `SELECT $1::bigint /* of ours */`, 3)
		}
		want := int64(3) // with the question itself
		if unnamed {
			want = 0
		}
		if n := number(t, c, mine); n != want {
			t.Errorf("unnamed %v: %d statements are prepared", unnamed, n)
		}
		if !slices.Equal(told, []string{`SELECT 1 /* of ours */`, `SELECT $1::bigint /* of ours */`, mine}) {
			t.Errorf("told of %q", told)
		}
	}
}

// TestStatementsAreTakenAway breaks a connection whose statements the server
// no longer has, or whose answers have changed; a new one works. Without
// statements in the server nothing happens.
func TestStatementsAreTakenAway(t *testing.T) {
	url := pgtest.Shared(t).Fresh(t, "")
	other := connectTo(t, url, Options{})
	run(t, other, `CREATE TABLE x (id bigint, name text)`)
	run(t, other, `INSERT INTO x VALUES (7, 'seven')`)
	for _, unnamed := range []bool{false, true} {
		for _, how := range []string{`DEALLOCATE ALL`, `ALTER TABLE x ADD COLUMN more bigint`} {
			c := connectTo(t, url, Options{Unnamed: unnamed})
			run(t, c, `SELECT * FROM x`)
			on := other
			if how == `DEALLOCATE ALL` {
				on = c
			}
			run(t, on, how)
			rows, err := ask(c, `SELECT * FROM x`)
			switch {
			case unnamed && (err != nil || !rows.Next() || rows.Int64(0) != 7 || rows.Width() < 2):
				t.Errorf("%s: %v", how, err)
			case !unnamed && (c.Broken() == nil || !IsUnavailable(err)):
				t.Errorf("%s: %v, broken: %v", how, err, c.Broken())
			}
			run(t, connectTo(t, url, Options{Unnamed: unnamed}), `SELECT * FROM x`)
			run(t, other, `ALTER TABLE x DROP COLUMN IF EXISTS more`)
		}
	}
}

// TestNoticesInBetween takes what the server says beside its answers.
func TestNoticesInBetween(t *testing.T) {
	c := connect(t, Options{})
	run(t, c, `LISTEN news`)
	run(t, c, `CREATE FUNCTION talk(n bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
		RAISE NOTICE 'notice %', n; RAISE WARNING 'warning'; RETURN n; END $$`)
	for range 2 {
		send(t, c, `SET client_min_messages = notice`, `SET timezone = 'Asia/Shanghai'`, `SELECT talk(i) FROM generate_series(1, 3) i`,
			`SET timezone = 'UTC'`, `NOTIFY news, 'paper'`, `SELECT 5`)
		must(t, c.Sync())
		var sum int64
		for range 6 {
			rows, err := c.Next()
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				sum += rows.Int64(0)
			}
		}
		must(t, c.Ready())
		if sum != 1+2+3+5 {
			t.Errorf("the sum is %d", sum)
		}
	}
	run(t, c, `CREATE TABLE x (id bigint)`)
	run(t, c, `CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row'; RETURN NEW; END $$`)
	run(t, c, `CREATE TRIGGER tells BEFORE INSERT ON x FOR EACH ROW EXECUTE FUNCTION tell()`)
	if n, err := c.CopyIn(`COPY x FROM STDIN`, pieces("1\n", "2\n")); n != 2 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := errors.Join(c.Ready(), c.Broken()); err != nil || !c.Idle() {
		t.Error(err)
	}
}

// pieces gives texts one after the other.
func pieces(all ...string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if len(all) == 0 {
			return nil, nil
		}
		b := []byte(all[0])
		all = all[1:]
		return b, nil
	}
}
