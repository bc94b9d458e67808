package store

import (
	"fmt"
	"slices"
	"strings"
)

// schemaObject is a table or a part of one, as words.
type schemaObject struct {
	kind  string // table, column, primary key, unique, index, reference, condition
	table string
	id    string // its name in the table, where it has one
	text  string // what it is
}

// objects gives the tables and their parts in order. The table of migrations
// is the migration tool's.
func (c *catalogue) objects() (all []schemaObject) {
	for i := range c.tables {
		x := &c.tables[i]
		all = append(all, schemaObject{kind: "table", table: x.name})
		if x.name == migrationsTable {
			continue
		}
		add := func(kind, id, text string) { all = append(all, schemaObject{kind, x.name, id, text}) }
		for _, column := range x.columns {
			add("column", column.name, column.words())
		}
		if len(x.primary) > 0 {
			add("primary key", "", list(x.primary))
		}
		for _, u := range x.unique {
			add("unique", u.id(), u.words())
		}
		for _, u := range x.indexes {
			add("index", u.id(), u.words())
		}
		for _, f := range x.foreign {
			text := "FOREIGN KEY " + list(f.from) + " REFERENCES " + f.to + " " + list(f.toColumns) + " ON UPDATE " + f.onUpdate + " ON DELETE " + f.onDelete
			if f.odd != "" {
				text += " " + f.odd
			}
			id := f.name
			if id == "" { // it has none in the embedded database
				id = strings.Join(f.from, "_") + "_to_" + f.to
			}
			add("reference", id, text)
		}
		conditions := slices.Sorted(slices.Values(x.checks))
		for n, condition := range conditions {
			add("condition", fmt.Sprint(n+1), strings.Join(strings.Fields(condition), " "))
		}
	}
	return all
}

func list(names []string) string { return "(" + strings.Join(names, ", ") + ")" }

// words is the definition of a column as CREATE TABLE has it.
func (c schemaColumn) words() string {
	text := c.kind
	if c.collation != "" {
		text += ` COLLATE "` + c.collation + `"`
	}
	if c.notNull {
		text += " NOT NULL"
	}
	if c.fallback != "" {
		text += " DEFAULT " + c.fallback
	}
	if c.computed {
		text += " (made by the database)"
	}
	return text
}

// id is the name of an index, or what it is on where SQLite has made one up.
func (i schemaIndex) id() string {
	if strings.HasPrefix(i.name, "sqlite_autoindex_") {
		return strings.Join(i.columns, "_")
	}
	return i.name
}

func (i schemaIndex) words() string {
	text := list(i.columns)
	if i.partial {
		text += " WHERE"
	}
	if !i.plain {
		text += ", not valid or of an unusual kind"
	}
	return text
}

// line is the object in the form that parseObjects reads.
func (o schemaObject) line() string {
	return strings.TrimRight(strings.Join([]string{o.kind, o.table, o.id, o.text}, " | "), " |")
}

func parseObjects(text string) (all []schemaObject) {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), " | ", 4)
		if len(f) == 1 { // the first line
			continue
		}
		f = append(f, "", "")
		all = append(all, schemaObject{f[0], f[1], f[2], f[3]})
	}
	return all
}

func (o schemaObject) same(x schemaObject) bool {
	return o.kind == x.kind && o.table == x.table && o.id == x.id
}

func (o schemaObject) name() string {
	switch o.kind {
	case "table":
		return "the table " + o.table
	case "primary key":
		return "the primary key of " + o.table
	}
	return "the " + o.kind + " " + o.id + " of " + o.table
}

// remedy is how an object comes back to what it should be.
func (o schemaObject) remedy(postgres bool) string {
	const backup = "Restore a backup into an empty database, or ask for help before you change anything."
	if !postgres {
		return backup
	}
	switch o.kind {
	case "index":
		return fmt.Sprintf("DROP INDEX CONCURRENTLY IF EXISTS %s; CREATE INDEX CONCURRENTLY %s ON %s %s;", o.id, o.id, o.table, o.text)
	case "reference":
		return fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s; ALTER TABLE %s ADD CONSTRAINT %s %s;", o.table, o.id, o.table, o.id, o.text)
	case "unique":
		return fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s UNIQUE %s;", o.table, o.id, o.text)
	case "primary key":
		return fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY %s;", o.table, o.text)
	case "condition":
		return fmt.Sprintf("ALTER TABLE %s ADD %s;", o.table, o.text)
	}
	return backup
}
