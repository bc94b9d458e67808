package crm

import "slices"

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
	Pools        map[int64]*Pool
	// Fields are the definitions of custom fields by entity ("customer",
	// "contact"), in their order, disabled ones included.
	Fields map[string][]*CustomField

	viewers map[int64]*Viewer
}

// CustomField is the definition of a field that the organization made.
type CustomField struct {
	ID       int64
	Entity   string
	Name     string // the key on the wire, such as text_asset_7c7b94f7
	Label    string
	Kind     string // see package field
	Position int
	Enabled  bool
	Required bool
	Choices  []Choice // of select kinds
}

// Choice is one option of a custom select field.
type Choice struct {
	Value string `json:"value"` // sel_4d1f, mul_4d1f
	Label string `json:"label"`
}

// Prepare works out what the permission predicates need. It is called once,
// after loading and before the directory is shared.
func (d *Directory) Prepare() {
	below := map[int64][]int64{}
	for _, u := range d.Users {
		if u.SuperiorID != 0 {
			below[u.SuperiorID] = append(below[u.SuperiorID], u.ID)
		}
	}
	children := map[int64][]int64{}
	for _, dep := range d.Departments {
		if dep.ParentID != 0 {
			children[dep.ParentID] = append(children[dep.ParentID], dep.ID)
		}
	}
	d.viewers = make(map[int64]*Viewer, len(d.Users))
	for _, u := range d.Users {
		role := d.Roles[u.RoleID]
		if role == nil {
			role = &Role{Scope: ScopeOwn}
		}
		v := &Viewer{User: u, Role: role, Subordinates: closure(below, below[u.ID])}
		delete(v.Subordinates, u.ID) // a circle of superiors does not make one's own subordinate
		own := slices.Clone(u.FurtherDepartments)
		if u.DepartmentID != 0 {
			own = append(own, u.DepartmentID)
		}
		switch role.Scope {
		case ScopeDepartments:
			v.Departments = closure(nil, own)
		case ScopeDepartmentsBelow:
			v.Departments = closure(children, own)
		}
		d.viewers[u.ID] = v
	}
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

// Viewer is the user as asker; nil where there is no such user or the user is
// not active.
func (d *Directory) Viewer(userID int64) *Viewer {
	v := d.viewers[userID]
	if v == nil || !v.User.Active() {
		return nil
	}
	return v
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
