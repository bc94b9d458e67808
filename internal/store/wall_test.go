package store

import (
	"context"
	"errors"
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pg"
	"guanxi/internal/store/dbtest"
)

// The first wall are statements that name their organization. Here it is taken
// away: statements without one are run, as a role that row-level security holds
// for, in the views and updates of one organization.

// walled gives a database where the organizations 1 and 2 have a row in every
// table, and a store on it as the program's role.
func walled(t *testing.T, connections int) (*Store, *beside) {
	t.Helper()
	database := dbtest.NewWalled(t, "wall", func(string) error { return nil })
	b := lookBeside(t, database)
	b.twins(1, 2)
	s, err := Open(t.Context(), database, Config{Connections: connections}) // what these tests run is not the program's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if !s.engine.(*pgEngine).walled {
		t.Fatal("row-level security does not hold for the program's role")
	}
	return s, b
}

// seen are the organizations whose rows a statement without organization shows.
func seen(tx Tx, table string) (orgs []int64, err error) {
	err = each(tx, "SELECT DISTINCT organization_id FROM "+table+" ORDER BY 1", nil, func(r Rows) error {
		var org int64
		err := r.Scan(&org)
		orgs = append(orgs, org)
		return err
	})
	return orgs, err
}

func TestWallHidesRows(t *testing.T) {
	s, b := walled(t, 0)
	for _, x := range b.tenants() {
		for org, want := range map[int64][]int64{1: {1}, 2: {2}, 3: nil, installation: nil, everyone: {1, 2}, -2: nil} {
			for name, run := range map[string]func(context.Context, int64, func(Tx) error) error{"view": s.engine.view, "update": s.engine.update} {
				err := run(t.Context(), org, func(tx Tx) error {
					got, err := seen(tx, x.name)
					if !slices.Equal(got, want) {
						t.Errorf("%s of %d sees rows of %v in %s, want %v", name, org, got, x.name, want)
					}
					return err
				})
				if err != nil {
					t.Errorf("%s of %d in %s: %v", name, org, x.name, err)
				}
			}
		}
	}
	// Joins and sub-SELECTs are no way around it.
	err := s.engine.view(t.Context(), 1, func(tx Tx) error {
		for _, sql := range []string{
			"SELECT count(*) FROM customers c JOIN contacts k ON k.customer_id = c.id",
			"SELECT count(*) FROM (SELECT id FROM customers UNION ALL SELECT id FROM customers WHERE organization_id = 2) x",
			"SELECT count(*) FROM users WHERE organization_id = 1 OR organization_id <> 1",
			"SELECT count(*) FROM organizations o WHERE EXISTS (SELECT 1 FROM users u WHERE u.organization_id = 2) OR o.organization_id = 1",
		} {
			var n int64
			if err := one(tx, sql, nil, &n); err != nil || n != 1 {
				t.Errorf("%s: %d, %v", sql, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// refusedByWall tells whether an error is that of row-level security.
func refusedByWall(err error) bool {
	var refused *pg.Error
	return errors.As(err, &refused) && refused.Code == "42501"
}

func TestWallKeepsRowsFromChanges(t *testing.T) {
	s, b := walled(t, 0)
	other := b.rows(2)
	unchanged := func(what string) {
		t.Helper()
		if rows := b.rows(2); !maps.Equal(rows, other) {
			t.Errorf("%s has changed the other organization: from %v to %v", what, other, rows)
		}
	}
	// change runs a statement without organization and answers how many rows it
	// has changed.
	change := func(org int64, sql string) (n int64, err error) {
		err = s.engine.update(t.Context(), org, func(tx Tx) error {
			n, err = tx.Exec(sql)
			return err
		})
		return n, err
	}
	for _, x := range b.tenants() {
		column := x.columns[len(x.columns)-1].name
		update := "UPDATE " + x.name + " SET " + column + " = " + column
		for org, want := range map[int64]int64{1: 1, installation: 0, 3: 0} {
			if n, err := change(org, update); err != nil || n != want {
				t.Errorf("%s: %d changes %d rows, %v", update, org, n, err)
			}
		}
		for org, id := range map[int64]int64{1: 50, installation: 51, 3: 52} {
			if _, err := change(org, rowOf(x, 2, id)); !refusedByWall(err) {
				t.Errorf("%d has written a row of 2 into %s: %v", org, x.name, err)
			}
		}
		for _, org := range []string{"2", "3"} {
			if _, err := change(1, "UPDATE "+x.name+" SET organization_id = "+org); !refusedByWall(err) {
				t.Errorf("a row of 1 in %s went to %s: %v", x.name, org, err)
			}
		}
		_, err := change(1, rowOf(x, 2, 1)+" ON CONFLICT ("+strings.Join(x.primary, ", ")+") DO UPDATE SET "+column+" = EXCLUDED."+column)
		if !refusedByWall(err) {
			t.Errorf("an upsert of 1 has reached 2 in %s: %v", x.name, err)
		}
	}
	unchanged("a change")
	// A table goes when nothing refers to it any more.
	left := b.tenants()
	for again := true; again; {
		again = false
		for i, x := range left {
			sql := "DELETE FROM " + x.name
			if n, err := change(installation, sql); err != nil || n != 0 {
				t.Errorf("%s without organization: %d rows, %v", sql, n, err)
			}
			n, err := change(1, sql)
			if errors.Is(err, ErrConstraint) {
				continue
			}
			if err != nil || n > 1 {
				t.Errorf("%s: %d rows, %v", sql, n, err)
			}
			left, again = slices.Delete(slices.Clone(left), i, i+1), true
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("%d tables are left", len(left))
	}
	unchanged("DELETE")
	if rows := b.rows(1); rows["customers"] != "[]" || rows["organizations"] != "[]" {
		t.Errorf("the own rows are still there: %v", rows)
	}
}

// TestWallStandsBetweenTransactions: a pooled connection remembers no
// organization, however its last transaction has ended.
func TestWallStandsBetweenTransactions(t *testing.T) {
	s, _ := walled(t, 1)
	e := s.engine.(*pgEngine)
	pid := func(tx Tx) (n int64) {
		if err := one(tx, "SELECT pg_backend_pid()", nil, &n); err != nil {
			t.Error(err)
		}
		return n
	}
	var first int64
	for name, use := range map[string]func() error{
		"a view": func() error {
			return e.view(t.Context(), 1, func(tx Tx) error { pid(tx); return nil })
		},
		"a view that fails": func() error {
			return e.view(t.Context(), 1, func(tx Tx) error { pid(tx); return errOnPurpose })
		},
		"an update": func() error {
			return e.update(t.Context(), 1, func(tx Tx) error {
				_, err := tx.Exec("UPDATE customers SET note = 'x'")
				return err
			})
		},
		"an update that fails": func() error {
			return e.update(t.Context(), 1, func(tx Tx) error { pid(tx); return errOnPurpose })
		},
		"a statement that fails": func() error {
			return e.update(t.Context(), 1, func(tx Tx) error {
				_, err := tx.Exec("UPDATE customers SET note = NULL")
				return err
			})
		},
		"a look at all": func() error {
			return e.view(t.Context(), everyone, func(tx Tx) error { pid(tx); return nil })
		},
	} {
		if err := use(); (err == nil) == strings.Contains(name, "fails") {
			t.Errorf("%s: %v", name, err)
		}
		// The same connection without a word about the organization.
		err := e.run(t.Context(), func(c *pgConn) error {
			tx := &pgTx{conn: c.Conn}
			if n := pid(tx); first == 0 {
				first = n
			} else if n != first {
				t.Errorf("after %s it is another connection", name)
			}
			var setting string
			if err := one(tx, "SELECT coalesce(current_setting('app.org', true), '')", nil, &setting); err != nil || setting != "" {
				t.Errorf("after %s the setting is %q, %v", name, setting, err)
			}
			orgs, err := seen(tx, "customers")
			if err != nil || len(orgs) > 0 {
				t.Errorf("after %s rows of %v are seen, %v", name, orgs, err)
			}
			return tx.finish()
		})
		if err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// TestWallHasNoDoors: the partitions cannot be asked directly, and the role can
// neither take the wall down nor become somebody else.
func TestWallHasNoDoors(t *testing.T) {
	s, b := walled(t, 0)
	parts, err := b.ask("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1", 1)
	if err != nil || len(parts) < 8*len(tenantNames()) {
		t.Fatalf("%d partitions, %v", len(parts), err)
	}
	doors := []string{"ALTER TABLE customers DISABLE ROW LEVEL SECURITY", "DROP POLICY own_organization ON customers", "SET ROLE postgres",
		"TRUNCATE customers", "SET SESSION AUTHORIZATION postgres", "CREATE TABLE a (b int)"}
	for _, p := range parts {
		doors = append(doors, "SELECT count(*) FROM "+p[0])
	}
	for _, sql := range doors {
		err := s.engine.update(t.Context(), 1, func(tx Tx) error {
			_, err := tx.Exec(sql)
			return err
		})
		if !refusedByWall(err) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	c, err := pgconn.ConnectConfig(t.Context(), s.engine.(*pgEngine).pool.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	if _, err := c.Exec(t.Context(), "SET row_security = off; SELECT count(*) FROM customers").ReadAll(); err == nil {
		t.Error("the role has switched the wall off")
	}
}

// throughTheWall are the functions that look at all organizations.
var throughTheWall = []string{
	"Organizations", "NextOrganization", "UpdateNew", // commands
	"versions",                           // the watch for changes of other processes
	"DueJobs", "OrganizationsWithoutJob", // workers
	"OrganizationsUnset",                // a chore
	"wall", "policy", "policyCondition", // where it is told to the database
	"moveSettings", // the move of a whole database
}

// TestOnlyTheListedGoThroughTheWall reads where everyone stands in the package.
func TestOnlyTheListedGoThroughTheWall(t *testing.T) {
	used := map[string]bool{}
	for _, f := range packageFiles(t) {
		for _, d := range f.Decls {
			name := "" // the function, or the constant
			_, inFunction := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					name = n.Name.Name
				case *ast.ValueSpec:
					if !inFunction {
						name = n.Names[0].Name
					}
				case *ast.Ident:
					used[name] = used[name] || inFunction && n.Name == "everyone"
				case *ast.BasicLit: // what is told to the database
					used[name] = used[name] || strings.Contains(n.Value, "app.org")
				}
				return true
			})
		}
	}
	for name, does := range used {
		if does && !slices.Contains(throughTheWall, name) {
			t.Errorf("%s looks at all organizations and is not listed", name)
		}
	}
	for _, name := range throughTheWall {
		if !used[name] {
			t.Errorf("%s is listed for no reason", name)
		}
	}
}

func TestWallSaysWhoseTransactionItIs(t *testing.T) {
	e := &pgEngine{walled: true}
	for org, want := range map[int64]string{1: "'1'", installation: "'0'", everyone: "'all'", -2: "'-2'", 1 << 60: "'" + strconv.Itoa(1<<60) + "'"} {
		if got := e.wall(org); got != "SET LOCAL app.org = "+want {
			t.Errorf("%d: %s", org, got)
		}
	}
	if got := (&pgEngine{}).wall(1); got != "" {
		t.Errorf("without a wall: %s", got)
	}
}
