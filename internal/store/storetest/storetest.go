// Package storetest opens stores for the tests of other packages, on the engine
// of the run (see package dbtest).
package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"

	"guanxi/internal/pgtest"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/sqllint"
	"guanxi/internal/store/standin"
)

func init() { dbtest.Use(Schema()) }

// Schema is what package dbtest has to know of the store.
func Schema() dbtest.Schema {
	linter := &sqllint.Linter{Tables: map[string]sqllint.Table{}}
	var tenants []string
	for _, t := range store.Tables() {
		linter.Tables[t.Name] = sqllint.Table{Class: string(t.Class), Key: t.Key}
		if t.Class == store.Tenant {
			tenants = append(tenants, t.Name)
		}
	}
	return dbtest.Schema{
		Migrate: func(ctx context.Context, url string) error {
			files, err := standin.Files(store.MigrationFiles(), tenants, "organization_id")
			if err != nil {
				return err
			}
			return store.MigrateFrom(ctx, url, files)
		},
		Known: store.Registered,
		Lint:  linter.Statement,
	}
}

// Config is how tests open a store: what it runs is recorded (see
// dbtest.Record).
func Config() store.Config { return store.Config{OnStatement: dbtest.Record} }

// New gives a database of its own that fill has filled, once for each name:
// nil leaves it empty.
func New(t testing.TB, name string, fill func(*store.Store) error) (database string) {
	t.Helper()
	return dbtest.New(t, name, func(database string) error {
		s, err := store.Open(context.Background(), database, Config())
		if err != nil {
			return err
		}
		if fill != nil {
			err = fill(s)
		}
		if closed := s.Close(); err == nil {
			err = closed
		}
		return err
	})
}

// Open opens a database until the end of the test.
func Open(t testing.TB, database string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), database, Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Beside opens a database for a test's own looks at the tables, as their owner,
// until the end of the test. Statements are written with $1.
func Beside(t testing.TB, database string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", "file:"+database+"?_pragma=busy_timeout(10000)"
	if store.IsURL(database) {
		driver, source = "pgx", pgtest.Shared(t).URL(pgtest.Database(database))
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// folders are the databases of data folders.
var folders sync.Map // folder → database

// Of gives the database that belongs to a data folder, an empty one the first
// time: the file in it, or a database beside it.
func Of(t testing.TB, folder string) (database string) {
	t.Helper()
	if dbtest.Present() == dbtest.SQLite {
		return filepath.Join(folder, "guanxi.db")
	}
	if known, ok := folders.Load(folder); ok {
		return known.(string)
	}
	database = New(t, "empty", nil)
	folders.Store(folder, database)
	return database
}
