package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/internal/sqlite"
)

// beside is a look at a database past the program, and past row-level security.
type beside struct {
	t    *testing.T
	exec func(script string) error
	ask  asker
	read func(asker) (*catalogue, error)
	made []schemaTable // what tenants has found
}

// lookBeside opens a database for looking and for writing without the checks
// of references.
func lookBeside(t *testing.T, database string) *beside {
	t.Helper()
	if IsURL(database) {
		db, err := openSQL(pgtest.Shared(t).URL(pgtest.Database(database)))
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { db.Close() })
		ctx := context.WithoutCancel(t.Context())
		exec := func(script string) error {
			_, err := db.ExecContext(ctx, "SET session_replication_role = replica;"+script)
			return err
		}
		return &beside{t, exec, askSQL(ctx, db), postgresCatalogue, nil}
	}
	conn, err := sqlite.Open(database, sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	tx := &sqliteTx{conn: conn}
	return &beside{t, func(script string) error { return conn.Exec("PRAGMA foreign_keys = OFF;" + script) }, askTx(tx), sqliteCatalogue, nil}
}

// tenants are the tables of organizations.
func (b *beside) tenants() (all []schemaTable) {
	b.t.Helper()
	if b.made != nil {
		return b.made
	}
	c, err := b.read(b.ask)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, x := range c.tables {
		if slices.Contains(tenantNames(), x.name) {
			all = append(all, x)
		}
	}
	if len(all) != len(tenantNames()) {
		b.t.Fatalf("%d of %d tables are there", len(all), len(tenantNames()))
	}
	b.made = all
	return all
}

// run runs a script.
func (b *beside) run(script string) {
	b.t.Helper()
	if err := b.exec(script); err != nil {
		b.t.Fatal(err)
	}
}

// rows are all rows of an organization, as one text for each table.
func (b *beside) rows(org int64) map[string]string {
	b.t.Helper()
	all := map[string]string{}
	for _, x := range b.tenants() {
		var texts []string
		for _, c := range x.columns {
			texts = append(texts, "coalesce(CAST("+c.name+" AS text), '')")
		}
		found, err := b.ask("SELECT "+strings.Join(texts, ", ")+" FROM "+x.name+" WHERE organization_id = "+strconv.FormatInt(org, 10)+" ORDER BY 1, 2", len(x.columns))
		if err != nil {
			b.t.Fatal(err)
		}
		all[x.name] = fmt.Sprint(found)
	}
	return all
}

func columnNames(columns []schemaColumn) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// mark is a number that stands in every row of an organization, and in no
// other one's.
func mark(org int64) string { return strings.Repeat(strconv.FormatInt(org, 10), 9) }

// What stands in these columns of texts has a form, or is looked for.
var formedColumns = map[string]string{"custom_fields.choices": "'[]'", "custom_fields.settings": "'{}'", "operation_logs.changes": "'{}'",
	"operation_logs.entity": "'session'", "operation_logs.action": "'sign_in'",
	"jobs.payload": "'{}'", "jobs.result": "'{}'", "organizations.settings": "'{}'", "customer_pools.settings": "'{}'",
	"field_templates.role_ids": "'[]'", "field_settings.settings": "'{}'", "notifications.content": "'{}'"}

var quoted = regexp.MustCompile(`'([^']+)'`)

// rowOf is an INSERT of a row with the same ids and texts for every
// organization: ids are 1, texts are x, other numbers are its mark.
func rowOf(x schemaTable, org, id int64) string {
	var values []string
	for _, c := range x.columns {
		value := "'x'"
		switch {
		case c.name == "organization_id":
			value = strconv.FormatInt(org, 10)
		case c.name == "parent_id" && x.name != "customers" || c.name == "superior_id":
			value = "NULL"
		case c.name == "id":
			value = strconv.FormatInt(id, 10)
		case c.kind == "boolean":
			value = "TRUE"
		case c.kind == "jsonb" || c.name == "custom_values":
			value = "'{}'"
		case c.kind != "text":
			if value = mark(org); strings.HasSuffix(c.name, "_id") || slices.Contains(x.primary, c.name) {
				value = strconv.FormatInt(id, 10)
			}
		case formedColumns[x.name+"."+c.name] != "":
			value = formedColumns[x.name+"."+c.name]
		default:
			for _, check := range x.checks { // one of those that are allowed
				if m := quoted.FindString(check); regexp.MustCompile(`\b` + c.name + `\b`).MatchString(check) {
					value = m
				}
			}
		}
		values = append(values, value)
	}
	return "INSERT INTO " + x.name + " (" + columnNames(x.columns) + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// twins writes a row into every table for each of the organizations.
func (b *beside) twins(orgs ...int64) {
	b.t.Helper()
	var script strings.Builder
	for _, org := range orgs {
		for _, x := range b.tenants() {
			script.WriteString(rowOf(x, org, 1) + ";\n")
		}
	}
	b.run(script.String())
}
