package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// withPG runs fn with the migrations of a PostgreSQL database. lease is empty
// where fn only looks.
func withPG(ctx context.Context, url string, lease *leaseHolder, fn func(*goose.Provider) error) error {
	db, err := openSQL(url)
	if err != nil {
		return err
	}
	defer db.Close()
	if lease != nil {
		if err := lease.take(ctx, db); err != nil {
			return unavailableSQL(err)
		}
		defer lease.give()
	}
	steps, err := stepsOfPG(lease)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithLogger(goose.NopLogger()),
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...))
	if err != nil {
		return err
	}
	if err := fn(p); err != nil {
		return unavailableSQL(fmt.Errorf("migrate the database: %w", err))
	}
	return nil
}

// openSQL opens the database for work on its schema, with none of the settings
// that requests run under.
func openSQL(url string) (*sql.DB, error) {
	cfg, _, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	delete(c.RuntimeParams, "default_query_exec_mode")
	c.ConnectTimeout = cfg.ConnectTimeout
	c.RuntimeParams["application_name"] = "guanxi schema"
	c.RuntimeParams["timezone"] = "UTC"
	return stdlib.OpenDB(*c), nil
}

// unavailableSQL is unavailable for errors of database/sql.
func unavailableSQL(err error) error {
	var lost *pgconn.ConnectError
	if errors.As(err, &lost) {
		return fmt.Errorf("%w: the connection is refused", ErrUnavailable)
	}
	return err
}

// stepsOfPG makes a step of each file. A file has parts (see the first one);
// between its tables and its references everything is put where it belongs.
func stepsOfPG(lease *leaseHolder) ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, name := range files {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/postgres/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s has no number: %w", name, err)
		}
		parts, err := partsOf(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			return runStep(ctx, tx, lease, parts)
		}}, nil))
	}
	return steps, nil
}

// The parts of a step, in their order.
var partNames = []string{"tables", "references", "indexes"}

// partsOf cuts a file at its lines "-- +part NAME".
func partsOf(text string) (map[string]string, error) {
	pieces := strings.Split(text, "\n-- +part ")
	parts := map[string]string{}
	last := -1
	for _, piece := range pieces[1:] {
		name, body, _ := strings.Cut(piece, "\n")
		at := slices.Index(partNames, name)
		if at <= last {
			return nil, fmt.Errorf("the part %q is unknown or out of order", name)
		}
		parts[name], last = body, at
	}
	if len(parts) == 0 {
		return nil, errors.New("there are no parts")
	}
	return parts, nil
}

func runStep(ctx context.Context, tx *sql.Tx, lease *leaseHolder, parts map[string]string) error {
	if err := lease.check(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, parts["tables"]); err != nil {
		return err
	}
	if err := placeTables(ctx, tx); err != nil {
		return err
	}
	for _, name := range partNames[1:] {
		if parts[name] == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, parts[name]); err != nil {
			return err
		}
	}
	return nil
}

// placeTables gives new tables what their class asks for: on Citus a place
// among the machines, everywhere a policy of row-level security.
func placeTables(ctx context.Context, tx *sql.Tx) error {
	present, err := texts(ctx, tx, `SELECT c.relname FROM pg_class c
		WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition`)
	if err != nil {
		return err
	}
	walled, err := texts(ctx, tx, `SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = '`+policyName+`'`)
	if err != nil {
		return err
	}
	distribute, err := distributor(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range registry {
		if !slices.Contains(present, t.Name) {
			continue
		}
		if statement := distribute(t); statement != "" {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("distribute %s: %w", t.Name, err)
			}
		}
		if t.Class != Tenant || slices.Contains(walled, t.Name) {
			continue
		}
		if _, err := tx.ExecContext(ctx, policy(t.Name)); err != nil {
			return fmt.Errorf("wall %s: %w", t.Name, err)
		}
	}
	return nil
}

const policyName = "own_organization"

// policy is the second wall: a role that row-level security holds for sees
// and writes only rows of the organization that its transaction names. The
// owner of the tables is not held.
func policy(table string) string {
	return `ALTER TABLE ` + table + ` ENABLE ROW LEVEL SECURITY;
		CREATE POLICY ` + policyName + ` ON ` + table + `
		USING (organization_id::text = current_setting('app.org', true) OR current_setting('app.org', true) = 'all')`
}

// distributor tells the statement that gives a table its place on Citus, ""
// where it has one and where there is no Citus.
func distributor(ctx context.Context, tx *sql.Tx) (func(Table) string, error) {
	citus, err := texts(ctx, tx, `SELECT extname FROM pg_extension WHERE extname = 'citus'`)
	if err != nil || len(citus) == 0 {
		return func(Table) string { return "" }, err
	}
	// Tables that refer to reference tables and to each other in one
	// transaction.
	if _, err := tx.ExecContext(ctx, `SET LOCAL citus.multi_shard_modify_mode TO 'sequential'`); err != nil {
		return nil, err
	}
	placed, err := texts(ctx, tx, `SELECT logicalrelid::text FROM pg_dist_partition`)
	return func(t Table) string {
		if slices.Contains(placed, t.Name) {
			return ""
		}
		return t.distribution()
	}, err
}

func texts(ctx context.Context, tx *sql.Tx, query string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
