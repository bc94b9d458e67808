package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// createLead is CreateLead for tests that ask for the id alone.
func (w *world) createLead(c *Caller, in *crm.Lead) (int64, error) {
	var id int64
	err := w.CreateLead(w.t.Context(), c, in, func(k *crm.LeadDetail) error {
		id = k.ID
		return nil
	})
	return id, err
}

func TestCreateLead(t *testing.T) {
	w := newLeadWorld(t)
	caller := w.as(orgA, owner)
	in := &crm.Lead{Name: " 单先生 ", CompanyName: "新公司", Status: 31, Source: 33, Department: "采购", Job: "经理", Note: "备注",
		Custom:  crm.Values(`{"text_asset_000003":"13800004321"}`),
		Address: crm.Address{CountryID: 4, ProvinceID: 1, Phone: crm.T("13800001234"), Lat: 31.2, Lng: 121.4, HasPosition: true}}
	id, err := w.createLead(caller, in)
	if err != nil {
		t.Fatal(err)
	}
	l := w.lead(orgA, id)
	if l.Name != "单先生" || l.NamePinyin != "shanxiansheng" || l.OwnerID != owner || l.CreatorID != owner || l.DepartmentID != 2 ||
		l.PoolID != 0 || l.OwnedAt != startOfClock || l.CreatedAt != startOfClock || l.Address.ID != 15 || l.Address.CreatedAt != startOfClock ||
		l.Address.Phone.Value != "13800001234" || l.Turned() || compact(l.Custom) != `{"text_asset_000003":"13800004321"}` {
		t.Errorf("got %+v", l)
	}
	w.logged("lead", id, "create", "name: <nil> → 单先生", "company_name: <nil> → 新公司", "user_id: <nil> → 2", "department_id: <nil> → 2",
		"status: <nil> → 31", "source: <nil> → 33", "department: <nil> → 采购", "job: <nil> → 经理", "note: <nil> → 备注",
		"address.country_id: <nil> → 4", "address.province_id: <nil> → 1", "address.phone: <nil> → 13800001234", "address.lat: <nil> → 31.2",
		"address.lng: <nil> → 121.4", "text_asset_000003: <nil> → 13800004321")
	// For somebody else: shown though it is outside the caller's scope.
	if id, err = w.createLead(caller, &crm.Lead{Name: "给同事", OwnerID: helper}); err != nil {
		t.Fatal(err)
	}
	if l = w.lead(orgA, id); l.OwnerID != helper || l.DepartmentID != 1 || l.CreatorID != owner {
		t.Errorf("got %+v", l)
	}
	if _, err := w.LeadDetail(t.Context(), caller, id); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	// In a pool: neither owner nor department, whatever was sent.
	for _, user := range []int64{owner, boss, admin} {
		id, err = w.createLead(w.as(orgA, user), &crm.Lead{Name: "公海", PoolID: poolOne, OwnerID: owner, DepartmentID: 2})
		if err != nil {
			t.Fatal(user, err)
		}
		if l = w.lead(orgA, id); l.OwnerID != 0 || l.DepartmentID != 0 || l.PoolID != poolOne || l.HomePoolID != poolOne ||
			l.FlowIntoAt != startOfClock || l.OwnedAt != 0 {
			t.Errorf("got %+v", l)
		}
	}
}

func TestRefusedLeadsLeaveNothing(t *testing.T) {
	w := newLeadWorld(t)
	before := w.kept(orgA)
	long := strings.Repeat("长", 256)
	for _, c := range []struct {
		name string
		user int64
		in   crm.Lead
		want error
	}{
		{"no right", powerless, crm.Lead{Name: "甲"}, crm.ErrForbidden},
		{"no right in the pool", powerless, crm.Lead{Name: "甲", PoolID: poolOne}, crm.Invalid("", "")},
		{"no name", owner, crm.Lead{Name: " "}, crm.Invalid("", "")},
		{"long name", owner, crm.Lead{Name: long}, crm.Invalid("", "")},
		{"long company", owner, crm.Lead{Name: "甲", CompanyName: long}, crm.Invalid("", "")},
		{"long note", owner, crm.Lead{Name: "甲", Note: strings.Repeat("长", 2001)}, crm.Invalid("", "")},
		{"long phone", owner, crm.Lead{Name: "甲", Address: crm.Address{Phone: crm.T(long)}}, crm.Invalid("", "")},
		{"option of customers", owner, crm.Lead{Name: "甲", Status: 1}, crm.Invalid("", "")},
		{"disabled option", owner, crm.Lead{Name: "甲", Status: 32}, crm.Invalid("", "")},
		{"status for source", owner, crm.Lead{Name: "甲", Source: 31}, crm.Invalid("", "")},
		{"no such owner", owner, crm.Lead{Name: "甲", OwnerID: 99}, crm.Invalid("", "")},
		{"disabled owner", owner, crm.Lead{Name: "甲", OwnerID: disabled}, crm.Invalid("", "")},
		{"no such department", owner, crm.Lead{Name: "甲", DepartmentID: 99}, crm.Invalid("", "")},
		{"bad region", owner, crm.Lead{Name: "甲", Address: crm.Address{ProvinceID: 1, CityID: 124}}, crm.Invalid("", "")},
		{"no such pool", owner, crm.Lead{Name: "甲", PoolID: 99}, crm.Invalid("", "")},
		{"pool of customers", admin, crm.Lead{Name: "甲", PoolID: 1}, crm.Invalid("", "")},
		{"pool of others", owner, crm.Lead{Name: "甲", PoolID: poolTwo}, crm.Invalid("", "")},
		{"file that is not there", owner, crm.Lead{Name: "甲", Custom: crm.Values(`{"file_asset_000003":[7]}`)}, crm.Invalid("", "")},
	} {
		if id, err := w.createLead(w.as(orgA, c.user), &c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %d, %v", c.name, id, err)
		}
	}
	if after := w.kept(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
}

func TestUpdateLead(t *testing.T) {
	w := newLeadWorld(t)
	update := func(user, id int64, patch func(*crm.Lead)) error {
		return w.UpdateLead(t.Context(), w.as(orgA, user), id, func(l *crm.Lead) error { patch(l); return nil },
			shown)
	}
	w.clock.advance(time.Second)
	before := w.lead(orgA, leadOwned)
	if err := update(owner, leadOwned, func(l *crm.Lead) { l.Name, l.Note = "单三", "新备注" }); err != nil {
		t.Fatal(err)
	}
	l := w.lead(orgA, leadOwned)
	if l.Name != "单三" || l.NamePinyin != "shansan" || l.Note != "新备注" || l.CompanyName != before.CompanyName || l.Address != before.Address ||
		string(l.Custom) != string(before.Custom) || l.UpdatedAt != crm.At(w.clock.Now()) || l.OwnedAt != before.OwnedAt {
		t.Errorf("got %+v", l)
	}
	w.logged("lead", leadOwned, "update", "name: 张三 → 单三", "note: 展会上认识 → 新备注")
	// Nothing changes, nothing is written.
	rows := w.kept(orgA)
	if err := update(owner, leadOwned, func(l *crm.Lead) { l.Name = " 单三 " }); err != nil || w.kept(orgA) != rows {
		t.Errorf("%v, there was %s, there is %s", err, rows, w.kept(orgA))
	}
	// Another owner: with the department, the former owner and notices.
	if err := update(boss, leadOwned, func(l *crm.Lead) { l.OwnerID = helper }); err != nil {
		t.Fatal(err)
	}
	l = w.lead(orgA, leadOwned)
	if l.OwnerID != helper || l.DepartmentID != 1 || l.BeforeUserID != owner || l.BeforeDepartmentID != 2 || l.OwnedAt != crm.At(w.clock.Now()) {
		t.Errorf("got %+v", l)
	}
	for user, want := range map[int64]string{owner: "transferred lead 1 单三 by 用户3", helper: "transferred lead 1 单三 by 用户3", boss: ""} {
		if got := w.toldOfLeads(user); got != want {
			t.Errorf("user %d was told %q", user, got)
		}
	}
	for _, c := range []struct {
		name  string
		user  int64
		id    int64
		patch func(*crm.Lead)
		want  error
	}{
		{"no owner out of a pool", boss, leadPooled, func(l *crm.Lead) { l.OwnerID = owner }, crm.Invalid("", "")},
		{"no department in a pool", boss, leadPooled, func(l *crm.Lead) { l.DepartmentID = 2 }, crm.Invalid("", "")},
		{"disabled owner", owner, leadAlone, func(l *crm.Lead) { l.OwnerID = disabled }, crm.Invalid("", "")},
		{"hidden phone", blinded, leadAlone, func(l *crm.Lead) { l.Address.Phone = crm.T("13800000000") }, crm.ErrForbidden},
		{"masked phone", masked, leadAlone, func(l *crm.Lead) { l.Address.Phone = crm.T("13800000000") }, crm.ErrForbidden},
	} {
		if err := update(c.user, c.id, c.patch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := update(boss, leadPooled, func(l *crm.Lead) { l.Note = "公海备注" }); err != nil || w.lead(orgA, leadPooled).PoolID != poolOne {
		t.Error(err)
	}
	// Without the right to transfer, the rest can still be changed.
	rights := leadRights()
	delete(rights, crm.RightTransferLead)
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn, Rights: rights}, 1)
	})
	if err := update(owner, leadAlone, func(l *crm.Lead) { l.OwnerID = colleague }); !errors.Is(err, crm.ErrForbidden) {
		t.Error(err)
	}
	if err := update(owner, leadAlone, func(l *crm.Lead) { l.Job = "总监" }); err != nil {
		t.Error(err)
	}
}

// toldOfLeads is what a user was told, oldest first, with who did it and into
// which pool.
func (w *world) toldOfLeads(user int64) string {
	w.t.Helper()
	var found []crm.Notice
	if err := w.store.View(w.t.Context(), orgA, func(r *store.Read) (err error) {
		found, err = r.Notices(orgA, user, false, 0, 100)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, n := range slices.Backward(found) {
		c := n.Decode()
		text := fmt.Sprint(n.Kind, " ", n.Entity, " ", n.EntityID, " ", c.Name, strings.Join(c.Names, "、"), " by ", c.By)
		if c.Pool != "" {
			text += " into " + c.Pool
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestDeleteLead(t *testing.T) {
	w := newLeadWorld(t)
	var last *crm.LeadDetail
	show := func(k *crm.LeadDetail) error { last = k; return nil }
	if err := w.DeleteLead(t.Context(), w.as(orgA, boss), leadOwned, show); err != nil || last.ID != leadOwned || last.Name != "张三" {
		t.Fatal(last, err)
	}
	if got := w.toldOfLeads(owner); got != "deleted lead 1 张三 by 用户3" {
		t.Errorf("told: %s", got)
	}
	if action, changes := w.lastLog("lead", leadOwned); action != "destroy" || !slices.Contains(changes, "name: 张三 → <nil>") {
		t.Errorf("the log says %s %v", action, changes)
	}
	if err := w.DeletePoolLead(t.Context(), w.as(orgA, boss), leadPooled, show); err != nil || last.ID != leadPooled {
		t.Fatal(last, err)
	}
	// The customer that a lead became stays.
	if err := w.DeleteLead(t.Context(), w.as(orgA, owner), leadTurned, show); err != nil || last.CustomerName != customerName {
		t.Fatal(last, err)
	}
	if _, err := w.CustomerDetail(t.Context(), w.as(orgA, owner), 1); err != nil {
		t.Error(err)
	}
	if got := w.query("SELECT count(*) FROM leads WHERE organization_id = $1", orgB); got != "3" {
		t.Errorf("the other organization has %s leads", got)
	}
}

// checkDuplicatesOf switches the check for duplicates on.
func (w *world) checkDuplicatesOf(across bool) {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		on := crm.DuplicateSettings{Enabled: true}
		errs := []error{tx.SetSettings(crm.Settings{Duplicates: map[string]crm.DuplicateSettings{
			"lead": {Enabled: true, Across: across}, "customer": on, "contact": on}})}
		for i, r := range []crm.DuplicateRule{
			{Entity: "lead", Field: "name"}, {Entity: "lead", Field: "company_name"}, {Entity: "lead", Field: "address.phone"},
			{Entity: "customer", Field: "name"}, {Entity: "customer", Field: "address.phone"}, {Entity: "contact", Field: "address.phone"},
		} {
			r.ID, r.State = int64(i+1), crm.RuleActive
			errs = append(errs, tx.AddRule(&r, i, 1))
		}
		return errors.Join(errs...)
	})
}

func TestDuplicateLeads(t *testing.T) {
	w := newLeadWorld(t)
	w.checkDuplicatesOf(true)
	c := w.as(orgA, owner)
	lead := func(name, company, phone string) *crm.Lead {
		return &crm.Lead{Name: name, CompanyName: company, Address: crm.Address{Phone: crm.T(phone)}}
	}
	first, err := w.createLead(w.as(orgA, helper), lead("重名", "甲公司", "13800001111"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.create(c, &crm.NewCustomer{Customer: crm.Customer{Name: "客户公司", Address: crm.Address{Phone: crm.T("13800002222")}},
		Contacts: []crm.NewContact{{Contact: crm.Contact{Name: "甲", Address: crm.Address{Phone: crm.T("13800003333")}}}}}, ""); err != nil {
		t.Fatal(err)
	}
	duplicate := crm.Duplicate("", "")
	for _, in := range []*crm.Lead{lead("重名", "", ""), lead("乙", "甲公司", ""), lead("乙", "", "138 0000 1111"), lead("乙", "客户公司", ""),
		lead("乙", "", "13800002222"), lead("乙", "", "13800003333")} {
		if _, err := w.createLead(c, in); !errors.Is(err, duplicate) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if _, err := w.createLead(c, lead("客户公司", "重名", "")); err != nil {
		t.Errorf("a lead's name is no company: %v", err)
	}
	second, err := w.createLead(c, lead("丙", "丙公司", "13800004444"))
	if err != nil {
		t.Fatal(err)
	}
	update := func(patch func(*crm.Lead)) error {
		return w.UpdateLead(t.Context(), c, second, func(l *crm.Lead) error { patch(l); return nil }, shown)
	}
	if err := update(func(l *crm.Lead) { l.Name = "重名" }); !errors.Is(err, duplicate) {
		t.Error(err)
	}
	if err := update(func(l *crm.Lead) { l.Note = "不变" }); err != nil {
		t.Error(err)
	}
	if err := w.DeleteLead(t.Context(), w.as(orgA, helper), first, shown); err != nil {
		t.Fatal(err)
	}
	if err := update(func(l *crm.Lead) { l.Name = "重名" }); err != nil {
		t.Errorf("after the other is gone: %v", err)
	}
}

// Of many that create leads of one name at the same time one does.
func TestManyCreateOneLead(t *testing.T) {
	w := newLeadWorld(t)
	w.checkDuplicatesOf(false)
	callers := []*Caller{w.as(orgA, owner), w.as(orgA, colleague), w.as(orgA, boss), w.as(orgA, helper)}
	results := atOnce(64, func(i int) error {
		c := *callers[i%len(callers)]
		return w.CreateLead(t.Context(), &c, &crm.Lead{Name: "同时"}, shown)
	})
	made, refused := 0, 0
	for _, err := range results {
		switch {
		case err == nil:
			made++
		case errors.Is(err, crm.Duplicate("", "")):
			refused++
		default:
			t.Error(err)
		}
	}
	if made != 1 || refused != 63 || w.query("SELECT count(*) FROM leads WHERE organization_id = $1 AND name = '同时'", orgA) != "1" {
		t.Errorf("%d made, %d refused", made, refused)
	}
}

// atOnce calls n times at the same time and gives what came of each.
func atOnce(n int, call func(i int) error) []error {
	out, start := make([]error, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = call(i)
		})
	}
	close(start)
	all.Wait()
	return out
}
