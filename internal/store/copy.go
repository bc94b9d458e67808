package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// This file and its neighbours copy*.go are for moving all data to another
// database (package move): tables as they are, without what their rows mean.

// FactUnfinishedMove is in the installation of a database that is the target
// of a move which has not come to its end. Nobody else may open it.
const FactUnfinishedMove = "unfinished_move"

// ErrUnfinishedMove is the answer to everybody who opens the target of an
// unfinished move.
var ErrUnfinishedMove = errors.New("the database is the target of an unfinished move: " +
	"run the same \"guanxi db move\" again to its end, or use another database")

// Raw is a database whose tables are read and written as they are. One
// goroutine uses it at a time.
type Raw interface {
	// Snapshot begins a snapshot for all queries that follow, and ends the one
	// before: what others have committed until now is seen.
	Snapshot(ctx context.Context) error
	// Begin opens a transaction that writes, in place of the snapshot. durable
	// makes its commit wait for the disk; one that does not is lost only
	// together with all that were committed later.
	Begin(ctx context.Context, durable bool) error
	Commit(ctx context.Context) error
	// Rollback ends what is open, whatever its state.
	Rollback()

	// Query gives the rows of a statement. A row and its texts are good until
	// the next one.
	Query(ctx context.Context, sql string, args ...any) iter.Seq2[[]RawValue, error]
	// Exec answers the number of changed rows.
	Exec(ctx context.Context, sql string, args ...any) (int64, error)
	// Insert writes rows: values one after the other, as many for each row as
	// the table has columns.
	Insert(ctx context.Context, t *RawTable, values []RawValue) error
	// Link sets a column of the rows of an organization with these ids.
	Link(ctx context.Context, t *RawTable, column int, org int64, ids, values []int64) error

	// ChecksReferences is set where Insert refuses a row that refers to one
	// which is not there yet.
	ChecksReferences() bool
	// Settle is for the end of many writes: everything is durable, every
	// reference is known to be whole, and the planner knows the tables.
	Settle(ctx context.Context, tables []RawTable) error
	// MayLoad tells why rows cannot be inserted by this role, nil where they can.
	MayLoad(ctx context.Context) error
	// Servers counts the connections of servers on the database, where that can
	// be told.
	Servers(ctx context.Context) (int, error)
	// Postgres is set for a PostgreSQL database.
	Postgres() bool
	Close() error

	has(ctx context.Context, table string) (bool, error)
	catalogue(ctx context.Context) (*catalogue, error)
}

// RawKind is what a value is, or what a column holds.
type RawKind byte

// The kinds. A value is Null, Integer, Float or Text; booleans are integers
// then, and JSON is text.
const (
	RawNull RawKind = iota
	RawInteger
	RawFloat
	RawText
	RawBoolean
	RawJSON
)

// RawValue is a value of a row. Bits is the integer, or the bits of the float.
type RawValue struct {
	Kind RawKind
	Bits int64
	Text []byte
}

// OpenRaw opens an existing database. Nothing is made or migrated.
func OpenRaw(ctx context.Context, database string) (Raw, error) {
	if IsURL(database) {
		return openRawPG(ctx, database)
	}
	return openRawSQLite(database)
}

// RawSchema is the number of the last migration that a database has run, 0 for
// one that has none.
func RawSchema(ctx context.Context, r Raw) (version int64, err error) {
	if has, err := r.has(ctx, migrationsTable); err != nil || !has {
		return 0, err
	}
	for row, err := range r.Query(ctx, `SELECT max(version_id) FROM `+migrationsTable) {
		if err != nil {
			return 0, err
		}
		version = row[0].Bits
	}
	return version, nil
}

// LatestSchema is the number of the last migration that this program knows.
func LatestSchema() (latest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	for _, name := range files {
		n, err := strconv.ParseInt(strings.TrimPrefix(name, "migrations/sqlite/")[:5], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s has no number: %w", name, err)
		}
		latest = max(latest, n)
	}
	return latest, err
}

// askRaw asks for the catalogue.
func askRaw(ctx context.Context, r Raw) asker {
	return func(sql string, columns int) (all [][]string, err error) {
		for row, err := range r.Query(ctx, sql) {
			if err != nil {
				return nil, err
			}
			texts := make([]string, 0, columns)
			for _, v := range row {
				switch v.Kind {
				case RawInteger:
					texts = append(texts, strconv.FormatInt(v.Bits, 10))
				default:
					texts = append(texts, string(v.Text))
				}
			}
			all = append(all, texts)
		}
		return all, nil
	}
}

var (
	createTable = regexp.MustCompile(`(?s)CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+) \((.*?)\n\s*\);`)
	addColumn   = regexp.MustCompile(`ALTER TABLE ([a-z_]+) ADD COLUMN ([a-z_]+) (boolean|jsonb)\b`)
	ownKind     = regexp.MustCompile(`(?m)^\s*([a-z_]+)\s+(boolean|jsonb)\b`)
)

// declaredKinds are the columns, as "table.column", that hold booleans and JSON
// according to the migrations: the embedded database keeps them as integers
// and texts and cannot tell.
var declaredKinds = sync.OnceValues(func() (map[string]string, error) {
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	for _, name := range files {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, table := range createTable.FindAllStringSubmatch(string(text), -1) {
			for _, column := range ownKind.FindAllStringSubmatch(table[2], -1) {
				kinds[table[1]+"."+column[1]] = column[2]
			}
		}
		for _, column := range addColumn.FindAllStringSubmatch(string(text), -1) {
			kinds[column[1]+"."+column[2]] = column[3]
		}
	}
	return kinds, nil
})
