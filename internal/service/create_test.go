package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// fullCustomer is a customer with everything that a create may hold.
func fullCustomer() *crm.NewCustomer {
	address := crm.Address{CountryID: 4, ProvinceID: 1, Tel: crm.T("02100000000"), Phone: crm.T("13800001234"),
		Email: crm.T("a@example.com"), Detail: crm.T("长寿路1号"), Lat: 31.229676, Lng: 121.42799, HasPosition: true}
	contact := func(name string) crm.NewContact {
		return crm.NewContact{Contact: crm.Contact{Name: name, Job: "经理", Category: 3, Gender: "female", BirthDate: "1990-06-01",
			Custom: crm.Values(`{"text_asset_000001":"13800004321"}`), Address: address}}
	}
	return &crm.NewCustomer{
		Customer: crm.Customer{Name: "  重庆示例有限公司 ", CompanyName: "示例", Note: "第一行\n第二行", Status: 1, Category: 4,
			ParentID: 1, Approval: crm.Applying, Custom: crm.Values(`{"text_asset_000002":"13800005678","numeric_asset_000002":7}`),
			Address: address},
		Labels: []int64{2, 1, 2}, Contacts: []crm.NewContact{contact("单先生"), contact("张三")},
	}
}

func TestCreateCustomer(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	before := w.rows(orgB)
	in := fullCustomer()
	id, err := w.create(caller, in, "")
	if err != nil || id != 4 {
		t.Fatal(id, err)
	}
	k, err := w.CustomerDetail(t.Context(), caller, id)
	if err != nil {
		t.Fatal(err)
	}
	if k.Name != "重庆示例有限公司" || k.NamePinyin != "chongqingshiliyouxiangongsi" || k.OwnerID != owner || k.CreatorID != owner ||
		k.DepartmentID != 2 || k.ParentID != 1 || k.Approval != crm.Applying || !k.Labelled || len(k.Labels) != 2 || len(k.Contacts) != 2 ||
		k.Note != "第一行\n第二行" || !k.Self || !k.Own || k.CreatedAt != startOfClock || k.UpdatedAt != startOfClock || k.PoolID != 0 {
		t.Errorf("got %+v", k)
	}
	want := in.Address
	want.ID, want.CreatedAt, want.UpdatedAt = 7, startOfClock, startOfClock
	if k.Address != want || k.Contacts[0].Address.ID != 8 || k.Contacts[1].Address.ID != 9 {
		t.Errorf("got %+v, %+v", k.Address, k.Contacts)
	}
	c, err := w.ContactDetail(t.Context(), caller, k.Contacts[0].ID)
	if err != nil || c.Name != "单先生" || c.NamePinyin != "shanxiansheng" || c.Job != "经理" || c.Gender != "female" || c.BirthDate != "1990-06-01" ||
		c.Category != 3 || c.CreatorID != owner || c.Customer.ID != id || len(c.Siblings) != 2 || compact(c.Custom) != `{"text_asset_000001":"13800004321"}` {
		t.Errorf("got %+v, %v", c, err)
	}
	found, err := w.MatchingName(t.Context(), w.as(orgA, colleague), "重庆示例有限公司")
	if err != nil || len(found) != 1 || found[0].ID != id || len(found[0].Contacts) != 2 {
		t.Errorf("found %+v, %v", found, err)
	}
	if after := w.rows(orgB); after != before {
		t.Errorf("the other organization had %s and has %s", before, after)
	}
	w.logHolds(id, "customer", map[string]any{"name": "重庆示例有限公司", "user_id": float64(owner), "department_id": float64(2),
		"parent_id": float64(1), "status": float64(1), "category": float64(4), "approve_status": "applying", "address.phone": "13800001234",
		"address.lat": 31.229676, "numeric_asset_000002": float64(7), "labels": []any{float64(1), float64(2)}})
	w.logHolds(c.ID, "contact", map[string]any{"name": "单先生", "customer_id": float64(id), "category": float64(3), "gender": "female",
		"birth_date": "1990-06-01", "text_asset_000001": "13800004321", "address.province_id": float64(1)})
}

// logHolds checks the row of a create in the operation log.
func (w *world) logHolds(id int64, entity string, want map[string]any) {
	w.t.Helper()
	where := fmt.Sprintf(" FROM operation_logs WHERE organization_id = %d AND entity = '%s' AND entity_id = %d AND action = 'create'", orgA, entity, id)
	if who := w.query("SELECT user_id || ' ' || request_id || ' ' || remote_address || ' ' || created_at" + where); who != fmt.Sprintf("%d request-1 127.0.0.1 %d", owner, int64(startOfClock)) {
		w.t.Errorf("the log says %s", who)
	}
	var got map[string][2]any
	if err := json.Unmarshal([]byte(w.query("SELECT changes"+where)), &got); err != nil {
		w.t.Fatal(err)
	}
	for name, value := range want {
		if got[name][0] != nil || fmt.Sprint(got[name][1]) != fmt.Sprint(value) {
			w.t.Errorf("the log has %s %v, want %v", name, got[name], value)
		}
	}
	for _, name := range []string{"source", "industry", "staff_size", "address.qq", "address.city_id"} {
		if _, there := got[name]; there {
			w.t.Errorf("the log has %s, which was not given", name)
		}
	}
}

func TestRefusedCustomersLeaveNothing(t *testing.T) {
	w := newWorld(t, settings())
	// A user and a department that only the other organization has.
	if err := w.store.Update(t.Context(), orgB, func(tx *store.Write) error {
		return errors.Join(tx.AddUser(&crm.User{ID: 50, RoleID: 2, State: crm.UserActive}, ""), tx.AddDepartment(&crm.Department{ID: 50}, 1),
			tx.AddLabel(&crm.Label{ID: 50}, 1), tx.AddOption(&crm.Option{ID: 50, Entity: "customer", Field: "status", Enabled: true}),
			tx.AddAttachment(&crm.Attachment{ID: 50, UserID: owner, OwnerType: "Customer"}),
			tx.Log(1000, crm.LogEntry{Changes: "{}"}))
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Update(t.Context(), orgA, func(tx *store.Write) error {
		return errors.Join(tx.AddAttachment(&crm.Attachment{ID: 51, UserID: boss, OwnerType: "Customer"}),
			tx.AddAttachment(&crm.Attachment{ID: 52, UserID: owner, OwnerType: "Customer", OwnerID: 3}),
			tx.Log(1000, crm.LogEntry{Changes: "{}"}))
	}); err != nil {
		t.Fatal(err)
	}
	caller := w.as(orgA, owner)
	for _, c := range []struct {
		name    string
		change  func(*crm.NewCustomer)
		message string
	}{
		{"no name", func(k *crm.NewCustomer) { k.Name = "" }, "客户名称不能为空"},
		{"blank name", func(k *crm.NewCustomer) { k.Name = " \u3000" }, "客户名称不能为空"},
		{"long name", func(k *crm.NewCustomer) { k.Name = strings.Repeat("长", 256) }, "客户名称不能超过255个字符"},
		{"unknown option", func(k *crm.NewCustomer) { k.Status = 99 }, "跟进状态的选项不存在"},
		{"option of another organization", func(k *crm.NewCustomer) { k.Status = 50 }, "跟进状态的选项不存在"},
		{"negative option", func(k *crm.NewCustomer) { k.Status = -1 }, "跟进状态的选项不存在"},
		{"disabled option", func(k *crm.NewCustomer) { k.Status = 2 }, "跟进状态的选项不存在"},
		{"option of another field", func(k *crm.NewCustomer) { k.Category = 1 }, "客户类型的选项不存在"},
		{"option of another entity", func(k *crm.NewCustomer) { k.Category = 3 }, "客户类型的选项不存在"},
		{"source", func(k *crm.NewCustomer) { k.Source = 1 }, "客户来源的选项不存在"},
		{"industry", func(k *crm.NewCustomer) { k.Industry = 1 }, "行业的选项不存在"},
		{"staff size", func(k *crm.NewCustomer) { k.StaffSize = 1 }, "人员规模的选项不存在"},
		{"unknown owner", func(k *crm.NewCustomer) { k.OwnerID = 99 }, "负责人不存在"},
		{"disabled owner", func(k *crm.NewCustomer) { k.OwnerID = disabled }, "负责人不存在"},
		{"owner of another organization", func(k *crm.NewCustomer) { k.OwnerID = 50 }, "负责人不存在"},
		{"unknown department", func(k *crm.NewCustomer) { k.DepartmentID = 99 }, "所属部门不存在"},
		{"department of another organization", func(k *crm.NewCustomer) { k.DepartmentID = 50 }, "所属部门不存在"},
		{"template", func(k *crm.NewCustomer) { k.TemplateID = 1 }, "业务类型不存在"},
		{"unknown parent", func(k *crm.NewCustomer) { k.ParentID = 99 }, "上级客户不存在"},
		{"parent outside the scope", func(k *crm.NewCustomer) { k.ParentID = 3 }, "上级客户不存在"},
		{"itself as parent", func(k *crm.NewCustomer) { k.ParentID = 4 }, "上级客户不存在"},
		{"unknown label", func(k *crm.NewCustomer) { k.Labels = []int64{1, 99} }, "标签不存在"},
		{"label of another organization", func(k *crm.NewCustomer) { k.Labels = []int64{50} }, "标签不存在"},
		{"inconsistent region", func(k *crm.NewCustomer) { k.Address.ProvinceID, k.Address.CityID = 1, 124 }, "地区不正确"},
		{"unknown country", func(k *crm.NewCustomer) { k.Address.CountryID, k.Address.ProvinceID = 5, 0 }, "地区不正确"},
		{"unknown district", func(k *crm.NewCustomer) { k.Address.DistrictID = 1 << 40 }, "地区不正确"},
		{"bad coordinates", func(k *crm.NewCustomer) { k.Address.Lat = 90.5 }, "经纬度不正确"},
		{"coordinates that are no numbers", func(k *crm.NewCustomer) { k.Address.Lng = math.NaN() }, "经纬度不正确"},
		{"bad approval", func(k *crm.NewCustomer) { k.Approval = crm.Rejected }, "审批状态只能是approved或applying"},
		{"file that is not there", func(k *crm.NewCustomer) { k.Custom = crm.Values(`{"file_asset_000002":[99]}`) }, "file的附件不存在"},
		{"file of another organization", func(k *crm.NewCustomer) { k.Custom = crm.Values(`{"file_asset_000002":[50]}`) }, "file的附件不存在"},
		{"file of another user", func(k *crm.NewCustomer) { k.Custom = crm.Values(`{"file_asset_000002":[51]}`) }, "file的附件不存在"},
		{"file of another record", func(k *crm.NewCustomer) { k.Custom = crm.Values(`{"file_asset_000002":[52]}`) }, "file的附件不存在"},
		{"bad second contact", func(k *crm.NewCustomer) { k.Contacts[1].Name = " " }, "联系人姓名不能为空"},
		{"second contact's option", func(k *crm.NewCustomer) { k.Contacts[1].Category = 1 }, "联系人类型的选项不存在"},
		{"second contact's region", func(k *crm.NewCustomer) { k.Contacts[1].Address.CityID = 124 }, "地区不正确"},
		{"second contact's file", func(k *crm.NewCustomer) { k.Contacts[1].Custom = crm.Values(`{"file_asset_000001":[52]}`) }, "file的附件不存在"},
		{"too many contacts", func(k *crm.NewCustomer) { k.Contacts = make([]crm.NewContact, 101) }, "一次最多新增100个联系人"},
	} {
		before := w.rows(orgA)
		in := fullCustomer()
		c.change(in)
		id, err := w.create(caller, in, "ticket "+c.name)
		var e *crm.Error
		if !errors.As(err, &e) || !errors.Is(err, crm.Invalid("", "")) || e.Message != c.message {
			t.Errorf("%s: %d, %v", c.name, id, err)
		}
		if after := w.rows(orgA); after != before {
			t.Errorf("%s: there was %s, there is %s", c.name, before, after)
		}
	}
	without := w.as(orgA, powerless)
	before := w.rows(orgA)
	if _, err := w.create(without, &crm.NewCustomer{Customer: crm.Customer{Name: "甲"}}, ""); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("without the right: %v", err)
	}
	// Custom values are parsed before the use case; nothing comes of bad ones.
	fields := []*crm.CustomField{{Name: "text_asset_1", Label: "编号", Kind: "text", Enabled: true, Required: true},
		{Name: "numeric_asset_1", Label: "数量", Kind: "integer", Enabled: true}}
	for _, given := range []map[string]string{{}, {"text_asset_1": " "}, {"text_asset_1": "a", "numeric_asset_1": "b"}} {
		if v, err := field.Parse(fields, func(name string) (field.Input, bool) {
			text, ok := given[name]
			return field.Input{Text: text}, ok
		}); !errors.Is(err, crm.Invalid("", "")) || v != nil {
			t.Errorf("%v: %s, %v", given, v, err)
		}
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
	// After all of this the same customer is made at once.
	if _, err := w.create(caller, fullCustomer(), ""); err != nil {
		t.Error(err)
	}
}
