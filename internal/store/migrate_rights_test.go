package store

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"guanxi/internal/crm"
	"guanxi/internal/store/dbtest"
)

// migrateTo brings an empty database to what the migrations up to one make.
func migrateTo(t *testing.T, database string, last int64) {
	t.Helper()
	if !IsURL(database) {
		if err := withMigrations(t.Context(), database, func(p *goose.Provider) error {
			_, err := p.UpTo(t.Context(), last)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return
	}
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	some := fstest.MapFS{}
	for _, name := range files[:last] {
		some[name] = &fstest.MapFile{Data: []byte(readText(t, name)), Mode: 0o400}
	}
	if err := MigrateFrom(t.Context(), database, some); err != nil {
		t.Fatal(err)
	}
}

// TestRolesGetTheNewRights: who could create customers or contacts before can
// do the usual work with them after the migration, and nobody else.
func TestRolesGetTheNewRights(t *testing.T) {
	database := dbtest.Blank(t)
	migrateTo(t, database, 5)
	b := lookBeside(t, database)
	roles := map[string][]string{"1": {"customer.create", "contact.create"}, "2": {"customer.create"}, "3": {"contact.create"}, "4": {}}
	for _, org := range []string{"1", "2"} {
		for role, rights := range roles {
			b.run("INSERT INTO roles (organization_id, id, name, data_scope, is_super, created_at, updated_at) VALUES (" +
				org + ", " + role + ", 'x', 'own', FALSE, 1, 1)")
			for _, right := range rights {
				b.run("INSERT INTO role_rights (organization_id, role_id, operation) VALUES (" + org + ", " + role + ", '" + right + "')")
			}
		}
	}
	if err := Migrate(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	b = lookBeside(t, database)
	want := map[string][]string{}
	for right := range crm.RightsOfNormal() {
		of := []string{"1", "2"} // customers and leads
		if strings.HasPrefix(right, "contact.") {
			of = []string{"1", "3"}
		}
		for _, role := range of {
			want[role] = append(want[role], right)
		}
	}
	for _, org := range []string{"1", "2"} {
		for role := range roles {
			found, err := b.ask("SELECT operation FROM role_rights WHERE organization_id = "+org+" AND role_id = "+role+" ORDER BY operation", 1)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range found {
				got = append(got, row[0])
			}
			slices.Sort(want[role])
			if !slices.Equal(got, want[role]) {
				t.Errorf("role %s of %s may %q, want %q", role, org, got, want[role])
			}
		}
	}
}
