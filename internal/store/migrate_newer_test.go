package store

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/store/dbtest"
)

// migrated gives a database of the run's engine with its schema, and a
// connection beside the program.
func migrated(t *testing.T) (database string, db *sql.DB) {
	t.Helper()
	database = dbtest.Blank(t)
	if err := Migrate(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	db, err := openSQL(database)
	if !IsURL(database) {
		db, err = sql.Open("sqlite", "file:"+database)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return database, db
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestNewerDatabase lets the present program meet a database that a later one
// has extended: it serves on.
func TestNewerDatabase(t *testing.T) {
	database, db := migrated(t)
	execute(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90001, TRUE)`,
		`CREATE TABLE later (id BIGINT NOT NULL PRIMARY KEY)`,
		`ALTER TABLE organizations ADD COLUMN later BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE customers ADD COLUMN later BIGINT`)
	if n, err := Pending(t.Context(), database); n != 0 || err != nil {
		t.Errorf("%d pending, %v", n, err)
	}
	s := openStore(t, database)
	addOrganization(t, s, 1)
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		if err := w.AddCustomer(customer(5, "上海示例有限公司")); err != nil {
			return err
		}
		return logged(w, 2)
	}); err != nil {
		t.Error(err)
	}
	if _, err := s.Directory(t.Context(), 1); err != nil {
		t.Error(err)
	}
	if n := texts1(t, db, `SELECT CAST(count(*) AS text) FROM goose_db_version WHERE version_id = 90001`); n[0] != "1" {
		t.Errorf("the later step is noted %s times", n[0])
	}
}

// TestDatabaseNeedsNewerProgram takes the database away from programs that are
// too old.
func TestDatabaseNeedsNewerProgram(t *testing.T) {
	database, db := migrated(t)
	n, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := readSteps(migrations)
	if err != nil || len(steps) != n {
		t.Fatalf("%d and %d migrations, %v", len(steps), n, err)
	}
	last := steps[n-1].version
	openStore(t, database)
	set := func(version int64) {
		execute(t, db, `INSERT INTO installation (name, value) VALUES ('`+FactProgram+`', '`+strconv.FormatInt(version, 10)+`')
			ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`)
	}
	set(last)
	openStore(t, database)
	set(last + 1)
	_, openErr := Open(t.Context(), database, Config{})
	_, pendingErr := Pending(t.Context(), database)
	want := fmt.Sprintf("needs a program that knows migration %d, and this one ends with %d", last+1, last)
	for _, err := range []error{openErr, pendingErr, Migrate(t.Context(), database)} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want: %s", err, want)
		}
	}
}

// TestStepIsMissing refuses a database that has a later step and lacks one of
// ours: it belongs to a program from another branch.
func TestStepIsMissing(t *testing.T) {
	database, db := migrated(t)
	execute(t, db, `DELETE FROM goose_db_version WHERE version_id = 2`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (90001, TRUE)`)
	if err := Migrate(t.Context(), database); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
	if left := texts1(t, db, `SELECT 'again' FROM goose_db_version WHERE version_id = 2`); len(left) > 0 {
		t.Error("the step has run again")
	}
}
