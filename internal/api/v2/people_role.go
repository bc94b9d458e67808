package v2

import (
	"maps"
	"slices"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// role reads a role into a draft.
func (r *reader) role(into *crm.Role) error {
	r.text("name", &into.Name)
	if r.v.Given("entity_grant_scope") {
		var name string
		r.text("entity_grant_scope", &name)
		into.Scope = scopeNamed(name)
	}
	if v := r.v.Get("permissions"); v.Present() {
		if v.Filled() && !v.IsList() {
			r.wrong("permissions", mustBeList)
		}
		into.Rights = map[string]bool{}
		for _, name := range v.AsStrings() {
			if name != "" {
				into.Rights[name] = true
			}
		}
	}
	r.hidden(&into.Hidden)
	return r.err
}

// scopeNamed is the scope of a name on the wire. An unknown name is no scope.
func scopeNamed(name string) crm.Scope {
	for scope, known := range grantScopes {
		if known == name {
			return scope
		}
	}
	return crm.Scope(name)
}

// hidden reads field rights: a list of {field, hidden_on} in the place of those
// before.
func (r *reader) hidden(into *map[string]crm.Hiding) {
	v := r.v.Get("field_permissions")
	if !v.Present() {
		return
	}
	if v.Filled() && !v.IsList() {
		r.wrong("field_permissions", mustBeList)
		return
	}
	out := map[string]crm.Hiding{}
	for _, item := range v.List() {
		if item.Kind() != param.KindObject {
			r.wrong("field_permissions", mustBeAllObjects)
			return
		}
		var name, on string
		in := &reader{v: item, d: r.d, entity: r.entity}
		in.text("field", &name)
		in.text("hidden_on", &on)
		if in.err != nil {
			r.fail(in.err)
		}
		out[name] = crm.Hiding(on)
	}
	*into = out
}

func (s *shape) role(r *service.RoleItem) {
	s.Int("id", r.ID)
	s.String("name", r.Name)
	s.String("entity_grant_scope", grantScope(r.Role))
	s.Bool("is_super", r.Super)
	s.Bool("is_editable", !r.Super)
	s.Int("users_count", int64(r.Users))
	s.Array("permissions")
	for _, right := range crm.Rights() {
		if r.May(right) {
			s.String("", right)
		}
	}
	s.EndArray()
	s.Array("field_permissions")
	if !r.Super {
		for _, name := range slices.Sorted(maps.Keys(r.Hidden)) {
			s.Object("")
			s.String("field", name)
			s.String("hidden_on", string(r.Hidden[name]))
			s.End()
		}
	}
	s.EndArray()
}

// Roles answers GET /api/v2/roles.
func Roles(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	all, err := c.Service.Roles(c.Caller)
	if err != nil {
		return err
	}
	first, last, page, err := pageOf(p, len(all))
	if err != nil {
		return err
	}
	all = all[first:last]
	s := shapes(c)
	s.page("roles", page, len(all), func(i int) {
		s.Object("")
		s.role(&all[i])
		s.End()
	})
	return nil
}

// RoleOptions answers GET /api/v2/roles/options: what a role can be made of.
func RoleOptions(c *call.Call) error {
	if _, err := c.Service.Roles(c.Caller); err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Array("scopes")
		for _, scope := range crm.Scopes() {
			label, _ := scope.Label()
			s.Object("")
			s.String("value", grantScopes[scope])
			s.String("label", label)
			s.End()
		}
		s.EndArray()
		s.Array("permissions")
		for _, r := range crm.RightTable() {
			s.Object("")
			s.Int("id", r.Number)
			s.String("value", r.Name)
			s.String("label", r.Zh)
			s.String("subject", r.Subject)
			s.String("action", r.Act)
			s.End()
		}
		s.EndArray()
		s.Array("fields")
		for _, name := range service.HideableFields(s.d) {
			s.Object("")
			s.String("value", name)
			s.String("label", hideableLabel(s.d, name))
			s.End()
		}
		s.EndArray()
	})
	return nil
}

// Role answers GET /api/v2/roles/:id.
func Role(c *call.Call) error {
	return withID(c, func(id int64) error {
		r, err := c.Service.RoleDetail(c.Caller, id)
		if err != nil {
			return err
		}
		return showRole(c)(r)
	})
}

func showRole(c *call.Call) func(*service.RoleItem) error {
	return func(r *service.RoleItem) error {
		s := shapes(c)
		s.data(func() { s.role(r) })
		return nil
	}
}

// CreateRole answers POST /api/v2/roles with the new role; copy_from names one
// that it copies where the body says nothing else.
func CreateRole(c *call.Call) error {
	_, in, err := body(c, "role")
	if err != nil {
		return err
	}
	var from int64
	if in.id("copy_from", &from); in.err != nil {
		return in.err
	}
	return createRole(c, in, from)
}

// CopyRole answers POST /api/v2/roles/:id/copy.
func CopyRole(c *call.Call) error {
	_, in, err := body(c, "role")
	if err != nil {
		return err
	}
	return withID(c, func(id int64) error { return createRole(c, in, id) })
}

func createRole(c *call.Call, in *reader, from int64) error {
	return c.Service.CreateRole(c.Context(), c.Caller, from, func(draft *crm.Role) error {
		return in.fresh(c).role(draft)
	}, showRole(c))
}

// UpdateRole answers PUT /api/v2/roles/:id with the role as it is then. What is
// not sent stays.
func UpdateRole(c *call.Call) error {
	_, in, err := body(c, "role")
	if err != nil {
		return err
	}
	return withID(c, func(id int64) error {
		return c.Service.UpdateRole(c.Context(), c.Caller, id, func(draft *crm.Role) error {
			return in.fresh(c).role(draft)
		}, showRole(c))
	})
}

// DeleteRole answers DELETE /api/v2/roles/:id with the role as it was.
func DeleteRole(c *call.Call) error {
	return withID(c, func(id int64) error { return c.Service.DeleteRole(c.Context(), c.Caller, id, showRole(c)) })
}
