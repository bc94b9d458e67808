package store

import (
	"flag"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/store/sqllint"
)

// acrossTenants are the functions whose statements look at all organizations.
// They serve the operator's commands and what runs beside requests, never a
// request.
var acrossTenants = []string{
	"Organizations", "nextOrganization", // commands
	"versionsOf", "readVersions", // the watch for changes of other processes
	"DueJobs", "OrganizationsWithoutJob", // workers
	"OrganizationsUnset", // a chore
}

// apart are the files whose statements are not registered: they work on the
// schema and the catalogue, or move a whole database, for the operator.
var apart = regexp.MustCompile(`^((migrate|catalogue|check|copy)[a-z_]*|lease_pg)\.go:`)

// oneEngine are the files of one engine, whose statements run there only.
var oneEngine = regexp.MustCompile(`_(pg|sqlite)\.go:`)

var isStatement = regexp.MustCompile(`(?i)^\s*(/\*[^*]*\*/\s*)?(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|MERGE)\b`)

// touches finds a table of ours in a statement, or in a piece of one.
var touches = regexp.MustCompile(`(?i)\b(FROM|JOIN|INTO|UPDATE)\s+"?(` + strings.Join(tableNames(), "|") + `)\b`)

func tableNames() (names []string) {
	for _, t := range Tables() {
		names = append(names, t.Name)
	}
	return names
}

// linterOf knows the tables of the registry.
func linterOf(tables []Table) *sqllint.Linter {
	l := &sqllint.Linter{Tables: map[string]sqllint.Table{}}
	for _, t := range tables {
		l.Tables[t.Name] = sqllint.Table{Class: string(t.Class), Key: t.Key}
	}
	return l
}

// TestStatementsKeepTheRules reads every statement of the package; what is put
// together while the program runs is read when it does (see dbtest.Record).
func TestStatementsKeepTheRules(t *testing.T) {
	linter := linterOf(Tables())
	checked, used := 0, map[string]bool{}
	for _, s := range packageTexts(t) {
		if apart.MatchString(s.file) {
			continue
		}
		if !isStatement.MatchString(s.sql) || !s.whole {
			if touches.MatchString(s.sql) && family(s.sql) == "" {
				t.Errorf("%s: a piece of a statement that this test cannot put together: %s", s.file, s.sql)
			}
			continue
		}
		checked++
		faults := linter.Statement(s.sql)
		if slices.Contains(acrossTenants, s.function) {
			used[s.function] = used[s.function] || len(faults) > 0
			faults = linter.AllTenants(s.sql)
		}
		for _, fault := range faults {
			t.Errorf("%s (%s): %s\n%s", s.file, s.function, fault, s.sql)
		}
	}
	if checked < 50 {
		t.Errorf("only %d statements were found", checked)
	}
	for _, name := range acrossTenants {
		if !used[name] {
			t.Errorf("%s is excepted for no reason", name)
		}
	}
	for _, s := range Statements() {
		if s.Scope == ofOrganization {
			for _, fault := range linter.Statement(s.SQL) {
				t.Errorf("%s: %s\n%s", s.Name, fault, s.SQL)
			}
		}
	}
}

// TestStatementsAreTheSameEverywhere checks what does not run, or does not
// mean the same, on every engine.
func TestStatementsAreTheSameEverywhere(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\?|\b(rowid|replace into|or replace|or ignore|ifnull|group_concat|glob\b|for (update|no key|share|key))`)
	for _, s := range packageTexts(t) {
		s.sql = strings.ReplaceAll(s.sql, skipLocked, "") // the embedded database leaves it out
		if isStatement.MatchString(s.sql) && forbidden.MatchString(s.sql) && !oneEngine.MatchString(s.file) {
			t.Errorf("%s: %s", s.file, s.sql)
		}
	}
}

func TestMigrationsKeepTheRules(t *testing.T) {
	linter := linterOf(Tables())
	files := 0
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := fs.ReadFile(migrations, path)
		for _, fault := range linter.Schema(string(b)) {
			t.Errorf("%s: %s", path, fault)
		}
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}

var update = flag.Bool("update", false, "write the files that are made from the program")

// made compares a file with what it is made from, or writes it.
func made(t *testing.T, file, want string) {
	t.Helper()
	have, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if string(have) == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the program has; run: go test ./internal/store -run %s -update", file, t.Name())
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestStatementsAreRegistered keeps statements.sql as the package has it.
func TestStatementsAreRegistered(t *testing.T) {
	linter := linterOf(Tables())
	found := map[string]Statement{}
	for _, s := range packageTexts(t) {
		if !isStatement.MatchString(s.sql) || !s.whole || !touches.MatchString(s.sql) || apart.MatchString(s.file) ||
			strings.Contains(s.file, "_sqlite.go:") {
			continue
		}
		key := oneLine(s.sql)
		x := Statement{s.function, ofInstallation, strings.TrimSpace(s.sql)}
		switch {
		case slices.Contains(acrossTenants, s.function) && len(linter.Statement(s.sql)) > 0:
			x.Scope = ofEveryone
		case linter.OfTenants(s.sql):
			x.Scope = ofOrganization
		}
		// A constant that functions use goes by the first name.
		if old, ok := found[key]; ok {
			x.Name = min(x.Name, old.Name)
			if old.Scope == ofEveryone {
				x.Scope = ofEveryone
			}
		}
		found[key] = x
	}
	var all []Statement
	for _, s := range found {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Statement) int { return strings.Compare(a.Name+"\x00"+a.SQL, b.Name+"\x00"+b.SQL) })
	var b strings.Builder
	b.WriteString("-- Every statement that the program runs on its tables. Made by\n--   go test ./internal/store -run TestStatementsAreRegistered -update\n\n")
	for _, s := range all {
		b.WriteString(statementMark + s.Name + ", " + string(s.Scope) + "\n" + s.SQL + "\n")
	}
	made(t, "statements.sql", b.String())
}

func TestRegistered(t *testing.T) {
	for sql, want := range map[string][2]bool{
		versionOf:                       {true, false},
		"SELECT 1":                      {false, false},
		"  " + versionOf + "\n":         {true, false},
		versionOf + " AND TRUE":         {false, false},
		"/* no such family */ SELECT 1": {false, false},
		`SELECT max(organization_id) FROM organizations`: {true, true},
		insertCustomer: {true, false},
	} {
		if registered, everyone := Registered(sql); [2]bool{registered, everyone} != want {
			t.Errorf("%s: %v, %v", sql, registered, everyone)
		}
	}
	if n := len(Statements()); n < 50 {
		t.Errorf("%d statements are registered", n)
	}
	for _, s := range Statements() {
		if s.Name == "" || s.SQL == "" || !slices.Contains([]Scope{ofOrganization, ofEveryone, ofInstallation}, s.Scope) {
			t.Errorf("a statement cannot be read: %+v", s)
		}
	}
}
