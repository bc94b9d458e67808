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
	"strings"

	"github.com/pressly/goose/v3"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // the driver that migrations run on
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema of a database up to date: of the embedded one in a
// file, which is created where there is none, or of the one behind a URL. Each
// migration is one transaction. Of several processes that do it at the same
// time, one goes first and the others find nothing left to do.
func Migrate(ctx context.Context, database string) error {
	up := func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	}
	if !IsURL(database) {
		return withMigrations(database, up)
	}
	if n, err := Pending(ctx, database); err != nil || n == 0 {
		return err
	}
	return withPG(ctx, database, newLeaseHolder(), up)
}

// Pending tells how many migrations the database still lacks.
func Pending(ctx context.Context, database string) (n int, err error) {
	count := func(p *goose.Provider) (err error) {
		n, err = pending(ctx, p)
		return err
	}
	if !IsURL(database) {
		return n, withMigrations(database, count)
	}
	begun, err := migrationsBegun(ctx, database)
	if err != nil {
		return 0, err
	}
	if !begun { // looking would make the table of versions
		return Migrations()
	}
	return n, withPG(ctx, database, nil, count)
}

// IsURL tells a PostgreSQL database from the path of an embedded one.
func IsURL(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

func migrationsBegun(ctx context.Context, url string) (begun bool, err error) {
	db, err := openSQL(url)
	if err != nil {
		return false, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT to_regclass('`+migrationsTable+`') IS NOT NULL`).Scan(&begun)
	return begun, unavailableSQL(err)
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
