package field

import (
	"testing"

	"guanxi/internal/crm"
)

func TestCarry(t *testing.T) {
	choices := func(prefix string, labels ...string) (out []crm.Choice) {
		for i, l := range labels {
			out = append(out, crm.Choice{Value: prefix + string(rune('a'+i)), Label: l})
		}
		return out
	}
	tree := func(prefix string) []crm.Choice {
		return []crm.Choice{{Value: prefix + "0", Label: "华东", Children: choices(prefix, "上海", "杭州")}}
	}
	one := func(kind, name string, change ...func(*crm.CustomField)) []*crm.CustomField {
		f := &crm.CustomField{Name: name, Label: "甲", Kind: kind, Enabled: true}
		for _, c := range change {
			c(f)
		}
		return []*crm.CustomField{f}
	}
	with := func(c []crm.Choice) func(*crm.CustomField) { return func(f *crm.CustomField) { f.Choices = c } }
	label := func(l string) func(*crm.CustomField) { return func(f *crm.CustomField) { f.Label = l } }
	off := func(f *crm.CustomField) { f.Enabled = false }
	required := func(f *crm.CustomField) { f.Required = true }
	target := func(e string) func(*crm.CustomField) { return func(f *crm.CustomField) { f.Options.Target = e } }
	mobileOnly := func(f *crm.CustomField) { f.Options.Phone = crm.PhoneMobile }
	other := []crm.Choice{{Value: "sel_o", Label: "其他", Other: true}}
	otherThere := []crm.Choice{{Value: "sel_p", Label: "其他", Other: true}}
	for _, c := range []struct {
		name     string
		from, to []*crm.CustomField
		value    string
		want     string
	}{
		{"text", one("text", "a"), one("text", "b"), `"x"`, `{"b":"x"}`},
		{"required there", one("text", "a"), one("text", "b", required), `"x"`, `{"b":"x"}`},
		{"another label", one("text", "a", label("乙")), one("text", "b"), `"x"`, ""},
		{"another kind", one("text", "a"), one("text_area", "b"), `"x"`, ""},
		{"disabled here", one("text", "a", off), one("text", "b"), `"x"`, ""},
		{"disabled there", one("text", "a"), one("text", "b", off), `"x"`, ""},
		{"no value", one("text", "z"), one("text", "b"), `"x"`, ""},
		{"integer", one("integer", "a"), one("integer", "b"), `12`, `{"b":12}`},
		{"decimal", one("decimal", "a"), one("decimal", "b"), `12.5`, `{"b":12.5}`},
		{"phone", one("phone", "a"), one("phone", "b"), `"13800000001"`, `{"b":"13800000001"}`},
		{"phone of another format", one("phone", "a"), one("phone", "b", mobileOnly), `"021-1"`, ""},
		{"user", one("user", "a"), one("user", "b"), `7`, `{"b":7}`},
		{"users", one("multi_user", "a"), one("multi_user", "b"), `[7,8]`, `{"b":[7,8]}`},
		{"relation", one("relation", "a", target("customer")), one("relation", "b", target("customer")), `7`, `{"b":7}`},
		{"relation to another", one("relation", "a", target("customer")), one("relation", "b", target("contact")), `7`, ""},
		{"file", one("file", "a"), one("file", "b"), `[7]`, ""},
		{"automatic number", one("auto_number", "a"), one("auto_number", "b"), `"1"`, ""},
		{"select", one("select", "a", with(choices("sel_", "一", "二"))), one("select", "b", with(choices("sel_9", "二", "一"))), `"sel_a"`, `{"b":"sel_9b"}`},
		{"other choices", one("select", "a", with(choices("sel_", "一", "二"))), one("select", "b", with(choices("sel_", "一"))), `"sel_a"`, ""},
		{"choice that is gone", one("select", "a", with(choices("sel_", "一"))), one("select", "b", with(choices("sel_", "一"))), `"sel_z"`, ""},
		{"several", one("multi_select", "a", with(choices("mul_", "一", "二"))), one("multi_select", "b", with(choices("mul_9", "一", "二"))), `["mul_b","mul_a"]`, `{"b":["mul_9b","mul_9a"]}`},
		{"cascade", one("cascade", "a", with(tree("nes_"))), one("cascade", "b", with(tree("nes_9"))), `"nes_0/nes_b"`, `{"b":"nes_90/nes_9b"}`},
		{"with a text beside it", one("select", "a", with(other)), one("select", "b", with(otherThere)), `"sel_o","a_other":"自己写的"`, `{"b":"sel_p","b_other":"自己写的"}`},
		{"an object", one("text", "a"), one("text", "b"), `{}`, ""},
	} {
		if got := string(Carry(c.from, crm.Values(`{"a":`+c.value+`}`), c.to)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := Carry(one("text", "a"), nil, one("text", "b")); got != nil {
		t.Errorf("of nothing: %s", got)
	}
}
