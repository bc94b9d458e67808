package gen

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

// dump gives every row that a load makes, as text, the same on all engines.
// Passwords, the operation log (one row for each batch) and what counts
// transactions are left out.
func dump(t testing.TB, database string) string {
	t.Helper()
	c := storetest.Beside(t, database)
	var b strings.Builder
	for _, q := range []string{
		"SELECT organization_id, name, created_at FROM organizations ORDER BY 1",
		"SELECT * FROM departments ORDER BY 1, 2", "SELECT * FROM roles ORDER BY 1, 2",
		"SELECT * FROM role_rights ORDER BY 1, 2, 3",
		`SELECT organization_id, id, name, email, phone, tel, job, gender, role_id, department_id, superior_id, state,
			hide_numbers, created_at FROM users ORDER BY 1, 2`,
		"SELECT * FROM identities ORDER BY 1", "SELECT * FROM field_options ORDER BY 1, 2",
		"SELECT * FROM custom_fields ORDER BY 1, 2", "SELECT * FROM labels ORDER BY 1, 2",
		"SELECT * FROM customer_pools ORDER BY 1, 2", "SELECT * FROM customers ORDER BY 1, 2",
		"SELECT * FROM customer_labels ORDER BY 1, 2, 3", "SELECT * FROM contacts ORDER BY 1, 2",
		"SELECT * FROM generated_loads ORDER BY 1",
		"SELECT * FROM id_counters WHERE name <> 'operation_logs' ORDER BY 1, 2",
	} {
		fmt.Fprintf(&b, "%s\n", q)
		for _, row := range query(t, c, q) {
			fmt.Fprintf(&b, "%q\n", row)
		}
	}
	return b.String()
}

func query(t testing.TB, c *sql.DB, text string) (rows [][]string) {
	t.Helper()
	found, err := c.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		row := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := found.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(columns))
		for i := range row {
			texts[i] = canonical(t, columns[i], row[i])
		}
		rows = append(rows, texts)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// canonical writes a value in the same way for all engines, which have their
// own forms of JSON and of booleans.
func canonical(t testing.TB, column *sql.ColumnType, value sql.NullString) string {
	t.Helper()
	switch {
	case !value.Valid:
		return "NULL"
	case column.Name() == "custom_values":
		var v any
		if err := json.Unmarshal([]byte(value.String), &v); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	case column.DatabaseTypeName() == "BOOL":
		return map[string]string{"true": "1", "false": "0"}[value.String]
	}
	return value.String
}

// TestLoadIsTheSameOnEveryEngine fills an embedded database and one of
// PostgreSQL.
func TestLoadIsTheSameOnEveryEngine(t *testing.T) {
	dir := t.TempDir()
	other := storetest.Of(t, dir)
	if dbtest.Present() == dbtest.SQLite {
		other = pgtest.Shared(t).Fresh(t, "")
	}
	var dumps []string
	for _, database := range []string{filepath.Join(dir, "embedded.db"), other} {
		st, err := store.Open(t.Context(), database, storetest.Config())
		if err != nil {
			t.Fatal(err)
		}
		data := t.TempDir()
		p := Params{Customers: 1500, Organizations: 3, Seed: 11}
		if _, err := Load(t.Context(), st, regions(t), p, Options{Data: data, Batch: 200}); err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		dumps = append(dumps, dump(t, database))
	}
	if a, b := strings.Split(dumps[0], "\n"), strings.Split(dumps[1], "\n"); !slices.Equal(a, b) {
		t.Errorf("%d and %d lines", len(a), len(b))
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("the first that differs:\n%s\n%s", a[i], strings.Join(b[min(i, len(b)):min(i+1, len(b))], ""))
			}
		}
	}
}
