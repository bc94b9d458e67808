package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// lastPlace is a position behind all fields of an entity.
func lastPlace(d *crm.Directory, entity string) int {
	last := len(d.Form(entity, 0))
	for _, f := range d.Fields[entity] {
		last = max(last, f.Position)
	}
	for key, x := range d.FieldSettings {
		if key.Entity == entity && x.Position != nil {
			last = max(last, *x.Position)
		}
	}
	return last + 1
}

// GroupOrder is the place of a group in a form: by its place in a list, with
// the names of its fields in their order.
type GroupOrder struct {
	ID     int64
	Fields []string
}

// OrderFields puts the groups of an entity, and the fields in them, into an
// order. Groups and fields that are not named follow behind, as they stand now.
//
// ErrForbidden without the right; an entity_validation_error for a group or a
// field that is not there, and for one that comes twice.
func (s *Service) OrderFields(ctx context.Context, c *Caller, entity string, order []GroupOrder, show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		if err := formEntity(entity); err != nil {
			return err
		}
		d := c.Directory
		groups, err := wholeOrder(d, entity, order)
		if err != nil {
			return err
		}
		now, position := crm.At(s.now()), 0
		old, after := record{}, record{}
		for i, g := range d.Groups[entity] {
			old[groupKey(g.ID)] = fieldNames(d, entity, g.ID)
			if to := slices.IndexFunc(groups, func(o GroupOrder) bool { return o.ID == g.ID }); to != i || g.Position != i+1 {
				moved := *g
				moved.Position = to + 1
				if err := w.SetFieldGroup(&moved, now); err != nil {
					return err
				}
			}
		}
		for _, g := range groups {
			after[groupKey(g.ID)] = g.Fields
			for _, name := range g.Fields {
				position++
				if err := placeField(w, d, entity, name, g.ID, position, now); err != nil {
					return err
				}
			}
		}
		return s.note(w, c, "custom_field_group", 0, "order", old, after)
	}, show)
}

func groupKey(id int64) string { return "group " + string(plain(id)) }

func fieldNames(d *crm.Directory, entity string, group int64) []string {
	var names []string
	for _, f := range d.Form(entity, 0) {
		if f.GroupID == group {
			names = append(names, f.Name)
		}
	}
	return names
}

// wholeOrder completes an order with the groups and fields that it does not
// name.
func wholeOrder(d *crm.Directory, entity string, order []GroupOrder) ([]GroupOrder, error) {
	var out []GroupOrder
	placed := map[string]bool{}
	for _, o := range order {
		there := slices.ContainsFunc(d.Groups[entity], func(g *crm.FieldGroup) bool { return g.ID == o.ID })
		if !there || slices.ContainsFunc(out, func(x GroupOrder) bool { return x.ID == o.ID }) {
			return nil, errNoFieldGroup
		}
		for _, name := range o.Fields {
			if d.FormField(entity, 0, name) == nil || placed[name] {
				return nil, crm.Invalid("字段"+name+"不存在或重复", "The field "+name+" does not exist or comes twice")
			}
			placed[name] = true
		}
		out = append(out, GroupOrder{o.ID, slices.Clone(o.Fields)})
	}
	for _, g := range d.Groups[entity] {
		i := slices.IndexFunc(out, func(o GroupOrder) bool { return o.ID == g.ID })
		if i < 0 {
			i = len(out)
			out = append(out, GroupOrder{ID: g.ID})
		}
		for _, name := range fieldNames(d, entity, g.ID) {
			if !placed[name] {
				out[i].Fields = append(out[i].Fields, name)
			}
		}
	}
	return out, nil
}

func placeField(w *store.Write, d *crm.Directory, entity, name string, group int64, position int, now crm.Time) error {
	if own := ownField(d, entity, name); own != nil {
		if own.GroupID == group && own.Position == position {
			return nil
		}
		moved := *own
		moved.GroupID, moved.Position = group, position
		return w.SetCustomField(&moved, now)
	}
	key := crm.FieldKey{Entity: entity, Name: name}
	x := d.FieldSettings[key]
	x.GroupID, x.Position = &group, &position
	return w.SetFieldSetting(key, x)
}

// maxFieldGroups is how many groups a form may have.
const maxFieldGroups = 50

// SaveFieldGroup makes a group of fields behind the others (id 0), or gives one
// another label. ErrNotFound where there is none, ErrForbidden without the
// right, an entity_validation_error for a label that is none or that another
// group of the entity has.
func (s *Service) SaveFieldGroup(ctx context.Context, c *Caller, id int64, entity, label string,
	show func(d *crm.Directory, g *crm.FieldGroup) error) error {
	var g crm.FieldGroup
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		var err error
		d, action, before := c.Directory, "create", record(nil)
		if id == 0 {
			if err := formEntity(entity); err != nil {
				return err
			}
			if len(d.Groups[entity]) >= maxFieldGroups {
				return crm.Invalid("字段分组最多50个", "There can be at most 50 groups of fields")
			}
			if g, err = newFieldGroup(w, d, entity); err != nil {
				return err
			}
		} else {
			found := fieldGroup(d, id)
			if found == nil {
				return crm.ErrNotFound
			}
			g, action, before = *found, "update", groupRecord(found)
		}
		named := crm.CustomField{Label: label}
		if err := field.ValidateTexts(&named); err != nil {
			return err
		}
		g.Label = named.Label
		for _, other := range d.Groups[g.Entity] {
			if other.ID != g.ID && other.Label == g.Label {
				return crm.Invalid("字段分组名称重复", "There is a group of fields with this label already")
			}
		}
		if err := w.SetFieldGroup(&g, crm.At(s.now())); err != nil {
			return err
		}
		return s.note(w, c, "custom_field_group", g.ID, action, before, groupRecord(&g))
	}, func(d *crm.Directory) error { return show(d, fieldGroup(d, g.ID)) })
}

// newFieldGroup is a group behind all but the last of the system's, which tells
// what the system knows of a record.
func newFieldGroup(w *store.Write, d *crm.Directory, entity string) (g crm.FieldGroup, err error) {
	g = crm.FieldGroup{Entity: entity, Enabled: true}
	for _, other := range d.Groups[entity] {
		if other.Position < 1000 {
			g.Position = max(g.Position, other.Position+1)
		}
	}
	if err = w.SkipIDs(store.FieldGroups, crm.OwnFieldIDs); err == nil {
		g.ID, err = w.TakeIDs(store.FieldGroups, 1)
	}
	return g, err
}

func fieldGroup(d *crm.Directory, id int64) *crm.FieldGroup {
	for _, groups := range d.Groups {
		for _, g := range groups {
			if g.ID == id {
				return g
			}
		}
	}
	return nil
}

func groupRecord(g *crm.FieldGroup) record { return record{"entity": g.Entity, "label": g.Label} }

// DeleteFieldGroup deletes a group of fields; its fields go back to where they
// stand by themselves. ErrNotFound where there is none, ErrForbidden without
// the right, an entity_validation_error for one of the system's.
func (s *Service) DeleteFieldGroup(ctx context.Context, c *Caller, id int64, show func(*crm.Directory, *crm.FieldGroup) error) error {
	var g *crm.FieldGroup
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		if g = fieldGroup(c.Directory, id); g == nil {
			return crm.ErrNotFound
		}
		if crm.SystemGroup(id) {
			return crm.Invalid("系统分组不能删除", "A group of the system cannot be deleted")
		}
		if err := w.DeleteFieldGroup(id); err != nil {
			return notFound(err)
		}
		return s.note(w, c, "custom_field_group", id, "destroy", groupRecord(g), nil)
	}, func(d *crm.Directory) error { return show(d, g) })
}
