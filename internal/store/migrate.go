package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
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
// time, one goes first and the others find nothing left to do. Migrations that
// a newer program has run and this one does not know do no harm, unless they
// say so (see checkProgram).
func Migrate(ctx context.Context, database string) error {
	if !IsURL(database) {
		return withMigrations(ctx, database, func(p *goose.Provider) error {
			_, err := p.Up(ctx)
			return err
		})
	}
	if n, err := Pending(ctx, database); err != nil || n == 0 {
		return err
	}
	return migratePG(ctx, database, migrations, usualPatience)
}

// Pending tells how many migrations the database still lacks.
func Pending(ctx context.Context, database string) (n int, err error) {
	count := func(p *goose.Provider) (err error) {
		n, err = pending(ctx, p)
		return err
	}
	if !IsURL(database) {
		return n, withMigrations(ctx, database, count)
	}
	begun, err := migrationsBegun(ctx, database)
	if err != nil {
		return 0, err
	}
	if !begun { // looking would make the table of versions
		return Migrations()
	}
	return n, withPG(ctx, database, count)
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
func withMigrations(ctx context.Context, path string, fn func(*goose.Provider) error) error {
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
	const present = `SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = 'installation'`
	all := p.ListSources()
	if err := checkProgram(ctx, db, present, all[len(all)-1].Version); err != nil {
		return err
	}
	if err := fn(p); err != nil {
		return fmt.Errorf("migrate %s: %w", path, err)
	}
	return nil
}

// FactProgram is the fact of the installation that keeps programs away which
// are too old: the number of a migration that a program has to know. A
// migration that takes something away from its predecessors sets it.
const FactProgram = "program_knows_migration"

// checkProgram answers an error where the database was changed in a way that
// this program, whose migrations end with last, cannot work with. present asks
// whether the facts of the installation are there.
func checkProgram(ctx context.Context, db *sql.DB, present string, last int64) error {
	var there bool
	if err := db.QueryRowContext(ctx, present).Scan(&there); err != nil || !there {
		return err
	}
	var needed int64
	err := db.QueryRowContext(ctx, `SELECT CAST(value AS bigint) FROM installation WHERE name = $1`, FactProgram).Scan(&needed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read the fact %s of the installation: %w", FactProgram, err)
	case needed > last:
		return fmt.Errorf("the database belongs to a newer release: it needs a program that knows migration %d, and this one ends with %d; "+
			"start the newer program", needed, last)
	}
	return nil
}

// Migrations is how many migrations there are.
func Migrations() (int, error) {
	all, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	return len(all), err
}
