package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// schemaPatience says how long a change of a PostgreSQL schema waits for
// others.
type schemaPatience struct {
	// life is how long a process that changes the schema may be silent before
	// another one takes over.
	life time.Duration
	// lock is how long a step waits for a table. While it waits, all who come
	// later wait behind it: so it gives up soon, and is tried again after a
	// pause, tries times in all.
	lock, pause time.Duration
	tries       int
}

var usualPatience = schemaPatience{life: leaseLife, lock: 3 * time.Second, pause: time.Second, tries: 30}

// migratePG runs the steps that the database lacks.
func migratePG(ctx context.Context, url string, files fs.FS, p schemaPatience) error {
	for try := 1; ; try++ {
		err := withFilesPG(ctx, url, newLeaseHolder(p.life), files, p, func(all *goose.Provider) error {
			_, err := all.Up(ctx)
			return err
		})
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != codeLockTimeout {
			return err
		}
		if try == p.tries {
			return fmt.Errorf("a table is in use by somebody else for too long (a backup, an open transaction): %w", err)
		}
		select {
		case <-time.After(p.pause):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

const codeLockTimeout = "55P03"

// withPG runs fn with the migrations of a PostgreSQL database, to look only.
func withPG(ctx context.Context, url string, fn func(*goose.Provider) error) error {
	return withFilesPG(ctx, url, nil, migrations, usualPatience, fn)
}

// MigrateFrom is Migrate of a PostgreSQL database with other texts of the
// migrations (see MigrationFiles), for tests.
func MigrateFrom(ctx context.Context, url string, files fs.FS) error {
	return migratePG(ctx, url, files, usualPatience)
}

// MigrationFiles are the texts of the migrations.
func MigrationFiles() fs.FS { return migrations }

// withFilesPG runs fn with steps made from files. lease is empty where fn only
// looks.
func withFilesPG(ctx context.Context, url string, lease *leaseHolder, files fs.FS, p schemaPatience, fn func(*goose.Provider) error) error {
	db, err := openSchema(url, p.life)
	if err != nil {
		return err
	}
	defer db.Close()
	steps, err := stepsOfPG(files, lease, p.lock)
	if err != nil {
		return err
	}
	if err := checkProgram(ctx, db, `SELECT to_regclass('installation') IS NOT NULL`, steps[len(steps)-1].Version); err != nil {
		return unavailableSQL(err)
	}
	if lease != nil {
		if err := lease.take(ctx, db); err != nil {
			return unavailableSQL(err)
		}
		defer lease.give()
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithLogger(goose.NopLogger()),
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...))
	if err != nil {
		return err
	}
	if err := fn(provider); err != nil {
		return unavailableSQL(fmt.Errorf("migrate the database: %w", err))
	}
	return nil
}

// openSQL opens the database for a look at its schema, with none of the settings
// that requests run under.
func openSQL(url string) (*sql.DB, error) { return openSchema(url, 0) }

// openSchema opens the database for work on its schema. A server notices
// within life when this process is no more, or hangs in the middle of a
// transaction, and ends the transaction with its locks; 0 leaves that to the
// server's settings.
func openSchema(url string, life time.Duration) (*sql.DB, error) {
	cfg, unnamed, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	delete(c.RuntimeParams, "default_query_exec_mode")
	if unnamed {
		c.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	c.ConnectTimeout = cfg.ConnectTimeout
	c.RuntimeParams["application_name"] = "guanxi schema"
	c.RuntimeParams["timezone"] = "UTC"
	if life == 0 || unnamed { // a pooler would hand the settings on to others
		return stdlib.OpenDB(*c), nil
	}
	return stdlib.OpenDB(*c, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		return setAll(ctx, conn, map[string]string{
			"statement_timeout":                   "0", // an index may take hours
			"idle_in_transaction_session_timeout": millis(life),
			"client_connection_check_interval":    millis(max(life/3, time.Millisecond)),
			"tcp_keepalives_idle":                 strconv.Itoa(max(1, int(life.Seconds()/3))),
			"tcp_keepalives_interval":             strconv.Itoa(max(1, int(life.Seconds()/6))),
			"tcp_keepalives_count":                "4",
		})
	})), nil
}

// setAll sets what the server knows; not every one knows all of it.
func setAll(ctx context.Context, conn *pgx.Conn, settings map[string]string) error {
	for name, value := range settings {
		_, err := conn.Exec(ctx, "SET "+name+" = "+value)
		var refused *pgconn.PgError
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// unavailableSQL is unavailable for errors of database/sql.
func unavailableSQL(err error) error {
	var lost *pgconn.ConnectError
	if errors.As(err, &lost) {
		return fmt.Errorf("%w: the connection is refused", ErrUnavailable)
	}
	return err
}
