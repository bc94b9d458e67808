package crm

import (
	"cmp"
	"slices"
)

// FormField is a field, the system's or an own one, as the forms of an
// organization show it: what the field is by itself with everything that the
// organization has changed on it.
type FormField struct {
	ID             int64 // on the wire
	Entity, Name   string
	Label, English string // the label; one that the organization chose is in both
	Placeholder    string
	GroupID        int64
	Position       int // within the whole form, from 1
	// Enabled fields are shown; Common ones without unfolding the form; a
	// Required one must be filled in.
	Enabled, Common, Required bool
	System                    *SystemField // nil for an own field
	// Own is the definition of an own field with these settings, save that it
	// is never Required there: whoever takes values in asks for the required
	// ones of the form.
	Own *CustomField
}

// form is what Prepare works out of an entity's fields, for one template or (0)
// for records without one.
type form struct {
	fields []FormField
	own    []*CustomField
	places map[string]int
}

type formKey struct {
	entity   string
	template int64
}

// Form gives all fields of an entity in the order in which its forms show them,
// disabled ones too, with the settings of one template; with those for all where
// there is no such template. The caller must not change it.
func (d *Directory) Form(entity string, template int64) []FormField {
	if f := d.form(entity, template); f != nil {
		return f.fields
	}
	return nil
}

// FormField gives one field of a form by its name; nil where there is none.
func (d *Directory) FormField(entity string, template int64, name string) *FormField {
	f := d.form(entity, template)
	if f == nil {
		return nil
	}
	if i, ok := f.places[name]; ok {
		return &f.fields[i]
	}
	return nil
}

// OwnFields gives the own fields of a form in its order, disabled ones too; see
// FormField.Own.
func (d *Directory) OwnFields(entity string, template int64) []*CustomField {
	if f := d.form(entity, template); f != nil {
		return f.own
	}
	return nil
}

func (d *Directory) form(entity string, template int64) *form {
	if f := d.forms[formKey{entity, template}]; f != nil {
		return f
	}
	return d.forms[formKey{entity: entity}]
}

// Label is the name of a field for people in this organization, in Chinese and
// in English.
func (d *Directory) Label(entity, name string) (zh, en string) {
	if f := d.FormField(entity, 0, name); f != nil {
		return f.Label, f.English
	}
	return FieldLabel(entity, name)
}

// unplaced is where own fields begin that nobody has put into a group, or whose
// group is gone: behind all others of the first one.
const unplaced = 1 << 20

func (d *Directory) prepareForms() {
	d.forms = map[formKey]*form{}
	if d.Groups == nil {
		d.Groups = map[string][]*FieldGroup{}
	}
	for _, entity := range FormEntities() {
		d.prepareGroups(entity)
		d.forms[formKey{entity: entity}] = d.makeForm(entity, 0)
	}
	for _, t := range d.Templates {
		if d.forms[formKey{entity: t.Entity}] != nil {
			d.forms[formKey{t.Entity, t.ID}] = d.makeForm(t.Entity, t.ID)
		}
	}
}

// prepareGroups adds the groups that every organization has and that this one
// has not changed.
func (d *Directory) prepareGroups(entity string) {
	all := d.Groups[entity]
	for _, g := range systemGroups(entity) {
		if !slices.ContainsFunc(all, func(x *FieldGroup) bool { return x.ID == g.ID }) {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *FieldGroup) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	d.Groups[entity] = all
}

func (d *Directory) makeForm(entity string, template int64) *form {
	groups := map[int64]int{}
	for i, g := range d.Groups[entity] {
		groups[g.ID] = i
	}
	var fields []FormField
	for i := range systemFields[entity] {
		fields = append(fields, systemFormField(&systemFields[entity][i], i+1))
	}
	for _, own := range d.Fields[entity] {
		f := ownFormField(own)
		if _, there := groups[own.GroupID]; !there {
			f.GroupID, f.Position = systemGroups(entity)[basics].ID, unplaced+own.Position
		}
		fields = append(fields, f)
	}
	for i := range fields {
		f := &fields[i]
		general := d.FieldSettings[FieldKey{entity, 0, f.Name}]
		if general.GroupID != nil {
			if _, there := groups[*general.GroupID]; !there {
				general.GroupID, general.Position = nil, nil
			}
		}
		f.apply(general, template == 0)
		if template != 0 {
			f.apply(d.FieldSettings[FieldKey{entity, template, f.Name}], true)
		}
	}
	slices.SortStableFunc(fields, func(a, b FormField) int {
		return cmp.Or(cmp.Compare(groups[a.GroupID], groups[b.GroupID]), cmp.Compare(a.Position, b.Position))
	})
	out := &form{fields: fields, places: make(map[string]int, len(fields))}
	for i := range fields {
		f := &fields[i]
		f.Position = i + 1
		out.places[f.Name] = i
		if f.Own != nil {
			out.own = append(out.own, f.Own)
		}
	}
	return out
}

func systemFormField(f *SystemField, position int) FormField {
	zh, en := FieldLabel(f.Entity, f.Name)
	return FormField{ID: f.ID, Entity: f.Entity, Name: f.Name, Label: zh, English: en, GroupID: f.GroupID, Position: position,
		Enabled: true, Common: f.Common, Required: f.Required, System: f}
}

func ownFormField(own *CustomField) FormField {
	return FormField{ID: OwnFieldIDs + own.ID, Entity: own.Entity, Name: own.Name, Label: own.Label, English: own.Label,
		Placeholder: own.Options.Placeholder, GroupID: own.GroupID, Position: own.Position, Enabled: own.Enabled,
		Common: own.Common, Required: own.Required, Own: own}
}

// apply changes the field by a setting. What cannot be changed on a field of
// the system stays, and what is disabled for all is so for every template.
func (f *FormField) apply(s FieldSetting, last bool) {
	set(&f.Label, s.Label)
	set(&f.English, s.Label)
	set(&f.Placeholder, s.Placeholder)
	set(&f.GroupID, s.GroupID)
	set(&f.Position, s.Position)
	set(&f.Common, s.Common)
	set(&f.Required, s.Required)
	if s.Enabled != nil {
		f.Enabled = f.Enabled && *s.Enabled
	}
	if x := f.System; x != nil {
		f.Enabled = f.Enabled || x.Kept
		f.Required = f.Required && !x.Filled || x.Required
	}
	f.Required = f.Required && f.Enabled
	if last && f.Own != nil {
		own := *f.Own
		own.Enabled, own.Common, own.Required = f.Enabled, f.Common, false
		f.Own = &own
	}
}

func set[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}
