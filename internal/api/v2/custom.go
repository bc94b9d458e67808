package v2

import (
	"encoding/json"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// customValues are the values of the enabled custom fields, in their order, at
// the end of a detail: each kind with its own empty value, choices with
// <name>_display beside them, numbers with <name>_hidden_result.
func (s *shape) customValues(entity string, v crm.Values, files map[int64]*crm.Attachment) {
	fields := s.d.Fields[entity]
	if len(fields) == 0 {
		return
	}
	values := field.Decode(v)
	for _, f := range fields {
		kind := field.Find(f.Kind)
		if !f.Enabled || kind == nil {
			continue
		}
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
		default:
			s.Raw(f.Name, string(raw))
		}
		if kind.Choice {
			s.display(f, kind, raw)
		}
		if kind.Phone {
			var number string
			if set {
				json.Unmarshal(raw, &number)
			}
			s.String(f.Name+"_hidden_result", number)
		}
	}
}

// display is "" for an empty multi-select and null for an empty single one.
func (s *shape) display(f *crm.CustomField, kind *field.Kind, raw json.RawMessage) {
	text, ok := field.Display(f, raw)
	if !ok && kind.Empty == "null" {
		s.Null(f.Name + "_display")
		return
	}
	s.String(f.Name+"_display", text)
}
