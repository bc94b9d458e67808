package store

import (
	_ "embed" // the registry of statements
	"strings"
	"sync"
)

// Every statement that the program runs on its tables is registered:
// statements.sql is made from the texts of this package (go test ./internal/store
// -run TestStatementsAreRegistered -update), samples.sql is recorded (see there).
// Tests refuse what is not in them, and "guanxi db check" tries them out on the
// database that is there.

//go:embed statements.sql
var statementsText string

//go:embed samples.sql
var samplesText string

// Scope says whose rows a statement is about.
type Scope string

// The scopes of statements.
const (
	// ofOrganization: rows of one organization, which is named.
	ofOrganization Scope = "organization"
	// ofEveryone: rows of all organizations; for the operator's commands and
	// what runs beside requests.
	ofEveryone Scope = "everyone"
	// ofInstallation: tables that belong to no organization.
	ofInstallation Scope = "installation"
)

// Statement is a registered statement.
type Statement struct {
	// Name is the function or the constant that holds it; for a sample the
	// family.
	Name  string
	Scope Scope
	SQL   string
}

const (
	statementMark = "-- +statement " // name, scope
	sampleMark    = "-- +sample\n"
)

// registeredStatements are the statements by their texts with single spaces.
var registeredStatements = sync.OnceValue(func() map[string]Statement {
	all := map[string]Statement{}
	for _, s := range Statements() {
		all[oneLine(s.SQL)] = s
	}
	return all
})

// Statements gives the registry in its order: what stands in the program, then
// samples of what is put together while it runs.
func Statements() (all []Statement) {
	for _, piece := range strings.Split(statementsText, statementMark)[1:] {
		head, sql, _ := strings.Cut(piece, "\n")
		name, scope, _ := strings.Cut(head, ", ")
		all = append(all, Statement{name, Scope(scope), strings.TrimSpace(sql)})
	}
	for _, sql := range strings.Split(samplesText, sampleMark)[1:] {
		all = append(all, Statement{family(sql), ofOrganization, strings.TrimSpace(sql)})
	}
	return all
}

// family is what a statement that is put together while the program runs
// belongs to: it begins with the name in a comment. "" for any other statement.
func family(sql string) string {
	name, _, ok := strings.Cut(strings.TrimPrefix(sql, "/* "), " */")
	if !ok || !strings.HasPrefix(sql, "/* ") {
		return ""
	}
	return name
}

// Registered tells whether a statement is registered, itself or by samples of
// its family, and whether it may look at all organizations.
func Registered(sql string) (registered, allTenants bool) {
	if name := family(sql); name != "" {
		return strings.Contains(samplesText, sampleMark+"/* "+name+" */"), false
	}
	s, ok := registeredStatements()[oneLine(sql)]
	return ok, s.Scope == ofEveryone
}

func oneLine(sql string) string { return strings.Join(strings.Fields(sql), " ") }
