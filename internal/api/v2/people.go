package v2

import (
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// person is the user object of the calls about users. What is not set is "" or
// 0 here, never null.
func (s *shape) person(u *crm.User) {
	role := s.d.Roles[u.RoleID]
	if role == nil {
		role = &crm.Role{}
	}
	s.Int("id", u.ID)
	s.String("email", u.Email)
	s.iso("created_at", u.CreatedAt)
	s.String("name", u.Name)
	s.Int("organization_id", s.d.Organization.ID)
	s.String("phone", u.Phone)
	s.Int("role_id", u.RoleID)
	s.String("workflow_state", u.State)
	s.String("job", u.Job)
	s.String("tel", u.Tel)
	s.String("gender", u.Gender)
	s.String("role", role.Name)
	s.Object("role_json")
	s.Int("id", role.ID)
	s.String("name", role.Name)
	s.String("entity_grant_scope", grantScope(role))
	s.End()
	s.Int("department_id", u.DepartmentID)
	s.String("department_name", s.d.DepartmentName(u.DepartmentID))
	s.avatar("avatar_url", u)
	s.Bool("departments_manager", len(s.d.Reports(u.ID)) > 0)
	s.Bool("is_super_user", role.Super)
	confirmed := u.CreatedAt
	if u.Phone == "" {
		confirmed = 0
	}
	s.minute("confirmed_phone_at", confirmed)
	s.Bool("pending_report", false)
	s.Int("superior_id", u.SuperiorID)
	s.String("superior_name", s.d.UserName(u.SuperiorID))
	s.String("organization_name", s.d.Organization.Name)
	s.Bool("have_new_feature_on_sales_circle", false)
	s.Int("sales_circle_msg_count", 0)
	s.Array("assist_departments")
	for _, id := range u.FurtherDepartments {
		s.department("", id)
	}
	s.EndArray()
	s.String("locked_at", "")
	s.Bool("enabled_number_hidden_dispose", u.HideNumbers)
	s.String("dingtalk_userid", "")
	s.Int("uid", u.ID)
	s.Int("organization_oid", s.d.Organization.ID)
}

// The wire's names of the scopes. organization_own is the origin's, the others
// are our choice in its manner.
var grantScopes = map[crm.Scope]string{
	crm.ScopeOwn: "self_own", crm.ScopeDepartments: "department_own", crm.ScopeDepartmentsBelow: "sub_department_own",
	crm.ScopeOrganization: "organization_own",
}

// grantScope is the data scope of a role; the super administrators see
// everything, whatever stands in their role.
func grantScope(r *crm.Role) string {
	if r.Super {
		return grantScopes[crm.ScopeOrganization]
	}
	return grantScopes[r.Scope]
}

// People answers GET /api/v2/user/list. The origin writes the page before the
// number.
func People(c *call.Call) error {
	q, err := peopleQuery(c)
	if err != nil {
		return err
	}
	users, page, err := c.Service.People(c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Array("users")
		for _, u := range users {
			s.Object("")
			s.person(u)
			s.End()
		}
		s.EndArray()
		s.Int("page", int64(page.Page))
		s.Int("per_page", int64(page.PerPage))
		s.Int("total_count", int64(page.Total))
		s.Bool("has_next_page", page.More)
	})
	return nil
}

// peopleQuery reads what the lists of users take.
func peopleQuery(c *call.Call) (*service.PeopleQuery, error) {
	p, err := c.Params()
	if err != nil {
		return nil, err
	}
	q := &service.PeopleQuery{Name: p.String("name"), Phone: p.String("phone"), State: p.String("workflow_state"),
		Nobody: p.Given("dingtalk_userid")} // nobody has a DingTalk account here
	q.Text, q.Sort = p.String("query"), p.String("sort")
	if q.Page, q.PerPage, err = paging(p); err != nil {
		return nil, err
	}
	switch order := strings.ToLower(p.String("order")); {
	case order == "asc":
		q.Ascending = true
	case order == "desc" && q.Sort == "":
		q.Sort = "id"
	case order != "" && order != "desc":
		return nil, crm.BadParam("order只能是asc或desc", "order can only be asc or desc")
	}
	if q.UserIDs, err = ids(p.Get("user_id"), "user", "user_id"); err != nil {
		return nil, err
	}
	if q.ExceptIDs, err = ids(p.Get("except_user_id"), "user", "except_user_id"); err != nil {
		return nil, err
	}
	if q.DepartmentID, err = optionalID(p, "user", "department_id"); err != nil {
		return nil, err
	}
	// What the origin's by_permission takes is not known: everything but a plain
	// no switches it on.
	if p.Given("by_permission") {
		on, _, err := p.Bool("by_permission")
		q.InScope = on || err != nil
	}
	return q, nil
}

// optionalID reads an id that may be left out; 0 is as if it were.
func optionalID(p *param.Params, entity, name string) (int64, error) {
	n, _, err := p.Int64(name)
	if err != nil {
		return 0, call.BadField(entity, err)
	}
	if n < 0 {
		return 0, wrongType(entity, name, mustBePositive)
	}
	return n, nil
}

// SimplePeople answers GET /api/v2/user/simple_list: whom something may be given
// to. Beside data stands what programs of the origin read for a select:
// simple_users.
func SimplePeople(c *call.Call) error {
	q, err := peopleQuery(c)
	if err != nil {
		return err
	}
	if q.State == "" {
		q.State = crm.UserActive
	}
	users, page, err := c.Service.People(c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.Object("")
	s.Int("code", 0)
	s.Object("data")
	s.Array("users")
	for _, u := range users {
		s.user("", u.ID)
	}
	s.EndArray()
	s.Int("total_count", int64(page.Total))
	s.Int("per_page", int64(page.PerPage))
	s.Int("page", int64(page.Page))
	s.Bool("has_next_page", page.More)
	s.End()
	s.Array("simple_users")
	for _, u := range users {
		s.Object("")
		s.String("label", u.Name)
		s.String("value", strconv.FormatInt(u.ID, 10))
		s.End()
	}
	s.EndArray()
	s.End()
	return nil
}

// Person answers GET /api/v2/user/:id.
func Person(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	u, err := c.Service.Person(c.Caller, id)
	if err != nil {
		return err
	}
	return showPerson(c)(u)
}

// showPerson gives what answers with a user. It may be one that the directory
// does not hold yet.
func showPerson(c *call.Call) func(*crm.User) error {
	return func(u *crm.User) error {
		s := shapes(c)
		s.data(func() { s.person(u) })
		return nil
	}
}

// DepartmentList answers GET /api/v2/user/department_list. One program of the
// origin reads options, others departments: they are the same.
func DepartmentList(c *call.Call) error { return departments(c, "options", "departments") }

// Departments answers GET /api/v2/departments.
func Departments(c *call.Call) error { return departments(c, "departments") }

// departments writes the tree of departments from top to bottom under each of
// the names.
func departments(c *call.Call, names ...string) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	except, err := optionalID(p, "user", "except_id")
	if err != nil {
		return err
	}
	page, _, err := paging(p)
	if err != nil {
		return err
	}
	all := c.Service.Departments(c.Caller, except)
	total := len(all)
	if page > 1 { // the tree comes whole, on one page
		all = nil
	}
	s := shapes(c)
	s.data(func() {
		for _, name := range names {
			s.Array(name)
			for _, n := range all {
				s.Object("")
				s.departmentNode(n.Department, n.Level)
				s.End()
			}
			s.EndArray()
		}
		s.Int("total_count", int64(total))
		s.Int("per_page", int64(max(1, total)))
		s.Int("page", int64(page))
		s.Bool("has_next_page", false)
	})
	return nil
}

func (s *shape) departmentNode(d *crm.Department, level int) {
	s.Int("id", d.ID)
	s.String("name", d.Name)
	s.id("parent_id", d.ParentID)
	s.Int("level", int64(level))
	s.Int("position", int64(d.Position))
	s.Bool("can_use", true)
}

// Permissions answers GET /api/v2/permissions: what the caller may see and do.
// The forms of the settings are not known; they say what there is to say.
func Permissions(c *call.Call) error {
	s, v := shapes(c), c.Caller.Viewer
	o := &s.d.Organization
	s.data(func() {
		s.Array("permissions")
		for _, r := range v.Role.Permissions() {
			s.Object("")
			s.Int("id", r.Number)
			s.String("name", r.Act+"_"+r.Subject)
			s.String("subject", r.Subject)
			s.String("action", r.Act)
			s.minute("created_at", o.CreatedAt)
			s.End()
		}
		s.EndArray()
		s.Array("visible_tabs")
		for _, t := range c.Service.Tabs(c.Caller) {
			s.Object("")
			s.String("subject", t.Entity)
			s.nameList("tabs", t.Names)
			s.End()
		}
		s.EndArray()
		s.Object("organization_setting")
		s.Int("organization_id", o.ID)
		s.String("name", o.Name)
		s.Bool("customer_approve", o.Settings.CustomerApproval)
		s.End()
		s.Object("user_setting")
		s.Int("user_id", v.User.ID)
		s.Int("role_id", v.User.RoleID)
		s.String("entity_grant_scope", grantScope(v.Role))
		s.Bool("is_super_user", v.Role.Super)
		s.Bool("enabled_number_hidden_dispose", v.User.HideNumbers)
		s.End()
		s.features()
		s.poolColumns(c)
		s.Bool("has_joined_ik_invoicing", false)
		s.Bool("customer_approve", o.Settings.CustomerApproval)
	})
	return nil
}

// features are the modules, those that are there and those that are not.
func (s *shape) features() {
	s.Object("features")
	for _, name := range []string{"customer", "contact", "lead", "common_customer", "common_lead", "duplicate", "attachment"} {
		s.Bool(name, true)
	}
	for _, name := range []string{"opportunity", "contract", "product", "received_payment", "expense", "revisit_log", "schedule_report"} {
		s.Bool(name, false)
	}
	s.End()
}

// poolColumns are the columns that the caller sees of each pool of customers.
func (s *shape) poolColumns(c *call.Call) {
	s.Array("common_customer_columns")
	for _, p := range service.PoolsSeen(c.Caller, "customer") {
		chosen := p.MemberColumns
		if c.Caller.Viewer.ManagesPool(p) {
			chosen = p.ManagerColumns
		}
		s.Object("")
		s.Int("id", p.ID)
		s.String("name", p.Name)
		s.nameList("columns", slices.Clone(columnsOf(p, chosen)))
		s.End()
	}
	s.EndArray()
}
