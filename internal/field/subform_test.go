package field

import (
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

func TestRows(t *testing.T) {
	name, count := "text_asset_aaaaaa", "numeric_asset_bbbbbb"
	good(t, []goodCase{
		{"subform", rows(map[string]string{count: "2", name: "甲", "unknown": "x"}, map[string]string{name: "乙"}),
			`[{"text_asset_aaaaaa":"甲","numeric_asset_bbbbbb":2},{"text_asset_aaaaaa":"乙"}]`},
		{"subform", rows(map[string]string{}, map[string]string{name: " ", count: ""}), ""},
		{"subform", rows(map[string]string{}, map[string]string{name: "甲"}), `[{"text_asset_aaaaaa":"甲"}]`},
	})
	bad(t, []badCase{
		{"subform", text("x"), "字段必须是行的列表"},
		{"subform", list("x"), "字段必须是行的列表"},
		{"subform", rows(map[string]string{name: "甲"}, map[string]string{count: "2"}), "字段第2行的品名不能为空"},
		{"subform", rows(map[string]string{name: "甲", count: "x"}), "字段第1行的数量必须是整数"},
	})
	limited := definition("subform")
	limited.Options.MaxRows = 1
	goodFor(t, limited, rows(map[string]string{name: "甲"}, map[string]string{}), `[{"text_asset_aaaaaa":"甲"}]`)
	badFor(t, limited, rows(map[string]string{name: "甲"}, map[string]string{name: "乙"}), "字段最多1行")
	many := make([]map[string]string, MaxRows+1)
	for i := range many {
		many[i] = map[string]string{name: strconv.Itoa(i)}
	}
	if _, err := parseOne(definition("subform"), rows(many[1:]...)); err != nil {
		t.Error(err)
	}
	bad(t, []badCase{{"subform", rows(many...), "字段最多200行"}})
	required := definition("subform")
	required.Required = true
	badFor(t, required, rows(map[string]string{}), "字段不能为空")
}

func TestChoicesInRows(t *testing.T) {
	f := definition("subform")
	column := definition("select")
	column.Name, column.Choices[1].Disabled = "text_asset_dddddd", true
	f.Options.Columns = []*crm.CustomField{column}
	old := crm.Values(`{"` + f.Name + `":[{"text_asset_dddddd":"sel_0001"},{"text_asset_dddddd":"sel_0002"}]}`)
	in := rows(map[string]string{"text_asset_dddddd": "sel_0002"})
	if v, _, err := Merge([]*crm.CustomField{f}, old, only(f.Name, in)); err != nil || kept(t, f, v) != `[{"text_asset_dddddd":"sel_0002"}]` {
		t.Errorf("%s, %v", v, err)
	}
	badFor(t, f, in, "字段第1行的字段的选项已停用")
}

func TestNumbersInRowsAreHidden(t *testing.T) {
	f := definition("subform")
	f.Options.Columns[2].Enabled = false // hidden all the same
	v := crm.Values(`{"` + f.Name + `":[{"text_asset_aaaaaa":"甲","text_asset_cccccc":"13800000000"},{"text_asset_aaaaaa":"乙"}]}`)
	got := string(HideNumbers([]*crm.CustomField{f}, v, true, never))
	if strings.Contains(got, "13800000000") || !strings.Contains(got, "138****0000") || !strings.Contains(got, "乙") {
		t.Errorf("got %s", got)
	}
	if got := HideNumbers([]*crm.CustomField{f}, v, false, never); string(got) != string(v) {
		t.Errorf("got %s", got)
	}
}
