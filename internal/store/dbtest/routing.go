package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pgtest"
	"guanxi/internal/store/explain"
	"guanxi/internal/store/standin"
)

// Router tells which parts of a spread database a statement touches. One
// goroutine uses it at a time.
type Router struct {
	conn    *pgconn.PgConn
	parts   map[string]part // by the name of the partition
	ours    map[string]bool // tables of the program
	numbers explain.Numbers
}

type part struct {
	table     string
	remainder int
}

// NewRouter makes a stand-in database (see package standin) and connects to it
// as its owner. Close it.
func NewRouter(ctx context.Context, c *pgtest.Cluster, s Schema) (*Router, error) {
	database := "judged_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if err := c.CreateDatabase(ctx, database, ""); err != nil {
		return nil, err
	}
	url := c.URL(database)
	if err := s.Migrate(ctx, url); err != nil {
		return nil, err
	}
	conn, err := pgconn.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	r := &Router{conn: conn, parts: map[string]part{}, ours: map[string]bool{}}
	if err := r.learn(ctx); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return r, nil
}

// Close ends the connection.
func (r *Router) Close(ctx context.Context) error { return r.conn.Close(ctx) }

func (r *Router) learn(ctx context.Context) error {
	if _, err := explain.Rows(ctx, r.conn, "SET plan_cache_mode = force_generic_plan; SET jit = off"); err != nil {
		return err
	}
	rows, err := explain.Rows(ctx, r.conn, `SELECT c.relname, p.relname FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent WHERE p.relkind = 'p' ORDER BY 2, 1`)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errors.New("the stand-in database has no table in partitions")
	}
	for _, row := range rows {
		for i := range standin.Parts {
			if row[0] == standin.Part(row[1], i) {
				r.parts[row[0]] = part{row[1], i}
			}
		}
	}
	tables, err := explain.Rows(ctx, r.conn, `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`)
	if err != nil {
		return err
	}
	for _, row := range tables {
		r.ours[row[0]] = true
	}
	// Numbers that lie in different partitions, one after the other: a
	// statement about two organizations shows two parts.
	table := rows[0][1]
	for i := range 2 * standin.Parts {
		found, err := explain.Rows(ctx, r.conn, fmt.Sprintf(`SELECT n FROM generate_series(1, 1000) n
			WHERE satisfies_hash_partition('%s'::regclass, %d, %d, n::bigint) ORDER BY n OFFSET %d LIMIT 1`,
			table, standin.Parts, i%standin.Parts, i/standin.Parts))
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(found[0][0], 10, 64)
		if err != nil {
			return err
		}
		r.numbers = append(r.numbers, n)
	}
	return nil
}

// Route is where a statement would run.
type Route struct {
	// Ours is set where it reads or writes a table of the program.
	Ours bool
	// Parts is how many parts of the tables of organizations it reads: 0 or 1
	// for a statement about one organization. All tables are spread in the
	// same way.
	Parts int
	// Plan is how it would run, told where there are several parts.
	Plan string
}

// Route tells where a statement would run. An error is a statement that the
// database does not understand.
func (r *Router) Route(ctx context.Context, sql string) (route Route, err error) {
	plan, err := explain.Statement(ctx, r.conn, sql, "JSON", r.numbers)
	if err != nil {
		return route, err
	}
	var root []struct{ Plan node }
	if err := json.Unmarshal([]byte(plan), &root); err != nil {
		return route, err
	}
	touched := map[int]bool{}
	root[0].Plan.each(func(n *node) {
		route.Ours = route.Ours || r.ours[n.Relation]
		// What a change writes it has read before; a row that is new goes into
		// one part.
		if p, ok := r.parts[n.Relation]; ok && n.Type != "ModifyTable" {
			touched[p.remainder] = true
		}
	})
	if route.Parts = len(touched); route.Parts <= 1 {
		return route, nil
	}
	route.Plan, err = explain.Statement(ctx, r.conn, sql, "TEXT", r.numbers)
	return route, err
}

// node is a step of a plan.
type node struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Plans    []node
}

// each calls fn for a step and all below it.
func (n *node) each(fn func(*node)) {
	if n.Relation != "" {
		fn(n)
	}
	for i := range n.Plans {
		n.Plans[i].each(fn)
	}
}
