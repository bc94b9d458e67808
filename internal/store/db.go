// Package store is SQL and nothing else: one statement text for every engine,
// one file for each resource. Every statement names organization_id of every
// tenant table; every method takes the organization first. There is no getter
// by id alone.
package store

import (
	"context"
	"errors"
)

// Rows are the rows of a query. They must be closed; Close may be called more
// than once.
type Rows interface {
	// Next moves to the next row and answers false at the end or on an error.
	Next() bool
	// Scan reads the row's columns in order into *int64, *int, *float64,
	// *bool, *string, *crm.Text, *crm.Time and types made from them. NULL
	// reads as the zero value.
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
}

// engine is a database: SQLite now, PostgreSQL to follow.
type engine interface {
	// view runs fn on one snapshot, without the right to write.
	view(ctx context.Context, fn func(Tx) error) error
	// update runs fn in one write transaction: all of it is durable when
	// update returns nil, nothing of it is there when it returns an error.
	update(ctx context.Context, fn func(Tx) error) error
	// refresh makes every view that begins later see what other processes have
	// committed by now.
	refresh()
	close() error
}

// ErrNoRow says that a row which was asked for is not there.
var ErrNoRow = errors.New("store: no such row")

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
