package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// RawTable is a table of the registry as the catalogue has it.
type RawTable struct {
	Table
	Columns []RawColumn // by their names
	Primary []int       // places of the primary key's columns, in its order
	// Own are the places of columns that refer to a row of this table: the id of
	// one of the same organization.
	Own []int
	// Parents are the other tables that rows refer to.
	Parents []string
}

// RawColumn is a column of a table.
type RawColumn struct {
	Name string
	Kind RawKind
}

// Place is where a column stands, -1 where there is none.
func (t *RawTable) Place(column string) int {
	return slices.IndexFunc(t.Columns, func(c RawColumn) bool { return c.Name == column })
}

var rawKinds = map[string]RawKind{
	"bigint": RawInteger, "integer": RawInteger, "boolean": RawBoolean, "text": RawText, "jsonb": RawJSON,
	"double precision": RawFloat, "real": RawFloat,
}

// RawTables gives every table of the registry, those that others refer to
// first. It is an error when one is missing or has something that cannot be
// copied.
func RawTables(ctx context.Context, r Raw) ([]RawTable, error) {
	c, err := r.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	declared, err := declaredKinds()
	if err != nil {
		return nil, err
	}
	var all []RawTable
	for _, t := range registry {
		if t.Name == migrationsTable {
			continue
		}
		x := c.table(t.Name)
		if x == nil {
			return nil, fmt.Errorf("there is no table %s", t.Name)
		}
		raw, err := x.raw(t, declared)
		if err != nil {
			return nil, err
		}
		all = append(all, raw)
	}
	return byReferences(all)
}

func (x *schemaTable) raw(t Table, declared map[string]string) (RawTable, error) {
	raw := RawTable{Table: t}
	for _, c := range x.columns {
		kind := cmp.Or(declared[x.name+"."+c.name], c.kind)
		if rawKinds[kind] == RawNull || c.computed {
			return raw, fmt.Errorf("the column %s.%s of the kind %s cannot be copied", x.name, c.name, kind)
		}
		raw.Columns = append(raw.Columns, RawColumn{c.name, rawKinds[kind]})
	}
	slices.SortFunc(raw.Columns, func(a, b RawColumn) int { return cmp.Compare(a.Name, b.Name) })
	for _, name := range x.primary {
		place := raw.Place(name)
		if kind := raw.Columns[place].Kind; kind != RawInteger && kind != RawText {
			return raw, fmt.Errorf("the key column %s.%s is neither a number nor a text", x.name, name)
		}
		raw.Primary = append(raw.Primary, place)
	}
	if len(raw.Primary) == 0 || t.Class == Tenant && x.primary[0] != t.Key {
		return raw, fmt.Errorf("the table %s has the primary key %v", x.name, x.primary)
	}
	for _, f := range x.foreign {
		switch {
		case f.to != x.name:
			raw.Parents = append(raw.Parents, f.to)
		case slices.Equal(f.toColumns, []string{t.Key, "id"}) && len(f.from) == 2 && f.from[0] == t.Key:
			raw.Own = append(raw.Own, raw.Place(f.from[1]))
		default:
			return raw, fmt.Errorf("%s refers to itself by %v, which cannot be copied", x.name, f.from)
		}
	}
	slices.Sort(raw.Own)
	return raw, nil
}

// byReferences puts tables behind those that they refer to, and leaves their
// order otherwise.
func byReferences(tables []RawTable) ([]RawTable, error) {
	var sorted []RawTable
	done := map[string]bool{}
	for len(tables) > 0 {
		next := slices.IndexFunc(tables, func(t RawTable) bool {
			return !slices.ContainsFunc(t.Parents, func(p string) bool { return !done[p] })
		})
		if next < 0 {
			return nil, fmt.Errorf("%s and other tables refer to each other in a circle", tables[0].Name)
		}
		done[tables[next].Name] = true
		sorted = append(sorted, tables[next])
		tables = slices.Delete(tables, next, next+1)
	}
	return sorted, nil
}

// SameTables says where the tables of two databases are not the same, nil where
// they are.
func SameTables(a, b []RawTable) error {
	for _, t := range a {
		at := slices.IndexFunc(b, func(u RawTable) bool { return u.Name == t.Name })
		if at < 0 {
			return fmt.Errorf("only one of the databases has the table %s", t.Name)
		}
		if !slices.Equal(t.Columns, b[at].Columns) || !slices.Equal(t.Primary, b[at].Primary) {
			return fmt.Errorf("the table %s has not the same columns in both databases", t.Name)
		}
	}
	return nil
}
