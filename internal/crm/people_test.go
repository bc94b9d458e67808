package crm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// company is a directory with so many people: a tree of superiors, ten below
// each, and a tree of departments, four below each. Roles have all scopes in
// turn.
func company(people, departments int64) *Directory {
	d := &Directory{Users: map[int64]*User{}, Departments: map[int64]*Department{}, Roles: map[int64]*Role{}}
	for i, scope := range Scopes() {
		d.Roles[int64(i)] = &Role{ID: int64(i), Scope: scope}
	}
	for id := int64(1); id <= departments; id++ {
		d.Departments[id] = &Department{ID: id, ParentID: (id + 2) / 4 * min(1, id-1)}
	}
	for id := int64(1); id <= people; id++ {
		d.Users[id] = &User{ID: id, SuperiorID: (id + 8) / 10 * min(1, id-1), RoleID: id % 4, DepartmentID: id%departments + 1,
			State: UserActive}
	}
	d.Prepare()
	return d
}

// below asks each for everybody above it.
func below[T any](all map[int64]*T, above func(*T) int64, id int64) map[int64]bool {
	found := map[int64]bool{}
	for other, x := range all {
		for up := above(x); up != 0; up = above(all[up]) {
			if up == id {
				found[other] = true
				break
			}
		}
	}
	return found
}

func TestViewersOfABigOrganization(t *testing.T) {
	d := company(2000, 200)
	d.viewers.Range(func(id, _ any) bool {
		t.Errorf("%d was worked out before anybody asked", id)
		return true
	})
	for id, u := range d.Users {
		v := d.Viewer(id)
		if want := below(d.Users, func(u *User) int64 { return u.SuperiorID }, id); !maps.Equal(v.Subordinates, want) {
			t.Fatalf("below %d are %v, want %v", id, v.Subordinates, want)
		}
		want := map[int64]bool{}
		switch v.Role.Scope {
		case ScopeDepartmentsBelow:
			want = below(d.Departments, func(x *Department) int64 { return x.ParentID }, u.DepartmentID)
			want[u.DepartmentID] = true
		case ScopeDepartments:
			want[u.DepartmentID] = true
		}
		if !maps.Equal(v.Departments, want) {
			t.Fatalf("%d reaches %v, want %v", id, v.Departments, want)
		}
		if d.Viewer(id) != v {
			t.Fatalf("%d is worked out twice", id)
		}
	}
	// People of the same departments share what they reach.
	a, b := d.Viewer(402), d.Viewer(802)
	if a.User.DepartmentID != b.User.DepartmentID || reflect.ValueOf(a.Departments).Pointer() != reflect.ValueOf(b.Departments).Pointer() {
		t.Errorf("%d and %d reach the same departments and do not share them", a.User.ID, b.User.ID)
	}
}

func TestReportsAndDepartmentsBelow(t *testing.T) {
	d := company(30, 10)
	if got := d.Reports(1); !slices.Equal(got, []int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) || len(d.Reports(30)) > 0 {
		t.Errorf("below 1 are %v, below 30 %v", got, d.Reports(30))
	}
	if got := d.ChildDepartments(1); !slices.Equal(got, []int64{2, 3, 4, 5}) {
		t.Errorf("right below department 1 are %v", got)
	}
	if got := d.DepartmentsBelow(2); !maps.Equal(got, map[int64]bool{2: true, 6: true, 7: true, 8: true, 9: true}) {
		t.Errorf("department 2 and below are %v", got)
	}
}

func BenchmarkPrepareTwoThousand(b *testing.B) {
	d := company(2000, 200)
	for b.Loop() {
		d.Prepare()
		d.Viewer(1)
	}
}

func TestUserValidate(t *testing.T) {
	ok := User{Name: " 张三 ", Email: "zhang@example.com", Phone: "+86 138-0000-0000", Gender: "female"}
	if err := ok.Validate(); err != nil || ok.Name != "张三" {
		t.Errorf("%v, %+v", err, ok)
	}
	for name, u := range map[string]User{
		"no name":        {Name: "　 "},
		"long name":      {Name: strings.Repeat("张", MaxText+1)},
		"no host":        {Name: "甲", Email: "zhang@"},
		"no at":          {Name: "甲", Email: "zhang"},
		"two addresses":  {Name: "甲", Email: "a@example.com,b@example.com"},
		"letters":        {Name: "甲", Phone: "13800000000a"},
		"no digit":       {Name: "甲", Phone: "+-"},
		"unknown gender": {Name: "甲", Gender: "x"},
	} {
		if err := u.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestRoleValidate(t *testing.T) {
	ok := Role{Name: " 销售 ", Scope: ScopeOwn, Rights: map[string]bool{RightCreateLead: true}, Hidden: map[string]Hiding{"contact.address.phone": HideAll}}
	if err := ok.Validate(); err != nil || ok.Name != "销售" {
		t.Errorf("%v, %+v", err, ok)
	}
	for name, r := range map[string]Role{
		"no name": {Scope: ScopeOwn}, "long name": {Name: strings.Repeat("a", MaxText+1), Scope: ScopeOwn},
		"no scope": {Name: "甲"}, "unknown scope": {Name: "甲", Scope: "all"},
		"unknown right":  {Name: "甲", Scope: ScopeOwn, Rights: map[string]bool{"customer.burn": true}},
		"unknown hiding": {Name: "甲", Scope: ScopeOwn, Hidden: map[string]Hiding{"contact.address.phone": "some"}},
	} {
		if err := r.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestRightsHaveNumbersOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range append(halved(showRights), RightTable()...) {
		for _, key := range []string{fmt.Sprint(r.Number), r.Name, r.Zh, r.En} {
			if key == "" || key == "0" || seen[key] {
				t.Errorf("%+v: %q is missing or another's", r, key)
			}
			seen[key] = true
		}
		if r.Subject == "" || r.Act == "" || r.Subject+"."+r.Act != r.Name {
			t.Errorf("%+v is not in halves", r)
		}
	}
	for _, name := range Rights() {
		if !IsRight(name) {
			t.Errorf("%s is no right", name)
		}
	}
	if IsRight("") || IsRight("customer.show") {
		t.Error("what everybody may is a right")
	}
	all, none := (&Role{Super: true}).Permissions(), (&Role{Rights: map[string]bool{RightCreateLead: true}}).Permissions()
	if len(all) != len(showRights)+len(rightTable) || len(none) != len(showRights)+1 || none[len(none)-1].Name != RightCreateLead {
		t.Errorf("a super administrator may %v, with one right one may %v", all, none)
	}
}
