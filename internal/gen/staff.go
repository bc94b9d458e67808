package gen

import (
	"fmt"

	"guanxi/internal/crm"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// The ids that a generated organization has beside the standard ones.
const (
	adminID                = 1
	roleManager      int64 = 4
	roleAssistant    int64 = 5
	lastRole               = roleAssistant
	poolID           int64 = 1
	contactTextField       = "text_asset_7c7b94f7"
	contactFileField       = "file_asset_6da421"
	customerSelect         = "text_asset_5b1f20c3"
	customerMoney          = "numeric_asset_9d27e1"
)

// choices of the customers' select field.
func choices() []crm.Choice {
	return []crm.Choice{{Value: "sel_a1c4", Label: "月结"}, {Value: "sel_b07e", Label: "现结"},
		{Value: "sel_c93d", Label: "预付"}, {Value: "sel_d5f2", Label: "季度结"}}
}

// staff is who works in a generated organization.
type staff struct {
	departments []crm.Department
	users       []crm.User
	// sellers are the indexes of users that own customers.
	sellers []int
}

// tree are the departments below the root, by name and parent.
func tree() []crm.Department {
	return []crm.Department{
		{ID: 2, ParentID: 1, Name: "销售部"}, {ID: 3, ParentID: 2, Name: "销售一部"}, {ID: 4, ParentID: 2, Name: "销售二部"},
		{ID: 5, ParentID: 2, Name: "销售三部"}, {ID: 6, ParentID: 1, Name: "市场部"}, {ID: 7, ParentID: 1, Name: "客服部"},
		{ID: 8, ParentID: 1, Name: "财务部"},
	}
}

// newStaff makes the people of an organization: a super administrator, an
// administrator, a manager for each department and people below the managers;
// 50, or fewer where there are few customers.
func newStaff(names *Names, seed int64, index, customers int) *staff {
	s := &staff{departments: tree()}
	d := roll(uint64(seed), uint64(index), saltStaff)
	n := min(50, max(4, customers/10))
	at := crm.At(epochBegin)
	managers := map[int64]int64{}
	for i := range n {
		name, gender := names.person(&d)
		u := crm.User{ID: int64(i + 1), Name: name, Gender: gender, Phone: mobile(&d), State: crm.UserActive,
			RoleID: service.RoleNormal, Job: "销售", CreatedAt: at, UpdatedAt: at}
		u.Email = fmt.Sprintf("user%d@example.com", u.ID)
		switch {
		case i == 0:
			u.Name, u.RoleID, u.DepartmentID, u.Job = "管理员", service.RoleSuper, 1, "系统管理员"
		case i == 1:
			u.RoleID, u.DepartmentID, u.SuperiorID, u.Job = service.RoleAdmin, 1, adminID, "运营"
		default:
			dep := s.departments[(i-2)%len(s.departments)].ID
			u.DepartmentID = dep
			if boss := managers[dep]; boss != 0 {
				u.SuperiorID = boss
				if i%9 == 0 {
					u.RoleID, u.Job = roleAssistant, "销售助理"
				}
			} else {
				managers[dep] = u.ID
				u.RoleID, u.SuperiorID, u.Job = roleManager, adminID, "经理"
				if up := managers[s.parent(dep)]; up != 0 {
					u.SuperiorID = up
				}
			}
			s.sellers = append(s.sellers, i)
		}
		s.users = append(s.users, u)
	}
	return s
}

func (s *staff) parent(department int64) int64 {
	for i := range s.departments {
		if s.departments[i].ID == department {
			return s.departments[i].ParentID
		}
	}
	return 0
}

// Login is how the super administrator of a generated organization signs in.
func Login(org int64) string { return fmt.Sprintf("gen-%d-admin", org) }

// found writes an organization with everything but its customers, and notes
// that it is to be filled. Only the administrator can sign in.
func (m *maker) found(w *store.Write, org int64, parameters, hash string) error {
	at := crm.At(epochBegin)
	if err := w.AddOrganization(m.title, at); err != nil {
		return err
	}
	if err := service.AddStandards(w, m.title, at); err != nil {
		return err
	}
	for i := range m.staff.departments {
		dep := m.staff.departments[i]
		dep.Position = i + 1
		if err := w.AddDepartment(&dep, at); err != nil {
			return err
		}
	}
	rights := crm.RightsOfNormal()
	for _, r := range []*crm.Role{
		{ID: roleManager, Name: "部门经理", Scope: crm.ScopeDepartmentsBelow, Rights: rights},
		{ID: roleAssistant, Name: "部门助理", Scope: crm.ScopeDepartments, Rights: rights},
	} {
		if err := w.AddRole(r, at); err != nil {
			return err
		}
	}
	for i := range m.staff.users {
		u := &m.staff.users[i]
		login, password := Login(org), hash
		if u.ID != adminID {
			login, password = fmt.Sprintf("gen-%d-user%d", org, u.ID), ""
		}
		if err := w.AddUser(u, password); err != nil {
			return err
		}
		if err := w.AddIdentity(service.LoginKey(login), u.ID, at); err != nil {
			return fmt.Errorf("the login %s: %w", login, err)
		}
	}
	if err := m.settings(w, at); err != nil {
		return err
	}
	if err := m.reserve(w); err != nil {
		return err
	}
	id, err := w.TakeIDs(store.Logs, 1)
	if err != nil {
		return err
	}
	if err := w.BeginLoad(parameters, int64(m.planned)); err != nil {
		return err
	}
	return w.Log(id, crm.LogEntry{Entity: "organization", EntityID: org, Action: "create", Changes: "{}", At: at})
}

// settings writes labels, the pool and the custom fields.
func (m *maker) settings(w *store.Write, at crm.Time) error {
	for i, name := range []string{"重点跟进", "展会", "老客户", "战略客户", "转介绍", "价格敏感", "长期合作", "待激活"} {
		color := []string{"#e74c3c", "#3498db", "#2ecc71", "#9b59b6"}[i%4]
		if err := w.AddLabel(&crm.Label{ID: int64(i + 1), Name: name, Color: color}, i+1); err != nil {
			return err
		}
	}
	if err := w.AddPool(&crm.Pool{ID: poolID, Name: "客户公海"}, at); err != nil {
		return err
	}
	for i, f := range []crm.CustomField{
		{Entity: "contact", Name: contactTextField, Label: "微信昵称", Kind: "text", Position: 1},
		{Entity: "contact", Name: contactFileField, Label: "附件", Kind: "file", Position: 2},
		{Entity: "customer", Name: customerSelect, Label: "结算方式", Kind: "select", Position: 1, Choices: choices()},
		{Entity: "customer", Name: customerMoney, Label: "年采购额", Kind: "money", Position: 2},
	} {
		f.ID, f.Enabled = int64(i+1), true
		if err := w.AddCustomField(&f, at); err != nil {
			return err
		}
	}
	return nil
}

// labels is how many labels an organization has.
const labels = 8

// reserve moves the counters behind every id that the load is going to use,
// so that what people create in a half loaded organization stays apart.
func (m *maker) reserve(w *store.Write) error {
	contacts := m.contactsBefore(m.planned)
	for kind, last := range map[store.Kind]int64{
		store.Users: int64(len(m.staff.users)), store.Departments: int64(len(m.staff.departments) + 1), store.Roles: lastRole,
		store.Labels: labels, store.Pools: poolID, store.CustomFields: 4,
		store.Customers: int64(m.planned), store.Contacts: contacts, store.Addresses: int64(m.planned) + contacts,
	} {
		if err := w.SkipIDs(kind, last); err != nil {
			return err
		}
	}
	return nil
}
