package field

import (
	"encoding/json"

	"guanxi/internal/crm"
)

// HideNumbers masks every value of a phone kind, in the rows of sub-forms too,
// and removes what conceal says, in the values of one record.
func HideNumbers(fields []*crm.CustomField, v crm.Values, mask bool, conceal func(name string) bool) crm.Values {
	m := Decode(v)
	if !hide(fields, m, mask, conceal) {
		return v
	}
	out, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return out
}

// hide says whether it changed anything.
func hide(fields []*crm.CustomField, m map[string]json.RawMessage, mask bool, conceal func(name string) bool) (changed bool) {
	for _, f := range fields {
		raw, ok := m[f.Name]
		if !ok {
			continue
		}
		if conceal(f.Name) {
			delete(m, f.Name)
			delete(m, f.Name+otherSuffix)
			changed = true
			continue
		}
		k := Find(f.Kind)
		if !mask || k == nil {
			continue
		}
		if k.Phone {
			var number string
			if json.Unmarshal(raw, &number) == nil {
				m[f.Name], _ = json.Marshal(crm.Mask(number))
			} else {
				delete(m, f.Name) // no text: the field was of another kind once
			}
			changed = true
		}
		if k.Rows && hideRows(f, m, raw) {
			changed = true
		}
	}
	return changed
}

func hideRows(f *crm.CustomField, m map[string]json.RawMessage, raw json.RawMessage) (changed bool) {
	rows := RowsOf(raw)
	for _, row := range rows {
		if hide(f.Options.Columns, row, true, func(string) bool { return false }) {
			changed = true
		}
	}
	if changed {
		m[f.Name], _ = json.Marshal(rows)
	}
	return changed
}
