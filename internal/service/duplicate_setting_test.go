package service

import (
	"fmt"
	"slices"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func (w *world) setDuplicates(c *Caller, entity string, patch func(x *crm.DuplicateSettings, fields *[]string)) (*DuplicateSetting, error) {
	var out *DuplicateSetting
	err := w.SetDuplicates(w.t.Context(), c, entity, func(x *crm.DuplicateSettings, fields *[]string) error {
		patch(x, fields)
		return nil
	}, func(d *crm.Directory) error {
		out = DuplicateSettingOf(d, entity)
		return nil
	})
	return out, err
}

func states(x *DuplicateSetting) (all []string) {
	for _, r := range x.Rules {
		all = append(all, r.Field+" "+r.State)
	}
	return all
}

func TestSetDuplicates(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	x, err := w.setDuplicates(a, "customer", func(x *crm.DuplicateSettings, fields *[]string) {
		x.Enabled, x.Columns, *fields = true, []string{"name", "user_id"}, []string{"name", "text_asset_000002"}
	})
	if err != nil || !x.Enabled || !slices.Equal(states(x), []string{"name building", "text_asset_000002 building"}) || !slices.Equal(x.Columns, []string{"name", "user_id"}) {
		t.Fatalf("%+v, %v", x, err)
	}
	w.logged("duplicate_setting", 1, "update", "enabled: false → true", "columns: <nil> → [name user_id]", "fields: <nil> → [name text_asset_000002]")
	// While it is building, a rule refuses nothing.
	o := w.as(orgA, owner)
	if _, err := w.create(o, company("公司A"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.create(o, company("公司A"), ""); err != nil {
		t.Errorf("a rule that is building refused: %v", err)
	}
	for range 2 {
		if err := w.runJob(buildRuleKind); err != nil {
			t.Fatal(err)
		}
	}
	d := w.directory()
	if x = DuplicateSettingOf(d, "customer"); !slices.Equal(states(x), []string{"name active", "text_asset_000002 active"}) {
		t.Errorf("after the job %v", states(x))
	}
	_, err = w.create(o, company(" 公司ａ "), "")
	expectDuplicate(t, "a customer from before the rule", err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
	in := company("公司B")
	in.Custom = crm.Values(`{"text_asset_000002":"+86 1380000 5001"}`)
	_, err = w.create(o, in, "")
	expectDuplicate(t, "a number from before the rule", err, "你已经有相同phone的客户", "There is a customer with the same phone already")
	// A field that is left out takes part no more, at once.
	name := x.Rules[0].ID
	if x, err = w.setDuplicates(a, "customer", func(_ *crm.DuplicateSettings, fields *[]string) { *fields = []string{"text_asset_000002"} }); err != nil || len(x.Rules) != 1 {
		t.Fatalf("%+v, %v", x, err)
	}
	if _, err := w.create(o, company("公司A"), ""); err != nil {
		t.Errorf("a rule that is being removed refused: %v", err)
	}
	if err := w.runJob(removeRuleKind); err != nil || len(w.keys(name, "公司a")) != 0 {
		t.Errorf("keys are left, %v", err)
	}
	if n := w.query("SELECT count(*) FROM duplicate_rules WHERE organization_id = $1", orgA); n != "1" {
		t.Errorf("%s rules are left", n)
	}
	for message, patch := range map[string]func(*crm.DuplicateSettings, *[]string){
		"字段“详细地址”不能用于查重":     func(_ *crm.DuplicateSettings, f *[]string) { *f = []string{"address.detail_address"} },
		"字段“备注”不能用于查重":       func(_ *crm.DuplicateSettings, f *[]string) { *f = []string{"note"} },
		"字段“nothing”不能用于查重":  func(_ *crm.DuplicateSettings, f *[]string) { *f = []string{"nothing"} },
		"字段“客户名称”不能用于查重":     func(_ *crm.DuplicateSettings, f *[]string) { *f = []string{"name", "name"} },
		"字段“备注”不能在查重窗口中显示":   func(x *crm.DuplicateSettings, _ *[]string) { x.Columns = []string{"note"} },
		"只有线索可以同时在客户和联系人中查重": func(x *crm.DuplicateSettings, _ *[]string) { x.Across = true },
	} {
		_, err := w.setDuplicates(a, "customer", patch)
		wants(t, "refused", err, message)
	}
	_, err = w.setDuplicates(a, "product", func(*crm.DuplicateSettings, *[]string) {})
	wants(t, "no entity", err, "对象类型(entity_type)不存在")
	w.forbidden("change the setting", func(c *Caller) error {
		_, err := w.setDuplicates(c, "customer", func(x *crm.DuplicateSettings, _ *[]string) { x.Enabled = false })
		return err
	})
	// A field that is disabled takes part no more.
	if _, err := w.changeField(a, "customer", "text_asset_000002", 0, func(f *crm.CustomField) { f.Enabled = false }); err != nil {
		t.Fatal(err)
	}
	if x := DuplicateSettingOf(w.directory(), "customer"); len(x.Rules) != 0 || slices.Contains(CheckableFields(w.directory(), "customer"), "text_asset_000002") {
		t.Errorf("a disabled field takes part: %v", states(x))
	}
	w.logged("duplicate_setting", 1, "update", "fields: [text_asset_000002] → <nil>")
}

// Records are written while the job that makes the keys is killed and goes on:
// when the rule is active, it knows each value that there is, and no other.
func TestBuildRuleGoesOn(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	last := w.many(3*walkPage, func(i int, k *crm.Customer, _ *[]int64) {})
	x, err := w.setDuplicates(a, "customer", func(x *crm.DuplicateSettings, fields *[]string) { x.Enabled, *fields = true, []string{"name"} })
	if err != nil {
		t.Fatal(err)
	}
	rule := x.Rules[0].ID
	keys := func() string {
		return w.query("SELECT count(*) FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2", orgA, rule)
	}
	w.killed(buildRuleKind)
	if n := keys(); n == "0" || n == fmt.Sprint(last) {
		t.Fatalf("killed with %s keys", n)
	}
	for _, c := range []struct {
		id   int64
		name string
	}{{1001, "改过的前面"}, {last, "改过的后面"}} {
		if _, err := w.update(a, c.id, func(d *crm.CustomerDraft) { d.Name = c.name }); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DeleteCustomer(t.Context(), a, last-1, func(*crm.CustomerDetail) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.create(a, company("中途新增"), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.runJob(buildRuleKind); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"改过的前面": 1, "改过的后面": 1, "中途新增": 1, "批量0": 0, fmt.Sprint("批量", 3*walkPage-1): 0,
		fmt.Sprint("批量", 3*walkPage-2): 0, "批量7": 1, "批量377": 1} {
		if got := len(w.keys(rule, name)); got != want {
			t.Errorf("%s has %d keys", name, got)
		}
	}
	_, err = w.create(a, company("批量377"), "")
	expectDuplicate(t, "one of many", err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
}

// A rule that is dropped while it is building leaves nothing.
func TestDropBuildingRule(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	w.many(2*walkPage, func(int, *crm.Customer, *[]int64) {})
	only := func(names ...string) {
		t.Helper()
		if _, err := w.setDuplicates(a, "customer", func(_ *crm.DuplicateSettings, fields *[]string) { *fields = names }); err != nil {
			t.Fatal(err)
		}
	}
	only("name")
	w.killed(buildRuleKind)
	only()
	if err := w.runJob(buildRuleKind); err != nil {
		t.Fatal(err)
	}
	if err := w.runJob(removeRuleKind); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"duplicate_keys", "duplicate_rules"} {
		if n := w.query("SELECT count(*) FROM "+table+" WHERE organization_id = $1", orgA); n != "0" {
			t.Errorf("%s rows of %s are left", n, table)
		}
	}
}

// Organizations from before get what new ones start with, once; one that is
// being filled gets it with its last record.
func TestEnsureDuplicates(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgB, func(tx *store.Write) error { return tx.BeginLoad("a load", 10) })
	if err := w.EnsureDuplicates(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := w.version(orgA)
	if err := w.EnsureDuplicates(t.Context()); err != nil || w.version(orgA) != before {
		t.Errorf("it was done twice: %v", err)
	}
	for range standardRules {
		if err := w.runJob(buildRuleKind); err != nil {
			t.Fatal(err)
		}
	}
	d := w.directory()
	if got := states(DuplicateSettingOf(d, "customer")); !slices.Equal(got, []string{"name active", "address.phone active"}) {
		t.Errorf("customers: %v", got)
	}
	if x := DuplicateSettingOf(d, "contact"); x.Enabled || !slices.Equal(states(x), []string{"address.phone active"}) {
		t.Errorf("contacts: %+v", x)
	}
	if x := DuplicateSettingOf(d, "lead"); !x.Enabled || !slices.Equal(states(x), []string{"company_name active", "address.phone active"}) {
		t.Errorf("leads: %+v", x)
	}
	if n := w.query("SELECT settings FROM organizations WHERE organization_id = $1", orgB); n != "{}" {
		t.Errorf("an organization that is being filled has %s", n)
	}
	_, err := w.create(w.as(orgA, owner), company(customerName), "")
	expectDuplicate(t, "a customer from before", err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
}

func TestNewOrganizationChecks(t *testing.T) {
	w := newWorld(t, settings())
	org, _, err := w.AddOrganization(t.Context(), "新公司", "管理员", "13700000000")
	if err != nil {
		t.Fatal(err)
	}
	c := w.as(org, 1)
	if _, err := w.create(c, company("第一家"), ""); err != nil {
		t.Fatal(err)
	}
	_, err = w.create(c, company("第一家"), "")
	expectDuplicate(t, "at once", err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
	if n := w.query("SELECT count(*) FROM jobs WHERE organization_id = $1 AND kind = $2", org, buildRuleKind); n != "0" {
		t.Errorf("%s jobs for nothing", n)
	}
}
