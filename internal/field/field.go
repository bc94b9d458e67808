// Package field knows the kinds of custom fields: how a value is checked and
// kept, what an empty one looks like, and which companions stand beside it on
// the wire. One file for each family of kinds. It is a leaf: no SQL, no HTTP.
//
// All values of a record are kept as one JSON object, keyed by the fields'
// names; a value that is empty is not kept at all.
package field

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"guanxi/internal/crm"
)

// Input is a value as it came in: one text, or several. Numbers and booleans
// arrive as their text.
type Input struct {
	Text   string
	List   []string
	IsList bool
}

func (in Input) empty() bool {
	if !in.IsList {
		return in.Text == ""
	}
	for _, s := range in.List {
		if s != "" {
			return false
		}
	}
	return true
}

// blank says that there is nothing but white space, which does for no required
// field.
func (in Input) blank() bool {
	return strings.TrimSpace(in.Text+strings.Join(in.List, "")) == ""
}

// Kind is one kind of custom field.
type Kind struct {
	Name string
	// Prefix begins the field's name on the wire: text_asset_7c7b94f7.
	Prefix string
	// Empty is the JSON of an empty value.
	Empty string
	// parse checks a value that is not empty and gives the JSON to keep.
	parse func(*crm.CustomField, Input) (any, error)
	// Choice says that the value names choices, shown in <name>_display.
	Choice bool
	// Phone says that the value is a number that number hiding masks; what
	// may be shown stands in <name>_hidden_result too.
	Phone bool
	// Files says that the value is a list of attachment ids.
	Files bool
}

// kinds is the table of all kinds.
func kinds() []Kind {
	return []Kind{
		{Name: "text", Prefix: "text_asset_", Empty: "null", parse: parseText},
		{Name: "text_area", Prefix: "text_area_asset_", Empty: "null", parse: parseTextArea},
		{Name: "email", Prefix: "text_asset_", Empty: "null", parse: parseEmail},
		{Name: "phone", Prefix: "text_asset_", Empty: "null", parse: parsePhone, Phone: true},
		{Name: "integer", Prefix: "numeric_asset_", Empty: "null", parse: parseInteger},
		{Name: "decimal", Prefix: "numeric_asset_", Empty: "null", parse: parseDecimal},
		{Name: "money", Prefix: "numeric_asset_", Empty: "null", parse: parseDecimal},
		{Name: "datetime", Prefix: "datetime_asset_", Empty: `""`, parse: parseDatetime},
		{Name: "select", Prefix: "text_asset_", Empty: "null", parse: parseSelect, Choice: true},
		{Name: "multi_select", Prefix: "text_asset_", Empty: "[]", parse: parseMultiSelect, Choice: true},
		{Name: "file", Prefix: "file_asset_", Empty: "[]", parse: parseFiles, Files: true},
	}
}

var byName = func() map[string]*Kind {
	m := map[string]*Kind{}
	for _, k := range kinds() {
		m[k.Name] = &k
	}
	return m
}()

// Find gives the kind of a name; nil for an unknown one.
func Find(name string) *Kind { return byName[name] }

// Parse checks the values given for a new record and gives them in the form
// to keep. given answers the input for a field and whether there was any.
// Errors carry the field's label: a required field without a value, a value
// of the wrong form, an unknown choice.
func Parse(fields []*crm.CustomField, given func(name string) (Input, bool)) (crm.Values, error) {
	var out bytes.Buffer
	for _, f := range fields {
		kind := Find(f.Kind)
		if !f.Enabled || kind == nil {
			continue
		}
		in, ok := given(f.Name)
		if f.Required && (!ok || in.blank()) {
			return nil, crm.Required(f.Label)
		}
		if !ok || in.empty() {
			continue
		}
		v, err := kind.parse(f, in)
		if err != nil {
			return nil, err
		}
		enc, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if out.Len() == 0 {
			out.WriteByte('{')
		} else {
			out.WriteByte(',')
		}
		name, _ := json.Marshal(f.Name)
		out.Write(name)
		out.WriteByte(':')
		out.Write(enc)
	}
	if out.Len() == 0 {
		return nil, nil
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Decode gives the kept values by field name. Values that are not an object
// (there are none unless the database was edited by hand) read as empty.
func Decode(v crm.Values) map[string]json.RawMessage {
	if len(v) == 0 {
		return nil
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(v, &m) != nil {
		return nil
	}
	return m
}

// Display is the text of the choices that a kept value names, joined by
// commas; ok is false for an empty value.
func Display(f *crm.CustomField, raw json.RawMessage) (text string, ok bool) {
	var values []string
	if len(raw) > 0 && raw[0] == '[' {
		json.Unmarshal(raw, &values)
	} else {
		var one string
		if json.Unmarshal(raw, &one) == nil && one != "" {
			values = []string{one}
		}
	}
	var labels []byte
	for _, v := range values {
		if i := slices.IndexFunc(f.Choices, func(c crm.Choice) bool { return c.Value == v }); i >= 0 {
			if len(labels) > 0 {
				labels = append(labels, ',')
			}
			labels = append(labels, f.Choices[i].Label...)
		}
	}
	return string(labels), len(values) > 0
}

// FileIDs are the attachments that a kept value of the kind file names.
func FileIDs(raw json.RawMessage) []int64 {
	var ids []int64
	if json.Unmarshal(raw, &ids) != nil {
		return nil
	}
	return ids
}

// HideNumbers masks every value of a phone kind, and removes what conceal
// says, in the values of one record.
func HideNumbers(fields []*crm.CustomField, v crm.Values, mask bool, conceal func(name string) bool) crm.Values {
	m := Decode(v)
	changed := false
	for _, f := range fields {
		raw, ok := m[f.Name]
		if !ok {
			continue
		}
		if conceal(f.Name) {
			delete(m, f.Name)
			changed = true
			continue
		}
		if k := Find(f.Kind); mask && k != nil && k.Phone {
			var number string
			if json.Unmarshal(raw, &number) == nil {
				m[f.Name], _ = json.Marshal(crm.Mask(number))
			} else {
				delete(m, f.Name) // no text: the field was of another kind once
			}
			changed = true
		}
	}
	if !changed {
		return v
	}
	out, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return out
}
