package crm

import (
	"fmt"
	"slices"
	"sync"
)

// Directory is what nearly every answer of an organization needs and what
// seldom changes: people, departments, roles, options, labels, pools and field
// definitions. It is loaded whole, kept in memory and replaced when
// Organization.DirectoryVersion has moved. It must not be changed once made.
type Directory struct {
	Organization Organization
	Users        map[int64]*User
	Departments  map[int64]*Department
	Roles        map[int64]*Role
	Options      map[int64]*Option
	Labels       map[int64]*Label
	LabelGroups  map[int64]*LabelGroup
	Pools        map[int64]*Pool // of customers and of leads
	Templates    map[int64]*Template
	// Groups are the headings of fields, by entity and in their order.
	Groups map[string][]*FieldGroup
	// FieldSettings is what the organization has changed on fields, by entity,
	// template (0 for all) and the field's name. Form tells what comes of it.
	FieldSettings map[FieldKey]FieldSetting
	// Rules are the fields that take part in the check for duplicates.
	Rules []*DuplicateRule
	// Fields are the definitions of custom fields by entity ("customer",
	// "contact"), in their order, disabled ones included.
	Fields map[string][]*CustomField

	// What Prepare works out: who is directly below whom, people and
	// departments, in the order of ids.
	reports  map[int64][]int64
	children map[int64][]int64
	// viewers and reaches are worked out at the first question: most people of a
	// big organization do not ask between two changes of it.
	viewers sync.Map // user → *Viewer
	reaches sync.Map // departments as text → map[int64]bool
	forms   map[formKey]*form
}

// Prepare works out what the permission predicates need. It is called once,
// after loading and before the directory is shared.
func (d *Directory) Prepare() {
	d.viewers.Clear()
	d.reaches.Clear()
	d.reports, d.children = map[int64][]int64{}, map[int64][]int64{}
	for _, u := range d.Users {
		if u.SuperiorID != 0 {
			d.reports[u.SuperiorID] = append(d.reports[u.SuperiorID], u.ID)
		}
	}
	for _, dep := range d.Departments {
		if dep.ParentID != 0 {
			d.children[dep.ParentID] = append(d.children[dep.ParentID], dep.ID)
		}
	}
	for _, edges := range []map[int64][]int64{d.reports, d.children} {
		for _, ids := range edges {
			slices.Sort(ids)
		}
	}
	for _, p := range d.Pools {
		p.within = closure(d.children, p.Departments)
	}
	d.prepareForms()
}

// closure is start and everything below it; circles end.
func closure(edges map[int64][]int64, start []int64) map[int64]bool {
	seen := make(map[int64]bool, len(start))
	for todo := slices.Clone(start); len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[id] {
			seen[id] = true
			todo = append(todo, edges[id]...)
		}
	}
	return seen
}

// Reports are the people whose superior a user is, in the order of their ids.
// They must not be changed.
func (d *Directory) Reports(user int64) []int64 { return d.reports[user] }

// ChildDepartments are the departments right below one, in the order of their
// ids. They must not be changed.
func (d *Directory) ChildDepartments(department int64) []int64 { return d.children[department] }

// DepartmentsBelow are a department and everything below it.
func (d *Directory) DepartmentsBelow(department int64) map[int64]bool {
	return closure(d.children, []int64{department})
}

// Viewer is the user as asker; nil where there is no such user or the user is
// not active.
func (d *Directory) Viewer(userID int64) *Viewer {
	u := d.Users[userID]
	if !u.Active() {
		return nil
	}
	if v, ok := d.viewers.Load(userID); ok {
		return v.(*Viewer)
	}
	v, _ := d.viewers.LoadOrStore(userID, d.view(u))
	return v.(*Viewer)
}

func (d *Directory) view(u *User) *Viewer {
	role := d.Roles[u.RoleID]
	if role == nil {
		role = &Role{Scope: ScopeOwn}
	}
	v := &Viewer{User: u, Role: role, Subordinates: closure(d.reports, d.reports[u.ID])}
	delete(v.Subordinates, u.ID) // a circle of superiors does not make one's own subordinate
	own := slices.Clone(u.FurtherDepartments)
	if u.DepartmentID != 0 {
		own = append(own, u.DepartmentID)
	}
	switch role.Scope {
	case ScopeDepartments:
		v.Departments = closure(nil, own)
	case ScopeDepartmentsBelow:
		v.Departments = d.reach(own)
	}
	return v
}

// reach is what lies in departments and below them; people of the same
// departments share it.
func (d *Directory) reach(departments []int64) map[int64]bool {
	slices.Sort(departments)
	key := fmt.Sprint(departments)
	if found, ok := d.reaches.Load(key); ok {
		return found.(map[int64]bool)
	}
	found, _ := d.reaches.LoadOrStore(key, closure(d.children, departments))
	return found.(map[int64]bool)
}

// OptionLabel is the label of an option id, "" for 0 and for an unknown one.
func (d *Directory) OptionLabel(id int64) string {
	if o := d.Options[id]; o != nil {
		return o.Label
	}
	return ""
}

// UserName is the name of a user, "" for 0 and for an unknown one.
func (d *Directory) UserName(id int64) string {
	if u := d.Users[id]; u != nil {
		return u.Name
	}
	return ""
}

// DepartmentName is the name of a department, "" for 0 and an unknown one.
func (d *Directory) DepartmentName(id int64) string {
	if x := d.Departments[id]; x != nil {
		return x.Name
	}
	return ""
}
