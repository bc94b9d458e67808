package service

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func asLeft(*crm.NewCustomer) error { return nil }

// turn is TurnLead for tests that ask for the id alone.
func (w *world) turn(c *Caller, id int64, patch func(*crm.NewCustomer)) (customer int64, err error) {
	err = w.TurnLead(w.t.Context(), c, id, func(in *crm.NewCustomer) error {
		if patch != nil {
			patch(in)
		}
		return nil
	}, func(k *crm.CustomerDetail) error {
		customer = k.ID
		return nil
	})
	return customer, err
}

func TestCustomerFromLead(t *testing.T) {
	w := newLeadWorld(t)
	before := w.kept(orgA)
	k, err := w.CustomerFromLead(t.Context(), w.as(orgA, owner), leadOwned, 0)
	if err != nil {
		t.Fatal(err)
	}
	if k.ID != 0 || k.Name != "示例公司" || k.CompanyName != "示例公司" || k.Note != "展会上认识" || k.OwnerID != owner || k.DepartmentID != 2 ||
		k.Status != 1 || k.Source != 34 || k.LeadID != leadOwned || k.Approval != crm.Approved || k.CreatedAt != 0 || !k.Self ||
		k.Address.ID != 0 || k.Address.Phone.Value != "13800006101" || k.Address.CreatedAt != 0 ||
		compact(k.Custom) != `{"text_asset_000002":"13800005001","text_asset_b000002":"甲","numeric_asset_000002":7}` {
		t.Errorf("customer: %+v", k)
	}
	if len(k.Contacts) != 1 {
		t.Fatalf("contacts: %+v", k.Contacts)
	}
	if p := k.Contacts[0]; p.ID != 0 || p.Name != "张三" || p.Department != "采购部" || p.Job != "经理" || p.Note != "展会上认识" ||
		p.Address.Phone.Value != "13800006101" || compact(p.Custom) != `{"text_asset_000001":"13800005001","text_asset_b000001":"甲","numeric_asset_000001":7}` {
		t.Errorf("contact: %+v", p)
	}
	// Without a company the customer is called like the lead. The superior's form
	// keeps the owner.
	if k, err = w.CustomerFromLead(t.Context(), w.as(orgA, boss), leadAlone, 0); err != nil || k.Name != "张三" || k.CompanyName != "" ||
		k.OwnerID != owner || k.Self || !k.Own || k.Status != 0 || len(k.Custom) != 0 {
		t.Errorf("without a company: %+v, %v", k, err)
	}
	// What is hidden from the caller on the lead is hidden here.
	if k, err = w.CustomerFromLead(t.Context(), w.as(orgA, masked), leadOwned, 0); err != nil || search(k, "13800006101", "13800005001", "02100006101") != "" {
		t.Errorf("masked: %+v, %v", k, err)
	}
	if k, err = w.CustomerFromLead(t.Context(), w.as(orgA, blinded), leadOwned, 0); err != nil || search(k, "13800006101", "甲") != "" {
		t.Errorf("blinded: %+v, %v", k, err)
	}
	for _, template := range []int64{9, -1} {
		if _, err = w.CustomerFromLead(t.Context(), w.as(orgA, owner), leadOwned, template); word(err) != "invalid" {
			t.Errorf("template %d: %v", template, err)
		}
	}
	if after := w.kept(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
}

func TestTurnLead(t *testing.T) {
	w := newLeadWorld(t)
	caller := w.as(orgA, owner)
	id, err := w.turn(caller, leadOwned, nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.CustomerDetail(t.Context(), caller, id)
	if err != nil || k.Name != "示例公司" || k.OwnerID != owner || k.CreatorID != owner || k.Status != 1 || k.Source != 34 || k.LeadID != leadOwned ||
		k.Note != "展会上认识" || k.Address.Phone.Value != "13800006101" || k.Address.ID == w.lead(orgA, leadOwned).Address.ID || len(k.Contacts) != 1 ||
		compact(k.Custom) != `{"text_asset_000002":"13800005001","text_asset_b000002":"甲","numeric_asset_000002":7}` {
		t.Fatalf("got %+v, %v", k, err)
	}
	p, err := w.ContactDetail(t.Context(), caller, k.Contacts[0].ID)
	if err != nil || p.Name != "张三" || p.Job != "经理" || p.Department != "采购部" || p.Address.Phone.Value != "13800006101" ||
		p.Address.ID == k.Address.ID || compact(p.Custom) != `{"text_asset_000001":"13800005001","text_asset_b000001":"甲","numeric_asset_000001":7}` {
		t.Errorf("got %+v, %v", p, err)
	}
	l, err := w.LeadDetail(t.Context(), caller, leadOwned)
	if err != nil || !l.Turned() || l.CustomerID != id || l.CustomerName != "示例公司" || l.TurnedAt != startOfClock || l.Editable || l.OwnerID != owner {
		t.Errorf("the lead: %+v, %v", l, err)
	}
	w.logged("lead", leadOwned, "turn_to_customer", fmt.Sprintf("turned_customer_id: <nil> → %d", id))
	// It is in no list but its own.
	for tab, want := range map[string]int{"": 1, "my": 1, "turned": 1} {
		if items, _, err := w.LeadsByName(t.Context(), caller, &crm.ListQuery{Text: "张三", Tab: tab}); err != nil || len(items) != want ||
			(items[0].ID == leadOwned) != (tab == "turned") {
			t.Errorf("tab %q: %+v, %v", tab, items, err)
		}
	}
	if _, err := w.turn(caller, leadOwned, nil); !errors.Is(err, errTurned) {
		t.Errorf("twice: %v", err)
	}
	// The customer goes, the lead stays what it is.
	if err := w.DeleteCustomer(t.Context(), w.as(orgA, admin), id, shown); err != nil {
		t.Fatal(err)
	}
	if l, err = w.LeadDetail(t.Context(), caller, leadOwned); err != nil || !l.Turned() || l.CustomerID != id || l.CustomerName != "" {
		t.Errorf("after the customer is gone: %+v, %v", l, err)
	}
}

func TestTurnLeadAsSent(t *testing.T) {
	w := newLeadWorld(t)
	id, err := w.turn(w.as(orgA, boss), leadOwned, func(in *crm.NewCustomer) {
		in.Name, in.OwnerID, in.DepartmentID, in.Note, in.Labels, in.Contacts = "另一名称", colleague, 0, "", []int64{1}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.CustomerDetail(t.Context(), w.as(orgA, colleague), id)
	if err != nil || k.Name != "另一名称" || k.CompanyName != "示例公司" || k.Note != "" || k.OwnerID != colleague || k.DepartmentID != 2 ||
		len(k.Labels) != 1 || len(k.Contacts) != 0 || k.CreatorID != boss {
		t.Errorf("got %+v, %v", k, err)
	}
	// Masked numbers that come back as they were shown are the lead's own.
	mask := crm.T("138****6104")
	id, err = w.turn(w.as(orgA, masked), leadAlone, func(in *crm.NewCustomer) {
		in.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "张三", Address: crm.Address{Phone: mask}}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if k, err = w.CustomerDetail(t.Context(), w.as(orgA, admin), id); err != nil || k.Contacts[0].Address.Phone.Value != "13800006104" {
		t.Errorf("got %+v, %v", k, err)
	}
}

func TestRefusedTurnsLeaveNothing(t *testing.T) {
	w := newLeadWorld(t)
	w.checkDuplicatesOf(false)
	if _, err := w.create(w.as(orgA, helper), &crm.NewCustomer{Customer: crm.Customer{Name: "示例公司"}}, ""); err != nil {
		t.Fatal(err)
	}
	without := func(rights ...string) {
		all := leadRights()
		for _, r := range rights {
			delete(all, r)
		}
		w.amend(orgA, func(tx *store.Write) error { return tx.SetRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn, Rights: all}, 1) })
	}
	try := func(name string, id int64, patch func(*crm.NewCustomer), want string) {
		t.Helper()
		before, was := w.kept(orgA), *w.lead(orgA, id)
		if _, err := w.turn(w.as(orgA, owner), id, patch); word(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if after := w.kept(orgA); after != before || w.lead(orgA, id).CustomerID != was.CustomerID {
			t.Errorf("%s: there was %s, there is %s", name, before, after)
		}
	}
	try("a customer of that name is there", leadOwned, nil, "invalid")
	try("no name", leadAlone, func(in *crm.NewCustomer) { in.Name = " " }, "invalid")
	try("a contact without a name", leadAlone, func(in *crm.NewCustomer) { in.Contacts[0].Name = "" }, "invalid")
	try("disabled owner", leadAlone, func(in *crm.NewCustomer) { in.OwnerID = disabled }, "invalid")
	for _, right := range []string{crm.RightTurnLead, crm.RightCreateCustomer, crm.RightCreateContact} {
		without(right)
		try("without "+right, leadAlone, nil, "barred")
	}
	// Without a contact the right to make contacts is not needed.
	if _, err := w.turn(w.as(orgA, owner), leadAlone, func(in *crm.NewCustomer) { in.Contacts = nil }); err != nil {
		t.Error(err)
	}
	without()
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit.Each = 1 })
	try("more customers than allowed", leadOwned, func(in *crm.NewCustomer) { in.Name = "未重名" }, "invalid")
}

// A lead that has become a customer still counts for the check, and its own
// customer is no duplicate of it.
func TestTurnedLeadsStayDuplicates(t *testing.T) {
	w := newLeadWorld(t)
	w.checkDuplicatesOf(true)
	c := w.as(orgA, owner)
	lead := func(name, company string) *crm.Lead {
		return &crm.Lead{Name: name, CompanyName: company, Address: crm.Address{Phone: crm.T("13800007777")}}
	}
	id, err := w.createLead(c, lead("赵六", "赵六公司"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.turn(c, id, nil); err != nil {
		t.Fatalf("a lead is no duplicate of its own customer: %v", err)
	}
	for _, in := range []*crm.Lead{{Name: "赵六"}, {Name: "乙", CompanyName: "赵六公司"}, lead("丙", "")} {
		if _, err := w.createLead(w.as(orgA, helper), in); !errors.Is(err, crm.Duplicate("", "")) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// Of 64 who make a customer of a lead at the same time one does.
func TestManyTurnOneLead(t *testing.T) {
	w := newLeadWorld(t)
	callers := []*Caller{w.as(orgA, owner), w.as(orgA, boss), w.as(orgA, wholeFirm), w.as(orgA, admin)}
	results := atOnce(64, func(i int) error {
		c := *callers[i%len(callers)]
		return w.TurnLead(t.Context(), &c, leadOwned, asLeft, shown)
	})
	made := 0
	for _, err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, errTurned):
			t.Error(err)
		}
	}
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND lead_id = 1", orgA); made != 1 || n != "1" {
		t.Errorf("%d have made a customer, there are %s", made, n)
	}
}
