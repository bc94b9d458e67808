package field

import (
	"encoding/json"
	"strings"

	"guanxi/internal/crm"
)

// Blank says that a kept value does for no required field: there is none, or
// white space alone.
func Blank(raw json.RawMessage) bool {
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "[]" {
		return true
	}
	var s string
	return raw[0] == '"' && json.Unmarshal(raw, &s) == nil && strings.TrimSpace(s) == ""
}

// Holds says whether values hold something under the name of a field.
func Holds(v crm.Values, name string) bool {
	_, ok := Decode(v)[name]
	return ok
}

// Without gives values without those of one field, and what stood there, nil
// for nothing.
func Without(fields []*crm.CustomField, v crm.Values, name string) (rest crm.Values, was json.RawMessage) {
	m := Decode(v)
	was, ok := m[name]
	if !ok {
		return v, nil
	}
	delete(m, name)
	delete(m, name+otherSuffix)
	return encode(fields, m), was
}
