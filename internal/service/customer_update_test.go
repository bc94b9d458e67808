package service

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestUpdateCustomer(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	other := w.rows(orgB)
	w.clock.advance(1e9)
	later := crm.At(w.clock.Now())
	before, err := w.CustomerDetail(t.Context(), caller, 1)
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.update(caller, 1, func(d *crm.CustomerDraft) {
		if !slices.Equal(d.Labels, []int64{1, 2}) || d.Name != customerName {
			t.Errorf("the draft is %+v", d)
		}
		d.Name, d.Note, d.Category, d.ParentID = " 重庆示例 ", "备注", 4, 0
		d.Address.Detail = crm.T("长寿路1号")
		d.Labels = []int64{2, 2}
		d.Custom = crm.Values(`{"text_asset_000002":"13800005001","numeric_asset_000002":7}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if k.Name != "重庆示例" || k.NamePinyin != "chongqingshili" || k.Category != 4 || k.Note != "备注" || len(k.Labels) != 1 || k.Labels[0].ID != 2 ||
		k.UpdatedAt != later || k.Address.UpdatedAt != later || k.Address.CreatedAt != startOfClock || k.Address.Detail.Value != "长寿路1号" {
		t.Errorf("got %+v", k)
	}
	// What was not touched is as it was.
	if k.Status != before.Status || k.StatusAt != before.StatusAt || k.OwnerID != before.OwnerID || k.DepartmentID != before.DepartmentID ||
		k.CreatorID != before.CreatorID || k.CreatedAt != before.CreatedAt || k.Approval != before.Approval || k.Address.Phone != before.Address.Phone ||
		k.Address.ID != before.Address.ID || len(k.Contacts) != 2 || !slices.Equal(k.Assistants, []int64{helper}) || k.BeforeUserID != 0 {
		t.Errorf("got %+v, was %+v", k, before)
	}
	w.logged("customer", 1, "update", "name: "+customerName+" → 重庆示例", "note: <nil> → 备注", "category: <nil> → 4",
		"address.detail_address: <nil> → 长寿路1号", "labels: [1 2] → [2]", "numeric_asset_000002: <nil> → 7", "text_asset_b000002: 公司49 → <nil>")
	if again, err := w.CustomerDetail(t.Context(), caller, 1); err != nil || again.Name != k.Name || len(again.Labels) != 1 || again.UpdatedAt != later {
		t.Errorf("got %+v, %v", again, err)
	}
	// To the same as it is: nothing is written, not even a time.
	rows := w.rows(orgA)
	w.clock.advance(1e9)
	if k, err := w.update(caller, 1, func(d *crm.CustomerDraft) { d.Name, d.Labels = "重庆示例", []int64{2} }); err != nil || k.UpdatedAt != later {
		t.Errorf("got %+v, %v", k, err)
	}
	if w.rows(orgA) != rows || w.rows(orgB) != other {
		t.Errorf("there was %s and %s, there is %s and %s", rows, other, w.rows(orgA), w.rows(orgB))
	}
	// The status has a time of its own; labels can all go.
	if k, err := w.update(caller, 1, func(d *crm.CustomerDraft) { d.Status, d.Labels = 0, nil }); err != nil || k.Labelled || len(k.Labels) != 0 ||
		k.StatusAt != crm.At(w.clock.Now()) {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestRefusedUpdates: each of them leaves everything as it was.
func TestRefusedUpdates(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error { // customer 4 of the owner lies below customer 1, and 5 below 4
		var errs []error
		for _, c := range []struct{ id, parent int64 }{{4, 1}, {5, 4}} {
			errs = append(errs, tx.AddCustomer(&crm.Customer{ID: c.id, OwnerID: owner, DepartmentID: 2, ParentID: c.parent, Name: "下级",
				Approval: crm.Approved, Address: crm.Address{ID: 10 + c.id}}))
		}
		return errors.Join(errs...)
	})
	invalid := crm.Invalid("", "")
	for _, x := range []struct {
		name   string
		caller int64
		id     int64
		patch  func(*crm.CustomerDraft)
		want   error
		text   string
	}{
		{"no such customer", admin, 99, func(d *crm.CustomerDraft) { d.Name = "a" }, crm.ErrNotFound, ""},
		{"out of scope", colleague, 1, func(d *crm.CustomerDraft) { d.Name = "a" }, crm.ErrNotFound, ""},
		{"without the right", powerless, 1, func(d *crm.CustomerDraft) { d.Name = "a" }, crm.ErrForbidden, ""},
		{"in a pool, seen by scope only", wholeFirm, 2, func(d *crm.CustomerDraft) { d.Name = "a" }, crm.ErrForbidden, ""},
		{"no name", owner, 1, func(d *crm.CustomerDraft) { d.Name = "\u3000" }, invalid, "客户名称不能为空"},
		{"long note", owner, 1, func(d *crm.CustomerDraft) { d.Note = strings.Repeat("长", 2001) }, invalid, "备注不能超过2000个字符"},
		{"disabled option", owner, 1, func(d *crm.CustomerDraft) { d.Status = 2 }, invalid, "跟进状态的选项不存在"},
		{"another field's option", owner, 1, func(d *crm.CustomerDraft) { d.Source = 4 }, invalid, "客户来源的选项不存在"},
		{"unknown label", owner, 1, func(d *crm.CustomerDraft) { d.Labels = []int64{9} }, invalid, "标签不存在"},
		{"unknown department", owner, 1, func(d *crm.CustomerDraft) { d.DepartmentID = 9 }, invalid, "所属部门不存在"},
		{"department of a pool customer", admin, 2, func(d *crm.CustomerDraft) { d.DepartmentID = 1 }, invalid, "公海客户没有所属部门"},
		{"owner of a pool customer", admin, 2, func(d *crm.CustomerDraft) { d.OwnerID = owner }, invalid, "公海客户没有负责人,请从公海领取或转移"},
		{"unknown owner", owner, 1, func(d *crm.CustomerDraft) { d.OwnerID = 99 }, invalid, "负责人不存在"},
		{"disabled owner", owner, 1, func(d *crm.CustomerDraft) { d.OwnerID = disabled }, invalid, "负责人不存在"},
		{"another owner by a collaborator", helper, 1, func(d *crm.CustomerDraft) { d.OwnerID = helper }, crm.ErrForbidden, ""},
		{"unknown template", owner, 1, func(d *crm.CustomerDraft) { d.TemplateID = 9 }, invalid, "业务类型不存在"},
		{"region", owner, 1, func(d *crm.CustomerDraft) { d.Address.ProvinceID, d.Address.CityID = 1, 124 }, invalid, "地区不正确"},
		{"itself as parent", owner, 1, func(d *crm.CustomerDraft) { d.ParentID = 1 }, invalid, "上级客户不能是自己或自己的下级客户"},
		{"a child as parent", owner, 1, func(d *crm.CustomerDraft) { d.ParentID = 4 }, invalid, "上级客户不能是自己或自己的下级客户"},
		{"a child's child as parent", owner, 1, func(d *crm.CustomerDraft) { d.ParentID = 5 }, invalid, "上级客户不能是自己或自己的下级客户"},
		{"a parent out of scope", owner, 1, func(d *crm.CustomerDraft) { d.ParentID = 3 }, invalid, "上级客户不存在"},
		{"approval", owner, 1, func(d *crm.CustomerDraft) { d.Approval = "x" }, invalid, "审批状态不正确"},
		{"file of nobody", owner, 1, func(d *crm.CustomerDraft) { d.Custom = crm.Values(`{"file_asset_000002":[99]}`) }, invalid, "file的附件不存在"},
	} {
		caller := w.as(orgA, x.caller)
		before := w.rows(orgA)
		_, err := w.update(caller, x.id, x.patch)
		var e *crm.Error
		if !errors.Is(err, x.want) || x.text != "" && (!errors.As(err, &e) || e.Message != x.text) {
			t.Errorf("%s: %v", x.name, err)
		}
		if after := w.rows(orgA); after != before {
			t.Errorf("%s: there was %s, there is %s", x.name, before, after)
		}
	}
	// A branch may move to another one.
	if k, err := w.update(w.as(orgA, owner), 5, func(d *crm.CustomerDraft) { d.ParentID = 1 }); err != nil || k.ParentID != 1 || k.ParentName != customerName {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestWhoUpdates: everybody who comes to the record with the right.
func TestWhoUpdates(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetPool(&crm.Pool{ID: 1, Name: "公司公海", PoolSettings: crm.PoolSettings{Managers: []int64{colleague}, Members: []int64{helper}}})
	})
	for _, x := range []struct {
		name             string
		caller, customer int64
		want             error
	}{
		{"owner", owner, 1, nil}, {"superior", boss, 1, nil}, {"super administrator", admin, 1, nil}, {"department's scope", inSales, 1, nil},
		{"whole organization", wholeFirm, 1, nil}, {"collaborator", helper, 1, nil}, {"manager of the pool", colleague, 2, nil},
		{"super administrator, pool", admin, 2, nil}, {"member of the pool", helper, 2, crm.ErrForbidden}, {"out of scope", colleague, 3, crm.ErrNotFound},
		{"neither member nor manager", owner, 2, crm.ErrNotFound},
	} {
		k, err := w.update(w.as(orgA, x.caller), x.customer, func(d *crm.CustomerDraft) { d.Note = x.name })
		if !errors.Is(err, x.want) || err == nil && k.Note != x.name {
			t.Errorf("%s: %+v, %v", x.name, k, err)
		}
		if err == nil && !k.Editable {
			t.Errorf("%s: it says that it cannot be edited", x.name)
		}
	}
}

// TestWhatWasDisabledSinceStays: only what changes is checked.
func TestWhatWasDisabledSinceStays(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	w.amend(orgA, func(tx *store.Write) error {
		gone := crm.Template{ID: 1, Entity: "customer", Name: "旧业务", Enabled: false}
		return errors.Join(tx.AddTemplate(&gone, startOfClock), tx.SetCustomer(&crm.Customer{ID: 1, OwnerID: disabled, DepartmentID: 2, Status: 2, TemplateID: 1,
			ParentID: 3, Name: customerName, Labelled: true, Approval: crm.Rejected, CreatedAt: startOfClock, UpdatedAt: startOfClock, Address: crm.Address{ID: 1}}))
	})
	k, err := w.update(w.as(orgA, wholeFirm), 1, func(d *crm.CustomerDraft) { d.Note = "改" })
	if err != nil || k.Note != "改" || k.Status != 2 || k.TemplateID != 1 || k.OwnerID != disabled || k.ParentID != 3 || k.Approval != crm.Rejected {
		t.Errorf("got %+v, %v", k, err)
	}
	// But nobody gets it anew.
	for name, patch := range map[string]func(*crm.CustomerDraft){
		"option": func(d *crm.CustomerDraft) { d.Status = 2 }, "template": func(d *crm.CustomerDraft) { d.TemplateID = 1 },
		"owner": func(d *crm.CustomerDraft) { d.OwnerID = disabled },
	} {
		if _, err := w.update(w.as(orgA, boss), 3, patch); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.update(caller, 1, func(d *crm.CustomerDraft) {}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the former owner: %v", err)
	}
}

// TestTemplatesOfRoles: a kind of business can be for some roles only.
func TestTemplatesOfRoles(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(tx.AddTemplate(&crm.Template{ID: 1, Entity: "customer", Name: "甲", Enabled: true, Roles: []int64{2}}, startOfClock),
			tx.AddTemplate(&crm.Template{ID: 2, Entity: "lead", Name: "乙", Enabled: true}, startOfClock),
			tx.AddTemplate(&crm.Template{ID: 3, Entity: "customer", Name: "丙", Enabled: true}, startOfClock))
	})
	for _, x := range []struct {
		caller, template int64
		want             error
	}{{owner, 1, nil}, {inSales, 1, crm.Invalid("", "")}, {owner, 2, crm.Invalid("", "")}, {inSales, 3, nil}} {
		_, err := w.create(w.as(orgA, x.caller), &crm.NewCustomer{Customer: crm.Customer{Name: "模板", TemplateID: x.template}}, "")
		if !errors.Is(err, x.want) {
			t.Errorf("%d with template %d: %v", x.caller, x.template, err)
		}
	}
}

func TestUnmodifiedSince(t *testing.T) {
	w := newWorld(t, settings())
	caller, seen := w.as(orgA, owner), w.version(orgA)
	rename := func(c *Caller, id int64, name string) error {
		_, err := w.update(c, id, func(d *crm.CustomerDraft) { d.Note = name })
		return err
	}
	// Others' records do not count, nor do others' kinds with the same id.
	if err := rename(w.as(orgA, boss), 3, "别的"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.updateContact(caller, 1, func(k *crm.Contact) { k.Note = "联系人" }); err != nil {
		t.Fatal(err)
	}
	if err := rename(seenAt(caller, seen), 1, "一"); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	before := w.rows(orgA)
	if err := rename(seenAt(caller, seen), 1, "二"); !errors.Is(err, crm.Conflict) {
		t.Errorf("changed by oneself since: %v", err)
	}
	if w.rows(orgA) != before {
		t.Errorf("there was %s, there is %s", before, w.rows(orgA))
	}
	if err := rename(seenAt(caller, w.version(orgA)), 1, "三"); err != nil {
		t.Errorf("seen again: %v", err)
	}
	// Labels, collaborators and another owner are changes of the customer.
	for name, write := range map[string]func() error{
		"labels": func() error { _, err := w.update(caller, 1, func(d *crm.CustomerDraft) { d.Labels = nil }); return err },
		"collaborators": func() error {
			return w.SetCustomerAssistants(t.Context(), caller, 1, nil, func([]int64) error { return nil })
		},
		"owner": func() error {
			return w.TransferCustomer(t.Context(), caller, 1, owner, func(*crm.CustomerDetail) error { return nil })
		},
	} {
		seen := w.version(orgA)
		if err := write(); err != nil {
			t.Fatal(err)
		}
		changed := name != "owner" // to the one who owns it already: no change
		if err := rename(seenAt(caller, seen), 1, name); errors.Is(err, crm.Conflict) != changed {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A record that is not there or not seen is not told apart by it.
	if err := rename(seenAt(w.as(orgA, colleague), seen), 1, "四"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("out of scope: %v", err)
	}
	if _, err := w.updateContact(seenAt(caller, seen), 1, func(k *crm.Contact) { k.Note = "五" }); !errors.Is(err, crm.Conflict) {
		t.Errorf("a contact: %v", err)
	}
	if err := w.DeleteCustomer(t.Context(), seenAt(caller, seen), 1, func(*crm.CustomerDetail) error { return nil }); !errors.Is(err, crm.Conflict) {
		t.Errorf("a deletion: %v", err)
	}
}
