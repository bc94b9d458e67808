package store

import (
	"fmt"
	"slices"
	"strings"
)

// ourTables is the condition for a table of ours: in the schema that the
// connection works in, not a partition of another one, not part of an extension.
const ourTables = `c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
	AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')`

// postgresCatalogue reads what a PostgreSQL database says of its schema.
// The role needs no rights on the tables.
func postgresCatalogue(ask asker) (*catalogue, error) {
	c := &catalogue{postgres: true}
	for _, read := range []func(asker) error{
		c.pgColumns, c.pgIndexes, c.pgForeign, c.pgChecks, c.pgPolicies, c.pgOthers,
	} {
		if err := read(ask); err != nil {
			return nil, fmt.Errorf("read the catalogue: %w", err)
		}
	}
	return c, nil
}

func (c *catalogue) pgColumns(ask asker) error {
	rows, err := ask(`SELECT c.relname, c.relrowsecurity::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
		coalesce(pg_get_expr(d.adbin, d.adrelid), ''), (a.attidentity <> '' OR a.attgenerated <> '')::text, coalesce(l.collname, '')
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum LEFT JOIN pg_collation l ON l.oid = a.attcollation
		WHERE `+ourTables+` ORDER BY c.relname COLLATE "C", a.attnum`, 8)
	for _, r := range rows {
		x := c.table(r[0])
		if x == nil {
			c.tables = append(c.tables, schemaTable{name: r[0], walled: r[1] == "true"})
			x = &c.tables[len(c.tables)-1]
		}
		x.columns = append(x.columns, schemaColumn{name: r[2], kind: r[3], notNull: r[4] == "true", fallback: r[5],
			computed: r[6] == "true", collation: r[7]})
	}
	return err
}

// listMark divides the names of a list.
const listMark = "\x1f"

func (c *catalogue) pgIndexes(ask asker) error {
	rows, err := ask(`SELECT c.relname, n.relname, i.indisprimary::text, i.indisunique::text, (i.indpred IS NOT NULL)::text,
		(i.indisvalid AND m.amname = 'btree' AND i.indnkeyatts = i.indnatts AND i.indimmediate AND NOT i.indnullsnotdistinct)::text,
		(SELECT string_agg(pg_get_indexdef(i.indexrelid, k.n, true) ||
			CASE i.indoption[k.n - 1] WHEN 0 THEN '' WHEN 3 THEN ' DESC' ELSE ' NULLS ORDERED' END, E'\x1f' ORDER BY k.n)
			FROM generate_series(1, i.indnkeyatts) k(n))
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_am m ON m.oid = n.relam
		WHERE `+ourTables+` ORDER BY c.relname COLLATE "C", n.relname COLLATE "C"`, 7)
	for _, r := range rows {
		x := c.table(r[0])
		index := schemaIndex{name: r[1], columns: strings.Split(r[6], listMark), partial: r[4] == "true", plain: r[5] == "true"}
		switch {
		case r[2] == "true":
			x.primary = index.columns
		case r[3] == "true":
			x.unique = append(x.unique, index)
		default:
			x.indexes = append(x.indexes, index)
		}
	}
	return err
}

var pgActions = map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

func (c *catalogue) pgForeign(ask asker) error {
	names := func(table, keys string) string {
		return `(SELECT string_agg(a.attname, E'\x1f' ORDER BY u.n) FROM unnest(` + keys + `) WITH ORDINALITY u(k, n)
			JOIN pg_attribute a ON a.attrelid = ` + table + ` AND a.attnum = u.k)`
	}
	rows, err := ask(`SELECT c.relname, f.conname, t.relname, `+names("f.conrelid", "f.conkey")+`, `+names("f.confrelid", "f.confkey")+`,
		f.confupdtype::text, f.confdeltype::text, concat_ws(' ', CASE WHEN f.condeferrable THEN 'DEFERRABLE' END,
			CASE WHEN NOT f.convalidated THEN 'NOT VALID' END, CASE WHEN f.confmatchtype <> 's' THEN 'MATCH FULL' END)
		FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
		WHERE f.contype = 'f' AND f.conparentid = 0 AND `+ourTables+` ORDER BY c.relname COLLATE "C", f.conname COLLATE "C"`, 8)
	for _, r := range rows {
		x := c.table(r[0])
		x.foreign = append(x.foreign, foreignKey{name: r[1], to: r[2], from: strings.Split(r[3], listMark),
			toColumns: strings.Split(r[4], listMark), onUpdate: pgActions[r[5]], onDelete: pgActions[r[6]], odd: r[7]})
	}
	return err
}

func (c *catalogue) pgChecks(ask asker) error {
	rows, err := ask(`SELECT c.relname, pg_get_constraintdef(f.oid, true) FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
		WHERE f.contype IN ('c', 'x') AND `+ourTables+` ORDER BY c.relname COLLATE "C", f.conname COLLATE "C"`, 2)
	for _, r := range rows {
		x := c.table(r[0])
		x.checks = append(x.checks, r[1])
	}
	return err
}

func (c *catalogue) pgPolicies(ask asker) error {
	rows, err := ask(`SELECT c.relname, p.polname, coalesce(pg_get_expr(p.polqual, p.polrelid), ''),
		coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''), p.polcmd::text || CASE WHEN p.polpermissive THEN '' ELSE ' restrictive' END,
		(SELECT coalesce(string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ','), '') FROM unnest(p.polroles) r)
		FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		WHERE `+ourTables+` ORDER BY c.relname COLLATE "C", p.polname COLLATE "C"`, 6)
	for _, r := range rows {
		x := c.table(r[0])
		x.policies = append(x.policies, schemaPolicy{name: r[1], using: r[2], check: r[3], command: r[4], roles: r[5]})
	}
	return err
}

// pgOthers lists what is no table and no index. Sequences of the table of
// migrations are the migration tool's.
func (c *catalogue) pgOthers(ask asker) error {
	own := `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = o.oid AND e.deptype = 'e')`
	rows, err := ask(`SELECT 'trigger ' || o.tgname || ' of ' || c.relname FROM pg_trigger o JOIN pg_class c ON c.oid = o.tgrelid
			WHERE NOT o.tgisinternal AND `+ourTables+`
		UNION ALL SELECT 'rule ' || o.rulename || ' of ' || c.relname FROM pg_rewrite o JOIN pg_class c ON c.oid = o.ev_class
			WHERE `+ourTables+`
		UNION ALL SELECT 'inheritance of ' || c.relname FROM pg_inherits o JOIN pg_class c ON c.oid = o.inhrelid WHERE `+ourTables+`
		UNION ALL SELECT CASE o.relkind WHEN 'S' THEN 'sequence ' WHEN 'f' THEN 'foreign table ' ELSE 'view ' END || o.relname
			FROM pg_class o WHERE o.relnamespace = current_schema()::regnamespace AND o.relkind IN ('S', 'v', 'm', 'f') AND `+own+`
			AND NOT EXISTS (SELECT 1 FROM pg_depend s JOIN pg_class g ON g.oid = s.refobjid
				WHERE s.objid = o.oid AND s.deptype IN ('i', 'a') AND g.relname = '`+migrationsTable+`')
		UNION ALL SELECT 'function ' || o.proname FROM pg_proc o
			WHERE o.pronamespace = current_schema()::regnamespace AND `+own+` ORDER BY 1`, 1)
	for _, r := range rows {
		c.others = append(c.others, r[0])
	}
	slices.Sort(c.others)
	return err
}
