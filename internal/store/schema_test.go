package store

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rowsOf reads all rows of a pragma or a query as texts.
func rowsOf(t *testing.T, s *Store, sql string, columns int) (all [][]string) {
	t.Helper()
	err := s.engine.view(t.Context(), installation, func(tx Tx) error {
		return each(tx, sql, nil, func(r Rows) error {
			row := make([]string, columns)
			dest := make([]any, columns)
			for i := range row {
				dest[i] = &row[i]
			}
			err := r.Scan(dest...)
			all = append(all, row)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// schemaTable is a table as the catalogue has it.
type schemaTable struct {
	name, sql string
	columns   map[string]string // name → declared type
	notNull   map[string]bool
	primary   []string            // columns of the primary key in order
	unique    map[string][]string // unique indexes
	foreign   []foreignKey
}

type foreignKey struct {
	to                 string
	from, toColumns    []string
	onUpdate, onDelete string
}

func readSchema(t *testing.T, s *Store) (tables []schemaTable) {
	for _, row := range rowsOf(t, s, `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
		ORDER BY name`, 2) {
		x := schemaTable{name: row[0], sql: row[1], columns: map[string]string{}, notNull: map[string]bool{}, unique: map[string][]string{}}
		keys := map[string]string{}
		for _, c := range rowsOf(t, s, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('"+x.name+"')", 4) {
			x.columns[c[0]], x.notNull[c[0]] = c[1], c[2] == "1"
			if c[3] != "0" {
				keys[c[3]] = c[0]
			}
		}
		for i := 1; i <= len(keys); i++ {
			x.primary = append(x.primary, keys[string(rune('0'+i))])
		}
		for _, i := range rowsOf(t, s, "SELECT name FROM pragma_index_list('"+x.name+"') WHERE \"unique\" = 1", 1) {
			for _, c := range rowsOf(t, s, "SELECT name FROM pragma_index_info('"+i[0]+"') ORDER BY seqno", 1) {
				x.unique[i[0]] = append(x.unique[i[0]], c[0])
			}
		}
		last := ""
		for _, f := range rowsOf(t, s, `SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('`+x.name+`')
			ORDER BY id, seq`, 6) {
			if f[0] != last || len(x.foreign) == 0 {
				x.foreign = append(x.foreign, foreignKey{to: f[1], onUpdate: f[4], onDelete: f[5]})
			}
			last = f[0]
			k := &x.foreign[len(x.foreign)-1]
			k.from, k.toColumns = append(k.from, f[2]), append(k.toColumns, f[3])
		}
		tables = append(tables, x)
	}
	return tables
}

// classOf gives the class of each table by its name.
func classOf() map[string]Class {
	classes := map[string]Class{}
	for _, t := range Tables() {
		classes[t.Name] = t.Class
	}
	return classes
}

func TestEveryTableHasAClass(t *testing.T) {
	classes := classOf()
	seen := map[string]bool{}
	for _, x := range readSchema(t, openFile(t, newFile(t))) {
		seen[x.name] = true
		if !slices.Contains([]Class{Tenant, Identity, Reference, Local}, classes[x.name]) {
			t.Errorf("the table %s has the class %q", x.name, classes[x.name])
		}
	}
	for name := range classes {
		if !seen[name] {
			t.Errorf("there is no table %s", name)
		}
	}
}

// TestKeysOfTables checks rules 2, 4 and 5 of the schema: a tenant's keys
// begin with organization_id, and no id is made by the database.
func TestKeysOfTables(t *testing.T) {
	classes := classOf()
	for _, x := range readSchema(t, openFile(t, newFile(t))) {
		if x.name == "goose_db_version" {
			continue // made by the migration tool, in its own way
		}
		if strings.Contains(strings.ToUpper(x.sql), "AUTOINCREMENT") {
			t.Errorf("%s lets the database make ids", x.name)
		}
		if len(x.primary) == 0 {
			t.Errorf("%s has no primary key", x.name)
		}
		if typ, ok := x.columns["organization_id"]; ok && (typ != "INTEGER" || !x.notNull["organization_id"]) {
			t.Errorf("%s.organization_id is %s, not null %v", x.name, typ, x.notNull["organization_id"])
		}
		for _, c := range x.primary {
			if !x.notNull[c] {
				t.Errorf("%s.%s is part of the primary key and may be NULL", x.name, c)
			}
		}
		if classes[x.name] != Tenant {
			continue
		}
		if len(x.primary) == 0 || x.primary[0] != "organization_id" || (len(x.primary) == 1 && x.name != "organizations") {
			t.Errorf("the primary key of %s is %v", x.name, x.primary)
		}
		if _, ok := x.columns["id"]; ok && !slices.Equal(x.primary, []string{"organization_id", "id"}) {
			t.Errorf("the primary key of %s is %v", x.name, x.primary)
		}
		for name, columns := range x.unique {
			if columns[0] != "organization_id" {
				t.Errorf("the unique index %s of %s is on %v", name, x.name, columns)
			}
		}
	}
}

// TestForeignKeysOfTables checks rule 3: they lead from tenant to tenant with
// organization_id on both sides, or to a reference table.
func TestForeignKeysOfTables(t *testing.T) {
	classes := classOf()
	actions := []string{"CASCADE", "RESTRICT", "NO ACTION"}
	found := 0
	for _, x := range readSchema(t, openFile(t, newFile(t))) {
		for _, f := range x.foreign {
			found++
			if classes[x.name] != Tenant {
				t.Errorf("%s, which is %s, refers to %s", x.name, classes[x.name], f.to)
			}
			if !slices.Contains(actions, f.onUpdate) || !slices.Contains(actions, f.onDelete) {
				t.Errorf("%s to %s: ON UPDATE %s ON DELETE %s", x.name, f.to, f.onUpdate, f.onDelete)
			}
			switch classes[f.to] {
			case Reference:
			case Tenant:
				if f.from[0] != "organization_id" || f.toColumns[0] != "organization_id" || slices.Contains(f.from[1:], "organization_id") {
					t.Errorf("%s %v refers to %s %v", x.name, f.from, f.to, f.toColumns)
				}
			default:
				t.Errorf("%s refers to %s, which is %s", x.name, f.to, classes[f.to])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d foreign keys were looked at", found)
	}
}

// TestNothingHappensByItself checks rule 6: no triggers, no views, no column
// that the database fills in.
func TestNothingHappensByItself(t *testing.T) {
	s := openFile(t, newFile(t))
	if others := rowsOf(t, s, "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')", 2); len(others) > 0 {
		t.Errorf("the schema has %v", others)
	}
	for _, x := range readSchema(t, s) {
		if x.name == "goose_db_version" {
			continue
		}
		upper := strings.ToUpper(x.sql)
		// A new column may have a constant.
		if regexp.MustCompile(` DEFAULT [^0-9']`).MatchString(upper) {
			t.Errorf("%s has a default that is no constant", x.name)
		}
		for _, word := range []string{"GENERATED ALWAYS", "CURRENT_TIME", "SET NULL", "SET DEFAULT", "DEFERRABLE", " COLLATE "} {
			if strings.Contains(upper, word) {
				t.Errorf("%s has%s", x.name, word)
			}
		}
	}
	for _, row := range rowsOf(t, s, "SELECT name, coalesce(sql, '') FROM sqlite_master WHERE type = 'index'", 2) {
		if strings.Contains(row[1], "(lower") || strings.Contains(strings.ToUpper(row[1]), " WHERE ") {
			t.Errorf("the index %s is %s", row[0], row[1])
		}
	}
}

func TestReferencesOfTheDatabaseAreWhole(t *testing.T) {
	s := openFile(t, newFile(t))
	addOrganization(t, s, 1)
	if broken := rowsOf(t, s, "SELECT \"table\" FROM pragma_foreign_key_check", 1); len(broken) > 0 {
		t.Errorf("broken references in %v", broken)
	}
	if state := rowsOf(t, s, "SELECT * FROM pragma_integrity_check", 1); len(state) != 1 || state[0][0] != "ok" {
		t.Errorf("the database is %v", state)
	}
}
