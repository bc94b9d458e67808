package store

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"strings"

	"guanxi/internal/sqlite"
)

// rawSQLite is an embedded database for moving.
type rawSQLite struct {
	conn   *sqlite.Conn
	args   []any
	loaded bool // the settings for writing are in force
}

func openRawSQLite(path string) (*rawSQLite, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	conn, err := sqlite.Open(path, sqlite.ReadWrite)
	if err != nil {
		return nil, err
	}
	if err := conn.Exec("PRAGMA mmap_size=1099511627776; PRAGMA temp_store=MEMORY"); err != nil {
		conn.Close()
		return nil, err
	}
	return &rawSQLite{conn: conn}, nil
}

func (s *rawSQLite) Snapshot(context.Context) error {
	s.Rollback()
	return s.conn.Exec("BEGIN; SELECT count(*) FROM sqlite_master") // the first query makes the snapshot
}

// Begin sets the connection up for many writes at the first time, as a load
// does (see loadPragmas).
func (s *rawSQLite) Begin(_ context.Context, durable bool) error {
	s.Rollback()
	if !s.loaded {
		if err := s.conn.Exec("PRAGMA journal_mode=WAL;" + loadPragmas); err != nil {
			return err
		}
		s.loaded = true
	}
	level := "NORMAL"
	if durable {
		level = "FULL"
	}
	return s.conn.Exec("PRAGMA synchronous=" + level + "; BEGIN IMMEDIATE")
}

func (s *rawSQLite) Commit(context.Context) error { return s.conn.Exec("COMMIT") }

func (s *rawSQLite) Rollback() {
	if s.conn.InTransaction() {
		s.conn.Exec("ROLLBACK") // it fails only where nothing is left to be rolled back
	}
}

func (s *rawSQLite) prepare(sql string, args []any) (*sqlite.Stmt, error) {
	stmt, err := (&sqliteTx{conn: s.conn}).prepare(sql)
	if err != nil {
		return nil, err
	}
	return stmt, stmt.Bind(args)
}

func (s *rawSQLite) Query(_ context.Context, sql string, args ...any) iter.Seq2[[]RawValue, error] {
	return func(yield func([]RawValue, error) bool) {
		stmt, err := s.prepare(sql, args)
		if err != nil {
			yield(nil, err)
			return
		}
		defer stmt.Reset()
		row := make([]RawValue, stmt.Columns())
		for {
			more, err := stmt.Step()
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
			for i := range row {
				if row[i], err = storedValue(stmt, i); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func storedValue(stmt *sqlite.Stmt, i int) (RawValue, error) {
	switch stmt.Kind(i) {
	case sqlite.Null:
		return RawValue{}, nil
	case sqlite.Integer:
		return RawValue{Kind: RawInteger, Bits: stmt.Int64(i)}, nil
	case sqlite.Float:
		return RawValue{Kind: RawFloat, Bits: int64(math.Float64bits(stmt.Float64(i)))}, nil
	case sqlite.Text:
		text, _ := stmt.Raw(i)
		return RawValue{Kind: RawText, Text: text}, nil
	}
	return RawValue{}, fmt.Errorf("store: column %d holds bytes, which are not read here", i+1)
}

func (s *rawSQLite) Exec(_ context.Context, sql string, args ...any) (int64, error) {
	stmt, err := s.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	_, err = stmt.Step()
	stmt.Reset()
	return s.conn.Changes(), err
}

func (s *rawSQLite) Insert(ctx context.Context, t *RawTable, values []RawValue) error {
	var names, places strings.Builder
	for i, c := range t.Columns {
		if i > 0 {
			names.WriteString(", ")
			places.WriteString(", ")
		}
		fmt.Fprintf(&names, `"%s"`, c.Name)
		fmt.Fprintf(&places, "$%d", i+1)
	}
	statement := `INSERT INTO "` + t.Name + `" (` + names.String() + `) VALUES (` + places.String() + `)`
	for ; len(values) > 0; values = values[len(t.Columns):] {
		s.args = s.args[:0]
		for _, v := range values[:len(t.Columns)] {
			switch v.Kind {
			case RawNull:
				s.args = append(s.args, nil)
			case RawInteger:
				s.args = append(s.args, v.Bits)
			case RawFloat:
				s.args = append(s.args, math.Float64frombits(uint64(v.Bits)))
			default:
				s.args = append(s.args, shared(v.Text))
			}
		}
		if _, err := s.Exec(ctx, statement, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *rawSQLite) Link(ctx context.Context, t *RawTable, column int, org int64, ids, values []int64) error {
	for i, id := range ids {
		n, err := s.Exec(ctx, `UPDATE "`+t.Name+`" SET "`+t.Columns[column].Name+`" = $3 WHERE organization_id = $1 AND id = $2`,
			org, id, values[i])
		if err == nil && n != 1 {
			err = fmt.Errorf("store: the row %d is not there", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ChecksReferences is false: what is copied is as whole as where it comes from,
// and Settle looks at all of it.
func (s *rawSQLite) ChecksReferences() bool { return false }

// Settle also moves the log into the file.
func (s *rawSQLite) Settle(ctx context.Context, _ []RawTable) error {
	s.Rollback()
	for row, err := range s.Query(ctx, `SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1`) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: a row of %s refers to one of %s that is not there", ErrConstraint, row[0].Text, row[1].Text)
	}
	return s.conn.Exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize")
}

func (s *rawSQLite) MayLoad(context.Context) error { return nil }

func (s *rawSQLite) Servers(context.Context) (int, error) { return 0, nil }

func (s *rawSQLite) Postgres() bool { return false }

func (s *rawSQLite) Close() error {
	s.Rollback()
	return s.conn.Close()
}

func (s *rawSQLite) has(ctx context.Context, table string) (has bool, err error) {
	for _, err := range s.Query(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1`, table) {
		if err != nil {
			return false, err
		}
		has = true
	}
	return has, nil
}

func (s *rawSQLite) catalogue(ctx context.Context) (*catalogue, error) {
	return sqliteCatalogue(askRaw(ctx, s))
}
