package store

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// acrossTenants are the functions whose statements look at all organizations.
// They serve the operator's commands, never a request.
var acrossTenants = []string{"Organizations", "nextOrganization", "versions"}

// statement is a text of SQL in the package and where it stands.
type statement struct {
	function, file, sql string
}

// migrationTables are the names in the CREATE TABLE of all migrations.
func migrationTables(t *testing.T) []string {
	names := map[string]bool{}
	create := regexp.MustCompile(`(?i)CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := migrations.ReadFile(path)
		for _, m := range create.FindAllStringSubmatch(string(b), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(names))
}

// packageTexts gives every text of the package's files: concatenations are put
// together and constants of the package filled in.
func packageTexts(t *testing.T) (all []statement) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	constants := map[string]ast.Expr{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(set, name, b, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && (g.Tok == token.CONST || g.Tok == token.VAR) {
				for _, spec := range g.Specs {
					if v := spec.(*ast.ValueSpec); len(v.Values) == len(v.Names) {
						for i, name := range v.Names {
							constants[name.Name] = v.Values[i]
						}
					}
				}
			}
		}
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			name := ""
			if fn, ok := d.(*ast.FuncDecl); ok {
				name = fn.Name.Name
			}
			ast.Inspect(d, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				text, ok := textOf(e, constants, 0)
				if !ok {
					return true
				}
				all = append(all, statement{name, set.Position(e.Pos()).String(), text})
				return false
			})
		}
	}
	return all
}

// textOf works out a text; ok is false for what is none. Calls of insert are
// written out.
func textOf(e ast.Expr, constants map[string]ast.Expr, depth int) (text string, ok bool) {
	if depth > 10 {
		return "", false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return textOf(e.X, constants, depth)
	case *ast.Ident:
		if value := constants[e.Name]; value != nil {
			return textOf(value, constants, depth+1)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			a, okA := textOf(e.X, constants, depth)
			b, okB := textOf(e.Y, constants, depth)
			return a + b, okA || okB
		}
	case *ast.CallExpr:
		if fn, isName := e.Fun.(*ast.Ident); isName && fn.Name == "insert" && len(e.Args) == 3 {
			table, okA := textOf(e.Args[0], constants, depth)
			columns, okB := textOf(e.Args[2], constants, depth)
			return "INSERT INTO " + table + " (" + columns + ") VALUES ($1)", okA && okB
		}
	}
	return "", false
}

var (
	isStatement = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|MERGE)\b`)
	// A table with its alias; UPDATE of an upsert is followed by SET.
	tableName = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z_]+))?`)
	keywords  = []string{"where", "set", "on", "order", "left", "inner", "join", "values", "group", "limit", "returning", "using", "default"}
)

// tenantFault says what is wrong with a statement, "" for nothing: it must
// name organization_id of every tenant table that it touches.
func tenantFault(sql string, tenants map[string]bool) string {
	type ref struct{ name, alias string }
	var refs []ref
	for _, m := range tableName.FindAllStringSubmatch(sql, -1) {
		name, alias := strings.ToLower(m[1]), strings.ToLower(m[2])
		if slices.Contains(keywords, alias) {
			alias = ""
		}
		if tenants[name] {
			refs = append(refs, ref{name, alias})
		}
	}
	lower := strings.Join(strings.Fields(strings.ToLower(sql)), " ")
	if len(refs) > 0 && strings.HasPrefix(lower, "insert") {
		_, columns, _ := strings.Cut(lower, "(")
		columns, rest, _ := strings.Cut(columns, ")")
		if !strings.Contains(columns, "organization_id") {
			return "no organization_id among the columns"
		}
		if _, target, ok := strings.Cut(rest, "on conflict"); ok && !strings.HasPrefix(strings.TrimSpace(target), "(organization_id") {
			return "ON CONFLICT without organization_id"
		}
		refs = refs[1:]
	}
	if before, after, _ := strings.Cut(lower, " where "); strings.HasPrefix(lower, "update") && len(refs) == 1 {
		if strings.Contains(before, "organization_id") {
			return "organization_id is set"
		}
		lower = refs[0].name + " " + after
	}
	for _, r := range refs {
		column := "organization_id"
		if r.alias != "" {
			column = r.alias + "." + column
		} else if len(refs) > 1 {
			column = r.name + "." + column
		}
		_, condition, _ := strings.Cut(lower, r.name)
		if !regexp.MustCompile(`(?:^|[^a-z_.])` + regexp.QuoteMeta(column) + `\s*=\s*(?:\$[0-9]|[a-z_]+\.organization_id)`).MatchString(condition) {
			return fmt.Sprintf("%s without %s", r.name, column)
		}
	}
	return ""
}

func tenantTables() map[string]bool {
	tenants := map[string]bool{}
	for name, class := range classOf() {
		tenants[name] = class == Tenant
	}
	return tenants
}

func TestEveryStatementNamesTheOrganization(t *testing.T) {
	tenants := tenantTables()
	names := migrationTables(t)
	for _, name := range names {
		if _, ok := classOf()[name]; !ok {
			t.Errorf("the table %s of the migrations has no class", name)
		}
	}
	touches := regexp.MustCompile(`(?i)\b(FROM|JOIN|INTO|UPDATE)\s+(` + strings.Join(names, "|") + `)\b`)
	checked, used := 0, map[string]bool{}
	for _, s := range packageTexts(t) {
		if !isStatement.MatchString(s.sql) {
			if touches.MatchString(s.sql) {
				t.Errorf("%s: a piece of a statement that this test cannot put together: %s", s.file, s.sql)
			}
			continue
		}
		checked++
		fault := tenantFault(s.sql, tenants)
		switch across := slices.Contains(acrossTenants, s.function); {
		case across:
			used[s.function] = used[s.function] || fault != ""
		case fault != "":
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
}

// TestStatementsAreTheSameEverywhere checks what does not run, or does not
// mean the same, on every engine: times and random numbers of the database, SELECT in
// VALUES, MERGE and locks.
func TestStatementsAreTheSameEverywhere(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\b(now\s*\(|random\s*\(|datetime\s*\(|date\s*\(|strftime|unixepoch|julianday|current_time|current_date|` +
		`clock_timestamp|rowid|last_insert_rowid|autoincrement|nextval|merge\b|replace into|or replace|or ignore|for update|ifnull|group_concat|current_setting|glob\b|` +
		`values\s*\([^)]*\bselect\b)`)
	question := regexp.MustCompile(`\?`)
	for _, s := range packageTexts(t) {
		if oneEngine.MatchString(s.file) {
			continue
		}
		if isStatement.MatchString(s.sql) && (forbidden.MatchString(s.sql) || question.MatchString(s.sql)) {
			t.Errorf("%s: %s", s.file, s.sql)
		}
	}
}

// oneEngine are the files of one engine, whose statements run there only.
var oneEngine = regexp.MustCompile(`_(pg|sqlite)\.go:`)

// TestTenantFault makes sure that the check above finds something.
func TestTenantFault(t *testing.T) {
	tenants := tenantTables()
	for sql, good := range map[string]bool{
		"SELECT id FROM customers WHERE organization_id = $1 AND id = $2":                                                                  true,
		"SELECT id FROM customers WHERE id = $1":                                                                                           false,
		"SELECT organization_id FROM customers WHERE id = $1":                                                                              false,
		"SELECT id FROM customers":                                                                                                         false,
		"DELETE FROM sessions WHERE id = $1":                                                                                               false,
		"DELETE FROM sessions WHERE organization_id = $1 AND id = $2":                                                                      true,
		"UPDATE users SET name = $1 WHERE id = $2":                                                                                         false,
		"UPDATE users SET organization_id = $1":                                                                                            false,
		"INSERT INTO labels (id) VALUES ($1)":                                                                                              false,
		"INSERT INTO labels (organization_id, id) VALUES ($1, $2)":                                                                         true,
		"INSERT INTO labels (organization_id, id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING":                                             false,
		"INSERT INTO labels (organization_id, id) VALUES ($1, $2) ON CONFLICT (organization_id, id) DO NOTHING":                            true,
		"INSERT INTO labels (organization_id, id) SELECT $1, id FROM roles WHERE id = $2":                                                  false,
		"SELECT u.id FROM users u JOIN attachments a ON a.id = u.avatar_attachment_id WHERE u.organization_id = $1":                        false,
		"SELECT u.id FROM users u JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.x WHERE u.organization_id = $1": true,
		"SELECT user_id FROM tokens WHERE token_hash = $1":                                                                                 true,
		"SELECT id FROM customers WHERE xorganization_id = $1":                                                                             false,
	} {
		if fault := tenantFault(sql, tenants); (fault == "") != good {
			t.Errorf("%s: %q", sql, fault)
		}
	}
}
