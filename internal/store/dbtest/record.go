package dbtest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/pgtest"
	"guanxi/internal/store/explain"
)

// Schema is what this package has to know of the program, which it cannot
// import: the tests of that use this package themselves.
type Schema struct {
	// Migrate makes the tables in hash partitions in an empty database.
	Migrate func(ctx context.Context, url string) error
	// Known tells whether a statement is registered, and whether it may look at
	// all organizations.
	Known func(sql string) (registered, everyone bool)
	// Lint tells what is wrong with the text of a statement.
	Lint func(sql string) []string
}

// process is what a test process has: one schema, one cluster, the statements
// that were run.
var process struct {
	sync.Mutex
	schema     Schema
	cluster    *pgtest.Cluster
	statements map[string]bool
}

// Use says of which schema the tests are.
func Use(s Schema) {
	process.Lock()
	defer process.Unlock()
	process.schema = s
}

func schema() Schema {
	process.Lock()
	defer process.Unlock()
	return process.schema
}

func cluster(t testing.TB) *pgtest.Cluster {
	t.Helper()
	c := pgtest.Shared(t)
	process.Lock()
	defer process.Unlock()
	process.cluster = c
	return c
}

// Own stands in statements that a test itself makes up: they are not looked
// at.
const Own = "/* test */"

// Record notes a statement that the program runs: it is store.Config's
// OnStatement of every store that tests open. When the tests of the process
// are over, on the walled engine, each one has to be registered, to keep the rules of
// statements, and to touch one part of the tables of organizations.
func Record(sql string) {
	process.Lock()
	defer process.Unlock()
	if process.statements == nil {
		process.statements = map[string]bool{}
	}
	process.statements[sql] = true
}

// recorded runs tests and looks at the statements then.
type recorded struct{ m *testing.M }

func (r recorded) Run() int {
	code := r.m.Run()
	process.Lock()
	statements := slices.Sorted(maps.Keys(process.statements))
	c := process.cluster
	process.Unlock()
	if Present() != Walled || c == nil {
		return code
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	faults, err := Judge(ctx, c, schema(), statements)
	if err != nil {
		faults = append(faults, err.Error())
	}
	if err := keepSamples(statements); err != nil {
		faults = append(faults, err.Error())
	}
	for _, f := range faults {
		fmt.Fprintf(os.Stderr, "--- FAIL: a statement that the tests have run\n%s\n", f)
	}
	if len(faults) > 0 {
		code = max(code, 1)
	}
	return code
}

// aside are statements that touch no table.
var aside = regexp.MustCompile(`(?i)^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET LOCAL|SET default_transaction_read_only)\b`)

// Judge tells what is wrong with statements, each with its text and its plan.
func Judge(ctx context.Context, c *pgtest.Cluster, s Schema, statements []string) (faults []string, err error) {
	r, err := NewRouter(ctx, c, s)
	if err != nil {
		return nil, err
	}
	defer r.Close(ctx)
	for _, sql := range statements {
		if strings.Contains(sql, Own) || aside.MatchString(sql) {
			continue
		}
		for _, text := range r.judge(ctx, s, sql) {
			faults = append(faults, text+"\n"+sql+"\n")
		}
	}
	return faults, nil
}

func (r *Router) judge(ctx context.Context, s Schema, sql string) (faults []string) {
	registered, everyone := s.Known(sql)
	route, err := r.Route(ctx, sql)
	if err != nil {
		return []string{"the database does not understand it: " + explain.Message(err)}
	}
	if !registered && route.Ours {
		faults = append(faults, "it is not registered in internal/store/statements.sql (see docs/decisions/2026-11-22-statement-registry.md)")
	}
	if route.Parts > 1 && !everyone {
		faults = append(faults, "it touches several parts of a spread database:\n"+route.Plan)
	}
	if route.Ours && !everyone {
		faults = append(faults, s.Lint(sql)...)
	}
	return faults
}
