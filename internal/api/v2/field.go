package v2

import (
	"strconv"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/service"
)

// FormByGroup answers GET /api/v2/custom_fields/:entity_type/by_group: the
// groups of a form with the fields that the caller's role sees.
func FormByGroup(c *call.Call) error {
	return showGroups(c, false, func(entity string, template int64, _ *param.Params) ([]service.FormGroup, error) {
		return c.Service.Form(c.Caller, entity, template)
	})
}

// AllFields answers GET /api/v2/custom_fields/:entity_type: everything that an
// administrator can change.
func AllFields(c *call.Call) error {
	return showGroups(c, true, func(entity string, template int64, _ *param.Params) ([]service.FormGroup, error) {
		return c.Service.AllFields(c.Caller, entity, template)
	})
}

// PreviewForm answers GET /api/v2/custom_fields/:entity_type/preview: a form as
// the people of a role see it.
func PreviewForm(c *call.Call) error {
	return showGroups(c, false, func(entity string, template int64, p *param.Params) ([]service.FormGroup, error) {
		role, _, err := p.Int64("role_id")
		if err != nil {
			return nil, call.BadField("custom_field", err)
		}
		return c.Service.PreviewForm(c.Caller, entity, template, role)
	})
}

func showGroups(c *call.Call, all bool, read func(entity string, template int64, p *param.Params) ([]service.FormGroup, error)) error {
	p, template, err := templateParam(c)
	if err != nil {
		return err
	}
	entity := c.Request.PathValue("entity_type")
	groups, err := read(entity, template, p)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() { s.formGroups("custom_field_groups", entity, template, groups, all) })
	return nil
}

// templateParam reads custom_field_template_id, 0 where it is not given.
func templateParam(c *call.Call) (*param.Params, int64, error) {
	p, err := c.Params()
	if err != nil {
		return nil, 0, err
	}
	template, _, err := p.Int64("custom_field_template_id")
	if err != nil {
		return nil, 0, call.BadField("custom_field", err)
	}
	return p, template, nil
}

// FormsByGroup answers GET /api/v2/custom_fields/by_group_all: the forms of all
// kinds of records.
func FormsByGroup(c *call.Call) error {
	s := shapes(c)
	var err error
	s.data(func() {
		for _, entity := range service.EntityTypes() {
			groups, failed := c.Service.Form(c.Caller, entity, 0)
			if failed != nil {
				err = failed
			}
			s.formGroups(entity, entity, 0, groups, false)
		}
	})
	return err
}

// formGroups are the groups of a form. With all, disabled choices are there
// too.
func (s *shape) formGroups(key, entity string, template int64, groups []service.FormGroup, all bool) {
	s.Array(key)
	for i := range groups {
		s.Object("")
		s.formGroup(&groups[i].FieldGroup, i+1, entity, template)
		s.Array("custom_fields")
		for j := range groups[i].Fields {
			s.Object("")
			s.formField(&groups[i].Fields[j], all)
			s.End()
		}
		s.EndArray()
		s.End()
	}
	s.EndArray()
}

func (s *shape) formGroup(g *crm.FieldGroup, position int, entity string, template int64) {
	s.Int("id", g.ID)
	s.String("label", g.Label)
	s.Int("position", int64(position))
	s.String("status", "enable")
	s.Int("custom_field_setting_id", settingID(entity, template))
}

// settingID numbers the settings of forms: small ones for those of all records
// of an entity, behind them those of templates.
func settingID(entity string, template int64) int64 {
	if template != 0 {
		return crm.OwnFieldIDs + template
	}
	for i, name := range service.EntityTypes() {
		if name == entity {
			return int64(i + 1)
		}
	}
	return 0
}

// formField is a field of a form: the origin's keys in its order as far as that
// is known (cannot_add), then ours.
func (s *shape) formField(f *crm.FormField, all bool) {
	column, kind := f.Name, ""
	if f.System != nil {
		kind = f.System.Type
		if !strings.HasPrefix(f.Name, "address.") {
			column = f.Entity + "." + f.Name
		}
	} else {
		kind = f.Own.Kind
	}
	s.Int("id", f.ID)
	s.String("name", f.Name)
	s.String("label", f.Label)
	s.String("field_type", fieldType(f))
	s.String("category", categoryOf(f.Common))
	s.Int("position", int64(f.Position))
	s.String("placeholder", f.Placeholder)
	s.Object("label_html_options")
	s.End()
	s.String("custom_column_name", column)
	s.Object("input_field_options")
	s.fieldOptions(f, all)
	s.End()
	s.String("status", statusOf(f.Enabled))
	s.Bool("required", f.Required)
	s.Bool("cannot_edit", readOnly(f))
	s.Bool("cannot_add", readOnly(f))
	s.Bool("cannot_search", !searched(f))
	s.String("kind", kind)
	s.Bool("is_custom", f.Own != nil)
	s.Int("custom_field_group_id", f.GroupID)
	s.Bool("cannot_disable", f.System != nil && f.System.Kept)
	s.Bool("cannot_require", readOnly(f) || f.System != nil && (f.System.Filled || f.System.Required))
}

func fieldType(f *crm.FormField) string {
	if f.System != nil {
		return field.SystemTypes()[f.System.Type]
	}
	if k := field.Find(f.Own.Kind); k != nil {
		return k.FieldType
	}
	return ""
}

func readOnly(f *crm.FormField) bool {
	if f.System != nil {
		return f.System.ReadOnly
	}
	k := field.Find(f.Own.Kind)
	return k == nil || k.ReadOnly
}

// searched tells whether a list can be searched by the field.
func searched(f *crm.FormField) bool {
	if f.System == nil {
		k := field.Find(f.Own.Kind)
		return k != nil && k.Searched
	}
	switch f.System.Type {
	case "text", "phone", "email", "url", "note":
		return true
	}
	return false
}

func statusOf(enabled bool) string {
	if enabled {
		return "enable"
	}
	return "disable"
}

// categoryOf says whether a form shows the field before it is unfolded.
func categoryOf(common bool) string {
	if common {
		return "common"
	}
	return "more"
}

// fieldOptions are the settings that only some kinds of fields have.
func (s *shape) fieldOptions(f *crm.FormField, all bool) {
	if f.Own != nil {
		s.ownOptions(f.Own, all)
		return
	}
	switch f.System.Type {
	case "select":
		s.Array("collection_options")
		for _, o := range service.OptionsOf(s.d, f.Entity, f.Name) {
			if o.Enabled || all {
				s.choice(o.Label, strconv.FormatInt(o.ID, 10), all, !o.Enabled, false)
				s.End()
			}
		}
		s.EndArray()
	case "gender":
		s.Array("collection_options")
		for _, g := range []string{"male", "female"} {
			s.choice(crm.GenderLabel(g), g, all, false, false)
			s.End()
		}
		s.EndArray()
	case "text", "phone", "email", "url":
		s.Int("maxlength", crm.MaxText)
	case "note":
		s.Int("maxlength", crm.MaxNote)
	}
}

// choice begins one choice.
func (s *shape) choice(label, value string, all, disabled, other bool) {
	s.Object("")
	s.String("label", label)
	s.String("value", value)
	if other {
		s.Bool("is_other", true)
	}
	if all {
		s.String("status", statusOf(!disabled))
	}
}

func (s *shape) choices(key string, list []crm.Choice, all bool) {
	s.Array(key)
	for i := range list {
		if list[i].Disabled && !all {
			continue
		}
		s.choice(list[i].Label, list[i].Value, all, list[i].Disabled, list[i].Other)
		if len(list[i].Children) > 0 {
			s.choices("children", list[i].Children, all)
		}
		s.End()
	}
	s.EndArray()
}

func (s *shape) ownOptions(f *crm.CustomField, all bool) {
	k := field.Find(f.Kind)
	if k == nil {
		return
	}
	o := &f.Options
	if k.Choice {
		s.choices("collection_options", f.Choices, all)
	}
	switch f.Kind {
	case "text", "email", "phone":
		s.Int("maxlength", crm.MaxText)
	case "text_area", "link":
		s.Int("maxlength", crm.MaxNote)
	case "file", "picture":
		s.Int("max_count", field.MaxFiles)
	}
	if f.Kind == "phone" {
		format := o.Phone
		if format == "" {
			format = crm.PhoneAny
		}
		s.String("phone_format", format)
	}
	if o.Decimals != nil {
		s.Int("precision", int64(*o.Decimals))
	}
	if o.Target != "" {
		s.String("target_entity", o.Target)
	}
	if k.Rows {
		s.subform(o, all)
	}
	if f.Kind == "auto_number" {
		rule := crm.NumberRule{}
		if o.Number != nil {
			rule = *o.Number
		}
		s.Object("number_rule")
		s.String("prefix", rule.Prefix)
		s.String("date_format", rule.Date)
		s.Int("digits", int64(rule.Digits))
		s.Bool("restart", rule.Restart)
		s.End()
	}
}

// subform are the columns of a sub-form.
func (s *shape) subform(o *crm.FieldOptions, all bool) {
	most := o.MaxRows
	if most == 0 {
		most = field.MaxRows
	}
	s.Int("max_rows", int64(most))
	s.Array("columns")
	for _, column := range o.Columns {
		k := field.Find(column.Kind)
		if k == nil || !column.Enabled && !all {
			continue
		}
		s.Object("")
		s.String("name", column.Name)
		s.String("label", column.Label)
		s.String("field_type", k.FieldType)
		s.String("placeholder", column.Options.Placeholder)
		s.Object("input_field_options")
		s.ownOptions(column, all)
		s.End()
		s.String("status", statusOf(column.Enabled))
		s.Bool("required", column.Required)
		s.String("kind", column.Kind)
		s.End()
	}
	s.EndArray()
}
