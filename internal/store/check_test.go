package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/internal/sqlite"
	"guanxi/internal/store/dbtest"
)

func TestExpectedSchemas(t *testing.T) {
	embedded, postgres := catalogues(t)
	for file, c := range map[string]*catalogue{"expected_sqlite.txt": embedded, "expected_postgres.txt": postgres} {
		var b strings.Builder
		b.WriteString("The schema that the migrations make. Made by go test ./internal/store -run TestExpectedSchemas -update\n")
		for _, o := range c.objects() {
			b.WriteString(o.line() + "\n")
		}
		made(t, file, b.String())
		if back := parseObjects(b.String()); len(back) != len(c.objects()) {
			t.Errorf("%s: %d of %d objects can be read again", file, len(back), len(c.objects()))
		}
	}
}

// safeCluster is a server whose settings are those of a good operator.
func safeCluster(t *testing.T) *pgtest.Cluster {
	t.Helper()
	c, err := pgtest.Start(pgtest.Options{Settings: map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	err = c.Template("whole", func(url string) error {
		s, err := Open(context.Background(), url, Config{})
		if err != nil {
			return err
		}
		addOrganization(t, s, 1)
		return s.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// expectCheck checks a database and compares the faults: pieces of each,
// in any order; none more and none less. One that begins with * may be there
// more than once.
func expectCheck(t *testing.T, name, database string, want ...string) *CheckReport {
	t.Helper()
	r, err := Check(t.Context(), database, 10)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return &CheckReport{}
	}
	expectFaults(t, name, r, want...)
	return r
}

func expectFaults(t *testing.T, name string, r *CheckReport, want ...string) {
	t.Helper()
	left := append([]string{}, want...)
	var seen []string
	for _, f := range r.Faults {
		if f.Do == "" || strings.Contains(f.What+f.Do, "%!") {
			t.Errorf("%s: %q says not what to do: %q", name, f.What, f.Do)
		}
		found := false
		for i, w := range left {
			if strings.Contains(f.What, strings.TrimPrefix(w, "*")) {
				if left, found = append(left[:i], left[i+1:]...), true; w[0] == '*' {
					seen = append(seen, w[1:])
				}
				break
			}
		}
		for _, w := range seen {
			found = found || strings.Contains(f.What, w)
		}
		if !found {
			t.Errorf("%s: unexpected: %s. %s", name, f.What, f.Do)
		}
	}
	if len(left) > 0 {
		t.Errorf("%s: not found: %q", name, left)
	}
}

func TestCheckOfPostgres(t *testing.T) {
	c := safeCluster(t)
	for _, p := range []struct {
		name, sql string
		want      []string
	}{
		{"nothing", "", nil},
		{"missing table", "DROP TABLE request_tickets", []string{
			"the table request_tickets is missing", "column organization_id of request_tickets is missing", "column user_id of", "column ticket of",
			"column entity of", "column entity_id of", "column created_at of", "column digest of", "column answer of", "primary key of request_tickets is missing",
			"request_tickets_user_id_fkey of request_tickets is missing", `*relation "request_tickets" does not exist`}},
		{"pending migration", "DELETE FROM goose_db_version WHERE version_id = 2", []string{"migrations are pending: 2"}},
		{"migration of a newer program", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true); CREATE TABLE a (b bigint)", nil},
		{"newer program needed", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true); INSERT INTO installation VALUES ('program_knows_migration', '9999')",
			[]string{"a newer program has changed the schema in a way that this one cannot work with: migration 9999 has to be known"}},
		{"empty database", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", []string{"migrations are pending: 1, 2"}},
		{"settings", "ALTER DATABASE DATABASE SET synchronous_commit = off; ALTER DATABASE DATABASE CONNECTION LIMIT 5",
			[]string{"synchronous_commit is off", "room for 5 connections, and a server takes up to 10"}},
	} {
		url := c.Fresh(t, "whole")
		if err := c.Exec(t.Context(), pgtest.Database(url), strings.ReplaceAll(p.sql, "DATABASE DATABASE", "DATABASE "+pgtest.Database(url))); err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		r := expectCheck(t, p.name, url, p.want...)
		if p.sql == "" && (len(r.Passed) < 4 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "it is a superuser")) {
			t.Errorf("passed %q, notes %q", r.Passed, r.Notes)
		}
		if newer := strings.Contains(p.name, "newer"); newer != strings.Contains(strings.Join(r.Notes, "\n"), "(migrations 9999)") {
			t.Errorf("%s: notes %q", p.name, r.Notes)
		}
	}
}

// TestCheckOfTheSchema plants each kind of fault.
func TestCheckOfTheSchema(t *testing.T) {
	c := pgtest.Shared(t)
	url := c.Fresh(t, "")
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	db, err := openSQL(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, p := range []struct {
		name, sql string
		want      []string
	}{
		{"nothing", "SELECT 1", nil},
		{"missing index", "DROP INDEX customers_name", []string{"the index customers_name of customers is missing"}},
		{"index on other columns", "DROP INDEX customers_name; CREATE INDEX customers_name ON customers (organization_id, name_pinyin)",
			[]string{"the index customers_name of customers is (organization_id, name_pinyin) and should be (organization_id, name)"}},
		{"invalid index", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'customers_name'::regclass",
			[]string{"customers_name of customers is (organization_id, name), not valid", "customers: the index customers_name is partial, not valid"}},
		{"dropped reference", "ALTER TABLE contacts DROP CONSTRAINT contacts_customer_id_fkey",
			[]string{"the reference contacts_customer_id_fkey of contacts is missing"}},
		{"extra reference", "ALTER TABLE tokens ADD CONSTRAINT a FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)",
			[]string{"the reference a of tokens is not the program's", "tokens: the table is identity and refers to users"}},
		{"extra table", "CREATE TABLE notes (id bigint PRIMARY KEY)", []string{"the table notes is not the program's"}},
		{"unique without the organization", "CREATE UNIQUE INDEX a ON customers (name)",
			[]string{"the unique a of customers is not the program's", "customers: the unique index a is on [name]"}},
		{"missing policy", "DROP POLICY own_organization ON customers", []string{"customers: the policies are []"}},
		{"no row-level security", "ALTER TABLE customers DISABLE ROW LEVEL SECURITY", []string{"row-level security is on: false"}},
		{"another policy", "CREATE POLICY a ON contacts USING (true)", []string{"contacts: the policies are"}},
		{"wrong type", "ALTER TABLE customers ALTER COLUMN note TYPE varchar(100)", []string{
			`the column note of customers is character varying(100) COLLATE "default" NOT NULL and should be text COLLATE "C" NOT NULL`,
			"customers: note has the type character varying(100)"}},
		{"missing column", "ALTER TABLE customers DROP COLUMN qq", []string{"the column qq of customers is missing"}},
		{"extra column", "ALTER TABLE customers ADD COLUMN a bigint", []string{"the column a of customers is not the program's"}},
		{"trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER a BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION f()",
			[]string{"the schema has the trigger a of customers", "the schema has the function f"}},
		{"condition", "ALTER TABLE roles DROP CONSTRAINT roles_data_scope_check", []string{"the condition 1 of roles is missing"}},
	} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), p.sql); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		found, err := postgresCatalogue(askSQL(t.Context(), tx))
		if err := errors.Join(err, tx.Rollback()); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		r := &CheckReport{}
		r.schema(found)
		expectFaults(t, p.name, r, p.want...)
	}
}

func TestCheckChangesNothing(t *testing.T) {
	c := pgtest.Shared(t)
	url := c.Fresh(t, "")
	s, err := Open(t.Context(), url, Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	addOrganization(t, s, 1)
	before := versions(t, s, 1)
	counts := func() string {
		var all []string
		for _, table := range tableNames() {
			n, err := c.QueryTexts(t.Context(), pgtest.Database(url), "SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, table, n[0][0], n[0][1])
		}
		return strings.Join(all, " ")
	}
	had := counts()
	if _, err := Check(t.Context(), url, 1); err != nil {
		t.Fatal(err)
	}
	if has := counts(); has != had || versions(t, s, 1) != before {
		t.Errorf("was %s, is %s", had, has)
	}
}

// TestCheckOfTheWalledRole: the program's role may do what it needs, and is
// told that the second wall stands; on partitions too.
func TestCheckOfTheWalledRole(t *testing.T) {
	url := dbtest.NewWalled(t, "checked", func(string) error { return nil })
	r, err := Check(t.Context(), url, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Faults { // the test's server does not care for its data
		if !strings.Contains(f.What, " is off: ") {
			t.Errorf("%s. %s", f.What, f.Do)
		}
	}
	if !strings.Contains(strings.Join(r.Passed, "\n"), "row-level security holds for the role "+dbtest.AppRole) {
		t.Errorf("passed %q", r.Passed)
	}
	c := pgtest.Shared(t)
	if err := c.Exec(t.Context(), pgtest.Database(url), "REVOKE INSERT ON labels FROM "+dbtest.AppRole); err != nil {
		t.Fatal(err)
	}
	r, err = Check(t.Context(), url, 10)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Faults[len(r.Faults)-1]
	if last.What != "the statement AddLabel is refused: permission denied for table labels" || !strings.HasPrefix(last.Do, "Give the role its rights") {
		t.Errorf("got %+v", last)
	}
}

func TestCheckOfNothing(t *testing.T) {
	c := pgtest.Shared(t)
	for _, database := range []string{filepath.Join(t.TempDir(), "none.db"), c.URL("none"), "postgres://x:secret@127.0.0.1:1/x?connect_timeout=5", "postgres://%zz"} {
		_, err := Check(t.Context(), database, 1)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", database, err)
		}
	}
}

func TestJudgeSettings(t *testing.T) {
	for name, want := range map[string]string{
		"server_version_num=140010": "14.10 is too old", "server_encoding=SQL_ASCII": "the encoding of the database is SQL_ASCII",
		"autovacuum=off": "autovacuum is off", "track_counts=off": "track_counts is off", "fsync=off": "fsync is off",
		"full_page_writes=off": "full_page_writes is off", "synchronous_commit=off": "synchronous_commit is off",
		"max_connections=12": "there is room for 9 connections, and a server takes up to 10", "role connections=3": "room for 3 connections",
		"role connections=0": "room for 0 connections", "synchronous_commit=remote_apply": "",
	} {
		values := map[string]string{"server_version_num": "150018", "server_version": "14.10", "server_encoding": "UTF8", "synchronous_commit": "on",
			"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "track_counts": "on", "max_connections": "100",
			"superuser_reserved_connections": "3", "role connections": "-1", "database connections": "-1"}
		key, value, _ := strings.Cut(name, "=")
		values[key] = value
		r := &CheckReport{}
		r.judgeSettings(values, 10)
		if want == "" && len(r.Faults) == 0 && len(r.Passed) == 1 {
			continue
		}
		if len(r.Faults) != 1 || !strings.Contains(r.Faults[0].What, want) || len(r.Passed) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// wholeFile is an embedded database with an organization, as bytes.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	path := newFile(t)
	s, err := Open(t.Context(), path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	addOrganization(t, s, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCheckOfTheEmbeddedDatabase(t *testing.T) {
	whole := wholeFile(t)
	for _, p := range []struct {
		name, sql string
		want      []string
	}{
		{"nothing", "", nil},
		{"many faults", `PRAGMA foreign_keys = OFF; DROP INDEX customers_name; CREATE TABLE notes (id INTEGER PRIMARY KEY); DELETE FROM roles;
			ALTER TABLE labels ADD COLUMN a INTEGER; CREATE TRIGGER a AFTER DELETE ON labels BEGIN SELECT 1; END`,
			[]string{"the index customers_name of customers is missing", "the table notes is not the program's",
				"the column a of labels is not the program's", "the schema has the trigger a of labels",
				"1 rows of role_hidden_fields refer to rows of roles", "1 rows of role_rights refer to rows of roles", "1 rows of users refer to rows of roles"}},
		{"pending migration", "DELETE FROM goose_db_version WHERE version_id = 2", []string{"migrations are pending: 2"}},
		{"migration of a newer program", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)", nil},
		{"newer program needed", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1); INSERT INTO installation VALUES ('program_knows_migration', '9999')",
			[]string{"migration 9999 has to be known"}},
	} {
		path := newFile(t)
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		execFile(t, path, p.sql)
		expectCheck(t, p.name, path, p.want...)
	}
	checkDamaged(t, whole)
}

// execFile changes an embedded database behind the program's back.
func execFile(t *testing.T, path, script string) {
	t.Helper()
	c, err := sqlite.Open(path, sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec(script), c.Close()); err != nil {
		t.Fatal(err)
	}
}

// checkDamaged checks files in which a page is lost: one with rows of regions, and
// one in the middle, whatever is there.
func checkDamaged(t *testing.T, whole []byte) {
	t.Helper()
	const size = 4096
	region := bytes.LastIndex(whole, []byte("红桥区"))
	if region < 0 {
		t.Fatal("no page has the row of a region")
	}
	for _, place := range []int{region, len(whole) / 2} {
		b := bytes.Clone(whole)
		for i := range size {
			b[place/size*size+i] = 0xff
		}
		path := newFile(t)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Check(t.Context(), path, 1)
		if err != nil {
			t.Errorf("page %d: %v", place/size, err)
			continue
		}
		if len(r.Faults) == 0 || !strings.HasPrefix(r.Faults[0].What, "the file is damaged: ") {
			t.Errorf("page %d: got %+v", place/size, r)
		}
	}
}
