package service

import (
	"errors"
	"slices"
	"testing"

	"guanxi/internal/crm"
)

func TestFieldsOfTemplates(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	w.templates()
	if f, err := w.changeField(a, "customer", "note", 1, func(f *crm.CustomField) { f.Required, f.Common = true, false }); err != nil || !f.Required || f.Common {
		t.Fatalf("%+v, %v", f, err)
	}
	if f, err := w.changeField(a, "customer", "text_asset_b000002", 1, func(f *crm.CustomField) { f.Enabled = false }); err != nil || f.Enabled {
		t.Fatalf("%+v, %v", f, err)
	}
	if f := w.directory().FormField("customer", 0, "note"); f.Required || !f.Common {
		t.Errorf("for all it is %+v", f)
	}
	_, err := w.changeField(a, "customer", "note", 1, func(f *crm.CustomField) { f.Label = "备注1" })
	wants(t, "a label", err, "业务类型只能设置字段的启用、常用和必填")
	_, err = w.changeField(a, "customer", "note", 99, func(f *crm.CustomField) {})
	wants(t, "no template", err, "业务类型不存在")
	_, err = w.changeField(a, "contact", "note", 1, func(f *crm.CustomField) {})
	wants(t, "another entity's", err, "业务类型不存在")
	if _, err := w.changeField(a, "customer", "address.qq", 0, func(f *crm.CustomField) { f.Enabled = false }); err != nil {
		t.Fatal(err)
	}
	_, err = w.changeField(a, "customer", "address.qq", 1, func(f *crm.CustomField) { f.Enabled = true })
	wants(t, "disabled for all", err, "QQ已停用,请先启用该字段")
	// A copy has the same settings, and goes its own way.
	var copied int64
	err = w.AddTemplate(t.Context(), a, &crm.Template{Entity: "customer", Name: "复制", Enabled: true}, 1, func(d *crm.Directory, x *crm.Template) error {
		copied = x.ID
		return nil
	})
	if f := w.directory().FormField("customer", copied, "note"); err != nil || !f.Required || f.Common {
		t.Errorf("the copy has %+v, %v", f, err)
	}
	if _, err := w.changeField(a, "customer", "note", copied, func(f *crm.CustomField) { f.Required = false }); err != nil {
		t.Fatal(err)
	}
	if d := w.directory(); d.FormField("customer", copied, "note").Required || !d.FormField("customer", 1, "note").Required {
		t.Error("the copy did not go its own way")
	}
	// What the template does not show is not read and not shown.
	d := w.directory()
	if own := d.OwnFields("customer", 1); slices.ContainsFunc(own, func(f *crm.CustomField) bool { return f.Name == "text_asset_b000002" && f.Enabled }) {
		t.Error("the own field is enabled in the template")
	}
	groups, err := w.PreviewForm(a, "customer", 1, 5)
	if got := shownFields(groups); err != nil || slices.Contains(got, "text_asset_b000002") || slices.Contains(got, "address.tel") || !slices.Contains(got, "address.phone") {
		t.Errorf("the preview for role 5 shows %v, %v", got, err)
	}
	_, err = w.PreviewForm(a, "customer", 1, 99)
	wants(t, "no role", err, "角色不存在")
}

func TestTemplateAdministration(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	w.templates()
	show := func(*crm.Directory, *crm.Template) error { return nil }
	add := func(name string, roles ...int64) error {
		return w.AddTemplate(t.Context(), a, &crm.Template{Entity: "customer", Name: name, Enabled: true, Roles: roles}, 0, show)
	}
	wants(t, "taken", add("普通"), "业务类型“普通”已存在")
	wants(t, "no name", add(" "), "业务类型名称不能为空")
	wants(t, "no role", add("新", 99), "角色不存在")
	wants(t, "no such copy", w.AddTemplate(t.Context(), a, &crm.Template{Entity: "customer", Name: "新"}, 99, show), "业务类型不存在")
	wants(t, "leads", w.AddTemplate(t.Context(), a, &crm.Template{Entity: "lead", Name: "新"}, 0, show), "该对象没有业务类型")
	wants(t, "new", add("新", 5, 4, 4), "")
	if x := w.directory().Templates[4]; x == nil || x.Name != "新" || x.Position != 4 || !slices.Equal(x.Roles, []int64{4, 5}) {
		t.Errorf("made %+v", x)
	}
	change := func(id int64, patch func(*crm.Template)) error {
		return w.ChangeTemplate(t.Context(), a, id, func(x *crm.Template) error {
			patch(x)
			return nil
		}, show)
	}
	wants(t, "change", change(4, func(x *crm.Template) { x.Name, x.Roles, x.Enabled = "更新", nil, false }), "")
	w.logged("custom_field_template", 4, "update", "name: 新 → 更新", "role_ids: [4 5] → <nil>", "enabled: true → false")
	wants(t, "taken", change(4, func(x *crm.Template) { x.Name = "普通" }), "业务类型“普通”已存在")
	if err := change(99, func(*crm.Template) {}); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	in := company("用一个")
	in.TemplateID = 1
	if _, err := w.create(a, in, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, "in use", w.DeleteTemplate(t.Context(), a, 1, show), "已有数据使用该业务类型,不能删除,只能停用")
	wants(t, "not in use", w.DeleteTemplate(t.Context(), a, 4, show), "")
	if w.directory().Templates[4] != nil {
		t.Error("it is still there")
	}
	w.forbidden("make a template", func(c *Caller) error {
		return w.AddTemplate(t.Context(), c, &crm.Template{Entity: "customer", Name: "x"}, 0, show)
	})
	w.forbidden("delete a template", func(c *Caller) error { return w.DeleteTemplate(t.Context(), c, 2, show) })
	if found, err := w.Templates(w.as(orgA, owner), "customer"); err != nil || len(found) != 1 || found[0].ID != 1 {
		t.Errorf("the owner may use %v, %v", found, err)
	}
	if found, err := w.Templates(w.as(orgA, admin), "customer"); err != nil || len(found) != 3 {
		t.Errorf("the administrator sees %v, %v", found, err)
	}
}
