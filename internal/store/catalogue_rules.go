package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// faults says where a schema breaks the rules of tables that can be spread
// over machines (docs/architecture.md, "Data"), one sentence for each; empty
// where it keeps them. The table of migrations is the migration tool's own.
func (c *catalogue) faults() (all []string) {
	classes := map[string]Class{}
	for _, t := range registry {
		classes[t.Name] = t.Class
		if c.table(t.Name) == nil {
			all = append(all, "there is no table "+t.Name)
		}
	}
	for i := range c.tables {
		x := &c.tables[i]
		class, known := classes[x.name]
		if !known || !slices.Contains([]Class{Tenant, Identity, Reference, Local}, class) {
			all = append(all, fmt.Sprintf("the table %s has the class %q", x.name, class))
		}
		if x.name == migrationsTable {
			continue
		}
		all = append(all, x.keyFaults(class)...)
		all = append(all, x.referenceFaults(class, classes)...)
		all = append(all, x.columnFaults(c.postgres)...)
		if c.postgres {
			all = append(all, x.wallFaults(class)...)
		}
	}
	for _, other := range c.others {
		all = append(all, "the schema has the "+other)
	}
	return all
}

// keyFaults checks that a tenant's keys begin with organization_id, and that
// indexes are plain ones.
func (x *schemaTable) keyFaults(class Class) (all []string) {
	fault := func(text string, args ...any) { all = append(all, x.name+": "+fmt.Sprintf(text, args...)) }
	if len(x.primary) == 0 {
		fault("there is no primary key")
	}
	for _, name := range x.primary {
		if c, _ := x.column(name); !c.notNull {
			fault("%s is part of the primary key and may be NULL", name)
		}
	}
	for _, i := range slices.Concat(x.unique, x.indexes) {
		if i.partial || !i.plain {
			fault("the index %s is partial, not valid or of an unusual kind", i.name)
		}
		for _, column := range i.columns {
			if _, ok := x.column(strings.TrimSuffix(column, " DESC")); !ok {
				fault("the index %s is on %s, which is no column", i.name, column)
			}
		}
	}
	if c, ok := x.column("organization_id"); ok && (!c.notNull || c.kind != "bigint" && c.kind != "integer") {
		fault("organization_id is %s, not null %v", c.kind, c.notNull)
	}
	if class != Tenant {
		return all
	}
	if len(x.primary) > 0 && (x.primary[0] != "organization_id" || len(x.primary) == 1 && x.name != registry[0].Name) {
		fault("the primary key is %v", x.primary)
	}
	if _, ok := x.column("id"); ok && !slices.Equal(x.primary, []string{"organization_id", "id"}) {
		fault("there is an id and the primary key is %v", x.primary)
	}
	for _, i := range x.unique {
		if i.columns[0] != "organization_id" {
			fault("the unique index %s is on %v", i.name, i.columns)
		}
	}
	return all
}

// referenceFaults checks that references lead from tenant to tenant with
// organization_id on both sides, or from a tenant to a reference table.
func (x *schemaTable) referenceFaults(class Class, classes map[string]Class) (all []string) {
	fault := func(text string, args ...any) { all = append(all, x.name+": "+fmt.Sprintf(text, args...)) }
	actions := []string{"CASCADE", "RESTRICT", "NO ACTION"}
	for _, f := range x.foreign {
		if class != Tenant {
			fault("the table is %s and refers to %s", class, f.to)
		}
		if !slices.Contains(actions, f.onUpdate) || !slices.Contains(actions, f.onDelete) || f.odd != "" {
			fault("the reference to %s is ON UPDATE %s ON DELETE %s %s", f.to, f.onUpdate, f.onDelete, f.odd)
		}
		switch classes[f.to] {
		case Reference:
		case Tenant:
			if f.from[0] != "organization_id" || f.toColumns[0] != "organization_id" || slices.Contains(f.from[1:], "organization_id") {
				fault("%v refers to %s %v", f.from, f.to, f.toColumns)
			}
		default:
			fault("it refers to %s, which is %s", f.to, classes[f.to])
		}
	}
	return all
}

// constant is a DEFAULT that computes nothing.
var constant = regexp.MustCompile(`^('[^']*'|-?[0-9]+(\.[0-9]+)?|true|false|TRUE|FALSE)$`)

// columnFaults checks that the database makes no values, and that columns are
// of the kinds that both engines have.
func (x *schemaTable) columnFaults(postgres bool) (all []string) {
	fault := func(text string, args ...any) { all = append(all, x.name+": "+fmt.Sprintf(text, args...)) }
	for _, c := range x.columns {
		if c.computed {
			fault("the database makes the values of %s", c.name)
		}
		if value := c.constant(); value != "" && !constant.MatchString(value) {
			fault("the default of %s is %s", c.name, c.fallback)
		}
		kinds := []string{"integer", "text", "real"}
		if postgres {
			kinds = []string{"bigint", "boolean", "text", "jsonb", "double precision"}
		}
		if !slices.Contains(kinds, c.kind) {
			fault("%s has the type %s", c.name, c.kind)
		}
		if postgres && c.kind == "text" && c.collation != "C" {
			fault(`%s has the collation %q and not "C"`, c.name, c.collation)
		}
	}
	return all
}

// cast is what PostgreSQL writes behind a constant.
var cast = regexp.MustCompile(`::[a-z ]+(\[\])?`)

// constant is the DEFAULT without the casts of PostgreSQL, "" for none.
func (c schemaColumn) constant() string {
	value := cast.ReplaceAllString(c.fallback, "")
	if n := strings.Trim(value, "'()"); c.kind == "bigint" && constant.MatchString(n) {
		return n // '-1'::integer
	}
	return value
}

// wallFaults checks that row-level security is on for exactly the tables of
// tenants, with our policy and no other.
func (x *schemaTable) wallFaults(class Class) (all []string) {
	if x.walled != (class == Tenant) {
		all = append(all, fmt.Sprintf("%s: the table is %s and row-level security is on: %v", x.name, class, x.walled))
	}
	want := []schemaPolicy{{policyName, policyCondition, "", "*", "public"}}
	if class != Tenant {
		want = nil
	}
	if !slices.Equal(x.policies, want) {
		all = append(all, fmt.Sprintf("%s: the policies are %v", x.name, x.policies))
	}
	return all
}

// policyCondition is the condition of our policy as PostgreSQL writes it.
const policyCondition = `(((organization_id)::text = current_setting('app.org'::text, true)) OR (current_setting('app.org'::text, true) = 'all'::text))`
