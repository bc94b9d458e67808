package field

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"guanxi/internal/crm"
)

// Parse checks the values given for a new record and gives them in the form
// to keep. Errors carry the field's label: a required field without a value, a
// value of the wrong form, an unknown choice. Names that no field has are
// ignored, and so is what is sent for a disabled field or one that the system
// writes. What a value refers to is checked by Check.
func Parse(fields []*crm.CustomField, given Given) (crm.Values, error) {
	m, _, err := apply(fields, nil, nil, given, true)
	if err != nil {
		return nil, err
	}
	return encode(fields, m), nil
}

// Merge changes the values of a record: only what is given changes, and null
// or an empty value clears. A required field cannot be cleared. Fields that are
// disabled, unknown or written by the system keep what they have. changed has
// the value before and after of every key that is different now, JSON null for
// none. old is left as it is, and given back where nothing changes.
func Merge(fields []*crm.CustomField, old crm.Values, given Given) (v crm.Values, changed map[string][2]json.RawMessage, err error) {
	was := Decode(old)
	m, changed, err := apply(fields, was, func(name string) []json.RawMessage {
		if raw, ok := was[name]; ok {
			return []json.RawMessage{raw}
		}
		return nil
	}, given, false)
	if err != nil {
		return nil, nil, err
	}
	if len(changed) == 0 {
		return old, nil, nil
	}
	return encode(fields, m), changed, nil
}

// merger is one call of apply.
type merger struct {
	values  map[string]json.RawMessage
	changed map[string][2]json.RawMessage
}

var null = json.RawMessage("null")

// set keeps a value, nil for none, and notes whether that is a change.
func (m *merger) set(name string, raw json.RawMessage) {
	old, had := m.values[name]
	switch {
	case raw == nil && !had, raw != nil && had && equal(old, raw):
		return
	case raw == nil:
		delete(m.values, name)
		raw = null
	default:
		m.values[name] = raw
	}
	if !had {
		old = null
	}
	m.changed[name] = [2]json.RawMessage{old, raw}
}

// apply sets what is given on top of the values of a record. had gives the
// values that a field may keep even if nobody could choose them anew; nil for
// a new record. whole asks for the required fields that are not given, too.
func apply(fields []*crm.CustomField, values map[string]json.RawMessage, had func(string) []json.RawMessage, given Given,
	whole bool) (map[string]json.RawMessage, map[string][2]json.RawMessage, error) {
	m := merger{values: make(map[string]json.RawMessage, len(values)+len(fields)), changed: map[string][2]json.RawMessage{}}
	for name, raw := range values {
		m.values[name] = raw
	}
	for _, f := range fields {
		kind := Find(f.Kind)
		if !f.Enabled || kind == nil || kind.ReadOnly {
			continue
		}
		in, ok := given(f.Name)
		if ok || whole && f.Required {
			w := write{CustomField: f, Input: in}
			if had != nil {
				w.had = had(f.Name)
			}
			raw, err := kind.read(w)
			if err != nil {
				return nil, nil, err
			}
			m.set(f.Name, raw)
		}
		if TakesOther(f) {
			if err := m.other(f, given); err != nil {
				return nil, nil, err
			}
		}
	}
	return m.values, m.changed, nil
}

// read checks what came in for one field and gives the JSON to keep, nil for
// an empty value.
func (k *Kind) read(w write) (json.RawMessage, error) {
	if w.Required && w.blank() {
		return nil, crm.Required(w.Label, w.Label)
	}
	if w.empty() {
		return nil, nil
	}
	v, err := k.parse(w)
	if err != nil {
		return nil, err
	}
	if v == nil {
		if w.Required {
			return nil, crm.Required(w.Label, w.Label)
		}
		return nil, nil
	}
	return json.Marshal(v)
}

// equal compares two JSON values by what they mean.
func equal(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err1 := decodeAny(a)
	y, err2 := decodeAny(b)
	return err1 == nil && err2 == nil && reflect.DeepEqual(x, y)
}

func decodeAny(raw json.RawMessage) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// encode writes values in the order of the fields, then those of no field by
// name; nil for none.
func encode(fields []*crm.CustomField, m map[string]json.RawMessage) crm.Values {
	if len(m) == 0 {
		return nil
	}
	names := make([]string, 0, len(m))
	take := func(name string) {
		if _, ok := m[name]; ok {
			names = append(names, name)
		}
	}
	for _, f := range fields {
		take(f.Name)
		if f.Kind == "select" {
			take(f.Name + otherSuffix)
		}
	}
	if len(names) < len(m) {
		known := len(names)
		for name := range m {
			if !slices.Contains(names[:known], name) {
				names = append(names, name)
			}
		}
		slices.Sort(names[known:])
	}
	var out bytes.Buffer
	for i, name := range names {
		out.WriteByte("{,"[min(i, 1)])
		key, _ := json.Marshal(name)
		out.Write(key)
		out.WriteByte(':')
		out.Write(m[name])
	}
	out.WriteByte('}')
	return out.Bytes()
}
