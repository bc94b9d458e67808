package field

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

func TestValidate(t *testing.T) {
	places := func(n int) *int { return &n }
	deep := func(levels int) []crm.Choice {
		var below []crm.Choice
		for range levels {
			below = []crm.Choice{{Value: "nes_1", Label: "级", Children: below}}
		}
		return below
	}
	for _, c := range []struct {
		kind    string
		change  func(f *crm.CustomField)
		message string
	}{
		{"text", func(f *crm.CustomField) { f.Label = " " }, "字段名称不能为空"},
		{"text", func(f *crm.CustomField) { f.Label = repeat("字", 101) }, "字段名称不能超过100个字符"},
		{"text", func(f *crm.CustomField) { f.Label = "a\x00" }, "字段名称含有不允许的字符"},
		{"text", func(f *crm.CustomField) { f.Kind = "hologram" }, "字段的类型不存在"},
		{"text", func(f *crm.CustomField) { f.Name = "name" }, "字段的标识必须是text_asset_加6到8位十六进制数"},
		{"text", func(f *crm.CustomField) { f.Name = "numeric_asset_7c7b94" }, "字段的标识必须是text_asset_加6到8位十六进制数"},
		{"text", func(f *crm.CustomField) { f.Name = "text_asset_7C7B94" }, "字段的标识必须是text_asset_加6到8位十六进制数"},
		{"text", func(f *crm.CustomField) { f.Options.Placeholder = repeat("字", 256) }, "字段的输入提示不能超过255个字符"},
		{"text", func(f *crm.CustomField) { f.Options.Placeholder = "\x1f" }, "字段的输入提示含有不允许的字符"},
		{"money", func(f *crm.CustomField) { f.Options.Decimals = places(11) }, "字段的小数位数必须在0到10之间"},
		{"decimal", func(f *crm.CustomField) { f.Options.Decimals = places(-1) }, "字段的小数位数必须在0到10之间"},
		{"phone", func(f *crm.CustomField) { f.Options.Phone = "strict" }, "字段的号码格式只能是off、mobile或any"},
		{"relation", func(f *crm.CustomField) { f.Options.Target = "user" }, "字段的关联对象不存在"},
		{"select", func(f *crm.CustomField) { f.Choices = nil }, "字段至少要有一个选项"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Value = "a/b" }, "字段的选项值不正确或重复"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Value = "sel_0002" }, "字段的选项值不正确或重复"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Label = "" }, "字段的选项不能为空"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Label = repeat("字", 101) }, "字段的选项不能超过100个字符"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Label = "a\nb" }, "字段的选项含有不允许的字符"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Label = " 二级 " }, "字段的选项“二级”重复"},
		{"select", func(f *crm.CustomField) { f.Choices[0].Children = deep(1) }, "字段的选项层级太多"},
		{"select", func(f *crm.CustomField) { f.Choices = make([]crm.Choice, MaxChoices+1) }, "字段最多2000个选项"},
		{"multi_select", func(f *crm.CustomField) { f.Choices[0].Other = true }, "字段不能有“其他”选项"},
		{"cascade", func(f *crm.CustomField) { f.Choices = deep(MaxDepth + 1) }, "字段的选项层级太多"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns = nil }, "字段必须有1到30列"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns = make([]*crm.CustomField, 31) }, "字段必须有1到30列"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns[0] = nil }, "字段的列不正确"},
		{"subform", func(f *crm.CustomField) { f.Options.MaxRows = 201 }, "字段最多200行"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns[0] = definition("subform") }, "字段的类型不能用于子表"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns[0].Name = "text_asset_cccccc" }, "字段的列重复"},
		{"subform", func(f *crm.CustomField) { f.Options.Columns[0].Label = "电话" }, "字段的列重复"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Prefix: repeat("K", 33)} }, "字段的前缀不能超过32个字符"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Prefix: "\t"} }, "字段的前缀含有不允许的字符"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Date: "DD"} }, "字段的日期格式不正确"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Digits: 13} }, "字段的流水号最多12位"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Restart: true} }, "字段没有日期,流水号不能重新开始"},
		{"auto_number", func(f *crm.CustomField) { f.Options.Number = &crm.NumberRule{Date: "YYYY", Digits: 5, Restart: true} }, ""},
		{"cascade", func(f *crm.CustomField) { f.Choices = deep(MaxDepth) }, ""},
		{"money", func(f *crm.CustomField) { f.Options.Decimals = places(0) }, ""},
		{"phone", func(f *crm.CustomField) { f.Options.Phone = crm.PhoneMobile }, ""},
	} {
		f := definition(c.kind)
		c.change(f)
		err := Validate(f)
		if c.message == "" {
			if err != nil {
				t.Errorf("%s: %v", c.kind, err)
			}
			continue
		}
		refused(t, c.kind, err, c.message)
		var e *crm.Error
		if errors.As(err, &e) && strings.ContainsAny(e.English, "的不") {
			t.Errorf("%s: %q", c.kind, e.English)
		}
	}
}

func TestValidateSettles(t *testing.T) {
	f := definition("money")
	f.Label, f.Choices, f.Options.Phone = " 金额 ", []crm.Choice{{Value: "x"}}, crm.PhoneOff
	if err := Validate(f); err != nil || f.Label != "金额" || f.Choices != nil || f.Options.Phone != "" ||
		f.Options.Decimals == nil || *f.Options.Decimals != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	sub := definition("subform")
	sub.Options.Columns[1].Kind = "money"
	sub.Options.Columns[1].Required = true
	if err := Validate(sub); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(sub.Options)
	var back crm.FieldOptions
	if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back, sub.Options) {
		t.Errorf("%s reads back as %+v, %v", b, back, err)
	}
}
