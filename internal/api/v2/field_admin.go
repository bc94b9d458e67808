package v2

import (
	"slices"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// AddField answers POST /api/v2/custom_fields/:entity_type with the new field.
func AddField(c *call.Call) error {
	_, in, err := body(c, "custom_field")
	if err != nil {
		return err
	}
	draft := crm.CustomField{Entity: named(c, "entity_type"), Enabled: true, Common: true}
	if err := in.field(&draft); err != nil {
		return err
	}
	return c.Service.AddField(c.Context(), c.Caller, &draft, func(d *crm.Directory, name string) error {
		return showField(c, d, d.FormField(draft.Entity, 0, name))
	})
}

func showField(c *call.Call, d *crm.Directory, f *crm.FormField) error {
	s := shapes(c)
	s.d = d
	s.data(func() { s.formField(f, true) })
	return nil
}

// ChangeField answers PUT /api/v2/custom_fields/:entity_type/:name with the field
// as it is then. What is not sent stays. With custom_field_template_id it is
// changed for the records of that business type.
func ChangeField(c *call.Call) error {
	_, template, err := templateParam(c)
	if err != nil {
		return err
	}
	_, in, err := body(c, "custom_field")
	if err != nil {
		return err
	}
	entity, name := named(c, "entity_type"), named(c, "name")
	return c.Service.ChangeField(c.Context(), c.Caller, entity, name, template, func(draft *crm.CustomField) error {
		return in.fresh(c).field(draft)
	}, func(d *crm.Directory) error { return showField(c, d, d.FormField(entity, template, name)) })
}

// DeleteField answers DELETE /api/v2/custom_fields/:entity_type/:name with the
// field as it was. confirm repeats its label.
func DeleteField(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	return c.Service.DeleteField(c.Context(), c.Caller, named(c, "entity_type"), named(c, "name"), p.String("confirm"),
		func(f *crm.FormField) error { return showField(c, c.Caller.Directory, f) })
}

// OrderFields answers PUT /api/v2/custom_fields/:entity_type/order with all
// groups and fields in their order.
func OrderFields(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	in := &reader{v: p.Root(), d: c.Caller.Directory, entity: "custom_field"}
	list, given := in.objects("groups")
	if !given && in.err == nil {
		return crm.Required(call.Named("custom_field", "groups"))
	}
	var order []service.GroupOrder
	for _, v := range list {
		group := &reader{v: v, d: in.d, entity: in.entity}
		var o service.GroupOrder
		group.id("id", &o.ID)
		group.nameList("fields", &o.Fields)
		if group.err != nil {
			in.fail(group.err)
		}
		order = append(order, o)
	}
	if in.err != nil {
		return in.err
	}
	entity := named(c, "entity_type")
	return c.Service.OrderFields(c.Context(), c.Caller, entity, order, func(d *crm.Directory) error {
		s := shapes(c)
		s.d = d
		s.data(func() { s.formGroups("custom_field_groups", entity, 0, service.AllGroups(d, entity, 0), true) })
		return nil
	})
}

// AddFieldGroup answers POST /api/v2/custom_field_groups with the new group.
func AddFieldGroup(c *call.Call) error { return saveFieldGroup(c, 0) }

// ChangeFieldGroup answers PUT /api/v2/custom_field_groups/:id with the group as
// it is then.
func ChangeFieldGroup(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return saveFieldGroup(c, id)
}

func saveFieldGroup(c *call.Call, id int64) error {
	_, in, err := body(c, "custom_field_group")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	var entity, label string
	in.text("entity_type", &entity)
	in.text("label", &label)
	if in.err != nil {
		return in.err
	}
	return c.Service.SaveFieldGroup(c.Context(), c.Caller, id, entity, label, func(d *crm.Directory, g *crm.FieldGroup) error {
		return showFieldGroup(c, d, g)
	})
}

func showFieldGroup(c *call.Call, d *crm.Directory, g *crm.FieldGroup) error {
	s := shapes(c)
	s.d = d
	s.data(func() {
		s.formGroup(g, 1+slices.Index(d.Groups[g.Entity], g), g.Entity, 0)
		s.String("entity_type", g.Entity)
	})
	return nil
}

// DeleteFieldGroup answers DELETE /api/v2/custom_field_groups/:id with the group
// as it was.
func DeleteFieldGroup(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteFieldGroup(c.Context(), c.Caller, id, func(d *crm.Directory, g *crm.FieldGroup) error {
		return showFieldGroup(c, d, g)
	})
}
