package service

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// manages gives role 3 the rights of administration and the ids of what the
// harness has made to nobody else.
func (w *world) manages() *Caller {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(tx.SkipIDs(store.CustomFields, 20), tx.SkipIDs(store.Options, 10), tx.SkipIDs(store.Labels, 5))
	})
	return w.as(orgA, admin)
}

// addField makes a field and gives it as the answer shows it.
func (w *world) addField(c *Caller, f crm.CustomField) (out crm.FormField, err error) {
	one, _ := acting(c, "")
	err = w.AddField(w.t.Context(), one, &f, func(d *crm.Directory, name string) error {
		out = *d.FormField(f.Entity, 0, name)
		return nil
	})
	return out, err
}

// changeField changes a field and gives it as the answer shows it.
func (w *world) changeField(c *Caller, entity, name string, template int64, patch func(*crm.CustomField)) (out crm.FormField, err error) {
	one, _ := acting(c, "")
	err = w.ChangeField(w.t.Context(), one, entity, name, template, func(f *crm.CustomField) error {
		patch(f)
		return nil
	}, func(d *crm.Directory) error {
		out = *d.FormField(entity, template, name)
		return nil
	})
	return out, err
}

func (w *world) deleteField(c *Caller, entity, name, confirm string) error {
	return w.DeleteField(w.t.Context(), c, entity, name, confirm, func(*crm.FormField) error { return nil })
}

func TestAddField(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	f, err := w.addField(a, crm.CustomField{Entity: "customer", Label: " 级别 ", Kind: "select", Enabled: true, Common: true,
		Choices: []crm.Choice{{Label: "甲"}, {Label: "乙", Value: "sel_1234"}}, Options: crm.FieldOptions{Placeholder: "请选择"}})
	if err != nil {
		t.Fatal(err)
	}
	if f.Label != "级别" || !strings.HasPrefix(f.Name, "text_asset_") || len(f.Name) != len("text_asset_")+6 || f.ID != crm.OwnFieldIDs+21 ||
		f.Placeholder != "请选择" || f.GroupID != 1 || !f.Common || f.Required {
		t.Errorf("made %+v", f)
	}
	if c := f.Own.Choices; len(c) != 2 || !strings.HasPrefix(c[0].Value, "sel_") || len(c[0].Value) != 8 || c[1].Value != "sel_1234" {
		t.Errorf("choices %+v", c)
	}
	w.logged("custom_field", f.ID, "create", "entity: <nil> → customer", "name: <nil> → "+f.Name, "label: <nil> → 级别", "kind: <nil> → select",
		"enabled: <nil> → true", "common: <nil> → true", "required: <nil> → false",
		"choices: <nil> → [map[label:甲 value:"+f.Own.Choices[0].Value+"] map[label:乙 value:sel_1234]]", "options: <nil> → map[placeholder:请选择]")
	if g, err := w.addField(a, crm.CustomField{Entity: "lead", Label: "子表", Kind: "subform", Enabled: true, Options: crm.FieldOptions{
		Columns: []*crm.CustomField{{Label: "品名", Kind: "text", Enabled: true}, {Label: "数量", Kind: "integer", Enabled: true}}}}); err != nil ||
		!strings.HasPrefix(g.Own.Options.Columns[1].Name, "numeric_asset_") {
		t.Errorf("a sub-form: %+v, %v", g, err)
	}
	if named, err := w.addField(a, crm.CustomField{Entity: "customer", Label: "迁移来的", Kind: "text", Name: "text_asset_7c7b94f7", Enabled: true}); err != nil || named.Name != "text_asset_7c7b94f7" {
		t.Errorf("a given name: %+v, %v", named, err)
	}
	for message, in := range map[string]crm.CustomField{
		"字段类型不存在":                      {Entity: "customer", Label: "x", Kind: "nothing"},
		"对象类型(entity_type)不存在":         {Entity: "product", Label: "x", Kind: "text"},
		"字段名称不能为空":                     {Entity: "customer", Label: " ", Kind: "text"},
		"已有名称为“级别”的字段":                 {Entity: "customer", Label: "级别", Kind: "text"},
		"已有名称为“客户名称”的字段":               {Entity: "customer", Label: "客户名称", Kind: "text"},
		"x至少要有一个选项":                    {Entity: "customer", Label: "x", Kind: "select"},
		"x由系统填写,不能设为必填":                {Entity: "customer", Label: "x", Kind: "auto_number", Required: true},
		"x的关联对象不存在":                    {Entity: "customer", Label: "x", Kind: "relation", Options: crm.FieldOptions{Target: "product"}},
		"字段分组不存在":                      {Entity: "customer", Label: "x", Kind: "text", GroupID: 11},
		"字段标识已存在":                      {Entity: "customer", Label: "x", Kind: "text", Name: f.Name},
		"x的标识必须是text_asset_加6到8位十六进制数": {Entity: "customer", Label: "x", Kind: "text", Name: "text_asset_x"},
	} {
		_, err := w.addField(a, in)
		wants(t, "refused", err, message)
	}
	w.forbidden("make a field", func(c *Caller) error {
		_, err := w.addField(c, crm.CustomField{Entity: "customer", Label: "x", Kind: "text"})
		return err
	})
}

func TestChangeOwnField(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	f, err := w.addField(a, crm.CustomField{Entity: "customer", Label: "级别", Kind: "select", Enabled: true,
		Choices: []crm.Choice{{Label: "甲", Value: "sel_0001"}, {Label: "乙", Value: "sel_0002"}, {Label: "丙", Value: "sel_0003"}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err = w.changeField(a, "customer", f.Name, 0, func(f *crm.CustomField) {
		f.Label, f.Required = "等级", true
		// 乙 is renamed, 甲 comes back without its value, 丙 is left out, 丁 is new.
		f.Choices = []crm.Choice{{Label: "二", Value: "sel_0002"}, {Label: "甲"}, {Label: "丁"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	c := f.Own.Choices
	if f.Label != "等级" || !f.Required || len(c) != 4 || c[0].Value != "sel_0002" || c[0].Label != "二" || c[1].Value != "sel_0001" ||
		!strings.HasPrefix(c[2].Value, "sel_") || c[3].Value != "sel_0003" || !c[3].Disabled || c[0].Disabled {
		t.Errorf("changed to %+v with %+v", f, c)
	}
	before := w.version(orgA)
	if _, err := w.changeField(a, "customer", f.Name, 0, func(*crm.CustomField) {}); err != nil || w.version(orgA) != before {
		t.Errorf("a change of nothing: %v", err)
	}
	for message, patch := range map[string]func(*crm.CustomField){
		"字段类型不能修改":     func(f *crm.CustomField) { f.Kind = "text" },
		"已有名称为“行业”的字段": func(f *crm.CustomField) { f.Label = "行业" },
	} {
		_, err := w.changeField(a, "customer", f.Name, 0, patch)
		wants(t, "refused", err, message)
	}
	if _, err := w.changeField(a, "customer", "text_asset_nothing", 0, func(*crm.CustomField) {}); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	// Columns that are left out stay, disabled.
	g, err := w.addField(a, crm.CustomField{Entity: "customer", Label: "明细", Kind: "subform", Enabled: true, Options: crm.FieldOptions{
		Columns: []*crm.CustomField{{Label: "品名", Kind: "text", Enabled: true}, {Label: "数量", Kind: "integer", Enabled: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{g.Own.Options.Columns[0].Name, g.Own.Options.Columns[1].Name}
	g, err = w.changeField(a, "customer", g.Name, 0, func(f *crm.CustomField) {
		f.Options.Columns = []*crm.CustomField{{Label: "数量", Kind: "integer", Enabled: true}, {Label: "单价", Kind: "money", Enabled: true}}
	})
	if columns := g.Own.Options.Columns; err != nil || len(columns) != 3 || columns[0].Name != names[1] || columns[2].Name != names[0] || columns[2].Enabled {
		t.Errorf("columns %+v, %v", columns, err)
	}
	w.forbidden("change a field", func(c *Caller) error {
		_, err := w.changeField(c, "customer", f.Name, 0, func(f *crm.CustomField) { f.Label = "x" })
		return err
	})
	if _, err := w.changeField(w.as(orgB, admin), "customer", f.Name, 0, func(*crm.CustomField) {}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("by another organization: %v", err)
	}
}

func TestChangeSystemField(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	f, err := w.changeField(a, "customer", "industry", 0, func(f *crm.CustomField) {
		f.Label, f.Options.Placeholder, f.Required, f.Common, f.GroupID = "所属行业", "选一个", true, true, 2
	})
	if err != nil || f.Label != "所属行业" || f.Placeholder != "选一个" || !f.Required || !f.Common || f.GroupID != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	w.logged("custom_field", 6, "update", "label: 行业 → 所属行业", "options: map[] → map[placeholder:选一个]", "required: false → true",
		"common: false → true", "group_id: 1 → 2")
	_, err = w.create(a, company("缺行业"), "")
	wants(t, "the new label in a refusal", err, "所属行业不能为空")
	if f, err = w.changeField(a, "customer", "industry", 0, func(f *crm.CustomField) { f.Label, f.Required = "", false }); err != nil || f.Label != "行业" || f.Required {
		t.Errorf("back to the system's label: %+v, %v", f, err)
	}
	for _, c := range []struct {
		name, message string
		patch         func(*crm.CustomField)
	}{
		{"name", "客户名称不能停用", func(f *crm.CustomField) { f.Enabled = false }},
		{"name", "客户名称必须是必填", func(f *crm.CustomField) { f.Required = false }},
		{"user_id", "负责人由系统填写,不能设为必填", func(f *crm.CustomField) { f.Required = true }},
		{"user_id", "负责人不能停用", func(f *crm.CustomField) { f.Enabled = false }},
		{"note", "已有名称为“行业”的字段", func(f *crm.CustomField) { f.Label = "行业" }},
		{"note", "字段分组不存在", func(f *crm.CustomField) { f.GroupID = 77 }},
	} {
		_, err := w.changeField(a, "customer", c.name, 0, c.patch)
		wants(t, c.name, err, c.message)
	}
	// A disabled field is hidden in every form.
	if _, err := w.changeField(a, "customer", "address.fax", 0, func(f *crm.CustomField) { f.Enabled = false }); err != nil {
		t.Fatal(err)
	}
	groups, err := w.Form(w.as(orgA, owner), "customer", 0)
	if err != nil || slices.Contains(shownFields(groups), "address.fax") || !slices.Contains(shownFields(groups), "address.tel") {
		t.Errorf("%v, %v", shownFields(groups), err)
	}
}

func shownFields(groups []FormGroup) (names []string) {
	for _, g := range groups {
		for _, f := range g.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

func TestOrderFields(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	order := func(groups ...GroupOrder) error {
		return w.OrderFields(t.Context(), a, "customer", groups, func(*crm.Directory) error { return nil })
	}
	var group int64
	if err := w.SaveFieldGroup(t.Context(), a, 0, "customer", "财务", func(_ *crm.Directory, g *crm.FieldGroup) error {
		group = g.ID
		return nil
	}); err != nil || group <= crm.OwnFieldIDs {
		t.Fatal(group, err)
	}
	if err := order(GroupOrder{group, []string{"text_asset_b000002", "industry"}}, GroupOrder{1, []string{"note", "name"}}); err != nil {
		t.Fatal(err)
	}
	d := w.directory()
	names := []string{}
	for _, f := range d.Form("customer", 0) {
		names = append(names, f.Name)
	}
	want := []string{"text_asset_b000002", "industry", "note", "name", "company_name", "status"}
	if !slices.Equal(names[:len(want)], want) || d.Groups["customer"][0].ID != group || d.Groups["customer"][1].ID != 1 {
		t.Errorf("the order is %v", names)
	}
	if d.Fields["customer"][0].Name != "text_asset_b000002" {
		t.Error("details show own fields in another order")
	}
	if f, err := w.addField(a, crm.CustomField{Entity: "customer", Label: "最后", Kind: "text", Enabled: true, GroupID: group}); err != nil || f.Position != 3 {
		t.Errorf("a new field stands at %d, %v", f.Position, err)
	}
	wants(t, "a field twice", order(GroupOrder{1, []string{"name", "name"}}), "字段name不存在或重复")
	wants(t, "no field", order(GroupOrder{1, []string{"nothing"}}), "字段nothing不存在或重复")
	wants(t, "no group", order(GroupOrder{99, nil}), "字段分组不存在")
	wants(t, "a group twice", order(GroupOrder{1, nil}, GroupOrder{1, nil}), "字段分组不存在")
	save := func(id int64, label string) error {
		return w.SaveFieldGroup(t.Context(), a, id, "customer", label, func(*crm.Directory, *crm.FieldGroup) error { return nil })
	}
	wants(t, "a label twice", save(1, "财务"), "字段分组名称重复")
	wants(t, "another label", save(1, "概况"), "")
	remove := func(id int64) error {
		return w.DeleteFieldGroup(t.Context(), a, id, func(*crm.Directory, *crm.FieldGroup) error { return nil })
	}
	wants(t, "the system's", remove(1), "系统分组不能删除")
	wants(t, "an own one", remove(group), "")
	d = w.directory()
	if f := d.FormField("customer", 0, "industry"); f.GroupID != 1 || d.Groups["customer"][0].Label != "概况" {
		t.Errorf("industry is back in %d", f.GroupID)
	}
	w.forbidden("order fields", func(c *Caller) error {
		return w.OrderFields(t.Context(), c, "customer", nil, func(*crm.Directory) error { return nil })
	})
	w.forbidden("make a group", func(c *Caller) error {
		return w.SaveFieldGroup(t.Context(), c, 0, "customer", "x", func(*crm.Directory, *crm.FieldGroup) error { return nil })
	})
}

func TestOptions(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddOption(&crm.Option{ID: 9, Entity: "customer", Field: "status", Label: "成交", Position: 9, Enabled: true, Meaning: crm.MeaningWon})
	})
	show := func(*crm.Directory) error { return nil }
	add := func(field, label string) error { return w.AddOption(t.Context(), a, "customer", field, label, show) }
	wants(t, "new", add("status", " 初访 "), "")
	wants(t, "there", add("status", "初访"), "选项“初访”已存在")
	wants(t, "none", add("status", " "), "选项名称不能为空")
	if err := add("name", "x"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	change := func(id int64, patch func(*crm.Option)) error {
		return w.ChangeOption(t.Context(), a, "customer", "status", id, func(o *crm.Option) error {
			patch(o)
			return nil
		}, show)
	}
	wants(t, "rename", change(1, func(o *crm.Option) { o.Label = "未联系" }), "")
	wants(t, "disable", change(1, func(o *crm.Option) { o.Enabled = false }), "")
	wants(t, "won", change(9, func(o *crm.Option) { o.Label = "已成交" }), "选项“成交”是系统规则所需,不能修改")
	wants(t, "won", change(9, func(o *crm.Option) { o.Enabled = false }), "选项“成交”是系统规则所需,不能修改")
	if err := change(4, func(*crm.Option) {}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("an option of another field: %v", err)
	}
	wants(t, "order", w.OrderOptions(t.Context(), a, "customer", "status", []int64{9, 11}, show), "")
	wants(t, "bad order", w.OrderOptions(t.Context(), a, "customer", "status", []int64{9, 9}, show), "顺序中的编号不存在或重复")
	var ids []int64
	for _, o := range OptionsOf(w.directory(), "customer", "status") {
		ids = append(ids, o.ID)
	}
	if !slices.Equal(ids, []int64{9, 11, 1, 2}) {
		t.Errorf("the order is %v", ids)
	}
	// A disabled option stays where it is, and nobody can choose it anew.
	if _, err := w.update(w.as(orgA, owner), 1, func(d *crm.CustomerDraft) { d.Note = "x" }); err != nil {
		t.Error(err)
	}
	in := company("停用的选项")
	in.Status = 1
	_, err := w.create(a, in, "")
	wants(t, "disabled", err, "跟进状态的选项不存在")
	w.forbidden("add an option", func(c *Caller) error { return w.AddOption(t.Context(), c, "customer", "status", "x", show) })
	w.forbidden("order options", func(c *Caller) error { return w.OrderOptions(t.Context(), c, "customer", "status", []int64{1}, show) })
}

func TestDeleteField(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	wants(t, "the system's", w.deleteField(a, "customer", "note", "备注"), "系统字段不能删除,只能停用")
	wants(t, "no confirmation", w.deleteField(a, "customer", "text_asset_b000002", ""), "删除字段会销毁所有数据,请在confirm中填写字段名称确认")
	wants(t, "another label", w.deleteField(a, "customer", "text_asset_b000002", "phone"), "confirm与字段名称不一致")
	if err := w.deleteField(a, "customer", "nothing", "x"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	w.forbidden("delete a field", func(c *Caller) error { return w.deleteField(c, "customer", "text_asset_b000002", "text") })
	wants(t, "delete", w.deleteField(a, "customer", "text_asset_b000002", "text"), "")
	if w.directory().FormField("customer", 0, "text_asset_b000002") != nil {
		t.Error("the definition is still there")
	}
	if err := w.runJob(destroyKind); err != nil {
		t.Fatal(err)
	}
	if v := w.customer(1).Custom; field.Holds(v, "text_asset_b000002") || !field.Holds(v, "text_asset_000002") {
		t.Errorf("the values are %s", v)
	}
	w.logged("customer", 1, "update", "text_asset_b000002: 公司49 → <nil>")
	if other := w.query("SELECT custom_values FROM customers WHERE organization_id = $1 AND id = 1", orgB); !strings.Contains(other, "text_asset_b000002") {
		t.Errorf("the other organization has %s", other)
	}
}
