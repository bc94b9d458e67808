package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// setting changes a field for all records or for those of a template, past the
// use cases.
func (w *world) setting(entity string, template int64, name string, x crm.FieldSetting) {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetFieldSetting(crm.FieldKey{Entity: entity, Template: template, Name: name}, x)
	})
}

func ptr[T any](v T) *T { return &v }

// wants checks the message of a refusal.
func wants(t *testing.T, what string, err error, message string) {
	t.Helper()
	var e *crm.Error
	switch {
	case message == "" && err != nil:
		errors.As(err, &e)
		t.Errorf("%s: %v (%+v)", what, err, e)
	case message != "" && (!errors.As(err, &e) || e.Message != message):
		t.Errorf("%s: %v (%+v), want %s", what, err, e, message)
	}
}

func TestRequiredFields(t *testing.T) {
	w := newWorld(t, settings())
	o := w.as(orgA, owner)
	yes := crm.FieldSetting{Required: ptr(true)}
	if _, err := w.create(o, company("只有名称"), ""); err != nil {
		t.Fatal(err) // the standard settings ask for the name alone
	}
	for _, name := range []string{"category", "address.phone", "address.region_info", "labels"} {
		w.setting("customer", 0, name, yes)
	}
	w.setting("customer", 0, "source", crm.FieldSetting{Required: ptr(true), Enabled: ptr(false)})
	w.setting("customer", 0, "user_id", yes)
	w.setting("contact", 0, "job", yes)
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetCustomField(&crm.CustomField{ID: 13, Label: "规模说明", Kind: "text", Enabled: true, Required: true}, startOfClock)
	})
	full := func(change func(*crm.NewCustomer)) error {
		in := company(fmt.Sprint("全的", w.version(orgA)))
		in.Category, in.Labels = 4, []int64{1}
		in.Address = crm.Address{CountryID: 4, ProvinceID: 1, Phone: crm.T("13800004321")}
		in.Custom = crm.Values(`{"text_asset_b000002":"很大"}`)
		in.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "人", Job: "经理"}}}
		change(in)
		_, err := w.create(o, in, "")
		return err
	}
	for message, change := range map[string]func(*crm.NewCustomer){
		"":         func(*crm.NewCustomer) {},
		"客户类型不能为空": func(in *crm.NewCustomer) { in.Category = 0 },
		"手机不能为空":   func(in *crm.NewCustomer) { in.Address.Phone = crm.T(" ") },
		"地区不能为空":   func(in *crm.NewCustomer) { in.Address.CountryID, in.Address.ProvinceID = 0, 0 },
		"标签不能为空":   func(in *crm.NewCustomer) { in.Labels = nil },
		"规模说明不能为空": func(in *crm.NewCustomer) { in.Custom = crm.Values(`{"text_asset_b000002":"  "}`) },
		"职务不能为空":   func(in *crm.NewCustomer) { in.Contacts[0].Job = "" },
	} {
		wants(t, "create", full(change), message)
	}
	// What was there before may lack it; what is there cannot be taken away.
	id, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "改了" })
	wants(t, "update of a record from before", err, "")
	_, err = w.update(o, 1, func(d *crm.CustomerDraft) { d.Address.Phone = crm.Text{} })
	wants(t, "taking a number away", err, "手机不能为空")
	_, err = w.update(o, 1, func(d *crm.CustomerDraft) { d.Labels = nil })
	wants(t, "taking the labels away", err, "标签不能为空")
	_, err = w.update(o, 1, func(d *crm.CustomerDraft) { d.Custom = crm.Values(`{"text_asset_000002":"13800005001"}`) })
	wants(t, "taking a value away", err, "规模说明不能为空")
	if id == nil || id.Note != "改了" {
		t.Error("nothing was written")
	}
	// Who never sees a field is not asked for it; who does not see it on others'
	// records is not asked for it there.
	w.setting("customer", 0, "address.tel", yes)
	blind := company("看不到的")
	blind.Category, blind.Labels, blind.Custom = 4, []int64{1}, crm.Values(`{"text_asset_b000002":"x"}`)
	blind.Address = crm.Address{CountryID: 4, Phone: crm.T("13800004321")}
	_, err = w.create(w.as(orgA, blinded), blind, "")
	wants(t, "a hidden field", err, "")
	_, err = w.create(o, blind, "")
	wants(t, "the same for who sees it", err, "电话不能为空")
}

func TestRequiredLeads(t *testing.T) {
	w := newWorld(t, settings())
	a := w.as(orgA, admin)
	w.setting("lead", 0, "company_name", crm.FieldSetting{Required: ptr(true)})
	_, err := w.createLead(a, &crm.Lead{Name: "张三"})
	wants(t, "create", err, "公司名称不能为空")
	id, err := w.createLead(a, &crm.Lead{Name: "张三", CompanyName: "示例"})
	wants(t, "create", err, "")
	err = w.UpdateLead(t.Context(), a, id, func(l *crm.Lead) error {
		l.CompanyName = ""
		return nil
	}, func(*crm.LeadDetail) error { return nil })
	wants(t, "update", err, "公司名称不能为空")
}

// templates makes templates: 1 for everybody, 2 for role 4, 3 disabled.
func (w *world) templates() {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(
			tx.AddTemplate(&crm.Template{ID: 1, Entity: "customer", Name: "普通", Enabled: true, Position: 1}, startOfClock),
			tx.AddTemplate(&crm.Template{ID: 2, Entity: "customer", Name: "大客户", Enabled: true, Roles: []int64{4}, Position: 2}, startOfClock),
			tx.AddTemplate(&crm.Template{ID: 3, Entity: "customer", Name: "停用", Position: 3}, startOfClock),
			tx.SkipIDs(store.Templates, 3))
	})
}

func TestTemplates(t *testing.T) {
	w := newWorld(t, settings())
	w.templates()
	o, all := w.as(orgA, owner), w.as(orgA, wholeFirm)
	of := func(template int64) *crm.NewCustomer {
		in := company(fmt.Sprint("类型", template, w.version(orgA)))
		in.TemplateID = template
		return in
	}
	id, err := w.create(o, of(0), "")
	if err != nil {
		t.Fatal(err)
	}
	if k, err := w.CustomerDetail(t.Context(), o, id); err != nil || k.TemplateID != 1 {
		t.Errorf("the only usable one was not chosen: %+v, %v", k, err)
	}
	for _, c := range []struct {
		c        *Caller
		template int64
		want     string
	}{
		{o, 1, ""}, {o, 2, "业务类型不存在"}, {o, 3, "业务类型不存在"}, {o, 99, "业务类型不存在"},
		{all, 0, "业务类型不能为空"}, {all, 1, ""}, {all, 2, ""}, {all, 3, "业务类型不存在"},
		{w.as(orgA, admin), 2, ""}, {w.as(orgA, admin), 3, "业务类型不存在"},
	} {
		_, err := w.create(c.c, of(c.template), "")
		wants(t, fmt.Sprint("user ", c.c.Viewer.User.ID, ", template ", c.template), err, c.want)
	}
	// It never changes; records from before get one when they are changed.
	_, err = w.update(o, id, func(d *crm.CustomerDraft) { d.TemplateID = 2 })
	wants(t, "another template", err, "业务类型不能修改")
	k, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "旧的" })
	if err != nil || k.TemplateID != 1 {
		t.Errorf("a record from before: %+v, %v", k, err)
	}
	_, err = w.update(all, 3, func(d *crm.CustomerDraft) { d.Note = "旧的" })
	wants(t, "several to choose from", err, "业务类型不能为空")
	if k, err = w.update(all, 3, func(d *crm.CustomerDraft) { d.Note, d.TemplateID = "旧的", 2 }); err != nil || k.TemplateID != 2 {
		t.Errorf("chosen at the next change: %+v, %v", k, err)
	}
	// The template has required fields of its own.
	w.setting("customer", 2, "category", crm.FieldSetting{Required: ptr(true)})
	_, err = w.create(all, of(2), "")
	wants(t, "required by the template", err, "客户类型不能为空")
	_, err = w.create(all, of(1), "")
	wants(t, "not required by the other", err, "")
	// Roles without any cannot create; when no template is enabled, none is needed.
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetTemplate(&crm.Template{ID: 1, Name: "普通", Position: 1}, startOfClock)
	})
	_, err = w.create(o, of(0), "")
	wants(t, "no usable template", err, "您的角色没有可用的业务类型")
	_, err = w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "仍可修改" })
	wants(t, "an update of what has one", err, "")
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetTemplate(&crm.Template{ID: 2, Name: "大客户", Position: 2}, startOfClock)
	})
	_, err = w.create(o, of(0), "")
	wants(t, "no enabled template", err, "")
}

// numbered gives the organization an automatic number.
func (w *world) numbered(rule *crm.NumberRule) {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(
			tx.AddCustomField(&crm.CustomField{ID: 31, Entity: "customer", Name: "text_asset_aaaa01", Label: "编号", Kind: "auto_number",
				Position: 9, Enabled: true, Options: crm.FieldOptions{Number: rule}}, startOfClock),
			tx.AddCustomField(&crm.CustomField{ID: 32, Entity: "contact", Name: "text_asset_aaaa02", Label: "编号", Kind: "auto_number",
				Position: 9, Enabled: true}, startOfClock),
			tx.AddCustomField(&crm.CustomField{ID: 33, Entity: "lead", Name: "text_asset_aaaa03", Label: "编号", Kind: "auto_number",
				Position: 9, Enabled: true}, startOfClock))
	})
}

func TestAutoNumbers(t *testing.T) {
	w := newWorld(t, settings())
	w.numbered(&crm.NumberRule{Prefix: "KH", Date: "YYYYMMDD", Digits: 4, Restart: true})
	a := w.as(orgA, admin)
	add := func(name string) string {
		in := company(name)
		in.Custom = crm.Values(`{"text_asset_aaaa01":"自己写的"}`) // nobody can write it
		in.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "甲"}}, {Contact: crm.Contact{Name: "乙"}}}
		id, err := w.create(a, in, "")
		if err != nil {
			t.Fatal(err)
		}
		k, err := w.CustomerDetail(t.Context(), a, id)
		if err != nil {
			t.Fatal(err)
		}
		return compact(k.Custom)
	}
	if got := add("一"); got != `{"text_asset_aaaa01":"KH201902130001"}` {
		t.Error(got)
	}
	if got := add("二"); got != `{"text_asset_aaaa01":"KH201902130002"}` {
		t.Error(got)
	}
	if _, err := w.create(a, company(""), ""); err == nil {
		t.Error("a customer without a name")
	}
	if got := add("三"); got != `{"text_asset_aaaa01":"KH201902130003"}` {
		t.Errorf("a refused create took a number: %s", got)
	}
	w.clock.advance(24 * 3600e9)
	a = w.as(orgA, admin)
	if got := add("四"); got != `{"text_asset_aaaa01":"KH201902140001"}` {
		t.Error(got)
	}
	if n := w.query("SELECT count(*) FROM contacts WHERE organization_id = $1 AND CAST(custom_values AS TEXT) LIKE '%text_asset_aaaa02%'", orgA); n != "8" {
		t.Errorf("%s contacts have a number", n)
	}
	id, err := w.createLead(a, &crm.Lead{Name: "张三"})
	if l := w.lead(orgA, id); err != nil || compact(l.Custom) != `{"text_asset_aaaa03":"1"}` {
		t.Errorf("the lead has %s, %v", l.Custom, err)
	}
	// A change keeps it.
	k, err := w.update(a, 4, func(d *crm.CustomerDraft) { d.Note = "x" })
	if err != nil || !strings.Contains(string(k.Custom), "KH201902130001") {
		t.Errorf("%s, %v", k.Custom, err)
	}
}

// Sixty-four creators at once: every number is given once, none is left out.
func TestAutoNumbersAtOnce(t *testing.T) {
	w := newWorld(t, settings())
	w.numbered(&crm.NumberRule{Digits: 3})
	a := w.as(orgA, admin)
	for i, err := range inParallel(64, func(i int) error {
		one := *a
		_, err := w.create(&one, company(fmt.Sprint("公司", i)), "")
		return err
	}) {
		if err != nil {
			t.Fatalf("creator %d: %v", i, err)
		}
	}
	var got []string
	if err := w.store.View(t.Context(), orgA, func(r *store.Read) error {
		all, err := r.CustomersAfter(orgA, 3, 100)
		for i := range all {
			got = append(got, compact(all[i].Custom))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	for i := range 64 {
		if want := fmt.Sprintf(`{"text_asset_aaaa01":"%03d"}`, i+1); len(got) != 64 || got[i] != want {
			t.Fatalf("the numbers are %v", got)
		}
	}
}
