package v2

import (
	"encoding/json"

	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// givenIn reads the values of custom fields out of an object. bad is told the
// name of a field whose value has a form that no kind takes.
func givenIn(object param.Value, bad func(name string)) field.Given {
	return func(name string) (field.Input, bool) {
		v := object.Get(name)
		switch {
		case !v.Present():
			return field.Input{}, false
		case v.IsList():
			in := field.Input{List: v.AsStrings(), IsList: true}
			for _, item := range v.List() {
				switch item.Kind() {
				case param.KindObject:
					in.Rows = append(in.Rows, givenIn(item, func(string) { bad(name) }))
				case param.KindList, param.KindFile:
					bad(name)
				}
			}
			return in, true
		case v.Kind() == param.KindObject || v.Kind() == param.KindFile:
			bad(name)
		}
		return field.Input{Text: v.Text()}, true
	}
}

// customValues are the values of the enabled custom fields, in their order, at
// the end of a detail.
func (s *shape) customValues(entity string, v crm.Values, files map[int64]*crm.Attachment) {
	s.formValues(entity, 0, v, files)
}

// formValues are customValues of a record with a template.
func (s *shape) formValues(entity string, template int64, v crm.Values, files map[int64]*crm.Attachment) {
	if fields := s.d.OwnFields(entity, template); len(fields) > 0 {
		s.fieldValues(fields, field.Decode(v), files)
	}
}

// fieldValues are values by their fields: each kind with its own empty value,
// choices and references with <name>_display beside them, the text beside a
// choice in <name>_other, numbers with <name>_hidden_result.
func (s *shape) fieldValues(fields []*crm.CustomField, values map[string]json.RawMessage, files map[int64]*crm.Attachment) {
	for _, f := range fields {
		kind := field.Find(f.Kind)
		if !f.Enabled || kind == nil || kind.NoValue {
			continue
		}
		s.fieldValue(f, kind, values, files)
		if kind.Displayed() {
			s.display(f, kind, values)
		}
		if field.TakesOther(f) {
			s.String(f.Name+"_other", field.Other(f, values))
		}
		if kind.Phone {
			s.numberShown(f, values)
		}
	}
}

// fieldValue is the value of one field by its own name.
func (s *shape) fieldValue(f *crm.CustomField, kind *field.Kind, values map[string]json.RawMessage, files map[int64]*crm.Attachment) {
	raw, set := values[f.Name]
	switch {
	case !set:
		s.Raw(f.Name, kind.Empty)
	case kind.Files:
		s.Array(f.Name)
		for _, id := range field.FileIDs(raw) {
			if a := files[id]; a != nil {
				s.attachment("", a)
			}
		}
		s.EndArray()
	case kind.Rows:
		s.Array(f.Name)
		for _, row := range field.RowsOf(raw) {
			s.Object("")
			s.fieldValues(f.Options.Columns, row, nil)
			s.End()
		}
		s.EndArray()
	default:
		s.Raw(f.Name, string(raw))
	}
}

// numberShown is what may be shown of a number, which has been masked before.
func (s *shape) numberShown(f *crm.CustomField, values map[string]json.RawMessage) {
	var number string
	if raw, set := values[f.Name]; set {
		_ = json.Unmarshal(raw, &number)
	}
	s.String(f.Name+"_hidden_result", number)
}

// display is "" for an empty value of several and null for an empty single one.
func (s *shape) display(f *crm.CustomField, kind *field.Kind, values map[string]json.RawMessage) {
	text, ok := field.Display(f, values, field.Names{User: s.d.UserName, Department: s.d.DepartmentName,
		Record: func(entity string, id int64) string { return s.related[crm.RecordRef{Entity: entity, ID: id}] }})
	if !ok && kind.Empty == "null" {
		s.Null(f.Name + "_display")
		return
	}
	s.String(f.Name+"_display", text)
}
