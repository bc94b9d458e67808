package service

import (
	"cmp"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/zh"
)

// Everybody who has signed in sees all people and departments of the own
// organization: whom a record may be given to is asked all day.

// PeopleQuery chooses users; empty fields choose all that are not deleted.
type PeopleQuery struct {
	crm.ListQuery // Text is looked for in names, their pinyin, numbers and addresses
	Name          string
	Phone         string
	// DepartmentID is the main department or a further one.
	DepartmentID int64
	UserIDs      []int64
	ExceptIDs    []int64
	// State is one of the states of a user.
	State string
	// InScope leaves those out whose records the caller's data scope does not
	// reach.
	InScope bool
	// Nobody leaves everybody out.
	Nobody bool
}

// People gives a page of the organization's users, by id where the query says
// nothing else. Equals are in the order of their ids.
//
// An invalid_parameter_error for a field that it cannot be sorted by, and for an
// unknown state.
func (s *Service) People(c *Caller, q *PeopleQuery) ([]*crm.User, crm.ListPage, error) {
	key, err := peopleKey(c.Directory, q.Sort)
	if err != nil {
		return nil, crm.ListPage{}, err
	}
	switch q.State {
	case "", crm.UserActive, crm.UserInvited, crm.UserDisabled:
	default:
		return nil, crm.ListPage{}, crm.BadParam("帐号状态不存在", "There is no such account state")
	}
	type ranked struct {
		user   *crm.User
		number int64
		text   string
	}
	var found []ranked
	chosen := q.filter(c)
	for _, u := range c.Directory.Users {
		if chosen(u) {
			number, text := key(u)
			found = append(found, ranked{u, number, text})
		}
	}
	slices.SortFunc(found, func(a, b ranked) int {
		order := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
		if q.Sort != "" && !q.Ascending {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.user.ID, b.user.ID))
	})
	found, page := pageOf(found, &q.ListQuery)
	users := make([]*crm.User, len(found))
	for i := range found {
		users[i] = found[i].user
	}
	return users, page, nil
}

// filter makes the test that a user has to pass.
func (q *PeopleQuery) filter(c *Caller) func(*crm.User) bool {
	name, text, phone := zh.Fold(q.Name), zh.Fold(q.Text), zh.FoldNumber(q.Phone)
	letters := zh.Pinyin(q.Text)
	return func(u *crm.User) bool {
		switch {
		case q.Nobody || !u.Present() || q.State != "" && u.State != q.State:
			return false
		case name != "" && !strings.Contains(zh.Fold(u.Name), name):
			return false
		case q.Phone != "" && (phone == "" || zh.FoldNumber(u.Phone) != phone):
			return false
		case q.DepartmentID != 0 && !sits(u, q.DepartmentID):
			return false
		case len(q.UserIDs) > 0 && !slices.Contains(q.UserIDs, u.ID) || slices.Contains(q.ExceptIDs, u.ID):
			return false
		case q.InScope && !withinScope(c.Viewer, u):
			return false
		}
		return text == "" || strings.Contains(zh.Fold(u.Name), text) || strings.Contains(zh.Fold(u.Email), text) ||
			strings.Contains(u.Phone, text) || letters == text && strings.Contains(zh.Pinyin(u.Name), text)
	}
}

// sits reports whether a user belongs to a department.
func sits(u *crm.User, department int64) bool {
	return u.DepartmentID == department || slices.Contains(u.FurtherDepartments, department)
}

// withinScope reports whether a record that belongs to a user, and to a
// department of the user, is within the viewer's data scope.
func withinScope(v *crm.Viewer, u *crm.User) bool {
	return v.Sees(u.ID, u.DepartmentID) || slices.ContainsFunc(u.FurtherDepartments, func(id int64) bool { return v.Departments[id] })
}

// peopleKey gives what users are sorted by for a field of the user object: a
// number or a text.
func peopleKey(d *crm.Directory, field string) (func(*crm.User) (int64, string), error) {
	number := func(of func(*crm.User) int64) func(*crm.User) (int64, string) {
		return func(u *crm.User) (int64, string) { return of(u), "" }
	}
	text := func(of func(*crm.User) string) func(*crm.User) (int64, string) {
		return func(u *crm.User) (int64, string) { return 0, of(u) }
	}
	switch field {
	case "", "id", "uid":
		return number(func(u *crm.User) int64 { return u.ID }), nil
	case "created_at":
		return number(func(u *crm.User) int64 { return int64(u.CreatedAt) }), nil
	case "updated_at":
		return number(func(u *crm.User) int64 { return int64(u.UpdatedAt) }), nil
	case "superior_id":
		return number(func(u *crm.User) int64 { return u.SuperiorID }), nil
	case "department_id":
		return number(func(u *crm.User) int64 { return u.DepartmentID }), nil
	case "role_id":
		return number(func(u *crm.User) int64 { return u.RoleID }), nil
	case "name":
		return text(func(u *crm.User) string { return zh.Pinyin(u.Name) }), nil
	case "department_name":
		return text(func(u *crm.User) string { return zh.Pinyin(d.DepartmentName(u.DepartmentID)) }), nil
	case "phone":
		return text(func(u *crm.User) string { return u.Phone }), nil
	case "email":
		return text(func(u *crm.User) string { return u.Email }), nil
	case "job":
		return text(func(u *crm.User) string { return u.Job }), nil
	case "workflow_state":
		return text(func(u *crm.User) string { return u.State }), nil
	}
	return nil, crm.BadParam("不支持按该字段排序", "This field cannot be sorted by").With(field)
}

// Person gives one user. ErrNotFound where there is none, or it was deleted.
func (s *Service) Person(c *Caller, id int64) (*crm.User, error) {
	u := c.Directory.Users[id]
	if !u.Present() {
		return nil, crm.ErrNotFound
	}
	return u, nil
}

// Node is a department in its tree.
type Node struct {
	*crm.Department
	Level int // 0 at the root
}

// Departments gives the departments of the organization as a tree read from top
// to bottom: each behind the one that it lies in, beside each other in their
// positions. except, and what lies below it, is left out; 0 leaves nothing out.
func (s *Service) Departments(c *Caller, except int64) []Node {
	d := c.Directory
	var tree []Node
	var walk func(ids []int64, level int)
	walk = func(ids []int64, level int) {
		for _, id := range inPosition(d, ids) {
			if id != except {
				tree = append(tree, Node{d.Departments[id], level})
				walk(d.ChildDepartments(id), level+1)
			}
		}
	}
	var roots []int64
	for id, x := range d.Departments {
		if d.Departments[x.ParentID] == nil {
			roots = append(roots, id)
		}
	}
	walk(roots, 0)
	return tree
}

// inPosition puts departments in the order of their positions.
func inPosition(d *crm.Directory, ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b int64) int {
		return cmp.Or(cmp.Compare(d.Departments[a].Position, d.Departments[b].Position), cmp.Compare(a, b))
	})
	return ids
}

// Tab is a list that the caller finds beside others of the same kind.
type Tab struct {
	Entity string
	Names  []string
}

// Tabs are the lists that make sense to the caller: all records for whoever sees
// more than the own ones, subordinates' for whoever has some, pools for their
// members.
func (s *Service) Tabs(c *Caller) []Tab {
	v := c.Viewer
	below := len(v.Subordinates) > 0
	tabs := make([]Tab, 0, 3)
	for _, entity := range []string{"customer", "lead", "contact"} {
		var names []string
		if below || v.SeesAll() || v.Role.Scope != crm.ScopeOwn {
			names = append(names, "all")
		}
		names = append(names, "my")
		if below {
			names = append(names, "sub")
		}
		switch entity {
		case "customer":
			names = append(names, "assist")
		case "contact":
			names = append(names, "my_assist")
			if below {
				names = append(names, "sub_assist")
			}
		}
		if len(PoolsSeen(c, entity)) > 0 {
			names = append(names, "common")
		}
		tabs = append(tabs, Tab{entity, names})
	}
	return tabs
}

// PoolsSeen are the pools of a kind of record that the caller sees into.
func PoolsSeen(c *Caller, entity string) []*crm.Pool {
	return slices.DeleteFunc(c.Directory.PoolsOf(entity), func(p *crm.Pool) bool {
		return !c.Viewer.SeesPooled(c.Directory, p.ID)
	})
}
