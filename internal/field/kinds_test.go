package field

import (
	"errors"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// definition makes a field of a kind with two choices.
func definition(kind string) *crm.CustomField {
	k := Find(kind)
	return &crm.CustomField{Name: k.Prefix + "7c7b94f7", Label: "字段", Kind: kind, Enabled: true, Choices: []crm.Choice{
		{Value: "sel_0001", Label: "一级"}, {Value: "sel_0002", Label: "二级"},
	}}
}

func text(s string) Input           { return Input{Text: s} }
func list(s ...string) Input        { return Input{List: s, IsList: true} }
func repeat(s string, n int) string { return strings.Repeat(s, n) }

// parseOne parses one field from one input.
func parseOne(f *crm.CustomField, in Input) (crm.Values, error) {
	return Parse([]*crm.CustomField{f}, func(name string) (Input, bool) { return in, name == f.Name })
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

func TestGoodValues(t *testing.T) {
	for _, c := range []struct {
		kind string
		in   Input
		want string
	}{
		{"text", text("重庆 <火锅> & \"锅\""), `"重庆 \u003c火锅\u003e \u0026 \"锅\""`},
		{"text", text(repeat("字", 255)), `"` + repeat("字", 255) + `"`},
		{"text", text("a\nb"), `"a\nb"`},
		{"text_area", text(repeat("字", 2000)), `"` + repeat("字", 2000) + `"`},
		{"email", text(" zhang@example.com "), `"zhang@example.com"`},
		{"phone", text("13800000000"), `"13800000000"`},
		{"phone", text(" +86 (021) 5858-5886 转12 "), `"+86 (021) 5858-5886 转12"`},
		{"phone", text("110"), `"110"`},
		{"integer", text("1223"), "1223"},
		{"integer", text(" -5 "), "-5"},
		{"integer", text("+7"), "7"},
		{"integer", text("0"), "0"},
		{"integer", text("007"), "7"},
		{"integer", text("9007199254740992"), "9007199254740992"},
		{"integer", text("-9007199254740992"), "-9007199254740992"},
		{"decimal", text("156.655"), "156.655"},
		{"decimal", text("-0.10"), "-0.1"},
		{"decimal", text("0.1"), "0.1"},
		{"decimal", text("100"), "100"},
		{"decimal", text("+1."), "1"},
		{"decimal", text(".5"), "0.5"},
		{"decimal", text("0.0"), "0"},
		{"decimal", text("-0"), "0"},
		{"decimal", text("-1e-30"), "0"},
		{"decimal", text("1e5"), "100000"},
		{"decimal", text("1.5E-3"), "0.0015"},
		{"decimal", text("12345678901234567890.0123456789"), "12345678901234567890.0123456789"},
		{"money", text("99999999999999999999"), "99999999999999999999"},
		{"money", text("19.99"), "19.99"},
		{"datetime", text("2024-02-29"), `"2024-02-29 00:00"`},
		{"datetime", text("2024-3-1 8:05"), `"2024-03-01 08:05"`},
		{"datetime", text(" 2024-03-01 08:05:59 "), `"2024-03-01 08:05"`},
		{"datetime", text("2024-03-01T20:05:59Z"), `"2024-03-02 04:05"`},
		{"datetime", text("2024-03-01T20:05:59.123+08:00"), `"2024-03-01 20:05"`},
		{"select", text("sel_0002"), `"sel_0002"`},
		{"multi_select", text("sel_0002"), `["sel_0002"]`},
		{"multi_select", list("sel_0002", "", "sel_0001", "sel_0002"), `["sel_0002","sel_0001"]`},
		{"file", text("12"), "[12]"},
		{"file", list("3", "", "1"), "[3,1]"},
		{"file", list("1", "2", "3", "4", "5", "6", "7", "8", "9"), "[1,2,3,4,5,6,7,8,9]"},
	} {
		f := definition(c.kind)
		v, err := parseOne(f, c.in)
		if err != nil {
			t.Errorf("%s %+v: %v", c.kind, c.in, err)
			continue
		}
		if got := kept(t, f, v); got != c.want {
			t.Errorf("%s %+v is kept as %s, want %s", c.kind, c.in, got, c.want)
		}
	}
}

func TestBadValues(t *testing.T) {
	for _, c := range []struct {
		kind    string
		in      Input
		message string
	}{
		{"text", text(repeat("字", 256)), "字段不能超过255个字符"},
		{"text", list("a"), "字段只能有一个值"},
		{"text_area", text(repeat("字", 2001)), "字段不能超过2000个字符"},
		{"email", text("example.com"), "字段不是有效的邮箱"},
		{"email", text("张三 <zhang@example.com>"), "字段不是有效的邮箱"},
		{"email", text("a@example.com, b@example.com"), "字段不是有效的邮箱"},
		{"email", text(repeat("a", 250) + "@example.com"), "字段不是有效的邮箱"},
		{"email", list("a@example.com"), "字段只能有一个值"},
		{"phone", text("12a34"), "字段不是有效的号码"},
		{"phone", text("+-()"), "字段不是有效的号码"},
		{"phone", text(repeat("1", 33)), "字段不是有效的号码"},
		{"phone", text("１３８"), "字段不是有效的号码"},
		{"integer", text("1.5"), "字段必须是整数"},
		{"integer", text("1e3"), "字段必须是整数"},
		{"integer", text("0x10"), "字段必须是整数"},
		{"integer", text("1_000"), "字段必须是整数"},
		{"integer", text("9007199254740993"), "字段必须是整数"},
		{"integer", text("-9007199254740993"), "字段必须是整数"},
		{"integer", text("99999999999999999999"), "字段必须是整数"},
		{"integer", list("1"), "字段只能有一个值"},
		{"decimal", text("1,5"), "字段必须是数字"},
		{"decimal", text("1/3"), "字段必须是数字"},
		{"decimal", text("."), "字段必须是数字"},
		{"decimal", text("NaN"), "字段必须是数字"},
		{"decimal", text("-Inf"), "字段必须是数字"},
		{"decimal", text("1e999"), "字段必须是数字"},
		{"decimal", text("1e-999999"), "字段必须是数字"},
		{"decimal", text("0x1p4"), "字段必须是数字"},
		{"decimal", text("1_0"), "字段必须是数字"},
		{"decimal", text("1e20"), "字段必须是数字"},
		{"decimal", text("0." + repeat("0", 30) + "1"), "字段必须是数字"},
		{"money", text("十元"), "字段必须是数字"},
		{"datetime", text("2023-02-29"), "字段不是有效的时间"},
		{"datetime", text("2024-03-01 24:00"), "字段不是有效的时间"},
		{"datetime", text("03/01/2024"), "字段不是有效的时间"},
		{"datetime", text("今天"), "字段不是有效的时间"},
		{"select", text("一级"), "字段的选项不存在"},
		{"select", text("sel_0003"), "字段的选项不存在"},
		{"select", list("sel_0001"), "字段只能有一个值"},
		{"multi_select", list("sel_0001", "sel_0003"), "字段的选项不存在"},
		{"multi_select", text("sel_0001,sel_0002"), "字段的选项不存在"},
		{"file", text("a.png"), "字段必须是附件的编号"},
		{"file", text("0"), "字段必须是附件的编号"},
		{"file", list("1", "-2"), "字段必须是附件的编号"},
		{"file", list("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "字段最多9个文件"},
	} {
		v, err := parseOne(definition(c.kind), c.in)
		var e *crm.Error
		if !errors.As(err, &e) || !errors.Is(err, crm.Invalid("")) || e.Message != c.message || v != nil {
			t.Errorf("%s %+v: %v, %s; want %q", c.kind, c.in, err, v, c.message)
		}
	}
}

func TestEmptyAndRequired(t *testing.T) {
	for _, k := range kinds() {
		f := definition(k.Name)
		for _, in := range []Input{text(""), list(), list(""), list("", "")} {
			if v, err := parseOne(f, in); err != nil || v != nil {
				t.Errorf("%s %+v: %s, %v", k.Name, in, v, err)
			}
		}
		f.Required = true
		for _, in := range []Input{text(""), text(" \t\u3000"), list(), list("", " ")} {
			if v, err := parseOne(f, in); !errors.Is(err, crm.Invalid("")) || v != nil {
				t.Errorf("required %s %+v: %s, %v", k.Name, in, v, err)
			}
		}
		_, err := Parse([]*crm.CustomField{f}, func(string) (Input, bool) { return Input{}, false })
		var e *crm.Error
		if !errors.As(err, &e) || e.Message != "字段不能为空" {
			t.Errorf("required %s that is not given: %v", k.Name, err)
		}
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

func TestKindsAreWhole(t *testing.T) {
	for _, k := range kinds() {
		if Find(k.Name) == nil || Find(k.Name).Name != k.Name {
			t.Errorf("%s is not found", k.Name)
		}
		if k.parse == nil || k.Empty == "" || !strings.HasSuffix(k.Prefix, "_asset_") {
			t.Errorf("%+v is not whole", k)
		}
	}
	if Find("hologram") != nil || Find("") != nil {
		t.Error("an unknown kind is found")
	}
}
