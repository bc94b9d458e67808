package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// user reads a user into a draft.
func (r *reader) user(u *crm.User) error {
	r.text("name", &u.Name)
	r.text("email", &u.Email)
	r.text("phone", &u.Phone)
	r.text("login", &u.Login)
	r.text("tel", &u.Tel)
	r.text("job", &u.Job)
	r.text("gender", &u.Gender)
	r.given("role_id", &u.RoleID)
	r.given("department_id", &u.DepartmentID)
	r.idSet("assist_department_ids", &u.FurtherDepartments)
	r.id("superior_id", &u.SuperiorID)
	r.flag("enabled_number_hidden_dispose", &u.HideNumbers)
	return r.err
}

// CreateUser answers POST /api/v2/users with the new user and, where none was
// given, the password, which nobody can read again.
func CreateUser(c *call.Call) error {
	_, in, err := body(c, "user")
	if err != nil {
		return err
	}
	var draft crm.User
	if err := in.user(&draft); err != nil {
		return err
	}
	return withPassword(c, func(show func(*crm.User) error) (string, error) {
		return c.Service.CreateUser(c.Context(), c.Caller, &draft, in.v.String("password"), show)
	})
}

// ResetPassword answers PUT /api/v2/users/:id/password with the user and, where
// none was given, the password.
func ResetPassword(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	return withPassword(c, func(show func(*crm.User) error) (string, error) {
		return c.Service.ResetUserPassword(c.Context(), c.Caller, id, p.String("password"), show)
	})
}

// withPassword answers with a user and a generated password. The answer that is
// kept with a ticket does not hold the password: who sends the same once more
// does not see it again.
func withPassword(c *call.Call, do func(show func(*crm.User) error) (generated string, err error)) error {
	const tail = `"}}`
	repeated := false
	if a := c.Caller.Act; a != nil {
		replay := a.Replay
		a.Replay = func(answer string) {
			repeated = true
			replay(answer)
		}
	}
	generated, err := do(func(u *crm.User) error {
		s := shapes(c)
		s.data(func() {
			s.person(u)
			s.String("password", "")
		})
		return nil
	})
	if err != nil || repeated {
		return err
	}
	c.B = append(append(c.B[:len(c.B)-len(tail)], generated...), tail...)
	return nil
}

// UpdateUser answers PUT /api/v2/users/:id with the user as it is then. What is
// not sent stays.
func UpdateUser(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "user")
	if err != nil {
		return err
	}
	return c.Service.UpdateUser(c.Context(), c.Caller, id, func(draft *crm.User) error {
		return in.fresh(c).user(draft)
	}, showPerson(c))
}

// withID does something with the record of the path.
func withID(c *call.Call, do func(id int64) error) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return do(id)
}

// DisableUser answers PUT /api/v2/users/:id/disable.
func DisableUser(c *call.Call) error {
	return withID(c, func(id int64) error { return c.Service.DisableUser(c.Context(), c.Caller, id, showPerson(c)) })
}

// EnableUser answers PUT /api/v2/users/:id/enable.
func EnableUser(c *call.Call) error {
	return withID(c, func(id int64) error { return c.Service.EnableUser(c.Context(), c.Caller, id, showPerson(c)) })
}

// DeleteUser answers DELETE /api/v2/users/:id with the user as it was.
func DeleteUser(c *call.Call) error {
	return withID(c, func(id int64) error { return c.Service.DeleteUser(c.Context(), c.Caller, id, showPerson(c)) })
}

// HandOver answers POST /api/v2/users/:id/hand_over with how far it has come.
func HandOver(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	name := "to_user_id"
	if !p.Given(name) && p.Given("user_id") { // as the calls that give a record to somebody name it
		name = "user_id"
	}
	to, err := oneID(p, "user", name)
	if err != nil {
		return err
	}
	return withID(c, func(id int64) error {
		return c.Service.HandOver(c.Context(), c.Caller, id, to, showHandOver(c))
	})
}

// HandOverState answers GET /api/v2/users/:id/hand_over.
func HandOverState(c *call.Call) error {
	return withID(c, func(id int64) error {
		state, err := c.Service.HandOverOf(c.Context(), c.Caller, id)
		if err != nil {
			return err
		}
		return showHandOver(c)(state)
	})
}

func showHandOver(c *call.Call) func(*service.HandOverState) error {
	return func(h *service.HandOverState) error {
		s := shapes(c)
		s.data(func() {
			s.Int("user_id", h.From)
			s.String("user_name", s.d.UserName(h.From))
			s.Int("to_user_id", h.To)
			s.String("to_user_name", s.d.UserName(h.To))
			s.String("state", h.Job.State)
			s.Int("done", h.Job.Done)
			s.Int("total", h.Job.Total)
			s.Int("customers_count", h.Customers)
			s.Int("leads_count", h.Leads)
			s.Int("assist_customers_count", h.Assisted)
			s.Int("subordinates_count", h.Reports)
			s.Int("commons_count", h.Pools)
			s.String("error_message", h.Job.LastError)
			s.iso("created_at", h.Job.CreatedAt)
			s.iso("started_at", h.Job.StartedAt)
			s.iso("finished_at", h.Job.FinishedAt)
		})
		return nil
	}
}

// department reads a department into a draft.
func (r *reader) department(d *service.DepartmentDraft) error {
	r.text("name", &d.Name)
	r.given("parent_id", &d.ParentID)
	r.number("position", &d.Place)
	return r.err
}

// CreateDepartment answers POST /api/v2/departments with the new department.
func CreateDepartment(c *call.Call) error {
	_, in, err := body(c, "department")
	if err != nil {
		return err
	}
	var draft service.DepartmentDraft
	if err := in.department(&draft); err != nil {
		return err
	}
	return c.Service.CreateDepartment(c.Context(), c.Caller, &draft, showDepartment(c))
}

// UpdateDepartment answers PUT /api/v2/departments/:id with the department as it
// is then. What is not sent stays.
func UpdateDepartment(c *call.Call) error {
	_, in, err := body(c, "department")
	if err != nil {
		return err
	}
	return withID(c, func(id int64) error {
		return c.Service.UpdateDepartment(c.Context(), c.Caller, id, func(draft *service.DepartmentDraft) error {
			return in.fresh(c).department(draft)
		}, showDepartment(c))
	})
}

// DeleteDepartment answers DELETE /api/v2/departments/:id with the department as
// it was.
func DeleteDepartment(c *call.Call) error {
	return withID(c, func(id int64) error {
		return c.Service.DeleteDepartment(c.Context(), c.Caller, id, showDepartment(c))
	})
}

func showDepartment(c *call.Call) func(*crm.Department) error {
	return func(d *crm.Department) error {
		s := shapes(c)
		level := 0
		for up := s.d.Departments[d.ParentID]; up != nil && level < 100; up = s.d.Departments[up.ParentID] {
			level++
		}
		s.data(func() { s.departmentNode(d, level) })
		return nil
	}
}
