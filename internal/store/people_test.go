package store

import (
	"errors"
	"reflect"
	"testing"

	"guanxi/internal/crm"
)

// change runs one change of organization 1 and logs it.
func change(t *testing.T, s *Store, fn func(w *Write) error) error {
	t.Helper()
	return s.Update(t.Context(), 1, func(w *Write) error {
		if err := errors.Join(fn(w), w.SkipIDs(Logs, 100)); err != nil {
			return err
		}
		return w.Log(0, crm.LogEntry{Entity: "test", Action: "change", Changes: "{}", At: testTime})
	})
}

func (s *Store) people(t *testing.T) *crm.Directory {
	t.Helper()
	d, err := s.Directory(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSetUser(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	want := crm.User{ID: 1, Name: "李四", Email: "li@example.com", Phone: "13800000001", Login: "li", Tel: "021", Job: "经理", Gender: "female",
		RoleID: 2, DepartmentID: 2, FurtherDepartments: []int64{1, 3}, SuperiorID: 2, State: crm.UserDisabled, HideNumbers: true,
		CreatedAt: testTime, UpdatedAt: testTime + 5}
	before := versions(t, s, 1)
	err := change(t, s, func(w *Write) error {
		return errors.Join(w.AddRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn}, testTime),
			w.AddDepartment(&crm.Department{ID: 2, ParentID: 1}, testTime), w.AddDepartment(&crm.Department{ID: 3, ParentID: 1}, testTime),
			w.AddUser(&crm.User{ID: 2, RoleID: 2, State: crm.UserActive}, ""), w.SetUser(&want))
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := versions(t, s, 1); after.Directory != before.Directory+1 {
		t.Errorf("the directory's version went from %d to %d", before.Directory, after.Directory)
	}
	if got := s.people(t).Users[1]; !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, want %+v", *got, want)
	}
	for name, u := range map[string]crm.User{
		"nobody": {ID: 9, RoleID: 1}, "no such role": {ID: 1, RoleID: 9}, "no such department": {ID: 1, RoleID: 1, DepartmentID: 9},
		"no such superior": {ID: 1, RoleID: 1, SuperiorID: 9}, "no such further department": {ID: 1, RoleID: 1, FurtherDepartments: []int64{9}},
	} {
		err := change(t, s, func(w *Write) error { return w.SetUser(&u) })
		if wanted := map[bool]error{true: ErrNoRow, false: ErrConstraint}[name == "nobody"]; !errors.Is(err, wanted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIdentitiesComeAndGo(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	const key = "phone:13800000001"
	who := func() int64 {
		var user int64
		err := s.Latest(t.Context(), NoOrganization, func(r *Read) (err error) {
			_, user, err = r.Identity(key)
			return err
		})
		if err != nil && !errors.Is(err, ErrNoRow) {
			t.Fatal(err)
		}
		return user
	}
	steps := []struct {
		do   func(w *Write) error
		want int64
	}{
		{func(w *Write) error { return w.AddIdentity(key, 1, testTime) }, 1},
		{func(w *Write) error { return w.DeleteIdentity(key, 2) }, 1}, // not theirs
		{func(w *Write) error { return w.DeleteIdentity(key, 1) }, 0},
		{func(w *Write) error { return w.DeleteIdentity(key, 1) }, 0},
		{func(w *Write) error { return w.AddIdentity(key, 2, testTime) }, 2},
	}
	for i, step := range steps {
		if err := change(t, s, step.do); err != nil || who() != step.want {
			t.Errorf("step %d: %v; it is %d's", i, err, who())
		}
	}
	addOrganization(t, s, 2)
	err := s.Update(t.Context(), 2, func(w *Write) error { return errors.Join(w.DeleteIdentity(key, 2), logged(w, 2)) })
	if err != nil || who() != 2 {
		t.Errorf("another organization has taken it away: %v, it is %d's", err, who())
	}
}

func TestDepartmentsAndRoles(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	err := change(t, s, func(w *Write) error {
		return errors.Join(
			w.AddDepartment(&crm.Department{ID: 2, ParentID: 1, Name: "甲"}, testTime), w.AddDepartment(&crm.Department{ID: 3, ParentID: 1}, testTime),
			w.SetDepartment(&crm.Department{ID: 2, ParentID: 3, Name: "乙", Position: 4}, testTime),
			w.AddRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn, Rights: map[string]bool{"a.b": true}, Hidden: map[string]crm.Hiding{"x": crm.HideAll}}, testTime),
			w.SetRole(&crm.Role{ID: 2, Name: "新", Scope: crm.ScopeDepartments, Rights: map[string]bool{"c.d": true, "e.f": false},
				Hidden: map[string]crm.Hiding{"y": crm.HideOthers}}, testTime),
			w.AddUser(&crm.User{ID: 2, RoleID: 2, State: crm.UserDeleted}, ""),
			w.AddCustomer(customer(1, "甲")))
	})
	if err != nil {
		t.Fatal(err)
	}
	d := s.people(t)
	if got := *d.Departments[2]; got != (crm.Department{ID: 2, ParentID: 3, Name: "乙", Position: 4}) {
		t.Errorf("the department is %+v", got)
	}
	want := crm.Role{ID: 2, Name: "新", Scope: crm.ScopeDepartments, Rights: map[string]bool{"c.d": true}, Hidden: map[string]crm.Hiding{"y": crm.HideOthers}}
	if got := *d.Roles[2]; !reflect.DeepEqual(got, want) {
		t.Errorf("the role is %+v", got)
	}
	for id, used := range map[int64]bool{1: true, 2: false} {
		err := s.View(t.Context(), 1, func(r *Read) error {
			has, err := r.DepartmentHasRecords(1, id)
			if has != used {
				t.Errorf("department %d has records: %v", id, has)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		do   func(w *Write) error
		want error
	}{
		"a department with another below": {func(w *Write) error { return w.DeleteDepartment(3) }, ErrConstraint},
		"a department that is not there":  {func(w *Write) error { return w.DeleteDepartment(9) }, ErrNoRow},
		"a role that somebody has":        {func(w *Write) error { return w.DeleteRole(1, 2) }, ErrConstraint},
		"a role that is not there":        {func(w *Write) error { return w.DeleteRole(9, 1) }, ErrNoRow},
		"a department to nowhere":         {func(w *Write) error { return w.SetDepartment(&crm.Department{ID: 2, ParentID: 9}, testTime) }, ErrConstraint},
		"no department":                   {func(w *Write) error { return w.SetDepartment(&crm.Department{ID: 9}, testTime) }, ErrNoRow},
		"no role":                         {func(w *Write) error { return w.SetRole(&crm.Role{ID: 9, Scope: crm.ScopeOwn}, testTime) }, ErrNoRow},
	} {
		if err := change(t, s, c.do); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := change(t, s, func(w *Write) error { return errors.Join(w.DeleteRole(2, 1), w.DeleteDepartment(2)) }); err != nil {
		t.Fatal(err)
	}
	d = s.people(t)
	if d.Roles[2] != nil || d.Departments[2] != nil || d.Users[2].RoleID != 1 {
		t.Errorf("there are %v and %v; the deleted user has the role %d", d.Roles, d.Departments, d.Users[2].RoleID)
	}
}

func TestHeld(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	err := change(t, s, func(w *Write) error {
		lead := crm.Lead{ID: 1, OwnerID: 1, Name: "线索", CreatedAt: testTime, UpdatedAt: testTime, Address: crm.Address{ID: 9, CreatedAt: testTime, UpdatedAt: testTime}}
		return errors.Join(w.AddUser(&crm.User{ID: 2, RoleID: 1, State: crm.UserActive}, ""), w.AddCustomer(customer(1, "甲")),
			w.AddCustomer(customer(2, "乙")), w.AddLead(&lead), w.AddAssistant(1, 2))
	})
	if err != nil {
		t.Fatal(err)
	}
	for user, want := range map[int64][3]int64{1: {2, 1, 0}, 2: {0, 0, 1}, 3: {}} {
		err := s.View(t.Context(), 1, func(r *Read) error {
			customers, leads, assisted, err := r.Held(1, user)
			if got := [3]int64{customers, leads, assisted}; got != want {
				t.Errorf("%d has %v, want %v", user, got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
