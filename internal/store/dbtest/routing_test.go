package dbtest_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/standin"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// routed are statements and whether they touch one part, or no table of
// organizations at all.
var routed = []struct {
	one bool
	sql string
}{
	{true, "SELECT name FROM customers WHERE organization_id = $1 AND id = $2"},
	{true, "SELECT 1 FROM regions WHERE level = $1"},
	{true, "SELECT count(*) FROM organizations WHERE organization_id = $1"},
	// By id only; the organization is missing, or compared in another way.
	{false, "SELECT name FROM customers WHERE id = $1"},
	{false, "SELECT name FROM customers"},
	{false, "SELECT name FROM customers WHERE organization_id > $1"},
	{false, "SELECT name FROM customers WHERE organization_id = $1 OR id = $2"},
	{false, "SELECT name FROM customers WHERE organization_id + 0 = $1"},
	{false, "SELECT name FROM customers WHERE organization_id = ANY($1::bigint[])"},
	{false, "SELECT name FROM customers WHERE organization_id IN ($1, $2)"},
	{false, "UPDATE customers SET name = $2 WHERE id = $1"},
	{false, "DELETE FROM sessions WHERE id = $1"},
	{false, "SELECT due_at FROM jobs WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"},
	// Joins.
	{true, "SELECT k.id FROM customers c JOIN contacts k ON k.organization_id = c.organization_id AND k.customer_id = c.id WHERE c.organization_id = $1 AND c.name = $2"},
	{false, "SELECT k.id FROM customers c JOIN contacts k ON k.customer_id = c.id WHERE c.organization_id = $1 AND c.name = $2"},
	{false, "SELECT k.id FROM customers c JOIN contacts k ON k.customer_id = c.id WHERE c.organization_id = $1 AND k.organization_id = $2"},
	{true, "SELECT u.id FROM users u LEFT JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.avatar_attachment_id WHERE u.organization_id = $1"},
	{false, "SELECT u.id FROM users u LEFT JOIN attachments a ON a.id = u.avatar_attachment_id WHERE u.organization_id = $1"},
	{true, "SELECT c.id FROM customers c JOIN regions r ON r.level = 'city' AND r.id = c.city_id WHERE c.organization_id = $1"},
	{true, "SELECT c.id, x.id FROM customers c CROSS JOIN LATERAL (SELECT id FROM contacts k WHERE k.organization_id = $1 AND k.customer_id = c.id LIMIT 1) x WHERE c.organization_id = $1"},
	// EXISTS, IN, UNION, WITH.
	{true, "SELECT id FROM customers c WHERE c.organization_id = $1 AND EXISTS (SELECT 1 FROM contacts k WHERE k.organization_id = c.organization_id AND k.customer_id = c.id)"},
	{false, "SELECT id FROM customers c WHERE c.organization_id = $1 AND EXISTS (SELECT 1 FROM contacts k WHERE k.customer_id = c.id)"},
	{true, "SELECT id FROM customers WHERE organization_id = $1 AND id IN (SELECT customer_id FROM contacts WHERE organization_id = $1)"},
	{false, "SELECT id FROM customers WHERE organization_id = $1 AND id IN (SELECT customer_id FROM contacts)"},
	{true, "SELECT id FROM customers WHERE organization_id = $1 UNION ALL SELECT id FROM contacts WHERE organization_id = $1"},
	{false, "SELECT id FROM customers WHERE organization_id = $1 UNION ALL SELECT id FROM contacts WHERE organization_id = $2"},
	{true, "WITH RECURSIVE d AS (SELECT id, parent_id FROM departments WHERE organization_id = $1 AND id = $2 UNION ALL SELECT n.id, n.parent_id FROM departments n JOIN d ON n.parent_id = d.id WHERE n.organization_id = $1) SELECT id FROM d"},
	{false, "WITH RECURSIVE d AS (SELECT id, parent_id FROM departments WHERE organization_id = $1 AND id = $2 UNION ALL SELECT n.id, n.parent_id FROM departments n JOIN d ON n.parent_id = d.id) SELECT id FROM d"},
	// Changes.
	{true, "INSERT INTO labels (organization_id, id, name, color, position) VALUES ($1, $2, $3, $4, $5)"},
	{true, "INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, $3) ON CONFLICT (organization_id, name) DO UPDATE SET next_id = id_counters.next_id + EXCLUDED.next_id RETURNING next_id"},
	{true, "INSERT INTO customer_labels (organization_id, customer_id, label_id) SELECT organization_id, id, $2 FROM customers WHERE organization_id = $1"},
	{false, "INSERT INTO customer_labels (organization_id, customer_id, label_id) SELECT organization_id, id, $1 FROM customers"},
	{true, "UPDATE customers c SET user_id = u.superior_id FROM users u WHERE c.organization_id = $1 AND u.organization_id = c.organization_id AND u.id = c.user_id"},
	{false, "UPDATE customers c SET user_id = u.superior_id FROM users u WHERE c.organization_id = $1 AND u.id = c.user_id"},
	{true, "DELETE FROM contacts k USING customers c WHERE k.organization_id = $1 AND c.organization_id = $1 AND c.id = k.customer_id"},
	{true, "WITH j AS MATERIALIZED (SELECT id FROM jobs WHERE organization_id = $1 LIMIT 5 FOR UPDATE SKIP LOCKED) UPDATE jobs SET state = $2 FROM j WHERE jobs.organization_id = $1 AND jobs.id = j.id"},
	{true, "SELECT version FROM organizations WHERE organization_id = $1 FOR NO KEY UPDATE"},
	// Types of parameters.
	{true, "SELECT id FROM customers WHERE organization_id = $1 AND labelled = $2 AND lat > $3 AND custom_values = $4 AND name = ANY($5::text[])"},
}

func TestRouting(t *testing.T) {
	ctx := context.Background()
	r, err := dbtest.NewRouter(ctx, pgtest.Shared(t), storetest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(ctx)
	for _, c := range routed {
		route, err := r.Route(ctx, c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if (route.Parts <= 1) != c.one || !route.Ours || (route.Plan == "") != c.one {
			t.Errorf("%s: %d parts, ours %v\n%s", c.sql, route.Parts, route.Ours, route.Plan)
		}
	}
	for _, sql := range []string{"SELECT 1", "SELECT relname FROM pg_class WHERE oid = $1::oid::regclass AND relname = 'customers'"} {
		if route, err := r.Route(ctx, sql); err == nil && (route.Ours || route.Parts > 0) {
			t.Errorf("%s: %+v", sql, route)
		}
	}
	for _, sql := range []string{"SELECTED", "SELECT nothing FROM customers", "DROP TABLE contacts", "SELECT 1; DROP TABLE contacts"} {
		if _, err := r.Route(ctx, sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
	// After errors it goes on, and nothing was changed.
	if route, err := r.Route(ctx, "SELECT id FROM contacts WHERE id = $1"); err != nil || route.Parts != standin.Parts {
		t.Errorf("%+v, %v", route, err)
	}
}

// TestJudge plants each kind of fault among statements of the program.
func TestJudge(t *testing.T) {
	good := []string{"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "COMMIT", "SET LOCAL app.org = '1'", "SELECT 1",
		dbtest.Own + "SELECT 1 FROM customers", "SELECT /* test */ name FROM users"}
	for _, s := range store.Statements() {
		good = append(good, s.SQL)
	}
	faults, err := dbtest.Judge(t.Context(), pgtest.Shared(t), storetest.Schema(), good)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v, %s", err, strings.Join(faults, "\n"))
	}
	bad := map[string]string{
		"SELECT name FROM users WHERE organization_id = $1 AND id = $2 AND TRUE":                 "not registered",
		"/* a new family */ SELECT name FROM users WHERE organization_id = $1":                   "not registered",
		"SELECT name FROM users WHERE id = $1":                                                   "several parts",
		"SELECT name FROM users u WHERE u.id = $1":                                               "users without its organization_id",
		"SELECT nothing FROM users":                                                              `does not understand it: column "nothing" does not exist`,
		"LOCK TABLE users":                                                                       "does not understand it",
		"UPDATE users SET updated_at = 1 + extract(epoch FROM now()) WHERE organization_id = $1": "now: the program makes such values",
	}
	faults, err = dbtest.Judge(t.Context(), pgtest.Shared(t), storetest.Schema(), slices.Collect(maps.Keys(bad)))
	if err != nil {
		t.Fatal(err)
	}
	for sql, want := range bad {
		found := slices.ContainsFunc(faults, func(f string) bool {
			return strings.Contains(f, want) && strings.HasSuffix(f, "\n"+sql+"\n")
		})
		if !found {
			t.Errorf("%s is not found: %s", sql, want)
		}
	}
	if all := strings.Join(faults, "\n"); !strings.Contains(all, "users_part_7") || len(faults) != 12 {
		t.Errorf("%d faults: %s", len(faults), all)
	}
}

func TestSamples(t *testing.T) {
	const head = "-- Samples.\n\n"
	text := dbtest.MergeSamples(head, []string{"SELECT 1", "/* lists */ SELECT 22", "/* lists */ SELECT 1", "/* counts */ SELECT 3", "/* lists */ SELECT 1",
		dbtest.Own + "SELECT 5"})
	want := head + "-- +sample\n/* counts */ SELECT 3\n-- +sample\n/* lists */ SELECT 1\n-- +sample\n/* lists */ SELECT 22\n"
	if text != want {
		t.Errorf("got %q", text)
	}
	if again := dbtest.MergeSamples(text, []string{"/* lists */ SELECT 1"}); again != want {
		t.Errorf("got %q", again)
	}
	var many []string
	for i := range 200 {
		many = append(many, "/* lists */ SELECT "+strings.Repeat("1", i+1))
	}
	if n := strings.Count(dbtest.MergeSamples(head, many), dbtest.SampleMark); n != 40 {
		t.Errorf("%d samples are kept", n)
	}
}
