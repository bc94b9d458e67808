package move

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"guanxi/internal/gen"
	"guanxi/internal/pgtest"
	"guanxi/internal/region"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// newFile is the path of a database that is not there yet; newPG the URL of an
// empty one.
func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "moved.db") }

func newPG(t testing.TB) string { return pgtest.Shared(t).Fresh(t, "") }

// madeFile and madePG are copies of a database that fill has filled, once for
// each name.
func madeFile(name string, fill func(testing.TB, string)) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		made, _ := files.LoadOrStore(name, sync.OnceValues(func() ([]byte, error) {
			path := newFile(t)
			fill(t, path)
			return os.ReadFile(path)
		}))
		content, err := made.(func() ([]byte, error))()
		path := newFile(t)
		if err := errors.Join(err, os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

var files sync.Map // name → what gives the bytes

func madePG(name string, fill func(testing.TB, string)) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		err := pgtest.Shared(t).Template(name, func(url string) error {
			fill(t, url)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return pgtest.Shared(t).Fresh(t, name)
	}
}

var (
	filledFile, filledPG = madeFile("filled", fill), madePG("filled", fill)
	emptyFile, emptyPG   = madeFile("empty", empty), madePG("empty", empty)
)

func empty(t testing.TB, database string) {
	t.Helper()
	opens(t, database)
}

// across are the two ways between the engines, from a filled database to an
// empty one; ways are those inside one engine too.
func across(t *testing.T, fn func(t *testing.T, from, to func(testing.TB) string)) {
	t.Run("file to postgres", func(t *testing.T) { fn(t, filledFile, emptyPG) })
	t.Run("postgres to file", func(t *testing.T) { fn(t, filledPG, emptyFile) })
}

func ways(t *testing.T, fn func(t *testing.T, from, to func(testing.TB) string)) {
	across(t, fn)
	t.Run("file to file", func(t *testing.T) { fn(t, filledFile, emptyFile) })
	t.Run("postgres to postgres", func(t *testing.T) { fn(t, filledPG, emptyPG) })
}

// fill makes two organizations of generated customers and odd values in many
// places.
func fill(t testing.TB, database string) {
	t.Helper()
	s, err := store.Open(t.Context(), database, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	regions, err := region.Load()
	if err != nil {
		t.Fatal(err)
	}
	_, err = gen.Load(t.Context(), s, regions, gen.Params{Customers: 240, Organizations: 2, Seed: 3}, gen.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := storetest.Beside(t, database)
	for _, change := range oddities() {
		if _, err := db.ExecContext(t.Context(), change.sql, change.args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

type statement struct {
	sql  string
	args []any
}

// oddJSON are texts that PostgreSQL writes in its own way.
var oddJSON = []string{
	`{"b":1,"a":{"deep":[1,2.50,{"x":null,"y":[[],{}]}]},"emoji":"😀\u00e9\n\"","zh":"关系"}`,
	`{"n":12345678901234567890123456789.000100,"small":1e-30,"big":1E+40,"zero":-0.0,"neg":-17}`,
	`{ "twice" : 1 , "twice" : 2, "":"" }`, `[]`, `"text"`, `null`, `{"pair":"\ud83d\ude00","slash":"\/","bs":"\\u0041"}`,
}

func oddities() (all []statement) {
	add := func(sql string, args ...any) { all = append(all, statement{sql, args}) }
	customer := func(id int64, set string, args ...any) {
		add(`UPDATE customers SET `+set+` WHERE organization_id = $1 AND id = $2`, append([]any{int64(1), id}, args...)...)
	}
	customer(1, "note = $3, tel = $4, phone = $5", "😀 \t\\N \\. \r\n'\"\\", "", nil)
	customer(2, "note = $3", strings.Repeat("很长的字。", 60_000))
	customer(3, "revisit_at = $3, status = $4, category = $5", int64(-1), int64(-9223372036854775808), int64(9223372036854775807))
	for i, v := range []float64{0.1, 1e-300, 5e-324, -179.99999999999997, 1.7976931348623157e308, 3, 0} {
		customer(int64(10+i), "lat = $3, lng = $4", v, -v)
	}
	customer(20, "lat = $3, lng = $4", nil, nil)
	for i, text := range oddJSON {
		customer(int64(30+i), "custom_values = $3", text)
	}
	customer(50, "custom_values = $3", nil)
	// Later parents, a circle, and one that is its own.
	customer(60, "parent_id = $3", int64(61))
	customer(61, "parent_id = $3", int64(100))
	customer(100, "parent_id = $3", int64(60))
	customer(62, "parent_id = $3", int64(62))
	customer(63, "parent_id = $3", int64(1))
	add(`UPDATE users SET superior_id = CASE WHEN id < 5 THEN id + 1 ELSE superior_id END WHERE organization_id = $1`, int64(1))
	add(`INSERT INTO departments (organization_id, id, parent_id, name, position, created_at, updated_at)
		VALUES ($1, 901, NULL, '甲', 0, 0, 0), ($1, 902, 901, '乙', -1, 0, 0)`, int64(1))
	add(`UPDATE departments SET parent_id = 902 WHERE organization_id = $1 AND id = 901`, int64(1))
	for i, ticket := range []string{`a b"c`, "关系", "", "é\\"} {
		add(`INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, created_at) VALUES ($1, 1, $2, 'customer', $3, 0)`,
			int64(1), ticket, int64(i))
	}
	for i := range 120 {
		add(`INSERT INTO tokens (token_hash, organization_id, user_id, session_id, state, created_at, last_used_at)
			VALUES ($1, 1, 1, $2, 'ended', 0, -5)`, fmt.Sprintf("%064x", i*7919), int64(i))
	}
	return all
}

// beside are connections for a test's own looks.
var beside sync.Map // database → *sql.DB

// run runs a statement beside whatever goes on.
func run(t testing.TB, database, sql string, args ...any) {
	t.Helper()
	if _, err := besides(t, database).ExecContext(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func besides(t testing.TB, database string) *sql.DB {
	if db, ok := beside.Load(database); ok {
		return db.(*sql.DB)
	}
	db := storetest.Beside(t, database)
	beside.Store(database, db)
	t.Cleanup(func() { beside.Delete(database) })
	return db
}

// number reads one number.
func number(t testing.TB, database, sql string, args ...any) (n int64) {
	t.Helper()
	if err := besides(t, database).QueryRowContext(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// move moves with small batches.
func move(t testing.TB, from, to string) *Report {
	t.Helper()
	report, err := Run(t.Context(), Options{From: from, To: to, Batch: 97})
	if err != nil {
		t.Fatalf("%v\n%v", err, report)
	}
	if !report.Finished {
		t.Fatal("it is not finished")
	}
	return report
}

// compare only compares.
func compare(t testing.TB, from, to string) (*Report, error) {
	t.Helper()
	report, err := Run(t.Context(), Options{From: from, To: to, VerifyOnly: true})
	if err != nil && !errors.Is(err, ErrDifferent) {
		t.Fatal(err)
	}
	return report, err
}

// refused is a move that has to fail with these words.
func refused(t testing.TB, o Options, words ...string) {
	t.Helper()
	_, err := Run(t.Context(), o)
	if err == nil {
		t.Fatalf("it was not refused; wanted: %v", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not in: %v", w, err)
		}
	}
}

// opens opens a database as a server does and gives its facts.
func opens(t testing.TB, database string) (instance, key string) {
	t.Helper()
	s, err := store.Open(t.Context(), database, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Fact(store.FactInstance), s.Fact(store.FactSigningKey)
}
