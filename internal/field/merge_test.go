package field

import (
	"encoding/json"
	"testing"

	"guanxi/internal/crm"
	"pgregory.net/rapid"
)

func TestMerge(t *testing.T) {
	a, b := definition("text"), definition("integer")
	a.Name, b.Name = "text_asset_aaaaaa", "numeric_asset_bbbbbb"
	off := &crm.CustomField{Name: "text_asset_ffffff", Label: "停用", Kind: "text"}
	fields := []*crm.CustomField{a, b, off}
	none := Input{}
	for _, c := range []struct {
		name, old string
		given     map[string]Input
		want      string
		changed   map[string][2]string
	}{
		{"nothing", `{"text_asset_aaaaaa":"x"}`, nil, `{"text_asset_aaaaaa":"x"}`, nil},
		{"nothing on nothing", ``, nil, ``, nil},
		{"first", ``, map[string]Input{a.Name: text("x")}, `{"text_asset_aaaaaa":"x"}`,
			map[string][2]string{a.Name: {"null", `"x"`}}},
		{"one of two", `{"text_asset_aaaaaa":"x","numeric_asset_bbbbbb":1}`, map[string]Input{b.Name: text("2")},
			`{"text_asset_aaaaaa":"x","numeric_asset_bbbbbb":2}`, map[string][2]string{b.Name: {"1", "2"}}},
		{"the same, written otherwise", `{"text_asset_aaaaaa": "\u0078"}`, map[string]Input{a.Name: text("x")},
			`{"text_asset_aaaaaa": "\u0078"}`, nil},
		{"clear", `{"text_asset_aaaaaa":"x","numeric_asset_bbbbbb":1}`, map[string]Input{a.Name: none},
			`{"numeric_asset_bbbbbb":1}`, map[string][2]string{a.Name: {`"x"`, "null"}}},
		{"clear the last", `{"text_asset_aaaaaa":"x"}`, map[string]Input{a.Name: text("")}, ``,
			map[string][2]string{a.Name: {`"x"`, "null"}}},
		{"clear nothing", `{"numeric_asset_bbbbbb":1}`, map[string]Input{a.Name: none}, `{"numeric_asset_bbbbbb":1}`, nil},
		{"unknown, disabled and gone ones", `{"zz":1,"text_asset_ffffff":"o","gone":[2]}`,
			map[string]Input{"zz": text("9"), off.Name: text("n"), "gone": none, a.Name: text("x")},
			`{"text_asset_aaaaaa":"x","text_asset_ffffff":"o","gone":[2],"zz":1}`, map[string][2]string{a.Name: {"null", `"x"`}}},
	} {
		v, changed, err := Merge(fields, crm.Values(c.old), func(name string) (Input, bool) {
			in, ok := c.given[name]
			return in, ok
		})
		if err != nil || string(v) != c.want || len(changed) != len(c.changed) {
			t.Errorf("%s: %s, %s, %v", c.name, v, changed, err)
		}
		for name, want := range c.changed {
			if got := changed[name]; string(got[0]) != want[0] || string(got[1]) != want[1] {
				t.Errorf("%s: %s changed from %s to %s", c.name, name, got[0], got[1])
			}
		}
	}
}

func TestMergeRequired(t *testing.T) {
	f := definition("text")
	f.Required = true
	fields := []*crm.CustomField{f}
	old := crm.Values(`{"` + f.Name + `":"x"}`)
	for _, in := range []Input{{}, text(" "), list()} {
		v, changed, err := Merge(fields, old, only(f.Name, in))
		if refused(t, "required", err, "字段不能为空"); v != nil || changed != nil {
			t.Errorf("%s, %v", v, changed)
		}
	}
	// What was empty before and is not given does not stop a change.
	if _, _, err := Merge(fields, nil, only("other", text("x"))); err != nil {
		t.Error(err)
	}
	if v, _, err := Merge(fields, old, only(f.Name, text("y"))); err != nil || kept(t, f, v) != `"y"` {
		t.Errorf("%s, %v", v, err)
	}
}

// TestMergeAgreesWithParse: setting values one by one gives what setting them
// all at once gives, doing it again changes nothing, and the way back clears.
func TestMergeAgreesWithParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields, given := drawn(t)
		all := func(name string) (Input, bool) {
			in, ok := given[name]
			return in, ok
		}
		whole, err := Parse(fields, all)
		if err != nil {
			t.Fatal(err)
		}
		var v crm.Values
		for _, f := range fields {
			if in, ok := given[f.Name]; ok {
				var changed map[string][2]json.RawMessage
				if v, changed, err = Merge(fields, v, only(f.Name, in)); err != nil || len(changed) != 1 {
					t.Fatalf("%v, %v", changed, err)
				}
			}
		}
		if string(v) != string(whole) {
			t.Fatalf("%s and %s", v, whole)
		}
		if again, changed, err := Merge(fields, v, all); err != nil || len(changed) != 0 || string(again) != string(v) {
			t.Fatalf("%s, %v, %v", again, changed, err)
		}
		empty, changed, err := Merge(fields, v, func(string) (Input, bool) { return Input{}, true })
		if err != nil || empty != nil || len(changed) != len(given) {
			t.Fatalf("%s, %v, %v", empty, changed, err)
		}
	})
}
