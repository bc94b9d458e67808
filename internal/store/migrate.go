package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver that migrations run on
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema of the embedded database up to date, creating the
// file where there is none. Each migration is one transaction. Several
// processes may do it at the same time: the one that loses a race for a
// migration looks again what is left to do.
func Migrate(ctx context.Context, path string) error {
	return withMigrations(path, func(db *sql.DB, p *goose.Provider) error {
		for {
			before, err := pending(ctx, p)
			if err != nil {
				return err
			}
			if _, err = p.Up(ctx); err == nil {
				break
			}
			if after, err2 := pending(ctx, p); err2 != nil || after >= before {
				return err
			}
		}
		// A migration that two processes run cannot be noted twice, so the
		// second one is rolled back whatever it does.
		_, err := db.ExecContext(ctx, "CREATE UNIQUE INDEX IF NOT EXISTS goose_db_version_once ON goose_db_version (version_id)")
		return err
	})
}

// Pending tells how many migrations the file still lacks.
func Pending(ctx context.Context, path string) (n int, err error) {
	err = withMigrations(path, func(_ *sql.DB, p *goose.Provider) (err error) {
		n, err = pending(ctx, p)
		return err
	})
	return n, err
}

func pending(ctx context.Context, p *goose.Provider) (n int, err error) {
	all, err := p.Status(ctx)
	for _, m := range all {
		if m.State == goose.StatePending {
			n++
		}
	}
	return n, err
}

func withMigrations(path string, fn func(*sql.DB, *goose.Provider) error) error {
	// The driver takes a URL, in which a path must not hold ?, # or % as it is.
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	db, err := sql.Open("sqlite", "file:"+escaped+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(ON)")
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	if err := fn(db, p); err != nil {
		return fmt.Errorf("migrate %s: %w", path, err)
	}
	return nil
}

// Migrations is how many migrations there are.
func Migrations() (int, error) {
	all, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	return len(all), err
}
