package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// FieldMaps answers GET /api/v2/field_maps/:entity: the select fields of the
// system with their options, disabled ones too.
func FieldMaps(c *call.Call) error {
	entity := named(c, "entity")
	lists, err := c.Service.Options(c.Caller, entity)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Array(entity)
		for _, list := range lists {
			s.Object("")
			s.fieldMap(list.Field, list.Options)
			s.End()
		}
		s.EndArray()
	})
	return nil
}

func (s *shape) fieldMap(name string, options []*crm.Option) {
	s.String("field_name", name)
	s.Array("field_values")
	for _, o := range options {
		s.Object("")
		s.Int("id", o.ID)
		s.Quote("value")
		s.B = strconv.AppendInt(s.B, o.ID, 10)
		s.Unquote()
		s.String("label", o.Label)
		s.String("name", o.Label)
		s.Int("position", int64(o.Position))
		s.String("status", statusOf(o.Enabled))
		s.Bool("cannot_change", o.Meaning != "")
		s.End()
	}
	s.EndArray()
}

// showOptions answers with the options of one field.
func showOptions(c *call.Call) func(*crm.Directory) error {
	return func(d *crm.Directory) error {
		s := shapes(c)
		s.data(func() { s.fieldMap(named(c, "field"), service.OptionsOf(d, named(c, "entity"), named(c, "field"))) })
		return nil
	}
}

// AddOption answers POST /api/v2/field_maps/:entity/:field with the field's
// options as they are then.
func AddOption(c *call.Call) error {
	_, in, err := body(c, "field_value")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	var label string
	if in.text("label", &label); in.err != nil {
		return in.err
	}
	return c.Service.AddOption(c.Context(), c.Caller, named(c, "entity"), named(c, "field"), label, showOptions(c))
}

// ChangeOption answers PUT /api/v2/field_maps/:entity/:field/:id with the field's
// options as they are then.
func ChangeOption(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "field_value")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	return c.Service.ChangeOption(c.Context(), c.Caller, named(c, "entity"), named(c, "field"), id, func(o *crm.Option) error {
		r := in.fresh(c)
		r.text("label", &o.Label)
		r.status(&o.Enabled)
		return r.err
	}, showOptions(c))
}

// OrderOptions answers PUT /api/v2/field_maps/:entity/:field/order with the
// field's options in their order.
func OrderOptions(c *call.Call) error {
	order, err := orderOf(c)
	if err != nil {
		return err
	}
	return c.Service.OrderOptions(c.Context(), c.Caller, named(c, "entity"), named(c, "field"), order, showOptions(c))
}

// orderOf reads ids in their order.
func orderOf(c *call.Call) ([]int64, error) {
	p, err := c.Params()
	if err != nil {
		return nil, err
	}
	return some(p, "custom_field", "ids")
}

// Templates answers GET /api/v2/custom_field_templates: the business types that
// the caller may make records with, or all for who manages fields.
func Templates(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	entity := p.String("entity_type")
	if entity == "" {
		entity = "customer"
	}
	all, err := c.Service.Templates(c.Caller, entity)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Array("custom_field_templates")
		for _, t := range all {
			s.Object("")
			s.template(t)
			s.End()
		}
		s.EndArray()
	})
	return nil
}

func (s *shape) template(t *crm.Template) {
	s.Int("id", t.ID)
	s.String("name", t.Name)
	s.String("entity_type", t.Entity)
	s.Int("position", int64(t.Position))
	s.String("status", statusOf(t.Enabled))
	s.Array("role_ids")
	for _, role := range t.Roles {
		s.Int("", role)
	}
	s.EndArray()
	s.Bool("is_usable", t.UsableBy(s.Caller.Viewer.Role))
}

func showTemplate(c *call.Call) func(*crm.Directory, *crm.Template) error {
	return func(_ *crm.Directory, t *crm.Template) error {
		s := shapes(c)
		s.data(func() { s.template(t) })
		return nil
	}
}

// AddTemplate answers POST /api/v2/custom_field_templates with the new business
// type.
func AddTemplate(c *call.Call) error {
	_, in, err := body(c, "custom_field_template")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	t, copyOf := crm.Template{Entity: "customer", Enabled: true}, int64(0)
	if in.v.Given("entity_type") {
		in.text("entity_type", &t.Entity)
	}
	in.id("copy_from_id", &copyOf)
	if err := in.template(&t); err != nil {
		return err
	}
	return c.Service.AddTemplate(c.Context(), c.Caller, &t, copyOf, showTemplate(c))
}

// ChangeTemplate answers PUT /api/v2/custom_field_templates/:id with the
// business type as it is then.
func ChangeTemplate(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "custom_field_template")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	return c.Service.ChangeTemplate(c.Context(), c.Caller, id, func(t *crm.Template) error {
		return in.fresh(c).template(t)
	}, showTemplate(c))
}

// DeleteTemplate answers DELETE /api/v2/custom_field_templates/:id with the
// business type as it was.
func DeleteTemplate(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteTemplate(c.Context(), c.Caller, id, showTemplate(c))
}
