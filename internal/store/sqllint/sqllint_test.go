package sqllint

import (
	"strings"
	"testing"
)

var linter = &Linter{Tables: map[string]Table{
	"customers": {Tenant, "organization_id"}, "contacts": {Tenant, "organization_id"}, "users": {Tenant, "organization_id"},
	"labels": {Tenant, "organization_id"}, "roles": {Tenant, "organization_id"}, "jobs": {Tenant, "organization_id"},
	"identities": {Identity, "login_key"}, "tokens": {Identity, "token_hash"},
	"regions": {Reference, ""}, "leases": {Local, ""}, "installation": {Local, ""},
}}

// sample is a statement and a piece of the fault that it has, "" for none.
type sample struct{ fault, sql string }

func check(t *testing.T, judge func(string) []string, samples []sample) {
	t.Helper()
	for _, s := range samples {
		faults := judge(s.sql)
		switch {
		case s.fault == "" && len(faults) > 0:
			t.Errorf("%s\n\thas %q", s.sql, faults)
		case s.fault != "" && !strings.Contains(strings.Join(faults, "\n"), s.fault):
			t.Errorf("%s\n\thas %q, and not: %s", s.sql, faults, s.fault)
		}
	}
}

func TestOrganizationOfEveryTable(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"", "SELECT id FROM customers WHERE organization_id = $1 AND id = $2"},
		{"", "SELECT id FROM customers WHERE $1 = organization_id"},
		{"customers without", "SELECT id FROM customers WHERE id = $1"},
		{"customers without", "SELECT organization_id FROM customers WHERE id = $1"},
		{"customers without", "SELECT id FROM customers"},
		{"customers without", "SELECT id FROM customers -- organization_id = $1"},
		{"customers without", "SELECT 'organization_id = $1' FROM customers"},
		{"customers without", "SELECT id FROM customers WHERE organization_id > $1"},
		{"customers without", "SELECT id FROM customers WHERE organization_id = organization_id"},
		{"customers without", "SELECT id FROM customers WHERE xorganization_id = $1"},
		{"customers without", "SELECT id FROM customers WHERE organization_id = ANY($1)"},
		{"customers without", `SELECT id FROM "customers" WHERE id = $1`},
		{"customers without", "SELECT id FROM public.customers WHERE id = $1"},
		{"customers without", "DELETE FROM customers WHERE id = $1"},
		{"", "DELETE FROM customers WHERE organization_id = $1 AND id = $2"},
		{"customers without", "UPDATE customers SET name = $1 WHERE id = $2"},
		{"", "UPDATE customers SET name = $1 WHERE organization_id = $3 AND id = $2"},
		{"users without", "UPDATE customers c SET name = u.name FROM users u WHERE c.organization_id = $1 AND u.id = c.user_id"},
		{"", "UPDATE customers c SET name = u.name FROM users u WHERE c.organization_id = $1 AND u.organization_id = $1 AND u.id = c.user_id"},
		{"no organization_id", "INSERT INTO labels (id) VALUES ($1)"},
		{"no organization_id", "INSERT INTO labels VALUES ($1, $2)"},
		{"", "INSERT INTO labels (organization_id, id) VALUES ($1, $2)"},
		{"roles without", "INSERT INTO labels (organization_id, id) SELECT $1, id FROM roles WHERE id = $2"},
		{"", "INSERT INTO labels (organization_id, id) SELECT organization_id, id FROM roles WHERE organization_id = $1"},
		{"contacts without", "SELECT c.id FROM customers c JOIN contacts k ON k.customer_id = c.id WHERE c.organization_id = $1"},
		{"contacts without", "SELECT c.id FROM customers c JOIN contacts k ON k.customer_id = c.id WHERE c.organization_id = $1 AND organization_id = $1"},
		{"", "SELECT c.id FROM customers c JOIN contacts k ON k.organization_id = c.organization_id AND k.customer_id = c.id WHERE c.organization_id = $1"},
		{"", "SELECT c.id FROM customers c LEFT JOIN contacts k ON c.organization_id = k.organization_id WHERE c.organization_id = $1"},
		{"contacts without", "SELECT c.id FROM customers c, contacts k WHERE c.organization_id = $1 AND k.id = c.id"},
		{"", "SELECT c.id FROM customers c, contacts k WHERE c.organization_id = $1 AND k.organization_id = $1"},
		{"contacts without", "SELECT id FROM customers c WHERE c.organization_id = $1 AND EXISTS (SELECT 1 FROM contacts k WHERE k.customer_id = c.id)"},
		{"", "SELECT id FROM customers c WHERE c.organization_id = $1 AND EXISTS (SELECT 1 FROM contacts WHERE organization_id = $1)"},
		{"contacts without", "SELECT id FROM customers WHERE organization_id = $1 AND id IN (SELECT customer_id FROM contacts)"},
		{"", "WITH j AS (SELECT id FROM jobs WHERE organization_id = $1) SELECT id FROM j"},
		{"jobs without", "WITH j AS (SELECT id FROM jobs) SELECT id FROM j"},
		{"", "SELECT user_id FROM tokens WHERE token_hash = $1"},
		{"", "SELECT 1 FROM regions r JOIN customers c ON c.city_id = r.id WHERE c.organization_id = $1"},
		{"", "SELECT id FROM customers WHERE organization_id = $1 AND name IS DISTINCT FROM labels"},
	})
	if faults := linter.AllTenants("SELECT organization_id FROM customers"); len(faults) > 0 {
		t.Errorf("a statement about all has %q", faults)
	}
}

func TestOrganizationNeverChanges(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"is set", "UPDATE users SET organization_id = $1 WHERE organization_id = $2"},
		{"is set", "UPDATE users SET name = $3, organization_id = $1 WHERE organization_id = $2"},
		{"is set", "UPDATE users SET (name, organization_id) = ($3, $1) WHERE organization_id = $2"},
		{"is set", "UPDATE identities SET organization_id = $1 WHERE login_key = $2"},
		{"is set", "INSERT INTO labels (organization_id, id) VALUES ($1, $2) ON CONFLICT (organization_id, id) DO UPDATE SET organization_id = EXCLUDED.organization_id"},
		{"", "UPDATE users SET name = coalesce(organization_id, $3) WHERE organization_id = $2"},
		{"", "INSERT INTO labels (id, organization_id, name) VALUES ($1, $2, $3) ON CONFLICT (id, organization_id) DO UPDATE SET name = EXCLUDED.name"},
	})
}

func TestLocks(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"", "SELECT version FROM users WHERE organization_id = $1 FOR NO KEY UPDATE"},
		{"locked without", "SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"},
		{"locked without", "SELECT id FROM tokens FOR SHARE"},
		{"locked without", "SELECT id FROM jobs j JOIN users u ON u.organization_id = j.organization_id FOR KEY SHARE"},
		{"", "SELECT state FROM tokens WHERE token_hash = $1 FOR UPDATE"},
		{"", "SELECT holder FROM leases WHERE name = $1 FOR UPDATE"},
		{"", "SELECT substring(name FROM 1 FOR 2) FROM users WHERE organization_id = $1"},
		{"sub-SELECT", "UPDATE jobs SET state = $2 WHERE organization_id = $1 AND id IN (SELECT id FROM jobs WHERE organization_id = $1 LIMIT 1 FOR UPDATE SKIP LOCKED)"},
		{"sub-SELECT", "UPDATE jobs SET state = $2 WHERE organization_id = $1 AND id = (SELECT id FROM jobs WHERE organization_id = $1 LIMIT 1 FOR UPDATE)"},
		{"MATERIALIZED", "WITH j AS (SELECT id FROM jobs WHERE organization_id = $1 LIMIT 1 FOR UPDATE SKIP LOCKED) UPDATE jobs SET state = $2 FROM j WHERE jobs.organization_id = $1 AND jobs.id = j.id"},
		{"", "WITH j AS MATERIALIZED (SELECT id FROM jobs WHERE organization_id = $1 LIMIT $3 FOR UPDATE SKIP LOCKED) UPDATE jobs SET state = $2 FROM j WHERE jobs.organization_id = $1 AND jobs.id = j.id"},
	})
	if faults := linter.AllTenants("SELECT id FROM jobs FOR UPDATE SKIP LOCKED"); len(faults) != 1 {
		t.Errorf("a lock on all has %q", faults)
	}
}

func TestValuesAreMadeByTheProgram(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"now", "UPDATE users SET updated_at = now() WHERE organization_id = $1"},
		{"clock_timestamp", "UPDATE users SET updated_at = clock_timestamp() WHERE organization_id = $1"},
		{"random", "INSERT INTO labels (organization_id, id) VALUES ($1, random())"},
		{"gen_random_uuid", "INSERT INTO labels (organization_id, id) SELECT $1, gen_random_uuid()"},
		{"current_timestamp", "SELECT id FROM users WHERE organization_id = $1 AND updated_at < CURRENT_TIMESTAMP"},
		{"'now'", "SELECT id FROM users WHERE organization_id = $1 AND updated_at < timestamp 'now'"},
		{"date_trunc", "UPDATE users SET at = date_trunc('day', at) WHERE organization_id = $1"},
		{"nextval", "INSERT INTO labels (organization_id, id) VALUES ($1, nextval('ids'))"},
		{"", "SELECT now, random, age FROM users WHERE organization_id = $1"},
		{"", "SELECT current_time_zone, 'now()' FROM users WHERE organization_id = $1"},
		{"inside VALUES", "INSERT INTO labels (organization_id, id) VALUES ($1, (SELECT max(id) FROM labels WHERE organization_id = $1))"},
		{"inside VALUES", "INSERT INTO labels (organization_id, id) VALUES ($1, $2), ($1, (SELECT 1))"},
		{"", "INSERT INTO labels (organization_id, id) SELECT $1, id FROM roles WHERE organization_id = $1"},
		{"MERGE", "MERGE INTO labels l USING roles r ON l.id = r.id WHEN MATCHED THEN DELETE"},
		{"", "SELECT merge FROM users WHERE organization_id = $1"},
	})
}

func TestTheOrganizationIsAParameter(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"current_setting", "SELECT id FROM users WHERE organization_id = current_setting('app.org')::bigint"},
		{"users without", "SELECT id FROM users WHERE organization_id = current_setting('app.org')::bigint"},
		{"set_config", "SELECT set_config('app.org', $1, true)"},
		{"SET without LOCAL", "SET app.org = '1'"},
		{"", "SET LOCAL app.org = '1'"},
	})
}

func TestUpserts(t *testing.T) {
	const insert = "INSERT INTO labels (organization_id, id, name, n) VALUES ($1, $2, $3, $4) ON CONFLICT "
	check(t, linter.Statement, []sample{
		{"", insert + "(organization_id, id) DO NOTHING"},
		{"without a target", insert + "DO NOTHING"},
		{"without a target", insert + "(id) DO NOTHING"},
		{"without a target", insert + "ON CONSTRAINT labels_pkey DO NOTHING"},
		{"", insert + "(organization_id, id) DO UPDATE SET name = EXCLUDED.name, n = labels.n + EXCLUDED.n - 1 WHERE labels.n < $4 RETURNING lower(name)"},
		{"", insert + "(organization_id, id) DO UPDATE SET n = CASE WHEN CAST(EXCLUDED.n AS BIGINT) > labels.n THEN $4 ELSE coalesce(labels.n, 1) END"},
		{"now", insert + "(organization_id, id) DO UPDATE SET n = now()"},
		{"lower()", insert + "(organization_id, id) DO UPDATE SET name = lower(EXCLUDED.name)"},
		{"a SELECT in", insert + "(organization_id, id) DO UPDATE SET n = (SELECT 1)"},
		{"", "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"},
		{"without a target", "INSERT INTO tokens (token_hash, state) VALUES ($1, $2) ON CONFLICT (state) DO NOTHING"},
		{"", "INSERT INTO tokens (token_hash, state) VALUES ($1, $2) ON CONFLICT (token_hash) DO NOTHING"},
	})
}

func TestFamiliesStayApart(t *testing.T) {
	check(t, linter.Statement, []sample{
		{"beside one of organizations", "SELECT u.id FROM tokens t JOIN users u ON u.organization_id = t.organization_id AND u.id = t.user_id WHERE t.token_hash = $1 AND u.organization_id = $2"},
		{"beside one of organizations", "SELECT id FROM users WHERE organization_id = $1 AND id IN (SELECT user_id FROM identities WHERE login_key = $2)"},
		{"beside each other", "SELECT 1 FROM tokens, identities"},
		{"", "SELECT organization_id, user_id FROM identities WHERE login_key = $1"},
		{"", "SELECT a.user_id FROM identities a JOIN identities b ON a.user_id = b.user_id"},
	})
}

func TestSchema(t *testing.T) {
	check(t, linter.Schema, []sample{
		{"", "CREATE TABLE labels (organization_id bigint NOT NULL REFERENCES users (organization_id) ON DELETE CASCADE)"},
		{"", "ALTER TABLE contacts ADD CONSTRAINT a FOREIGN KEY (organization_id, b) REFERENCES customers (organization_id, id) ON UPDATE RESTRICT"},
		{"", "ALTER TABLE contacts ADD CONSTRAINT a FOREIGN KEY (b) REFERENCES regions (id)"},
		{"", "ALTER TABLE contacts ALTER COLUMN a SET NOT NULL"},
		{"", "-- ON DELETE SET NULL is not used\nCREATE TABLE IF NOT EXISTS leases (name text PRIMARY KEY)"},
		{"SET NULL", "CREATE TABLE labels (a bigint REFERENCES users (organization_id) ON DELETE SET NULL)"},
		{"SET NULL", "ALTER TABLE labels ADD FOREIGN KEY (a) REFERENCES users (id) ON DELETE SET NULL (a)"},
		{"SET DEFAULT", "ALTER TABLE labels ADD FOREIGN KEY (a) REFERENCES users (id) ON UPDATE SET DEFAULT"},
		{"leases, which is local, refers to users", "CREATE TABLE leases (a bigint REFERENCES users (organization_id))"},
		{"tokens, which is identity, refers to users", "ALTER TABLE ONLY tokens ADD FOREIGN KEY (a, b) REFERENCES users (organization_id, id)"},
		{"regions, which is reference, refers to users", "ALTER TABLE regions ADD FOREIGN KEY (a) REFERENCES users"},
		{"refers to tokens, which is identity", "ALTER TABLE users ADD FOREIGN KEY (a) REFERENCES tokens (token_hash)"},
		{"has no class", "CREATE TABLE surprises (a bigint)"},
		{"trigger", "CREATE TRIGGER a BEFORE UPDATE ON users"},
		{"bigserial", "CREATE TABLE labels (id bigserial)"},
		{"identity", "CREATE TABLE labels (id bigint GENERATED ALWAYS AS IDENTITY)"},
		{"autoincrement", "CREATE TABLE labels (id integer PRIMARY KEY AUTOINCREMENT)"},
	})
}
