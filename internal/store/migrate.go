package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // the driver that migrations run on
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema of the embedded database up to date, creating the
// file where there is none. Each migration is one transaction. Of several
// processes that do it at the same time, one goes first and the others find
// nothing left to do.
func Migrate(ctx context.Context, path string) error {
	return withMigrations(path, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// Pending tells how many migrations the file still lacks.
func Pending(ctx context.Context, path string) (n int, err error) {
	err = withMigrations(path, func(p *goose.Provider) (err error) {
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

// withMigrations runs fn alone among all processes: a lock beside the database
// keeps them apart, since switching a new file to its log and making the table
// of versions cannot be waited for inside the engine.
func withMigrations(path string, fn func(*goose.Provider) error) error {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
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
	if err := fn(p); err != nil {
		return fmt.Errorf("migrate %s: %w", path, err)
	}
	return nil
}

// Migrations is how many migrations there are.
func Migrations() (int, error) {
	all, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	return len(all), err
}
