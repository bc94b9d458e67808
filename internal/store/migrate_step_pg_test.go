package store

import (
	"context"
	"database/sql"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// withStep gives the migrations with one more for PostgreSQL.
func withStep(t *testing.T, name, text string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	names, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := migrations.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all[n] = &fstest.MapFile{Data: b}
	}
	all["migrations/postgres/"+name] = &fstest.MapFile{Data: []byte(text)}
	return all
}

const concurrentStep = `-- An index that is made while others write.

-- +part concurrently

-- One; and another.
CREATE INDEX CONCURRENTLY IF NOT EXISTS labels_name ON labels (organization_id, name);
CREATE INDEX CONCURRENTLY IF NOT EXISTS labels_color ON labels (organization_id, color);
`

// TestIndexesConcurrently makes indexes outside a transaction, where a run
// before was interrupted and has left one half made.
func TestIndexesConcurrently(t *testing.T) {
	url, db := upTo(t, 0)
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	execute(t, db, `INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
		VALUES (1, 'x', 1, 1, 1, 1), (2, 'x', 1, 1, 1, 1)`,
		`INSERT INTO labels (organization_id, id, name, color, position) VALUES (1, 1, 'x', '', 1), (1, 2, 'x', '', 1)`)
	if _, err := db.ExecContext(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY labels_name ON labels (organization_id, name)`); err == nil {
		t.Fatal("a unique index on what is not unique")
	}
	const state = `SELECT c.relname || ' ' || i.indisvalid || ' ' || i.indisunique FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relname IN ('labels_name', 'labels_color') ORDER BY 1`
	if got := texts1(t, db, state); !slices.Equal(got, []string{"labels_name false true"}) {
		t.Fatalf("the half made index: %v", got)
	}
	files := withStep(t, "90001_labels.sql", concurrentStep)
	for range 2 {
		if err := migratePG(t.Context(), url, files, usualPatience); err != nil {
			t.Fatal(err)
		}
		if got := texts1(t, db, state); !slices.Equal(got, []string{"labels_color true false", "labels_name true false"}) {
			t.Errorf("the indexes: %v", got)
		}
		if n := texts1(t, db, `SELECT 'noted' FROM goose_db_version WHERE version_id = 90001`); len(n) != 1 {
			t.Errorf("the step is noted %d times", len(n))
		}
	}
	// The step itself does no harm either when it runs again.
	if err := runConcurrently(t.Context(), db, concurrentStep); err != nil {
		t.Error(err)
	}
}

// TestStepFails leaves nothing of a step whose last statement fails.
func TestStepFails(t *testing.T) {
	url, db := upTo(t, 0)
	files := withStep(t, "90001_wrong.sql", "-- +part tables\nCREATE TABLE later (id bigint);\n-- +part indexes\nCREATE INDEX x ON later (missing);\n")
	if err := migratePG(t.Context(), url, files, usualPatience); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
	expectWhole(t, db) // all the others have run
	if left := texts1(t, db, `SELECT relname FROM pg_class WHERE relname IN ('later', 'x')`); len(left) > 0 {
		t.Errorf("the step has left %v", left)
	}
}

func TestPartsOfASteps(t *testing.T) {
	for text, good := range map[string]bool{
		"-- +part tables\nx;\n-- +part indexes\ny;":       true,
		"-- Words.\n\n-- +part references\nx;":            true,
		"-- +part concurrently\nx;":                       true,
		"":                                                false,
		"CREATE TABLE x ();":                              false,
		"-- +part table\nx;":                              false,
		"-- +part indexes\nx;\n-- +part tables\ny;":       false,
		"-- +part tables\nx;\n-- +part tables\ny;":        false,
		"-- +part tables\nx;\n-- +part concurrently\ny;":  false,
		"-- +part concurrently\nx;\n-- +part indexes\ny;": false,
	} {
		if parts, err := partsOf(text); (err == nil) != good || good && len(parts) == 0 {
			t.Errorf("%q: %v, %v", text, parts, err)
		}
	}
	for name, text := range map[string]string{"x_labels.sql": "-- +part tables\n", "90001_x.sql": "x"} {
		if _, err := readSteps(withStep(t, name, text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := readSteps(fstest.MapFS{}); err == nil {
		t.Error("no migrations at all")
	}
}

// citusStandIn are functions with the names of those of Citus, which note what
// they are called with and what the table has at that time. Nothing is
// distributed: that these calls have the effect that is hoped for can be seen
// on Citus only.
const citusStandIn = `
	CREATE TABLE pg_dist_partition (logicalrelid regclass);
	CREATE TABLE calls (n serial, call text, "references" bigint, policies bigint, indexes bigint);
	CREATE FUNCTION note(called regclass, words text) RETURNS void LANGUAGE sql AS $$
		INSERT INTO calls (call, "references", policies, indexes) VALUES (words,
			(SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND called IN (conrelid, confrelid)),
			(SELECT count(*) FROM pg_policy WHERE polrelid = called),
			(SELECT count(*) FROM pg_index i WHERE i.indrelid = called AND
				NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)));
		INSERT INTO pg_dist_partition VALUES (called) $$;
	CREATE FUNCTION create_distributed_table(t regclass, key text, colocate_with text) RETURNS void LANGUAGE sql AS $$
		SELECT note(t, concat_ws(' ', 'distributed', t, key, colocate_with)) $$;
	CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS $$ SELECT note(t, concat_ws(' ', 'reference', t)) $$`

// TestOrderOnCitus looks at the calls that give each table its place: once for
// each, before anything refers to it, before its policy and its indexes.
func TestOrderOnCitus(t *testing.T) {
	url, db := upTo(t, 0)
	execute(t, db, citusStandIn)
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	first := []string{"distributed organizations organization_id none"}
	for _, name := range []string{"id_counters", "departments", "roles", "role_rights", "role_hidden_fields", "users", "user_departments",
		"sessions", "field_options", "custom_fields", "labels", "customer_pools", "customers", "customer_labels", "customer_assistants",
		"contacts", "attachments", "operation_logs", "request_tickets"} {
		first = append(first, "distributed "+name+" organization_id organizations")
	}
	first = append(first, "distributed identities login_key none", "distributed tokens token_hash none", "reference regions")
	calls := texts1(t, db, `SELECT call FROM calls ORDER BY n`)
	if len(calls) < len(first) || !slices.Equal(calls[:len(first)], first) {
		t.Errorf("the calls of the first step are %q", calls)
	}
	var want []string
	for _, table := range registry {
		switch table.Class {
		case Tenant, Identity:
			with := "none"
			if table.Class == Tenant && table.Name != "organizations" {
				with = "organizations"
			}
			want = append(want, "distributed "+table.Name+" "+table.Key+" "+with)
		case Reference:
			want = append(want, "reference "+table.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(calls)
	if !slices.Equal(calls, want) {
		t.Errorf("all calls are %q, want %q", calls, want)
	}
	if early := texts1(t, db, `SELECT call FROM calls WHERE "references" + policies + indexes > 0`); len(early) > 0 {
		t.Errorf("too late: %v", early)
	}
	if n := texts1(t, db, `SELECT 'there' FROM pg_constraint WHERE contype = 'f'`); len(n) < 20 {
		t.Errorf("%d references were added", len(n))
	}
}

// TestNothingIsDistributedTwice runs the placing once more.
func TestNothingIsDistributedTwice(t *testing.T) {
	url, db := upTo(t, 0)
	execute(t, db, citusStandIn)
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	before := len(texts1(t, db, `SELECT call FROM calls`))
	in(t, db, func(ctx context.Context, tx *sql.Tx) error {
		if err := distributeTables(ctx, tx); err != nil {
			return err
		}
		return wallTables(ctx, tx)
	})
	if after := len(texts1(t, db, `SELECT call FROM calls`)); after != before || before == 0 {
		t.Errorf("%d calls, and then %d", before, after)
	}
}

// in runs fn in a transaction.
func in(t *testing.T, db *sql.DB, fn func(context.Context, *sql.Tx) error) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := fn(t.Context(), tx); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
}
