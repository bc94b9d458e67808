package v2

import (
	"cmp"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// entityTypeParam reads which kind of record a call is about: entity_type, or
// key as the origin's own pages call it; customers where neither is given.
func entityTypeParam(p *param.Params) string {
	return cmp.Or(p.String("entity_type"), p.String("key"), "customer")
}

// DuplicateSetting answers GET /api/v2/duplicates/field_setting: how a kind of
// record is checked for duplicates, and what could be chosen.
func DuplicateSetting(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	x, err := c.Service.DuplicateSetting(c.Caller, entityTypeParam(p))
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() { s.duplicateSetting(x) })
	return nil
}

func (s *shape) duplicateSetting(x *service.DuplicateSetting) {
	s.String("entity_type", x.Entity)
	s.Bool("enabled", x.Enabled)
	s.Bool("across", x.Across)
	s.Array("fields")
	for _, r := range x.Rules {
		s.Object("")
		s.labelled(x.Entity, r.Field)
		s.String("status", r.State)
		s.End()
	}
	s.EndArray()
	s.names("columns", x.Entity, x.Columns)
	s.names("eligible_fields", x.Entity, service.CheckableFields(s.d, x.Entity))
	s.names("eligible_columns", x.Entity, service.HitColumns(s.d, x.Entity))
}

func (s *shape) names(key, entity string, names []string) {
	s.Array(key)
	for _, name := range names {
		s.Object("")
		s.labelled(entity, name)
		s.End()
	}
	s.EndArray()
}

// labelled is a field by its name with its label.
func (s *shape) labelled(entity, name string) {
	label, _ := s.d.Label(entity, name)
	s.String("name", name)
	s.String("label", label)
}

// SetDuplicates answers PUT /api/v2/duplicates/field_setting with the setting as
// it is then. What is not sent stays.
func SetDuplicates(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	entity := entityTypeParam(p)
	return c.Service.SetDuplicates(c.Context(), c.Caller, entity, func(x *crm.DuplicateSettings, fields *[]string) error {
		in := &reader{v: p.Root(), d: c.Caller.Directory, entity: "custom_field"}
		in.flag("enabled", &x.Enabled)
		in.flag("across", &x.Across)
		in.fieldNames("fields", fields)
		in.fieldNames("columns", &x.Columns)
		return in.err
	}, func(d *crm.Directory) error {
		s := shapes(c)
		s.d = d
		s.data(func() { s.duplicateSetting(service.DuplicateSettingOf(d, entity)) })
		return nil
	})
}

// fieldNames reads a list of names of fields, each also as the object that
// answers show.
func (r *reader) fieldNames(name string, into *[]string) {
	v := r.v.Get(name)
	switch {
	case !v.Present():
		return
	case v.Filled() && !v.IsList():
		r.wrong(name, mustBeList)
		return
	}
	var names []string
	for _, item := range v.List() {
		if item.Kind() == param.KindObject {
			item = item.Get("name")
		}
		if text := strings.Clone(item.Text()); text != "" {
			names = append(names, text)
		}
	}
	*into = names
}

// SearchDuplicates answers GET /api/v2/duplicates/search: what the whole
// organization has of a text.
func SearchDuplicates(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	return searchDuplicates(c, p, entityTypeParam(p), "duplicates")
}

// SearchCustomers answers GET /api/v2/customers/search_duplicates: the same
// among customers.
func SearchCustomers(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	return searchDuplicates(c, p, "customer", "customers")
}

func searchDuplicates(c *call.Call, p *param.Params, entity, key string) error {
	page, perPage, err := paging(p)
	if err != nil {
		return err
	}
	if k := p.Get("query").Kind(); k == param.KindList || k == param.KindObject || k == param.KindFile {
		return wrongType("", "query", mustBeText)
	}
	hits, list, err := c.Service.SearchDuplicates(c.Context(), c.Caller, entity, p.String("query"), page, perPage)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page(key, list, len(hits), func(i int) { s.hit(&hits[i]) })
	return nil
}

// hit is a hit of the search: what the setting's columns show, and by the names
// that clients know what these hold of it.
func (s *shape) hit(h *service.DuplicateHit) {
	s.Object("")
	s.Int("id", h.ID)
	s.String("entity_type", h.Entity)
	s.String("name", h.Column("name"))
	s.String("company_name", h.Column("company_name"))
	s.String("user_name", h.Column("user_id"))
	s.Bool("is_user_self", h.Self)
	s.Bool("is_visible", h.Open)
	s.Bool("turned_to_customer", h.Turned)
	s.Array("columns")
	for _, column := range h.Columns {
		s.Object("")
		s.String("name", column.Name)
		s.String("label", column.Label)
		s.String("value", column.Value)
		s.End()
	}
	s.EndArray()
	s.End()
}
