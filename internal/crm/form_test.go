package crm_test

import (
	"slices"
	"testing"

	"guanxi/internal/crm"
)

// The system's fields have ids of their own, labels in both languages, one for
// each field of an entity, and groups that are there.
func TestSystemFields(t *testing.T) {
	ids := map[int64]string{}
	for _, entity := range crm.FormEntities() {
		labels := map[string]bool{}
		d := &crm.Directory{}
		d.Prepare()
		for _, f := range crm.SystemFields(entity) {
			if ids[f.ID] != "" || f.ID >= crm.OwnFieldIDs {
				t.Errorf("%s.%s has the id %d of %s", entity, f.Name, f.ID, ids[f.ID])
			}
			ids[f.ID] = entity + "." + f.Name
			zh, en := crm.FieldLabel(entity, f.Name)
			if zh == f.Name || en == f.Name || labels[zh] {
				t.Errorf("%s.%s has the labels %q and %q", entity, f.Name, zh, en)
			}
			labels[zh] = true
			if !slices.ContainsFunc(d.Groups[entity], func(g *crm.FieldGroup) bool { return g.ID == f.GroupID }) {
				t.Errorf("%s.%s stands in group %d", entity, f.Name, f.GroupID)
			}
			if f.Required != (f.Name == "name" || f.Name == "customer_id") {
				t.Errorf("%s.%s is required by default: %t", entity, f.Name, f.Required)
			}
		}
	}
	if crm.FindSystemField("customer", "name").ID != 1 || crm.FindSystemField("lead", "address.phone").ID != 221 ||
		crm.FindSystemField("customer", "nothing") != nil || len(crm.SystemFields("product")) != 0 {
		t.Error("a field of the system is not found by its name")
	}
}

func ptr[T any](v T) *T { return &v }

func formNames(d *crm.Directory, entity string, template int64, keep func(*crm.FormField) bool) (names []string) {
	for _, f := range d.Form(entity, template) {
		if keep(&f) {
			names = append(names, f.Name)
		}
	}
	return names
}

func TestForm(t *testing.T) {
	d := &crm.Directory{
		Templates: map[int64]*crm.Template{7: {ID: 7, Entity: "customer", Enabled: true}},
		Fields: map[string][]*crm.CustomField{"customer": {
			{ID: 1, Entity: "customer", Name: "text_asset_aaaaaa", Label: "甲", Kind: "text", Position: 1, Enabled: true, Common: true, Required: true},
			{ID: 2, Entity: "customer", Name: "text_asset_bbbbbb", Label: "乙", Kind: "text", Position: 2, Enabled: false},
			{ID: 3, Entity: "customer", Name: "text_asset_cccccc", Label: "丙", Kind: "text", Position: 2, GroupID: 2, Enabled: true},
			{ID: 4, Entity: "customer", Name: "text_asset_dddddd", Label: "丁", Kind: "text", Position: 3, GroupID: 4711, Enabled: true},
		}},
		Groups: map[string][]*crm.FieldGroup{"customer": {{ID: 1001, Entity: "customer", Label: "财务", Position: 0, Enabled: true}}},
		FieldSettings: map[crm.FieldKey]crm.FieldSetting{
			{Entity: "customer", Name: "name"}: {Enabled: ptr(false), Required: ptr(false), Label: ptr("公司"),
				Placeholder: ptr("全称"), Position: ptr(9)},
			{Entity: "customer", Name: "industry"}:                         {GroupID: ptr(int64(1001)), Common: ptr(true)},
			{Entity: "customer", Name: "note"}:                             {Enabled: ptr(false), Required: ptr(true)},
			{Entity: "customer", Name: "source"}:                           {Required: ptr(true)},
			{Entity: "customer", Name: "user_id"}:                          {Required: ptr(true), Enabled: ptr(false)},
			{Entity: "customer", Template: 7, Name: "source"}:              {Required: ptr(false)},
			{Entity: "customer", Template: 7, Name: "status"}:              {Required: ptr(true), Common: ptr(false)},
			{Entity: "customer", Template: 7, Name: "note"}:                {Enabled: ptr(true)},
			{Entity: "customer", Template: 7, Name: "text_asset_aaaaaa"}:   {Enabled: ptr(false)},
			{Entity: "customer", Template: 7, Name: "text_asset_bbbbbb"}:   {Enabled: ptr(true)},
			{Entity: "customer", Template: 7, Name: "text_asset_cccccc"}:   {Required: ptr(true)},
			{Entity: "contact", Template: 7, Name: "text_asset_not_there"}: {Required: ptr(true)},
		},
	}
	d.Prepare()
	var order []string
	for _, g := range d.Groups["customer"] {
		order = append(order, g.Label)
	}
	if got := order; !slices.Equal(got, []string{"财务", "基本信息", "联系信息", "系统信息"}) {
		t.Errorf("the groups are %v", got)
	}
	names := formNames(d, "customer", 0, func(*crm.FormField) bool { return true })
	want := []string{"industry", "company_name", "status", "category", "source", "staff_size", "parent_id", "name", "labels", "note"}
	if !slices.Equal(names[:len(want)], want) {
		t.Errorf("the form begins with %v", names[:len(want)])
	}
	tail := []string{"text_asset_aaaaaa", "text_asset_bbbbbb", "text_asset_dddddd"} // in no group, or in one that is gone
	if i := slices.Index(names, tail[0]); i != len(want) || !slices.Equal(names[i:i+3], tail) {
		t.Errorf("own fields without a place stand in %v", names)
	}
	for name, group := range map[string]int64{"text_asset_cccccc": 2, "text_asset_dddddd": 1, "industry": 1001, "created_at": 3} {
		if f := d.FormField("customer", 0, name); f == nil || f.GroupID != group || names[f.Position-1] != name {
			t.Errorf("%s is %+v", name, f)
		}
	}
	required := func(f *crm.FormField) bool { return f.Required }
	if got := formNames(d, "customer", 0, required); !slices.Equal(got, []string{"source", "name", "text_asset_aaaaaa"}) {
		t.Errorf("required are %v", got)
	}
	if got := formNames(d, "customer", 7, required); !slices.Equal(got, []string{"status", "name", "text_asset_cccccc"}) {
		t.Errorf("required by the template are %v", got)
	}
	hidden := func(f *crm.FormField) bool { return !f.Enabled }
	if got := formNames(d, "customer", 0, hidden); !slices.Equal(got, []string{"note", "text_asset_bbbbbb"}) {
		t.Errorf("disabled are %v", got)
	}
	if got := formNames(d, "customer", 7, hidden); !slices.Equal(got, []string{"note", "text_asset_aaaaaa", "text_asset_bbbbbb"}) {
		t.Errorf("disabled by the template are %v", got)
	}
	f := d.FormField("customer", 0, "name")
	if f.Label != "公司" || f.English != "公司" || f.Placeholder != "全称" || !f.Enabled || !f.Required || f.ID != 1 {
		t.Errorf("name is %+v", f)
	}
	if zh, en := d.Label("customer", "name"); zh != "公司" || en != "公司" {
		t.Error(zh, en)
	}
	if zh, en := d.Label("customer", "source"); zh != "客户来源" || en != "Customer source" {
		t.Error(zh, en)
	}
	if zh, _ := d.Label("customer", "text_asset_aaaaaa"); zh != "甲" {
		t.Error(zh)
	}
	if zh, en := d.Label("pool", "name"); zh != "公海名称" || en != "Pool name" {
		t.Error(zh, en)
	}
	own := d.OwnFields("customer", 7)
	if len(own) != 4 || own[0].Enabled || own[0].Required || !d.Fields["customer"][0].Required || !d.Fields["customer"][0].Enabled {
		t.Errorf("own fields of the template: %+v", own[0])
	}
	if d.FormField("customer", 0, "text_asset_aaaaaa").ID != 1001 {
		t.Error("an own field has the id of one of the system")
	}
	if len(d.Form("customer", 99)) != len(names) || d.Form("product", 0) != nil || d.FormField("product", 0, "name") != nil || d.OwnFields("product", 0) != nil {
		t.Error("forms that are not there")
	}
}

func TestUsableTemplates(t *testing.T) {
	d := &crm.Directory{Templates: map[int64]*crm.Template{
		1: {ID: 1, Entity: "customer", Enabled: true, Position: 2},
		2: {ID: 2, Entity: "customer", Enabled: true, Position: 1, Roles: []int64{5}},
		3: {ID: 3, Entity: "customer", Position: 0},
	}}
	for _, c := range []struct {
		role crm.Role
		want []int64
	}{{crm.Role{ID: 4}, []int64{1}}, {crm.Role{ID: 5}, []int64{2, 1}}, {crm.Role{ID: 6, Super: true}, []int64{2, 1}}} {
		usable, any := d.UsableTemplates("customer", &c.role)
		var ids []int64
		for _, x := range usable {
			ids = append(ids, x.ID)
		}
		if !slices.Equal(ids, c.want) || !any {
			t.Errorf("role %d may use %v, %t", c.role.ID, ids, any)
		}
	}
	if usable, any := d.UsableTemplates("lead", &crm.Role{Super: true}); any || usable != nil {
		t.Error("leads have templates")
	}
}
