// Package field knows the kinds of custom fields: how a value is checked and
// kept, what an empty one looks like, and which companions stand beside it on
// the wire. One file for each family of kinds. It is a leaf: no SQL, no HTTP.
//
// All values of a record are kept as one JSON object, keyed by the fields'
// names; a value that is empty is not kept at all.
package field

import (
	"encoding/json"
	"strings"

	"guanxi/internal/crm"
)

// Given answers what came in under a name, and whether anything did. For a
// change of a record null has come in as an empty Input.
type Given func(name string) (Input, bool)

// Input is a value as it came in: one text, or several. Numbers and booleans
// arrive as their text.
type Input struct {
	Text   string
	List   []string
	IsList bool
	// Rows are the objects of a list, in their order: the rows of a sub-form,
	// or attachments and users as answers show them, of which the id counts.
	Rows []Given
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
	return len(in.Rows) == 0
}

// blank says that there is nothing but white space, which does for no required
// field.
func (in Input) blank() bool {
	return len(in.Rows) == 0 && strings.TrimSpace(in.Text+strings.Join(in.List, "")) == ""
}

// write is one value on its way in.
type write struct {
	*crm.CustomField
	Input
	// had are values that the record has had so far: one, or the column's in
	// all rows of a sub-form.
	had []json.RawMessage
}

// refuse is the refusal of the value; both texts follow the field's label.
func (w write) refuse(zh, en string) error { return crm.Invalid(w.Label+zh, w.Label+" "+en) }

// Held is the form in which Column gives a kept value, so that lists can
// filter and sort by it.
type Held int

// The forms of Column.
const (
	HeldNot   Held = iota // nil: lists know nothing of it
	HeldText              // string: the text itself
	HeldFloat             // float64: a number
	HeldTime              // int64: milliseconds since 1970
	HeldSet               // string: every value between two separators, see Token
)

// Kind is one kind of custom field.
type Kind struct {
	Name string
	// Prefix begins the field's name on the wire: text_asset_7c7b94f7.
	Prefix string
	// FieldType is the wire's word for the kind. text_field and select2_field
	// are the origin's, all others are our choice.
	FieldType string
	// Empty is the JSON of an empty value.
	Empty string
	// parse checks a value that is not empty and gives the JSON to keep, nil
	// for nothing after all.
	parse func(write) (any, error)
	// NoValue says that the field only stands there, as a heading does.
	NoValue bool
	// ReadOnly says that the system alone writes the value; what is sent for
	// it is ignored.
	ReadOnly bool
	// Choice says that the value names choices, and ChoicePrefix how their
	// values begin.
	Choice       bool
	ChoicePrefix string
	// Cascade says that the choices are a tree and that a value is the way
	// from the root, joined by Separator.
	Cascade bool
	// Reference is what the ids of the value name: "file", "user",
	// "department", "record" (of the entity in Options.Target) or "".
	Reference string
	// Phone says that the value is a number that number hiding masks; what
	// may be shown stands in <name>_hidden_result too.
	Phone bool
	// Files says that the value is a list of attachment ids, and Pictures that
	// they must be pictures.
	Files, Pictures bool
	// Rows says that the value is a list of rows with the columns of the
	// field's options; only kinds that are Simple can be such a column.
	Rows, Simple bool
	// Held is how Column gives a value. A list can be searched by the text,
	// filtered and sorted by the field as the three flags say.
	Held                       Held
	Searched, Filtered, Sorted bool
	// Checked says that the field can take part in the check for duplicates.
	Checked bool
}

// Displayed says that <name>_display stands beside the value: the labels of
// the choices or the names of what the ids refer to.
func (k *Kind) Displayed() bool { return k.Choice || k.Reference != "" && !k.Files }

// Companions are the endings of the keys that stand beside the field's own.
func Companions(f *crm.CustomField) []string {
	k := Find(f.Kind)
	if k == nil {
		return nil
	}
	var out []string
	if k.Displayed() {
		out = append(out, "_display")
	}
	if TakesOther(f) {
		out = append(out, "_other")
	}
	if k.Phone {
		out = append(out, "_hidden_result")
	}
	return out
}

// Find gives the kind of a name; nil for an unknown one.
func Find(name string) *Kind { return byName[name] }

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
