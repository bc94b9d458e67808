package store

import (
	"context"
	_ "embed" // the schema as the migrations make it
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// CheckReport is what Check has found.
type CheckReport struct {
	// Passed says what was looked at and is as it should be, Notes what an
	// operator may want to know, Faults what is wrong.
	Passed, Notes []string
	Faults        []Finding
}

// Finding is something that is wrong and what can be done about it.
type Finding struct{ What, Do string }

func (r *CheckReport) fault(do, what string, args ...any) {
	r.Faults = append(r.Faults, Finding{fmt.Sprintf(what, args...), do})
}

func (r *CheckReport) pass(text string, args ...any) {
	r.Passed = append(r.Passed, fmt.Sprintf(text, args...))
}

func (r *CheckReport) note(text string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(text, args...))
}

// Check holds a database against what this program needs: migrations, schema,
// references, statements, settings, and on Citus where the tables are. It
// changes nothing. connections is how many a server would use at most, as in
// Config. An error says that it could not look.
func Check(ctx context.Context, database string, connections int) (*CheckReport, error) {
	if IsURL(database) {
		return checkPG(ctx, database, Config{Connections: connections}.connections())
	}
	return checkSQLite(database)
}

// migrations tells whether the database has run all migrations of this
// program, and no others: only then is its schema the one that is known here.
func (r *CheckReport) migrations(ask asker, folder, present string) (all, only bool, err error) {
	known, err := migrationNumbers(folder)
	if err != nil {
		return false, false, err
	}
	begun, err := ask(present, 1)
	if err != nil {
		return false, false, err
	}
	var run []string
	if len(begun) > 0 && begun[0][0] != "" {
		rows, err := ask(`SELECT DISTINCT version_id FROM `+migrationsTable+` WHERE is_applied AND version_id > 0`, 1)
		if err != nil {
			return false, false, err
		}
		for _, row := range rows {
			run = append(run, row[0])
		}
	}
	var pending, unknown []string
	for _, n := range known {
		if !slices.Contains(run, n) {
			pending = append(pending, n)
		}
	}
	for _, n := range run {
		if !slices.Contains(known, n) {
			unknown = append(unknown, n)
		}
	}
	slices.Sort(unknown)
	if len(pending) > 0 {
		r.fault("Run guanxi migrate, or start a server, which does the same; then check again: the schema was not looked at.",
			"%d of %d migrations are pending: %s", len(pending), len(known), strings.Join(pending, ", "))
	}
	if len(pending) > 0 {
		return false, false, nil
	}
	r.pass("all %d migrations have run", len(known))
	if len(unknown) == 0 {
		return true, true, nil
	}
	needed, err := ask(`SELECT value FROM installation WHERE name = '`+FactProgram+`'`, 1)
	if err != nil {
		return true, false, err
	}
	r.note("a newer program has changed the schema (migrations %s), so it was not looked at: check with that program", strings.Join(unknown, ", "))
	if len(needed) > 0 && !slices.Contains(known, needed[0][0]) {
		r.fault("Use the newer program everywhere.", "a newer program has changed the schema in a way that this one cannot work with: "+
			"migration %s has to be known", needed[0][0])
	}
	return true, false, nil
}

// migrationNumbers are the numbers of the migrations of an engine in order.
func migrationNumbers(folder string) (numbers []string, err error) {
	files, err := fs.Glob(migrations, "migrations/"+folder+"/*.sql")
	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	return numbers, err
}

// The schemas that the migrations make, in the form of catalogue.objects. Made
// by go test ./internal/store -run TestExpectedSchemas -update.
var (
	//go:embed expected_postgres.txt
	expectedPostgres string
	//go:embed expected_sqlite.txt
	expectedSQLite string
)

// schema compares what is there with what the migrations make.
func (r *CheckReport) schema(c *catalogue) {
	before := len(r.Faults)
	expected := expectedSQLite
	if c.postgres {
		expected = expectedPostgres
	}
	want, have := parseObjects(expected), c.objects()
	for _, w := range want {
		if i := slices.IndexFunc(have, w.same); i < 0 {
			r.fault(w.remedy(c.postgres), "%s is missing", w.name())
		} else if have[i].text != w.text {
			r.fault(w.remedy(c.postgres), "%s is %s and should be %s", w.name(), have[i].text, w.text)
		}
	}
	for _, h := range have {
		switch {
		case slices.ContainsFunc(want, h.same):
		case h.kind == "index":
			r.note("%s is not the program's", h.name())
		case h.kind == "table" || c.known(h.table):
			r.fault("Remove it, or keep your own tables in another schema.", "%s is not the program's", h.name())
		}
	}
	for _, text := range c.faults() {
		// What is missing or too much has been told above.
		if strings.HasPrefix(text, "there is no table ") || c.ofUnknown(text) {
			continue
		}
		r.fault("The program relies on this rule of its schema; undo what has changed it.", "%s", text)
	}
	if len(r.Faults) == before {
		counts := map[string]int{}
		for _, h := range have {
			counts[h.kind]++
		}
		r.pass("the schema is the program's: %d tables, %d columns, %d references, %d indexes", counts["table"], counts["column"],
			counts["reference"], counts["index"]+counts["unique"]+counts["primary key"])
	}
}

// known tells whether a table is in the registry.
func (c *catalogue) known(table string) bool {
	return slices.ContainsFunc(registry, func(t Table) bool { return t.Name == table })
}

// ofUnknown tells whether a fault is one of a table that is not the program's.
func (c *catalogue) ofUnknown(fault string) bool {
	for _, x := range c.tables {
		if !c.known(x.name) && (strings.HasPrefix(fault, x.name+":") || strings.HasPrefix(fault, "the table "+x.name+" has the class")) {
			return true
		}
	}
	return false
}
