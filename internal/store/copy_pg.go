package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pg"
)

// rawPG is a PostgreSQL database for moving. It is one connection of pgconn,
// which gives rows while they come in: the pages of a table do not have to fit
// into memory.
type rawPG struct {
	conn *pgconn.PgConn
	out  []byte // of COPY
}

func openRawPG(ctx context.Context, url string) (*rawPG, error) {
	cfg, _, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	delete(cfg.RuntimeParams, "plan_cache_mode") // pages of a table are planned for their values
	cfg.RuntimeParams["application_name"] = "guanxi move"
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%w: %s", ErrUnavailable, refused.Message)
	}
	if err != nil {
		return nil, unavailableSQL(err)
	}
	return &rawPG{conn: conn}, nil
}

// moveSettings hold until a transaction ends: a move has as much time as it
// needs, and looks at all organizations.
const moveSettings = `; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL app.org = 'all'`

func (p *rawPG) Snapshot(ctx context.Context) error {
	if err := p.end(ctx); err != nil {
		return err
	}
	if err := p.run(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"+moveSettings); err != nil {
		return err
	}
	return p.run(ctx, "SELECT 1") // the first query makes the snapshot
}

func (p *rawPG) Begin(ctx context.Context, durable bool) error {
	if err := p.end(ctx); err != nil {
		return err
	}
	begin := "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" + moveSettings
	if !durable {
		begin += "; SET LOCAL synchronous_commit = off"
	}
	return p.run(ctx, begin)
}

// end ends a snapshot.
func (p *rawPG) end(ctx context.Context) error {
	if p.conn.TxStatus() == 'I' {
		return nil
	}
	return p.run(ctx, "ROLLBACK")
}

func (p *rawPG) run(ctx context.Context, sql string) error {
	_, err := p.conn.Exec(ctx, sql).ReadAll()
	return err
}

func (p *rawPG) Commit(ctx context.Context) error {
	results, err := p.conn.Exec(ctx, "COMMIT").ReadAll()
	if err != nil {
		return err
	}
	if tag := results[0].CommandTag.String(); tag != "COMMIT" {
		return fmt.Errorf("store: the transaction was not committed but answered with %s", tag)
	}
	return nil
}

func (p *rawPG) Rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p.end(ctx) // where it fails the connection is gone, and the transaction with it
}

func (p *rawPG) Query(ctx context.Context, sql string, args ...any) iter.Seq2[[]RawValue, error] {
	return func(yield func([]RawValue, error) bool) {
		params, err := rawParams(args)
		if err != nil {
			yield(nil, err)
			return
		}
		rows := p.conn.ExecParams(ctx, sql, params, nil, nil, []int16{1})
		var row []RawValue
		for rows.NextRow() {
			row = row[:0]
			for i, v := range rows.Values() {
				value, err := rawValue(rows.FieldDescriptions()[i], v)
				if err != nil {
					rows.Close()
					yield(nil, err)
					return
				}
				row = append(row, value)
			}
			if !yield(row, nil) {
				rows.Close()
				return
			}
		}
		if _, err := rows.Close(); err != nil {
			yield(nil, err)
		}
	}
}

// rawParams are parameters as texts.
func rawParams(args []any) ([][]byte, error) {
	params := make([][]byte, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case int64:
			params[i] = strconv.AppendInt(nil, v, 10)
		case string:
			params[i] = []byte(v)
		case bool:
			params[i] = strconv.AppendBool(nil, v)
		default:
			return nil, fmt.Errorf("store: a parameter of the type %T", a)
		}
	}
	return params, nil
}

// rawValue reads a value in its binary form.
func rawValue(field pgconn.FieldDescription, v []byte) (RawValue, error) {
	if v == nil {
		return RawValue{}, nil
	}
	switch field.DataTypeOID {
	case 20: // bigint
		return RawValue{Kind: RawInteger, Bits: int64(binary.BigEndian.Uint64(v))}, nil
	case 23: // integer
		return RawValue{Kind: RawInteger, Bits: int64(int32(binary.BigEndian.Uint32(v)))}, nil
	case 16: // boolean
		return RawValue{Kind: RawInteger, Bits: int64(v[0])}, nil
	case 701: // double precision
		return RawValue{Kind: RawFloat, Bits: int64(binary.BigEndian.Uint64(v))}, nil
	case 25, 19, 1043: // text, name, varchar
		return RawValue{Kind: RawText, Text: v}, nil
	case 3802: // jsonb: text behind the version of the format
		return RawValue{Kind: RawText, Text: v[1:]}, nil
	}
	return RawValue{}, fmt.Errorf("store: the column %s has the type %d, which is not read here", field.Name, field.DataTypeOID)
}

func (p *rawPG) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	params, err := rawParams(args)
	if err != nil {
		return 0, err
	}
	result := p.conn.ExecParams(ctx, sql, params, nil, nil, nil).Read()
	return result.CommandTag.RowsAffected(), result.Err
}

func (p *rawPG) Insert(ctx context.Context, t *RawTable, values []RawValue) error {
	p.out = p.out[:0]
	for i := range values {
		column := i % len(t.Columns)
		switch v := &values[i]; {
		case v.Kind == RawNull:
			p.out = append(p.out, `\N`...)
		case t.Columns[column].Kind == RawBoolean:
			p.out = strconv.AppendBool(p.out, v.Bits != 0)
		case v.Kind == RawInteger:
			p.out = strconv.AppendInt(p.out, v.Bits, 10)
		case v.Kind == RawFloat:
			p.out = strconv.AppendFloat(p.out, math.Float64frombits(uint64(v.Bits)), 'g', -1, 64)
		default:
			p.out = pg.AppendText(p.out, shared(v.Text))
		}
		if column == len(t.Columns)-1 {
			p.out = append(p.out, '\n')
		} else {
			p.out = append(p.out, '\t')
		}
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	_, err := p.conn.CopyFrom(ctx, bytes.NewReader(p.out), `COPY "`+t.Name+`" (`+strings.Join(names, ", ")+`) FROM STDIN`)
	return err
}

// shared is a text that lies in the bytes, which must not change while it is
// used.
func shared(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (p *rawPG) Link(ctx context.Context, t *RawTable, column int, org int64, ids, values []int64) error {
	list := func(numbers []int64) string {
		b := []byte{'{'}
		for i, n := range numbers {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, n, 10)
		}
		return string(append(b, '}'))
	}
	n, err := p.Exec(ctx, `UPDATE "`+t.Name+`" AS t SET "`+t.Columns[column].Name+`" = v.value
		FROM unnest($2::bigint[], $3::bigint[]) AS v (id, value) WHERE t.organization_id = $1 AND t.id = v.id`,
		org, list(ids), list(values))
	if err == nil && n != int64(len(ids)) {
		err = fmt.Errorf("store: %d rows were to refer to others, %d are there", len(ids), n)
	}
	return err
}

func (p *rawPG) ChecksReferences() bool { return true }

// Settle gives the planner the sizes of the tables: until PostgreSQL finds the
// time itself, it takes them for empty.
func (p *rawPG) Settle(ctx context.Context, tables []RawTable) error {
	if err := p.Begin(ctx, true); err != nil {
		return err
	}
	for _, t := range tables {
		if err := p.run(ctx, `ANALYZE "`+t.Name+`"`); err != nil {
			return err
		}
	}
	return p.Commit(ctx)
}

func (p *rawPG) MayLoad(ctx context.Context) error {
	for row, err := range p.Query(ctx, `SELECT row_security_active('organizations')`) {
		if err != nil {
			return err
		}
		if row[0].Bits != 0 {
			return errors.New("row-level security holds for this role: connect as the owner of the tables")
		}
	}
	return nil
}

func (p *rawPG) Servers(ctx context.Context) (n int, err error) {
	if err := p.Snapshot(ctx); err != nil {
		return 0, err
	}
	for row, err := range p.Query(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND application_name = 'guanxi'`) {
		if err != nil {
			return 0, err
		}
		n = int(row[0].Bits)
	}
	return n, nil
}

func (p *rawPG) Postgres() bool { return true }

func (p *rawPG) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return p.conn.Close(ctx)
}

func (p *rawPG) has(ctx context.Context, table string) (has bool, err error) {
	for row, err := range p.Query(ctx, `SELECT to_regclass($1) IS NOT NULL`, table) {
		if err != nil {
			return false, err
		}
		has = row[0].Bits != 0
	}
	return has, nil
}

func (p *rawPG) catalogue(ctx context.Context) (*catalogue, error) {
	return postgresCatalogue(askRaw(ctx, p))
}
