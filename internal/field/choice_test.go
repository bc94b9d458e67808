package field

import (
	"encoding/json"
	"strconv"
	"testing"

	"guanxi/internal/crm"
)

func TestChoices(t *testing.T) {
	good(t, []goodCase{
		{"select", text("sel_0002"), `"sel_0002"`},
		{"multi_select", text("sel_0002"), `["sel_0002"]`},
		{"multi_select", list("sel_0002", "", "sel_0001", "sel_0002"), `["sel_0002","sel_0001"]`},
		{"cascade", text("sel_0001/sel_0012"), `"sel_0001/sel_0012"`},
		{"cascade", text("sel_0001"), `"sel_0001"`},
		{"multi_cascade", text("sel_0002"), `["sel_0002"]`},
		{"multi_cascade", list("sel_0001/sel_0011", "sel_0001/sel_0012", "sel_0002"), `["sel_0001/sel_0011","sel_0001/sel_0012","sel_0002"]`},
	})
	bad(t, []badCase{
		{"select", text("一级"), "字段的选项不存在"},
		{"select", text("sel_0003"), "字段的选项不存在"},
		{"select", list("sel_0001"), "字段只能有一个值"},
		{"multi_select", list("sel_0001", "sel_0003"), "字段的选项不存在"},
		{"multi_select", text("sel_0001,sel_0002"), "字段的选项不存在"},
		{"multi_select", rows(map[string]string{"id": "1"}), "字段的选项不存在"},
		{"select", text("sel_0001/sel_0011"), "字段的选项不存在"},
		{"cascade", text("sel_0011"), "字段的选项不存在"},
		{"cascade", text("sel_0001/"), "字段的选项不存在"},
		{"cascade", text("/sel_0001"), "字段的选项不存在"},
		{"cascade", text("sel_0002/sel_0011"), "字段的选项不存在"},
		{"cascade", text("sel_0001/sel_0011/sel_0011"), "字段的选项不存在"},
		{"cascade", list("sel_0001", "sel_0011"), "字段只能有一个值"},
		{"multi_cascade", list("sel_0001/sel_0013"), "字段的选项不存在"},
	})
	many := definition("multi_select")
	var values []string
	for i := range MaxPicked + 1 {
		many.Choices = append(many.Choices, crm.Choice{Value: "mul_" + strconv.Itoa(i), Label: strconv.Itoa(i)})
		values = append(values, "mul_"+strconv.Itoa(i))
	}
	if _, err := parseOne(many, list(values[1:]...)); err != nil {
		t.Error(err)
	}
	badFor(t, many, list(values...), "字段最多100项")
}

// TestDisabledChoices are refused unless the record has them already, and
// still shown.
func TestDisabledChoices(t *testing.T) {
	for _, c := range []struct {
		kind     string
		in       Input
		had      string
		label    string
		disabled func(f *crm.CustomField)
	}{
		{"select", text("sel_0002"), `"sel_0002"`, "二级", func(f *crm.CustomField) { f.Choices[1].Disabled = true }},
		{"multi_select", list("sel_0001", "sel_0002"), `["sel_0002"]`, "二级", func(f *crm.CustomField) { f.Choices[1].Disabled = true }},
		{"cascade", text("sel_0001/sel_0011"), `"sel_0001/sel_0011"`, "一级/甲", func(f *crm.CustomField) { f.Choices[0].Disabled = true }},
		{"multi_cascade", list("sel_0001/sel_0011"), `["sel_0001/sel_0011"]`, "一级/甲",
			func(f *crm.CustomField) { f.Choices[0].Children[0].Disabled = true }},
	} {
		f := definition(c.kind)
		c.disabled(f)
		badFor(t, f, c.in, "字段的选项已停用")
		fields := []*crm.CustomField{f}
		_, _, err := Merge(fields, nil, only(f.Name, c.in))
		refused(t, c.kind, err, "字段的选项已停用")
		old := crm.Values(`{"` + f.Name + `":` + c.had + `}`)
		if v, _, err := Merge(fields, old, only(f.Name, c.in)); err != nil || !json.Valid(v) {
			t.Errorf("%s: %s, %v", c.kind, v, err)
		}
		if text, ok := Display(f, Decode(old), Names{}); text != c.label || !ok {
			t.Errorf("%s is shown as %q", c.kind, text)
		}
	}
}

func other() *crm.CustomField {
	f := definition("select")
	f.Choices = append(f.Choices, crm.Choice{Value: "sel_9999", Label: "其他", Other: true})
	return f
}

func both(f *crm.CustomField, value, beside *string) Given {
	return func(name string) (Input, bool) {
		for n, s := range map[string]*string{f.Name: value, f.Name + "_other": beside} {
			if n == name && s != nil {
				return text(*s), true
			}
		}
		return Input{}, false
	}
}

func TestOtherText(t *testing.T) {
	f := other()
	fields := []*crm.CustomField{f}
	free, own, plain, none := "口碑", "sel_9999", "sel_0001", ""
	ownOnly := `{"` + f.Name + `":"sel_9999"}`
	ownFree := `{"` + f.Name + `":"sel_9999","` + f.Name + `_other":"口碑"}`
	plainOnly := `{"` + f.Name + `":"sel_0001"}`
	for _, c := range []struct {
		name          string
		old           string
		value, beside *string
		want, display string
		changes       int
	}{
		{"new", ``, &own, &free, ownFree, "口碑", 2},
		{"new without text", ``, &own, nil, ownOnly, "其他", 1},
		{"text of another choice", ``, &plain, &free, plainOnly, "一级", 1},
		{"text alone of nothing", ``, nil, &free, ``, "", 0},
		{"text alone", ownOnly, nil, &free, ownFree, "口碑", 1},
		{"the same", ownFree, &own, &free, ownFree, "口碑", 0},
		{"the same choice keeps the text", ownFree, &own, nil, ownFree, "口碑", 0},
		{"nothing", ownFree, nil, nil, ownFree, "口碑", 0},
		{"text cleared", ownFree, nil, &none, ownOnly, "其他", 1},
		{"another choice", ownFree, &plain, nil, plainOnly, "一级", 2},
		{"cleared", ownFree, &none, nil, ``, "", 2},
	} {
		v, changed, err := Merge(fields, crm.Values(c.old), both(f, c.value, c.beside))
		if err != nil || string(v) != c.want || len(changed) != c.changes {
			t.Errorf("%s: %s, %s, %v", c.name, v, changed, err)
		}
		if text, ok := Display(f, Decode(v), Names{}); text != c.display || ok != (c.want != "") {
			t.Errorf("%s is shown as %q", c.name, text)
		}
	}
	long := repeat("字", 256)
	_, err := Parse(fields, both(f, &own, &long))
	refused(t, "a long text", err, "字段不能超过255个字符")
	if got := Companions(f); len(got) != 2 || got[1] != "_other" {
		t.Errorf("companions are %v", got)
	}
	hidden := HideNumbers(fields, crm.Values(ownFree), false, func(name string) bool { return name == f.Name })
	if len(Decode(hidden)) != 0 {
		t.Errorf("a hidden field leaves %s", hidden)
	}
}
