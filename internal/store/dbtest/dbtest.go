// Package dbtest gives tests their database: the same tests run on each engine.
// GUANXI_TEST_ENGINE says on which: sqlite (where it is not set), postgres, or
// walled, which is postgres with the tables in hash partitions, the program as
// a role that row-level security holds, and each statement looked at for how
// many partitions it touches.
package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"guanxi/internal/pgtest"
)

// Engine is what the tests of this run work on.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
	Walled   Engine = "walled"
)

// Present is the engine of this run.
func Present() Engine {
	if e := os.Getenv("GUANXI_TEST_ENGINE"); e != "" {
		return Engine(e)
	}
	return SQLite
}

// AppRole is the role of the program where row-level security holds for it.
const AppRole = "guanxi_app"

// Main runs the tests of a package; its TestMain has to call it. On the walled
// engine every recorded statement is looked at afterwards (see Record).
func Main(m *testing.M) int {
	switch Present() {
	case SQLite, Postgres, Walled:
	default:
		fmt.Fprintf(os.Stderr, "GUANXI_TEST_ENGINE=%s is none of sqlite, postgres, walled\n", Present())
		return 2
	}
	return pgtest.Main(recorded{m})
}

// templates are the databases that others are copied from.
var templates sync.Map // name → *template

type template struct {
	once sync.Once
	file []byte
	err  error
}

// New gives a database of its own: the path of a file or a URL. The first call
// with a name makes the template by calling fill with such a place; all calls
// give copies of it. On the walled engine fill finds the schema there.
func New(t testing.TB, name string, fill func(database string) error) string {
	t.Helper()
	switch Present() {
	case SQLite:
		return newFile(t, name, fill)
	case Walled:
		return NewWalled(t, name, fill)
	}
	c := cluster(t)
	if err := c.Template(name, fill); err != nil {
		t.Fatal(err)
	}
	return c.Fresh(t, name)
}

// NewWalled is New on the walled engine, whatever the engine of the run.
func NewWalled(t testing.TB, name string, fill func(database string) error) string {
	t.Helper()
	c := cluster(t)
	name += "_walled"
	err := c.Template(name, func(url string) error {
		if err := schema().Migrate(t.Context(), url); err != nil {
			return err
		}
		if err := fill(url); err != nil {
			return err
		}
		return c.Exec(t.Context(), pgtest.Database(url), rights)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.URLAs(AppRole, pgtest.Database(c.Fresh(t, name)))
}

// rights give the program's role what it needs and no more: tables, and none
// of their partitions, where no wall stands.
const rights = `DO $$ DECLARE name text; BEGIN
	BEGIN CREATE ROLE ` + AppRole + ` LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
	FOR name IN SELECT oid::regclass::text FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition LOOP
		EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || name || ' TO ` + AppRole + `';
	END LOOP; END $$`

func newFile(t testing.TB, name string, fill func(string) error) string {
	t.Helper()
	made, _ := templates.LoadOrStore(name, &template{})
	m := made.(*template)
	m.once.Do(func() {
		m.err = fmt.Errorf("the template %s was not finished", name) // unless fill returns
		dir, err := os.MkdirTemp("", "guanxi-test-")
		if err != nil {
			m.err = err
			return
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "test.db")
		if m.err = fill(path); m.err == nil {
			m.file, m.err = os.ReadFile(path)
		}
	})
	if m.err != nil {
		t.Fatal(m.err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, m.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Blank gives a database without a schema: the path of a file that is not
// there, or the URL of an empty database whose owner the program is.
func Blank(t testing.TB) string {
	t.Helper()
	if Present() == SQLite {
		return filepath.Join(t.TempDir(), "test.db")
	}
	return cluster(t).Fresh(t, "")
}
