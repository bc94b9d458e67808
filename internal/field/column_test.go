package field

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
)

func TestColumn(t *testing.T) {
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, crm.China).UnixMilli()
	for _, c := range []struct {
		kind, raw string
		want      any
	}{
		{"text", `"甲 & 乙"`, "甲 & 乙"}, {"email", `"a@example.com"`, "a@example.com"}, {"phone", `"138"`, "138"},
		{"link", `"https://example.com"`, "https://example.com"}, {"auto_number", `"KH1"`, "KH1"},
		{"text", `""`, nil}, {"text", ``, nil}, {"text", `null`, nil}, {"text", `17`, nil}, {"text_area", `"x"`, nil},
		{"integer", `1223`, 1223.0}, {"decimal", `-0.5`, -0.5}, {"money", `19.99`, 19.99}, {"money", `0`, 0.0},
		{"integer", `"x"`, nil}, {"integer", `null`, nil}, {"integer", `1e999`, nil}, {"integer", `NaN`, nil},
		{"date", `"2024-03-01"`, day}, {"datetime", `"2024-03-01 00:01"`, day + 60_000}, {"datetime", `"x"`, nil},
		{"select", `"sel_0001"`, "\x1fsel_0001\x1f"}, {"select", `"sel_gone"`, "\x1fsel_gone\x1f"}, {"select", `""`, nil},
		{"multi_select", `["sel_0001","sel_0002"]`, "\x1fsel_0001\x1fsel_0002\x1f"}, {"multi_select", `[]`, nil},
		{"cascade", `"sel_0001/sel_0011"`, "\x1fsel_0001/sel_0011\x1f"},
		{"multi_cascade", `["sel_0001/sel_0011","sel_0002"]`, "\x1fsel_0001/sel_0011\x1fsel_0002\x1f"},
		{"user", `7`, "\x1f7\x1f"}, {"multi_user", `[7,8]`, "\x1f7\x1f8\x1f"}, {"department", `7`, "\x1f7\x1f"},
		{"multi_department", `[]`, nil}, {"relation", `7`, "\x1f7\x1f"}, {"user", `"x"`, nil},
		{"file", `[1]`, nil}, {"picture", `[1]`, nil}, {"subform", `[{}]`, nil}, {"section", `"x"`, nil},
	} {
		if got := Column(definition(c.kind), json.RawMessage(c.raw)); got != c.want {
			t.Errorf("%s %s is held as %#v, want %#v", c.kind, c.raw, got, c.want)
		}
	}
	if got := Column(&crm.CustomField{Kind: "hologram"}, json.RawMessage("1")); got != nil {
		t.Errorf("an unknown kind is held as %v", got)
	}
	held := Column(definition("multi_cascade"), json.RawMessage(`["sel_0001/sel_0011","sel_0002"]`)).(string)
	for what, want := range map[string]bool{
		Token("sel_0002"): true, Token("sel_0001/sel_0011"): true, Token("sel_0001"): false, Below("sel_0001"): true,
		Below("sel_0002"): false, Token("sel_000"): false,
	} {
		if strings.Contains(held, what) != want {
			t.Errorf("%q in %q is not %v", what, held, want)
		}
	}
}
