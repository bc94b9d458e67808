package store

import (
	"context"
	"database/sql"
)

// catalogue is what a database says of its own schema: read by
// postgresCatalogue and sqliteCatalogue, judged by faults.
type catalogue struct {
	postgres bool          // PostgreSQL, and not the embedded database
	tables   []schemaTable // in the order of their names
	// others is what is no table and no index: triggers, rules, views,
	// sequences, functions, inheritance; each as "trigger x of y".
	others []string
}

// schemaTable is a table as the catalogue has it. A table in partitions is one
// table.
type schemaTable struct {
	name    string
	columns []schemaColumn // in their order
	primary []string       // columns of the primary key in order
	unique  []schemaIndex  // unique constraints and unique indexes
	indexes []schemaIndex  // those that are neither unique nor the primary key
	foreign []foreignKey
	checks  []string // conditions as the database has them
	// walled is set where row-level security is on; policies are its policies.
	// Both are PostgreSQL's only.
	walled   bool
	policies []schemaPolicy
}

// schemaColumn is a column of a table.
type schemaColumn struct {
	name, kind string // kind is the declared type, in small letters
	notNull    bool
	fallback   string // the DEFAULT as the database has it
	// computed is set where the database makes the value: identity,
	// generated.
	computed  bool
	collation string // PostgreSQL only
}

// schemaIndex is an index, or a unique constraint.
type schemaIndex struct {
	name    string
	columns []string // in order; an expression stands as it is, DESC behind its column
	partial bool     // it has a WHERE
	// plain is set for a valid index of the usual kind, without further columns
	// that are only carried.
	plain bool
}

type foreignKey struct {
	name               string // PostgreSQL only
	to                 string
	from, toColumns    []string
	onUpdate, onDelete string // NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT
	// odd is what makes it more than the rules know: DEFERRABLE, NOT VALID,
	// MATCH FULL.
	odd string
}

// schemaPolicy is a policy of row-level security.
type schemaPolicy struct{ name, using, check, command, roles string }

// column finds a column by its name.
func (x *schemaTable) column(name string) (schemaColumn, bool) {
	for _, c := range x.columns {
		if c.name == name {
			return c, true
		}
	}
	return schemaColumn{}, false
}

// table finds a table by its name, nil where there is none.
func (c *catalogue) table(name string) *schemaTable {
	for i := range c.tables {
		if c.tables[i].name == name {
			return &c.tables[i]
		}
	}
	return nil
}

// asker runs a question without parameters and gives its rows, all columns as
// text and NULL as "".
type asker func(sql string, columns int) ([][]string, error)

// askTx asks in a transaction of the store.
func askTx(tx Tx) asker {
	return func(text string, columns int) (all [][]string, err error) {
		err = each(tx, text, nil, func(r Rows) error {
			row, dest := textRow(columns, func(s *string) any { return s })
			err := r.Scan(dest...)
			all = append(all, row)
			return err
		})
		return all, err
	}
}

// askSQL asks a database that was opened for work on its schema (openSQL).
func askSQL(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) asker {
	return func(text string, columns int) (all [][]string, err error) {
		rows, err := db.QueryContext(ctx, text)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			row, dest := textRow(columns, func(s *string) any { return s })
			if err := rows.Scan(dest...); err != nil {
				return nil, err
			}
			all = append(all, row)
		}
		return all, rows.Err()
	}
}

func textRow(columns int, place func(*string) any) (row []string, dest []any) {
	row, dest = make([]string, columns), make([]any, columns)
	for i := range row {
		dest[i] = place(&row[i])
	}
	return row, dest
}
