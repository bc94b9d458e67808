package crm

import (
	"slices"
	"testing"
)

// The people of the scenarios. Each name says what is special about the
// person; all are active.
const (
	owner      int64 = iota + 1 // owns the record, department sales
	colleague                   // scope own, department sales
	boss                        // superior of owner
	director                    // superior of boss
	inSales                     // scope departments, main department sales
	alsoSales                   // scope departments, main department support, further sales
	topTree                     // scope departments_below, main department root
	salesBelow                  // scope departments_below, main department sales
	wholeFirm                   // scope organization
	super                       // super administrator with scope own
	helper                      // collaborates on the record
	helperBoss                  // superior of helper
	circleA                     // superior circleB
	circleB                     // superior circleA
	noRole                      // a role that does not exist
	former                      // disabled
)

// The departments: root above sales and support, east below sales, and a
// circle of two.
const (
	root int64 = iota + 1
	sales
	support
	east
	circle1
	circle2
)

func scenarioDirectory() *Directory {
	user := func(id, role, department, superior int64, further ...int64) *User {
		return &User{ID: id, Name: "用户", RoleID: role, DepartmentID: department, FurtherDepartments: further,
			SuperiorID: superior, State: UserActive}
	}
	d := &Directory{
		Users: map[int64]*User{
			owner: user(owner, 1, sales, boss), colleague: user(colleague, 1, sales, 0),
			boss: user(boss, 1, root, director), director: user(director, 1, root, 0),
			inSales: user(inSales, 2, sales, 0), alsoSales: user(alsoSales, 2, support, 0, east, sales),
			topTree: user(topTree, 3, root, 0), salesBelow: user(salesBelow, 3, sales, 0, circle1),
			wholeFirm: user(wholeFirm, 4, 0, 0), super: user(super, 5, 0, 0),
			helper: user(helper, 1, support, helperBoss), helperBoss: user(helperBoss, 1, support, 0),
			circleA: user(circleA, 1, 0, circleB), circleB: user(circleB, 1, 0, circleA),
			noRole: user(noRole, 99, sales, 0), former: user(former, 4, sales, boss),
		},
		Departments: map[int64]*Department{
			root: {ID: root}, sales: {ID: sales, ParentID: root}, support: {ID: support, ParentID: root},
			east: {ID: east, ParentID: sales}, circle1: {ID: circle1, ParentID: circle2}, circle2: {ID: circle2, ParentID: circle1},
		},
		Roles: map[int64]*Role{
			1: {ID: 1, Scope: ScopeOwn}, 2: {ID: 2, Scope: ScopeDepartments}, 3: {ID: 3, Scope: ScopeDepartmentsBelow},
			4: {ID: 4, Scope: ScopeOrganization}, 5: {ID: 5, Scope: ScopeOwn, Super: true},
		},
	}
	d.Users[former].State = UserDisabled
	d.Prepare()
	return d
}

func TestWhoSeesARecord(t *testing.T) {
	d := scenarioDirectory()
	type record struct {
		owner, department int64
		assistants        []int64
	}
	var (
		inOwnersDepartment = record{owner, sales, []int64{helper}}
		inSupport          = record{owner, support, nil}
		inEast             = record{owner, east, nil}
		noDepartment       = record{owner, 0, nil}
		inPool             = record{0, 0, nil}
		poolWithDepartment = record{0, sales, nil}
	)
	for _, c := range []struct {
		name    string
		viewer  int64
		record  record
		sees    bool
		assists bool
		self    bool
		own     bool
	}{
		{"the owner", owner, inOwnersDepartment, true, false, true, true},
		{"the owner, with the record elsewhere", owner, inSupport, true, false, true, true},
		{"a colleague of the same department without its scope", colleague, inOwnersDepartment, false, false, false, false},
		{"the superior", boss, inOwnersDepartment, true, false, false, true},
		{"the superior's superior", director, inOwnersDepartment, true, false, false, true},
		{"department scope, main department", inSales, inOwnersDepartment, true, false, false, false},
		{"department scope, the record lies elsewhere though its owner sits here", inSales, inSupport, false, false, false, false},
		{"department scope does not reach below", inSales, inEast, false, false, false, false},
		{"department scope, no department", inSales, noDepartment, false, false, false, false},
		{"department scope, further department", alsoSales, inOwnersDepartment, true, false, false, false},
		{"department scope, second further department", alsoSales, inEast, true, false, false, false},
		{"department scope, main of two", alsoSales, inSupport, true, false, false, false},
		{"departments below, own", salesBelow, inOwnersDepartment, true, false, false, false},
		{"departments below, child", salesBelow, inEast, true, false, false, false},
		{"departments below, not the sibling", salesBelow, inSupport, false, false, false, false},
		{"departments below, grandchild", topTree, inEast, true, false, false, false},
		{"departments below, no department", topTree, noDepartment, false, false, false, false},
		{"departments in a circle", salesBelow, record{owner, circle2, nil}, true, false, false, false},
		{"the whole organization", wholeFirm, inOwnersDepartment, true, false, false, false},
		{"the whole organization, pool", wholeFirm, inPool, true, false, false, false},
		{"the super administrator, whatever the scope", super, inOwnersDepartment, true, false, false, true},
		{"the super administrator, pool", super, inPool, true, false, false, true},
		{"a collaborator", helper, inOwnersDepartment, false, true, false, false},
		{"the superior of a collaborator", helperBoss, inOwnersDepartment, false, true, false, false},
		{"a pool customer is not everybody's", owner, inPool, false, false, false, false},
		{"a pool customer with a department", inSales, poolWithDepartment, true, false, false, false},
		{"a pool customer with a department, scope own", colleague, poolWithDepartment, false, false, false, false},
		{"a circle of superiors sees each other", circleA, record{circleB, 0, nil}, true, false, false, true},
		{"a circle of superiors sees each other, other way", circleB, record{circleA, 0, nil}, true, false, false, true},
		{"in a circle one is still oneself", circleA, record{circleA, 0, nil}, true, false, true, true},
		{"a circle collaborates", circleA, record{owner, 0, []int64{circleB}}, false, true, false, false},
		{"without a role only one's own", noRole, inOwnersDepartment, false, false, false, false},
		{"without a role, one's own", noRole, record{noRole, sales, nil}, true, false, true, true},
		{"a disabled subordinate's records stay visible", boss, record{former, sales, nil}, true, false, false, true},
	} {
		v := d.Viewer(c.viewer)
		if v == nil {
			t.Errorf("%s: no viewer", c.name)
			continue
		}
		r := c.record
		if got := v.Sees(r.owner, r.department); got != c.sees {
			t.Errorf("%s: sees %v", c.name, got)
		}
		if got := v.Assists(r.assistants); got != c.assists {
			t.Errorf("%s: assists %v", c.name, got)
		}
		if got := v.IsSelf(r.owner); got != c.self {
			t.Errorf("%s: is self %v", c.name, got)
		}
		if got := v.IsOwn(r.owner); got != c.own {
			t.Errorf("%s: is own %v", c.name, got)
		}
	}
}

func TestOnlyActiveUsersAreViewers(t *testing.T) {
	d := scenarioDirectory()
	if d.Viewer(former) != nil || d.Viewer(0) != nil || d.Viewer(1000) != nil {
		t.Error("somebody who is not active asks")
	}
	if (&Directory{}).Viewer(owner) != nil {
		t.Error("a directory that is not prepared has viewers")
	}
	d.Users[owner].State = UserInvited
	if d.Viewer(owner) != nil {
		t.Error("an invited user asks")
	}
	if (*User)(nil).Active() {
		t.Error("nobody is active")
	}
}

func TestSubordinatesNeverHoldTheUser(t *testing.T) {
	d := scenarioDirectory()
	d.Users[colleague].SuperiorID = colleague // one's own superior
	d.Prepare()
	for id := range d.Users {
		if v := d.view(d.Users[id]); v.Subordinates[id] {
			t.Errorf("%d is below %d", id, id)
		}
	}
	below := d.Viewer(director).Subordinates
	if len(below) != 3 || !below[boss] || !below[owner] || !below[former] {
		t.Errorf("below the director are %v", below)
	}
	if further := d.Users[alsoSales].FurtherDepartments; !slices.Equal(further, []int64{east, sales}) {
		t.Errorf("preparing changed the further departments to %v", further)
	}
}

func TestHidesNumbers(t *testing.T) {
	d := scenarioDirectory()
	for _, id := range []int64{owner, boss, super, wholeFirm} {
		if d.Viewer(id).HidesNumbers(owner) {
			t.Errorf("numbers are hidden from %d, for whom hiding is off", id)
		}
		d.Users[id].HideNumbers = true
	}
	for id, want := range map[int64]bool{owner: false, boss: true, super: true, wholeFirm: true} {
		if got := d.Viewer(id).HidesNumbers(owner); got != want {
			t.Errorf("numbers hidden from %d: %v", id, got)
		}
		if !d.Viewer(id).HidesNumbers(0) {
			t.Errorf("the numbers of a pool customer are shown to %d", id)
		}
	}
}

func TestConceals(t *testing.T) {
	d := scenarioDirectory()
	rights := map[string]Hiding{"contact.address.phone": HideAll, "contact.address.tel": HideOthers, "contact.address.qq": "bad"}
	d.Roles[1].Hidden, d.Roles[5].Hidden = rights, rights
	for _, c := range []struct {
		viewer   int64
		field    string
		owner    int64
		conceals bool
	}{
		{owner, "contact.address.phone", owner, true},
		{boss, "contact.address.phone", owner, true},
		{owner, "contact.address.tel", owner, false},
		{boss, "contact.address.tel", owner, true},
		{owner, "contact.address.tel", 0, true},
		{owner, "customer.address.phone", owner, false},
		{owner, "contact.address.qq", boss, false},
		{super, "contact.address.phone", owner, false},
		{super, "contact.address.tel", owner, false},
		{inSales, "contact.address.phone", owner, false},
	} {
		if got := d.Viewer(c.viewer).Conceals(c.field, c.owner); got != c.conceals {
			t.Errorf("%d on %s of %d: %v", c.viewer, c.field, c.owner, got)
		}
	}
}

func fullAddress() Address {
	a := Address{Lat: 31.229676, Lng: 121.42799, HasPosition: true, CountryID: 4}
	for _, text := range texts(&a) {
		*text = T("13812345678")
	}
	return a
}

func TestConcealAddress(t *testing.T) {
	names := []string{"tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url", "detail_address"}
	d := scenarioDirectory()
	for i, name := range names {
		d.Roles[1].Hidden = map[string]Hiding{"contact.address." + name: HideOthers}
		a := fullAddress()
		d.Viewer(boss).ConcealAddress("contact", owner, &a)
		for j, text := range texts(&a) {
			if (*text == Text{}) != (i == j) {
				t.Errorf("hiding %s: %s is %+v", name, names[j], *text)
			}
		}
		if a.HasPosition != (name != "detail_address") || (a.Lat == 0 && a.Lng == 0) != (name == "detail_address") {
			t.Errorf("hiding %s: the position is %v, %v, %v", name, a.HasPosition, a.Lat, a.Lng)
		}
		for _, c := range []struct {
			viewer int64
			entity string
		}{{owner, "contact"}, {boss, "customer"}} {
			a := fullAddress()
			if d.Viewer(c.viewer).ConcealAddress(c.entity, owner, &a); a != fullAddress() {
				t.Errorf("hiding %s from others' contacts changed %s of %d to %+v", name, c.entity, c.viewer, a)
			}
		}
	}
	d.Roles[1].Hidden = nil
	d.Users[boss].HideNumbers = true
	a := fullAddress()
	d.Viewer(boss).ConcealAddress("customer", owner, &a)
	want := fullAddress()
	want.HideNumbers()
	if a != want || a.Phone.Value != "138****5678" || a.Tel.Value != "138****5678" {
		t.Errorf("masked to %+v", a)
	}
	d.Roles[1].Hidden = map[string]Hiding{"customer.address.phone": HideAll}
	a = fullAddress()
	if d.Viewer(boss).ConcealAddress("customer", owner, &a); a.Phone != (Text{}) || a.Tel.Value != "138****5678" {
		t.Errorf("hidden and masked: %+v", a)
	}
}

func TestNamesInTheDirectory(t *testing.T) {
	d := scenarioDirectory()
	d.Options = map[int64]*Option{3: {ID: 3, Label: "初访"}}
	if d.OptionLabel(3) != "初访" || d.OptionLabel(0) != "" || d.OptionLabel(9) != "" {
		t.Error("labels of options")
	}
	if d.UserName(owner) != "用户" || d.UserName(0) != "" || d.UserName(1000) != "" {
		t.Error("names of users")
	}
	if d.DepartmentName(root) != "" || d.DepartmentName(0) != "" || d.DepartmentName(99) != "" {
		t.Error("names of departments")
	}
}

func TestRightsAndScopes(t *testing.T) {
	role := &Role{Rights: map[string]bool{RightCreateCustomer: true, RightCreateContact: false}}
	if !role.May(RightCreateCustomer) || role.May(RightCreateContact) || role.May("customer.delete") {
		t.Error("operation rights")
	}
	if (*Role)(nil).May(RightCreateCustomer) || !(&Role{Super: true}).May("anything.at_all") {
		t.Error("operation rights of nobody and of the super administrator")
	}
}
