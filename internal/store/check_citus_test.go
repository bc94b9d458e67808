package store

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
)

// citusRelations makes relations that answer as those of Citus do.
const citusRelations = `CREATE SCHEMA citus_stand_in; SET search_path = public, citus_stand_in;
	CREATE TABLE citus_stand_in.pg_dist_partition (logicalrelid regclass, partmethod "char", partkey text, colocationid int, repmodel "char");
	CREATE FUNCTION citus_stand_in.column_to_column_name(regclass, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $2';`

// spreadTables are the rows of a database where every table is in its place.
func spreadTables() string {
	var b strings.Builder
	for _, t := range Tables() {
		row := ""
		switch t.Class {
		case Tenant:
			row = fmt.Sprintf("('%s', 'h', '%s', 7, 's')", t.Name, t.Key)
		case Identity:
			row = fmt.Sprintf("('%s', 'h', '%s', 8, 's')", t.Name, t.Key)
		case Reference:
			row = fmt.Sprintf("('%s', 'n', NULL, 1, 't')", t.Name)
		default:
			continue
		}
		b.WriteString("INSERT INTO pg_dist_partition VALUES " + row + ";")
	}
	return b.String()
}

// TestCheckAsksCitus looks at what is asked, and at the answers of relations
// that stand in. Citus itself is not there.
func TestCheckAsksCitus(t *testing.T) {
	c := pgtest.Shared(t)
	url := c.Fresh(t, "")
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	name := pgtest.Database(url)
	if err := c.Exec(t.Context(), name, citusRelations+spreadTables()+
		"ALTER DATABASE "+name+" SET search_path = public, citus_stand_in"); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), url, 1)
	if err != nil {
		t.Fatal(err)
	}
	unrouted := 0
	for _, f := range r.Faults {
		switch {
		case strings.Contains(f.What, "is not sent to the place of its organization"):
			unrouted++ // it is no Citus that makes the plans
		case !strings.Contains(f.What, " is off: "): // the test's server does not care for its data
			t.Errorf("%s. %s", f.What, f.Do)
		}
	}
	if unrouted < 50 || !strings.Contains(strings.Join(r.Passed, "\n"), "Citus keeps every table where its class says") {
		t.Errorf("%d statements of organizations were looked at, passed %q", unrouted, r.Passed)
	}
	db, err := openSQL(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for sql, want := range map[string]string{
		"": "",
		"DELETE FROM pg_dist_partition WHERE logicalrelid = 'labels'::regclass":                            "the table labels is not spread",
		"UPDATE pg_dist_partition SET partkey = 'id' WHERE logicalrelid = 'labels'::regclass":              `the table labels is spread by "id" and not by organization_id`,
		"UPDATE pg_dist_partition SET colocationid = 9 WHERE logicalrelid = 'labels'::regclass":            "the table labels does not lie beside organizations",
		"UPDATE pg_dist_partition SET partkey = 'organization_id' WHERE logicalrelid = 'tokens'::regclass": `the table tokens is spread by "organization_id" and not by token_hash`,
		"DELETE FROM pg_dist_partition WHERE logicalrelid = 'regions'::regclass":                           "the table regions is no reference table",
		"UPDATE pg_dist_partition SET partmethod = 'n' WHERE logicalrelid = 'labels'::regclass":            "the table labels is not spread",
		"INSERT INTO pg_dist_partition VALUES ('leases', 'n', NULL, 1, 't')":                               "the table leases does not stay with the coordinator",
		"INSERT INTO pg_dist_partition VALUES ('leases', 'n', NULL, 0, 's')":                               "",
	} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), cmp.Or(sql, "SELECT 1")); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		r := &CheckReport{}
		citus, err := r.places(askSQL(t.Context(), tx))
		if err := errors.Join(err, tx.Rollback()); err != nil || !citus {
			t.Fatalf("%s: %v", sql, err)
		}
		if want == "" && (len(r.Faults) > 0 || len(r.Passed) != 1) ||
			want != "" && (len(r.Faults) != 1 || !strings.HasPrefix(r.Faults[0].What, want) || r.Faults[0].Do == "" || len(r.Passed) > 0) {
			t.Errorf("%s: %+v", sql, r)
		}
	}
}

func TestTasksFault(t *testing.T) {
	const one = ` Custom Scan (Citus Adaptive)  (cost=0.00..0.00 rows=0 width=0)
   Task Count: 1
   Tasks Shown: All
   ->  Task
         Node: host=10.0.0.2 port=5432 dbname=guanxi
         ->  Index Scan using customers_pkey_102008 on customers_102008 customers
`
	for plan, want := range map[string]string{
		one: "",
		strings.Replace(one, "Count: 1", "Count: 16", 1): "runs in 16 places and not in one",
		strings.Replace(one, "Count: 1", "Count: 0", 1):  "runs in 0 places and not in one",
		one + one: "is sent out in 2 parts and not as a whole",
		"Index Scan using customers_pkey on customers":        "is not sent to the place of its organization",
		"Filter: (name = 'Task Count: 1'::text)\nSeq Scan on": "is not sent to the place of its organization",
	} {
		if got := tasksFault(plan); got != want {
			t.Errorf("%s\n\tgot %q, want %q", plan, got, want)
		}
	}
}
