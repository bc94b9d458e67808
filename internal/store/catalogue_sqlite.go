package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sqliteCatalogue reads what an embedded database says of its schema.
func sqliteCatalogue(ask asker) (*catalogue, error) {
	c := &catalogue{}
	tables, err := ask(`SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`, 2)
	if err != nil {
		return nil, err
	}
	for _, r := range tables {
		x := schemaTable{name: r[0], checks: checksOf(r[1])}
		for _, read := range []func(asker, string) error{x.sqliteColumns, x.sqliteIndexes, x.sqliteForeign} {
			if err := read(ask, r[1]); err != nil {
				return nil, err
			}
		}
		c.tables = append(c.tables, x)
	}
	others, err := ask(`SELECT type, name, tbl_name FROM sqlite_master WHERE type NOT IN ('table', 'index') ORDER BY type, name`, 3)
	for _, r := range others {
		c.others = append(c.others, r[0]+" "+r[1]+" of "+r[2])
	}
	return c, err
}

func (x *schemaTable) sqliteColumns(ask asker, text string) error {
	rows, err := ask(`SELECT name, type, "notnull", coalesce(dflt_value, ''), pk, hidden FROM pragma_table_xinfo('`+x.name+`') ORDER BY cid`, 6)
	primary := map[string]int{}
	for _, r := range rows {
		at, _ := strconv.Atoi(r[4]) // the pragma gives a number
		if at > 0 {
			primary[r[0]] = at
			x.primary = append(x.primary, r[0])
		}
		x.columns = append(x.columns, schemaColumn{name: r[0], kind: strings.ToLower(r[1]), notNull: r[2] == "1", fallback: r[3],
			computed: r[5] != "0" || at > 0 && strings.Contains(strings.ToUpper(text), "AUTOINCREMENT")})
	}
	slices.SortFunc(x.primary, func(a, b string) int { return cmp.Compare(primary[a], primary[b]) })
	return err
}

func (x *schemaTable) sqliteIndexes(ask asker, _ string) error {
	rows, err := ask(`SELECT name, "unique", origin, partial FROM pragma_index_list('`+x.name+`') ORDER BY name`, 4)
	for _, r := range rows {
		if r[2] == "pk" {
			continue
		}
		columns, err := ask(`SELECT coalesce(name, 'expression'), "desc", coll FROM pragma_index_xinfo('`+r[0]+`') WHERE key = 1 ORDER BY seqno`, 3)
		if err != nil {
			return err
		}
		index := schemaIndex{name: r[0], partial: r[3] == "1", plain: true}
		for _, c := range columns {
			name := c[0]
			if c[1] == "1" {
				name += " DESC"
			}
			index.columns, index.plain = append(index.columns, name), index.plain && c[2] == "BINARY"
		}
		if r[1] == "1" {
			x.unique = append(x.unique, index)
		} else {
			x.indexes = append(x.indexes, index)
		}
	}
	return err
}

func (x *schemaTable) sqliteForeign(ask asker, text string) error {
	rows, err := ask(`SELECT id, "table", "from", "to", on_update, on_delete, match FROM pragma_foreign_key_list('`+x.name+`') ORDER BY id, seq`, 7)
	last := ""
	for _, r := range rows {
		if r[0] != last || len(x.foreign) == 0 {
			key := foreignKey{to: r[1], onUpdate: r[4], onDelete: r[5]}
			if r[6] != "NONE" {
				key.odd = "MATCH " + r[6]
			}
			if strings.Contains(strings.ToUpper(text), "DEFERRABLE") {
				key.odd = "DEFERRABLE"
			}
			x.foreign = append(x.foreign, key)
		}
		last = r[0]
		k := &x.foreign[len(x.foreign)-1]
		k.from, k.toColumns = append(k.from, r[2]), append(k.toColumns, r[3])
	}
	return err
}

// checksOf finds the CHECK conditions in the text of a table.
func checksOf(text string) (all []string) {
	for {
		_, rest, found := strings.Cut(text, "CHECK (")
		if !found {
			return all
		}
		depth, quoted := 1, false
		end := strings.IndexFunc(rest, func(r rune) bool {
			switch {
			case r == '\'':
				quoted = !quoted
			case quoted:
			case r == '(':
				depth++
			case r == ')':
				depth--
			}
			return depth == 0
		})
		if end < 0 {
			return append(all, rest)
		}
		all, text = append(all, "CHECK ("+rest[:end]+")"), rest[end:]
	}
}
