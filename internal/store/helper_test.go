package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store/dbtest"
)

const testTime crm.Time = 1_550_000_000_000

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// newDatabase gives an empty database of the run's engine.
func newDatabase(t testing.TB) string {
	t.Helper()
	return dbtest.New(t, "empty", func(database string) error {
		s, err := Open(context.Background(), database, recording)
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// openStore opens a store on a database of its own, or the one that is given.
func openStore(t *testing.T, database string) *Store {
	t.Helper()
	if database == "" {
		database = newDatabase(t)
	}
	s, err := Open(t.Context(), database, recording)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// newFile gives the path of an empty embedded database, whatever the engine of
// the run, for what is about that engine only.
func newFile(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }

// openFile opens an embedded database.
func openFile(t *testing.T, path string) *Store {
	t.Helper()
	return openStore(t, path)
}

// addOrganization writes an organization with one department, role and user,
// all with the id 1.
func addOrganization(t *testing.T, s *Store, org int64) {
	t.Helper()
	err := s.Update(t.Context(), org, func(w *Write) error {
		if err := w.AddOrganization("示例公司", testTime); err != nil {
			return err
		}
		if err := w.AddDepartment(&crm.Department{ID: 1, Name: "总部"}, testTime); err != nil {
			return err
		}
		if err := w.AddRole(&crm.Role{ID: 1, Name: "管理员", Scope: crm.ScopeOrganization,
			Rights: map[string]bool{crm.RightCreateCustomer: true, crm.RightCreateContact: false},
			Hidden: map[string]crm.Hiding{"contact.address.phone": crm.HideOthers}}, testTime); err != nil {
			return err
		}
		if err := w.AddUser(&crm.User{ID: 1, Name: "张三", RoleID: 1, DepartmentID: 1, State: crm.UserActive,
			FurtherDepartments: []int64{1}, CreatedAt: testTime, UpdatedAt: testTime}, "hash"); err != nil {
			return err
		}
		return logged(w, 1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// logged writes the row of the operation log that every change needs.
func logged(w *Write, id int64) error {
	return w.Log(id, crm.LogEntry{UserID: 1, Entity: "customer", EntityID: 1, Action: "create", Changes: "{}", At: testTime})
}

func customer(id int64, name string) *crm.Customer {
	return &crm.Customer{ID: id, OwnerID: 1, CreatorID: 1, DepartmentID: 1, Name: name, Approval: crm.Approved,
		CreatedAt: testTime, UpdatedAt: testTime, Address: crm.Address{ID: id, CreatedAt: testTime, UpdatedAt: testTime}}
}

// count counts the rows of a table of one organization.
func count(t *testing.T, s *Store, table string, org int64) (n int64) {
	t.Helper()
	err := s.engine.view(context.Background(), org, func(tx Tx) error {
		return one(tx, dbtest.Own+"SELECT count(*) FROM "+table+" WHERE organization_id = $1", []any{org}, &n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// versions reads the versions of an organization from the database.
func versions(t *testing.T, s *Store, org int64) (v Version) {
	t.Helper()
	err := s.engine.view(context.Background(), org, func(tx Tx) (err error) {
		v, err = readVersion(tx, org)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	known, err := s.Version(t.Context(), org)
	if err != nil || known != v {
		t.Fatalf("the version in memory is %+v, in the database %+v, %v", known, v, err)
	}
	return v
}
