package pgtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestQueryTexts(t *testing.T) {
	t.Parallel()
	c := Shared(t)
	db := Database(c.Fresh(t, ""))
	run(t, c, db, "CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, '关系'), (2, NULL)")
	expect(t, c, db, "SELECT 0; SELECT id, name FROM things ORDER BY id", "1|关系\n2|")
	expect(t, c, db, "SELECT id FROM things WHERE false", "")
	if err := c.Exec(within(t), db, "INSERT INTO things VALUES (3, ''); SELECT 1/0"); err == nil {
		t.Error("no error for a division by zero")
	}
	expect(t, c, db, "SELECT count(*) FROM things", "2")
	if _, err := c.QueryTexts(within(t), "nowhere", "SELECT 1"); err == nil || !strings.Contains(err.Error(), "FATAL") {
		t.Errorf("the error does not show the log: %v", err)
	}
}

func TestFreshIsDropped(t *testing.T) {
	t.Parallel()
	c := Shared(t)
	var first, second string
	t.Run("one", func(t *testing.T) {
		first, second = c.Fresh(t, ""), c.Fresh(t, "")
		if first == second || Database(first) == Database(second) {
			t.Errorf("two databases are one: %s", first)
		}
		conn := open(t, first)
		rows, err := texts(within(t), conn, "SELECT current_database()")
		if err != nil || rows[0][0] != Database(first) {
			t.Errorf("connected to %v: %v", rows, err)
		}
		open(t, second) // is cut off
	})
	expect(t, c, superuser, fmt.Sprintf("SELECT count(*) FROM pg_database WHERE datname IN ('%s', '%s')",
		Database(first), Database(second)), "0")
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	c := Shared(t)
	const name = `the "first" template`
	var filled atomic.Int32
	fill := func(url string) error {
		filled.Add(1)
		conn := open(t, url) // is left open
		_, err := texts(within(t), conn, "CREATE TABLE things (id int PRIMARY KEY); INSERT INTO things VALUES (7)")
		return err
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := c.Template(name, fill); err != nil {
				t.Error(err)
				return
			}
			db := Database(c.Fresh(t, name))
			if err := c.Exec(within(t), db, "INSERT INTO things VALUES (8)"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := filled.Load(); n != 1 {
		t.Errorf("filled %d times", n)
	}
	expect(t, c, Database(c.Fresh(t, name)), "SELECT id FROM things", "7")

	broken := errors.New("broken")
	for range 2 {
		if err := c.Template("broken", func(string) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

func TestSharedIsOne(t *testing.T) {
	t.Parallel()
	first := Shared(t)
	if Shared(t) != first {
		t.Error("two clusters in one process")
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		c, err := Start(Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkFresh(b *testing.B) {
	c := Shared(b)
	if err := c.Template("bench", func(url string) error {
		return c.Exec(b.Context(), "bench", `DO $$ BEGIN FOR i IN 1..40 LOOP
			EXECUTE format('CREATE TABLE t%s (a bigint PRIMARY KEY, b text); CREATE INDEX ON t%s (b)', i, i);
			END LOOP; END $$`)
	}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := c.CreateDatabase(b.Context(), "x", "bench"); err != nil {
			b.Fatal(err)
		}
		if err := c.DropDatabase(b.Context(), "x"); err != nil {
			b.Fatal(err)
		}
	}
}
