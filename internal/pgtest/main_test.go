package pgtest

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		beVictim()
	}
	os.Exit(Main(m))
}

// within gives a context that ends with the test or when patience runs out.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// own starts a cluster for one test.
func own(t *testing.T, opts Options) *Cluster {
	t.Helper()
	c, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, c *Cluster, database, sql string) {
	t.Helper()
	must(t, c.Exec(within(t), database, sql))
}

// query gives the rows of a query, their columns divided by "|".
func query(t *testing.T, c *Cluster, database, sql string) string {
	t.Helper()
	rows, err := c.QueryTexts(within(t), database, sql)
	must(t, err)
	var lines []string
	for _, row := range rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, c *Cluster, database, sql, want string) {
	t.Helper()
	if got := query(t, c, database, sql); got != want {
		t.Errorf("%s: got %q, want %q", sql, got, want)
	}
}

func open(t *testing.T, url string) *pgconn.PgConn {
	t.Helper()
	conn, err := pgconn.Connect(within(t), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // it may be cut off by now
	return conn
}

// until waits until a condition holds.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	if err := poll(within(t), func() (bool, error) { return condition(), nil }); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// alive tells whether a process runs; one that nobody has waited for does not.
func alive(pid int) bool {
	file, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(file), ") ")
	return !strings.HasPrefix(after, "Z")
}

func age(t *testing.T, path string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	must(t, os.Chtimes(path, then, then))
}
