package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver that migrations run on
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema of the embedded database up to date, creating the
// file where there is none. Each migration is one transaction.
func Migrate(ctx context.Context, path string) error {
	return withMigrations(path, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// Pending tells how many migrations the file still lacks.
func Pending(ctx context.Context, path string) (n int, err error) {
	err = withMigrations(path, func(p *goose.Provider) error {
		all, err := p.Status(ctx)
		for _, m := range all {
			if m.State == goose.StatePending {
				n++
			}
		}
		return err
	})
	return n, err
}

func withMigrations(path string, fn func(*goose.Provider) error) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(ON)")
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
	if err := fn(p); err != nil {
		return fmt.Errorf("migrate %s: %w", path, err)
	}
	return nil
}
