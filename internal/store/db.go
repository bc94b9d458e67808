// Package store is SQL and nothing else: one statement text for every engine,
// one file for each resource. Every statement names organization_id of every
// tenant table; every method takes the organization first. There is no getter
// by id alone.
package store

import (
	"context"
	"errors"
	"fmt"
)

// Rows are the rows of a query. They must be closed; Close may be called more
// than once.
type Rows interface {
	// Next moves to the next row and answers false at the end or on an error.
	Next() bool
	// Scan reads the row's columns in order into *int64, *int, *float64,
	// *bool, *string, *crm.Text, *crm.Time and types made from them. NULL
	// reads as the zero value; a column whose place is nil is passed over. A row
	// may be read more than once.
	Scan(dest ...any) error
	Err() error
	Close()
}

// Tx runs statements in one transaction. Statements are written with $1, $2;
// the engine rewrites them where it must.
type Tx interface {
	Query(sql string, args ...any) (Rows, error)
	// Exec answers the number of changed rows.
	Exec(sql string, args ...any) (int64, error)
	// Together runs questions whose parameters do not depend on each other's
	// answers: in one trip where the database is not in this process.
	Together(questions ...Question) error
	// Near reports whether a statement costs no trip: the database is in this
	// process.
	Near() bool
	// Once asks a question that most likely is the only one. In a glance it
	// ends the snapshot, so that one which follows may see a later one.
	Once(question Question) error
	// Alone makes this update of an organization the only one until it ends.
	Alone(org int64) error
}

// Question is one of several queries that are asked together.
type Question struct {
	SQL  string
	Args []any
	// Each is called for every row; nil for a statement without rows.
	Each func(Rows) error
}

// engine is a database. The organization is the one whose rows fn touches;
// installation where fn touches none, everyone where it looks at all of them.
type engine interface {
	// view runs fn on one snapshot, without the right to write. It may run fn
	// once more when the connection was lost on the way.
	view(ctx context.Context, org int64, fn func(Tx) error) error
	// glance is view for who most likely asks one question only: see Once.
	glance(ctx context.Context, org int64, fn func(Tx) error) error
	// latest is view on the database that takes the writes.
	latest(ctx context.Context, org int64, fn func(Tx) error) error
	// update runs fn in one write transaction: all of it is durable when
	// update returns nil, nothing of it is there when it returns an error, save
	// that the outcome is unknown after ErrUnknownOutcome. It may run fn more than once.
	update(ctx context.Context, org int64, fn func(Tx) error) error
	// versions reads the versions of organizations as they are now, whoever
	// has moved them; those that are not there are left out. What could be
	// read comes back beside an error.
	versions(ctx context.Context, orgs []int64) (map[int64]Version, error)
	// shared reports whether other servers may work on the database.
	shared() bool
	close() error
}

// NoOrganization stands in the place of an organization for a look at rows that
// belong to none: who signs in with a login, what a token stands for.
const NoOrganization int64 = 0

const (
	installation       = NoOrganization
	everyone     int64 = -1
)

// ErrNoRow says that a row which was asked for is not there.
var ErrNoRow = errors.New("store: no such row")

// ErrUnavailable says that the database, or the part of it that holds the
// organization, does not answer. Nothing was written.
var ErrUnavailable = errors.New("the database does not answer")

// ErrUnknownOutcome says that the connection was lost while the transaction
// was being committed: it is there as a whole or not at all. It is an
// ErrUnavailable too.
var ErrUnknownOutcome = fmt.Errorf("it is not known whether the change was written: %w", ErrUnavailable)

// ErrConstraint says that a unique key, a reference or a condition of a column
// does not hold.
var ErrConstraint = errors.New("store: a constraint does not hold")

// one runs a query that gives at most one row and scans it; ErrNoRow if none.
func one(tx Tx, sql string, args []any, dest ...any) error {
	rows, err := tx.Query(sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return ErrNoRow
	}
	return rows.Scan(dest...)
}

// each runs a query and calls fn for every row.
func each(tx Tx, sql string, args []any, fn func(Rows) error) error {
	rows, err := tx.Query(sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// null turns 0 into NULL for columns that refer to something.
func null[T ~int64](v T) any {
	if v == 0 {
		return nil
	}
	return int64(v)
}
