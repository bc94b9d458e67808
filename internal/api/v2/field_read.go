package v2

import (
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// field reads the definition of a field, or what is changed on one, into a
// draft, in the form in which answers show it.
func (r *reader) field(f *crm.CustomField) error {
	r.text("label", &f.Label)
	r.text("name", &f.Name)
	r.kind(&f.Kind)
	r.text("placeholder", &f.Options.Placeholder)
	r.status(&f.Enabled)
	r.oneOf("category", &f.Common, "common", "more")
	r.flag("required", &f.Required)
	r.id("custom_field_group_id", &f.GroupID)
	r.within("input_field_options", func(in *reader) { in.fieldOptions(f) })
	r.fieldOptions(f)
	return r.err
}

// kind reads the type of a field by our word for it (kind), or by the wire's
// (field_type).
func (r *reader) kind(into *string) {
	if r.v.Given("kind") {
		r.text("kind", into)
		return
	}
	var name string
	r.text("field_type", &name)
	if name == "" || name == typeOf(*into) {
		return
	}
	*into = name // no kind, unless there is one of this type
	for _, k := range field.Kinds() {
		if k.FieldType == name {
			*into = k.Name
			return
		}
	}
}

func typeOf(kind string) string {
	if k := field.Find(kind); k != nil {
		return k.FieldType
	}
	return ""
}

// status reads whether something is enabled.
func (r *reader) status(into *bool) { r.oneOf("status", into, "enable", "disable") }

// oneOf reads one of two words.
func (r *reader) oneOf(name string, into *bool, yes, no string) {
	if !r.v.Given(name) {
		return
	}
	var word string
	r.text(name, &word)
	switch word {
	case yes:
		*into = true
	case no:
		*into = false
	default:
		r.wrong(name, mustBe{"只能是" + yes + "或" + no, "must be " + yes + " or " + no})
	}
}

// fieldOptions reads the settings that only some kinds have. They may stand in
// input_field_options, where answers show them, or beside the others.
func (r *reader) fieldOptions(f *crm.CustomField) {
	o := &f.Options
	if list, given := r.objects("collection_options"); given {
		f.Choices = r.choices(list)
	}
	if r.v.Has("precision") {
		places := 0
		if r.number("precision", &places); r.v.Given("precision") {
			o.Decimals = &places
		}
	}
	r.text("phone_format", &o.Phone)
	r.text("target_entity", &o.Target)
	r.number("max_rows", &o.MaxRows)
	if list, given := r.objects("columns"); given {
		o.Columns = r.columns(list)
	}
	r.within("number_rule", func(in *reader) {
		rule := crm.NumberRule{}
		if o.Number != nil {
			rule = *o.Number
		}
		in.text("prefix", &rule.Prefix)
		in.text("date_format", &rule.Date)
		in.number("digits", &rule.Digits)
		in.flag("restart", &rule.Restart)
		o.Number = &rule
	})
}

// objects reads a list of objects.
func (r *reader) objects(name string) (list []param.Value, given bool) {
	v := r.v.Get(name)
	switch {
	case !v.Present(), v.Kind() == param.KindNull:
		return nil, false
	case !v.IsList():
		r.wrong(name, mustBeList)
		return nil, false
	}
	for _, item := range v.List() {
		if item.Kind() != param.KindObject {
			r.wrong(name, mustBeAllObjects)
			return nil, false
		}
		list = append(list, item)
	}
	return list, true
}

// choices reads one level of choices and those below it. The depth is bounded
// by what a body may hold.
func (r *reader) choices(list []param.Value) []crm.Choice {
	all := make([]crm.Choice, 0, len(list))
	for _, v := range list {
		in := &reader{v: v, d: r.d, entity: r.entity}
		choice, enabled := crm.Choice{}, true
		in.text("value", &choice.Value)
		in.text("label", &choice.Label)
		in.status(&enabled)
		in.flag("is_other", &choice.Other)
		if below, given := in.objects("children"); given {
			choice.Children = in.choices(below)
		}
		if in.err != nil {
			r.fail(in.err)
		}
		choice.Disabled = !enabled
		all = append(all, choice)
	}
	return all
}

// columns reads the columns of a sub-form.
func (r *reader) columns(list []param.Value) []*crm.CustomField {
	all := make([]*crm.CustomField, 0, len(list))
	for _, v := range list {
		column := &crm.CustomField{Enabled: true}
		in := &reader{v: v, d: r.d, entity: r.entity}
		if err := in.field(column); err != nil {
			r.fail(err)
		}
		column.GroupID = 0
		all = append(all, column)
	}
	return all
}

// template reads a business type into a draft.
func (r *reader) template(t *crm.Template) error {
	r.text("name", &t.Name)
	r.status(&t.Enabled)
	r.idSet("role_ids", &t.Roles)
	return r.err
}

// named is the part of the path that names something.
func named(c *call.Call, key string) string { return strings.Clone(c.Request.PathValue(key)) }
