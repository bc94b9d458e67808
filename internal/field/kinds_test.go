package field

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// definition makes a field of a kind with what the kind needs: two choices,
// in a cascade with two below the first, two columns, a target.
func definition(kind string) *crm.CustomField {
	k := Find(kind)
	f := &crm.CustomField{Name: k.Prefix + "7c7b94f7", Label: "字段", Kind: kind, Enabled: true}
	if k.Choice {
		f.Choices = []crm.Choice{{Value: "sel_0001", Label: "一级"}, {Value: "sel_0002", Label: "二级"}}
	}
	if k.Cascade {
		f.Choices[0].Children = []crm.Choice{{Value: "sel_0011", Label: "甲"}, {Value: "sel_0012", Label: "乙"}}
	}
	if k.Rows {
		f.Options.Columns = []*crm.CustomField{
			{Name: "text_asset_aaaaaa", Label: "品名", Kind: "text", Enabled: true, Required: true},
			{Name: "numeric_asset_bbbbbb", Label: "数量", Kind: "integer", Enabled: true},
			{Name: "text_asset_cccccc", Label: "电话", Kind: "phone", Enabled: true},
		}
	}
	if k.Reference == "record" {
		f.Options.Target = "customer"
	}
	return f
}

func text(s string) Input           { return Input{Text: s} }
func list(s ...string) Input        { return Input{List: s, IsList: true} }
func repeat(s string, n int) string { return strings.Repeat(s, n) }

// row is one object of a list.
func row(m map[string]string) Given {
	return func(name string) (Input, bool) {
		s, ok := m[name]
		return Input{Text: s}, ok
	}
}

func rows(all ...map[string]string) Input {
	in := Input{IsList: true}
	for _, m := range all {
		in.Rows = append(in.Rows, row(m))
	}
	return in
}

// only gives one input under one name.
func only(name string, in Input) Given {
	return func(n string) (Input, bool) { return in, n == name }
}

// parseOne parses one field from one input.
func parseOne(f *crm.CustomField, in Input) (crm.Values, error) {
	return Parse([]*crm.CustomField{f}, only(f.Name, in))
}

// kept is what is kept for one field, "" for nothing.
func kept(t *testing.T, f *crm.CustomField, v crm.Values) string {
	t.Helper()
	if v == nil {
		return ""
	}
	raw, ok := Decode(v)[f.Name]
	if !ok {
		t.Fatalf("%s is not in %s", f.Name, v)
	}
	return string(raw)
}

type goodCase struct {
	kind string
	in   Input
	want string
}

// good checks what is kept of values, and that what is kept parses to itself.
func good(t *testing.T, cases []goodCase) {
	t.Helper()
	for _, c := range cases {
		goodFor(t, definition(c.kind), c.in, c.want)
	}
}

func goodFor(t *testing.T, f *crm.CustomField, in Input, want string) {
	t.Helper()
	v, err := parseOne(f, in)
	if err != nil {
		t.Errorf("%s %+v: %v", f.Kind, in, err)
		return
	}
	if got := kept(t, f, v); got != want {
		t.Errorf("%s %+v is kept as %s, want %s", f.Kind, in, got, want)
	} else if want != "" {
		if again, err := parseOne(f, shown(json.RawMessage(got))); err != nil || kept(t, f, again) != want {
			t.Errorf("%s %s is kept as %s, %v when it is sent back", f.Kind, want, again, err)
		}
	}
}

// shown is a kept value as a client sends it back.
func shown(raw json.RawMessage) Input {
	v, err := decodeAny(raw)
	if err != nil {
		panic(err)
	}
	return inputOf(v)
}

func inputOf(v any) Input {
	switch v := v.(type) {
	case string:
		return text(v)
	case json.Number:
		return text(v.String())
	case []any:
		in := Input{IsList: true}
		for _, item := range v {
			if m, ok := item.(map[string]any); ok {
				in.Rows = append(in.Rows, func(name string) (Input, bool) {
					x, ok := m[name]
					return inputOf(x), ok
				})
			} else {
				in.List = append(in.List, inputOf(item).Text)
			}
		}
		return in
	}
	return Input{}
}

type badCase struct {
	kind    string
	in      Input
	message string
}

// bad checks that values are refused, in both languages and with the label.
func bad(t *testing.T, cases []badCase) {
	t.Helper()
	for _, c := range cases {
		badFor(t, definition(c.kind), c.in, c.message)
	}
}

func badFor(t *testing.T, f *crm.CustomField, in Input, message string) {
	t.Helper()
	v, err := parseOne(f, in)
	refused(t, f.Kind, err, message)
	if v != nil {
		t.Errorf("%s %+v is refused and kept as %s", f.Kind, in, v)
	}
}

// refused checks a refusal of input.
func refused(t *testing.T, what string, err error, message string) {
	t.Helper()
	var e *crm.Error
	if !errors.As(err, &e) || !errors.Is(err, crm.Invalid("", "")) || e.Message != message {
		t.Errorf("%s: %+v; want %q", what, err, message)
		return
	}
	if !strings.Contains(e.Message, "字段") || e.English == "" || e.English == e.Message {
		t.Errorf("%s: %q, %q", what, e.Message, e.English)
	}
}

func TestEmptyAndRequired(t *testing.T) {
	for _, k := range Kinds() {
		f := definition(k.Name)
		for _, in := range []Input{text(""), list(), list(""), list("", "")} {
			if v, err := parseOne(f, in); err != nil || v != nil {
				t.Errorf("%s %+v: %s, %v", k.Name, in, v, err)
			}
		}
		if k.ReadOnly {
			continue
		}
		f.Required = true
		for _, in := range []Input{text(""), text(" \t\u3000"), list(), list("", " ")} {
			v, err := parseOne(f, in)
			if refused(t, k.Name, err, "字段不能为空"); v != nil {
				t.Errorf("required %s %+v: %s", k.Name, in, v)
			}
		}
		_, err := Parse([]*crm.CustomField{f}, func(string) (Input, bool) { return Input{}, false })
		refused(t, "required "+k.Name+" that is not given", err, "字段不能为空")
		f.Enabled = false
		if v, err := parseOne(f, text("x")); err != nil || v != nil {
			t.Errorf("disabled %s: %s, %v", k.Name, v, err)
		}
	}
	unknown := &crm.CustomField{Name: "text_asset_00000000", Kind: "hologram", Enabled: true, Required: true}
	if v, err := parseOne(unknown, text("x")); err != nil || v != nil {
		t.Errorf("a kind that is not known: %s, %v", v, err)
	}
}

// TestReadOnlyKinds covers the kinds that nobody but the system writes: what
// is sent is ignored, and a required one does not stop a write.
func TestReadOnlyKinds(t *testing.T) {
	for _, k := range Kinds() {
		if !k.ReadOnly {
			continue
		}
		f := definition(k.Name)
		f.Required = true
		if v, err := parseOne(f, text("x")); err != nil || v != nil {
			t.Errorf("%s: %s, %v", k.Name, v, err)
		}
		old := crm.Values(`{"` + f.Name + `":"KH1"}`)
		for _, in := range []Input{text("x"), text("")} {
			v, changed, err := Merge([]*crm.CustomField{f}, old, only(f.Name, in))
			if err != nil || string(v) != string(old) || len(changed) != 0 {
				t.Errorf("%s: %s, %v, %v", k.Name, v, changed, err)
			}
		}
	}
}

func TestKindsAreWhole(t *testing.T) {
	types := map[string]bool{}
	for _, k := range Kinds() {
		if Find(k.Name) == nil || Find(k.Name).Name != k.Name {
			t.Errorf("%s is not found", k.Name)
		}
		if (k.parse == nil) != k.ReadOnly || !strings.HasSuffix(k.Prefix, "_asset_") || !strings.HasSuffix(k.FieldType, "_field") ||
			!json.Valid([]byte(k.Empty)) {
			t.Errorf("%+v is not whole", k)
		}
		if types[k.FieldType] {
			t.Errorf("%s has the word of another kind", k.Name)
		}
		types[k.FieldType] = true
		if (k.Held != HeldNot) != (k.Searched || k.Filtered || k.Sorted) {
			t.Errorf("%s is held in lists for nothing, or used in lists without being held", k.Name)
		}
		if k.Searched && k.Held != HeldText || k.Checked && !k.Searched || k.Sorted && k.Held == HeldSet {
			t.Errorf("%s is held as %d", k.Name, k.Held)
		}
		if k.Choice != (k.ChoicePrefix != "") || k.Cascade && !k.Choice || k.Choice && k.Reference != "" ||
			k.Files != (k.Reference == "file") || k.Pictures && !k.Files || k.NoValue && !k.ReadOnly ||
			k.Simple && (k.Rows || k.Files || k.ReadOnly || k.Reference != "") {
			t.Errorf("%+v contradicts itself", k)
		}
		f := definition(k.Name)
		if err := Validate(f); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for _, c := range Companions(f) {
			if c != "_display" && c != "_hidden_result" {
				t.Errorf("%s has %s", k.Name, c)
			}
		}
	}
	if len(types) != 24 {
		t.Errorf("there are %d kinds", len(types))
	}
	if Find("hologram") != nil || Find("") != nil || Companions(&crm.CustomField{Kind: "hologram"}) != nil {
		t.Error("an unknown kind is found")
	}
	for what, word := range SystemTypes() {
		if !strings.HasSuffix(word, "_field") {
			t.Errorf("%s is %s", what, word)
		}
	}
}

// TestPrefixes are the beginnings that clients know.
func TestPrefixes(t *testing.T) {
	for prefix, names := range map[string][]string{
		"text_asset_":            {"text", "email", "phone", "link", "select", "multi_select", "cascade", "multi_cascade", "auto_number"},
		"text_area_asset_":       {"text_area"},
		"numeric_asset_":         {"integer", "decimal", "money"},
		"datetime_asset_":        {"date", "datetime"},
		"file_asset_":            {"file", "picture"},
		"user_field_asset_":      {"user", "multi_user"},
		"custom_relation_asset_": {"relation"},
		"subform_asset_":         {"subform"},
	} {
		for _, name := range names {
			if k := Find(name); k == nil || k.Prefix != prefix {
				t.Errorf("%s does not begin with %s", name, prefix)
			}
		}
	}
	if Find("text").FieldType != "text_field" || Find("select").FieldType != "select2_field" {
		t.Error("the origin's words are not ours")
	}
}
