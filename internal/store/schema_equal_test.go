package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// portable says what a schema is in a form that both engines share: a line for
// each column, key, reference, condition and index.
func (c *catalogue) portable() (lines []string) {
	for i := range c.tables {
		x := &c.tables[i]
		if x.name == migrationsTable {
			continue // made by the migration tool, in its own way
		}
		add := func(text string, args ...any) { lines = append(lines, x.name+" "+fmt.Sprintf(text, args...)) }
		for n, column := range x.columns {
			add("column %d %s %s not null %v default %q", n+1, column.name, column.storage(), column.notNull, column.value())
		}
		add("primary key %v", x.primary)
		for _, u := range x.unique {
			add("unique %v", u.columns)
		}
		for _, i := range x.indexes {
			add("index %s %v", i.name, i.columns)
		}
		for _, f := range x.foreign {
			add("%v refers to %s %v on update %s on delete %s", f.from, f.to, f.toColumns, f.onUpdate, f.onDelete)
		}
		for _, check := range x.checks {
			add("check %v", conditionWords(check))
		}
	}
	slices.Sort(lines)
	return lines
}

// storage is how the embedded database keeps a column.
func (c schemaColumn) storage() string {
	switch c.kind {
	case "bigint", "boolean":
		return "integer"
	case "text", "jsonb":
		return "text"
	case "double precision":
		return "real"
	}
	return c.kind
}

// value is the constant default with booleans as 0 and 1.
func (c schemaColumn) value() string {
	switch v := strings.ToLower(c.constant()); v {
	case "false":
		return "0"
	case "true":
		return "1"
	default:
		return v
	}
}

// conditionWords are the columns, operators and constants of a CHECK in their
// order: PostgreSQL writes IN as = ANY (ARRAY[…]), with casts.
func conditionWords(check string) []string {
	check = regexp.MustCompile(`::[a-z]+( precision)?(\[\])?`).ReplaceAllString(check, "")
	check = strings.ReplaceAll(check, "= ANY", "IN")
	var words []string
	for _, word := range regexp.MustCompile(`'[^']*'|[A-Za-z_]+|[0-9.]+|[<>=!]+`).FindAllString(check, -1) {
		if !slices.Contains([]string{"CHECK", "ARRAY", "COLLATE", "AND"}, strings.ToUpper(word)) {
			words = append(words, word)
		}
	}
	return words
}

// differences are the lines that only one side has.
func differences(a, b []string) (all []string) {
	for _, line := range a {
		if !slices.Contains(b, line) {
			all = append(all, "only the first: "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			all = append(all, "only the second: "+line)
		}
	}
	return all
}

// TestBothSchemasAreEqual compares the tables of both engines: columns in
// their order, kinds, NULL, defaults, keys, references with their actions,
// conditions and indexes.
func TestBothSchemasAreEqual(t *testing.T) {
	embedded, postgres := catalogues(t)
	a, b := embedded.portable(), postgres.portable()
	for _, d := range differences(a, b) {
		t.Errorf("%s (the first is the embedded database)", d)
	}
	if len(a) < 200 || len(a) != len(b) {
		t.Errorf("%d and %d lines were compared", len(a), len(b))
	}
}

// TestDifferencesAreFound makes sure that the comparison sees a change of each
// kind.
func TestDifferencesAreFound(t *testing.T) {
	const table = `CREATE TABLE x (a bigint NOT NULL, b text COLLATE "C" NOT NULL DEFAULT 'q', c boolean NOT NULL DEFAULT false,
		d double precision, e jsonb, CHECK (b IN ('q', 'r')), PRIMARY KEY (a, b), UNIQUE (a, d), FOREIGN KEY (a, b) REFERENCES x (a, b));
		CREATE INDEX i ON x (a, c)`
	const same = `CREATE TABLE x (a INTEGER NOT NULL, b TEXT NOT NULL DEFAULT 'q', c INTEGER NOT NULL DEFAULT 0,
		d REAL, e TEXT, CHECK (b IN ('q', 'r')), PRIMARY KEY (a, b), UNIQUE (a, d), FOREIGN KEY (a, b) REFERENCES x (a, b));
		CREATE INDEX i ON x (a, c)`
	embedded := plantedSQLite(t, same).portable()
	if d := differences(embedded, plantedPG(t, "", table).portable()); len(d) > 0 {
		t.Errorf("equal schemas differ: %v", d)
	}
	for old, changed := range map[string]string{
		"a bigint":                   "a text",
		"a bigint NOT NULL, b":       "z bigint, a bigint NOT NULL, b",
		"'q',":                       "'z',",
		"DEFAULT false":              "DEFAULT true",
		" NOT NULL DEFAULT false":    " DEFAULT false",
		"('q', 'r')":                 "('q', 's')",
		"KEY (a, b), U":              "KEY (b, a), UNIQUE (a, b), U",
		"UNIQUE (a, d)":              "UNIQUE (d, a)",
		"REFERENCES x (a, b));":      "REFERENCES x (a, b) ON DELETE CASCADE);",
		"FOREIGN KEY (a, b) REF":     "FOREIGN KEY (a, b) REFERENCES x (a, b) ON UPDATE RESTRICT, FOREIGN KEY (a, b) REF",
		"INDEX i ON x (a, c)":        "INDEX i ON x (c, a)",
		"INDEX i ON x (a, c":         "INDEX i ON x (a, c DESC",
		"INDEX i":                    "INDEX j",
		"d double precision, e json": "e json",
	} {
		text := strings.Replace(table, old, changed, 1)
		if changed == "e json" {
			text = strings.Replace(text, "UNIQUE (a, d), ", "", 1)
		}
		if text == table {
			t.Fatalf("%s is not in the text", old)
		}
		if d := differences(embedded, plantedPG(t, "", text).portable()); len(d) == 0 {
			t.Errorf("%s was not found", changed)
		}
	}
}
