package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// stepPG is a migration of a PostgreSQL database: a file, which has parts (see
// the first one).
type stepPG struct {
	version int64
	parts   map[string]string
}

// The parts of a step that is one transaction, in their order. Between tables
// and references everything is put where it belongs.
var partNames = []string{"tables", "references", "indexes"}

// partConcurrently is the only part of a step that is no transaction: indexes
// that are made while others write. Each statement must do no harm when it is
// run again.
const partConcurrently = "concurrently"

// readSteps reads the files of all steps in their order.
func readSteps(files fs.FS) (steps []stepPG, err error) {
	names, err := fs.Glob(files, "migrations/postgres/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s has no number: %w", name, err)
		}
		parts, err := partsOf(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		steps = append(steps, stepPG{version, parts})
	}
	if len(steps) == 0 {
		return nil, errors.New("there are no migrations")
	}
	return steps, nil
}

// partsOf cuts a file at its lines "-- +part NAME".
func partsOf(text string) (map[string]string, error) {
	pieces := strings.Split("\n"+text, "\n-- +part ")
	parts := map[string]string{}
	last := -1
	for _, piece := range pieces[1:] {
		name, body, _ := strings.Cut(piece, "\n")
		if name == partConcurrently && len(pieces) == 2 {
			parts[name] = body
			continue
		}
		at := slices.Index(partNames, name)
		if at <= last {
			return nil, fmt.Errorf("the part %q is unknown, out of order, or has to have a file of its own", name)
		}
		parts[name], last = body, at
	}
	if len(parts) == 0 {
		return nil, errors.New("there are no parts")
	}
	return parts, nil
}

// stepsOfPG gives the steps to the migration tool.
func stepsOfPG(files fs.FS, lease *leaseHolder, lock time.Duration) ([]*goose.Migration, error) {
	steps, err := readSteps(files)
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, s := range steps {
		up := &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error { return s.run(ctx, tx, lease, lock) }}
		if text := s.parts[partConcurrently]; text != "" {
			up = &goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
				return lease.during(ctx, func(ctx context.Context) error { return runConcurrently(ctx, db, text) })
			}}
		}
		all = append(all, goose.NewGoMigration(s.version, up, nil))
	}
	return all, nil
}

// run runs the step inside a transaction that commits when it has answered nil.
// Citus wants tables to be distributed before they refer to each other.
func (s stepPG) run(ctx context.Context, tx *sql.Tx, lease *leaseHolder, lock time.Duration) error {
	if err := lease.hold(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = "+millis(lock)); err != nil {
		return err
	}
	part := func(name string) func() error {
		return func() error {
			if s.parts[name] == "" {
				return nil
			}
			_, err := tx.ExecContext(ctx, s.parts[name])
			return err
		}
	}
	for _, do := range []func() error{
		part("tables"),
		func() error { return distributeTables(ctx, tx) },
		part("references"),
		func() error { return wallTables(ctx, tx) },
		part("indexes"),
		func() error { return lease.hold(ctx, tx) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// runConcurrently runs statements one after the other, each on its own. What
// a run that was interrupted has left half made is removed before.
func runConcurrently(ctx context.Context, db *sql.DB, text string) error {
	broken, err := texts(ctx, db, `SELECT quote_ident(c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return err
	}
	for _, name := range broken {
		if _, err := db.ExecContext(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+name); err != nil {
			return err
		}
	}
	for _, statement := range statementsOf(text) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// statementsOf cuts a text of migrations at its semicolons and drops the
// comments. Texts in quotes must hold neither.
func statementsOf(text string) (all []string) {
	var lines []string
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		lines = append(lines, code)
	}
	for _, s := range strings.Split(strings.Join(lines, "\n"), ";") {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			all = append(all, s)
		}
	}
	return all
}
