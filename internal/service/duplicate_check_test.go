package service

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// rule lets a field take part in the check for duplicates.
func (w *world) rule(org, id int64, entity, name, state string) {
	w.t.Helper()
	w.amend(org, func(tx *store.Write) error {
		return tx.AddRule(&crm.DuplicateRule{ID: id, Entity: entity, Field: name, State: state}, int(id), startOfClock)
	})
}

// checking switches the check on for kinds of records, for leads across.
func (w *world) checking(org int64, entities ...string) {
	w.t.Helper()
	w.set(org, func(s *crm.Settings) {
		s.Duplicates = map[string]crm.DuplicateSettings{}
		for _, e := range entities {
			s.Duplicates[e] = crm.DuplicateSettings{Enabled: true, Across: e == "lead"}
		}
	})
}

// keys are the records that have a key of a rule.
func (w *world) keys(rule int64, key string) (found []int64) {
	w.t.Helper()
	if err := w.store.View(w.t.Context(), orgA, func(r *store.Read) (err error) {
		found, err = r.RecordsWithKey(orgA, rule, key, 100)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return found
}

func company(name string) *crm.NewCustomer {
	return &crm.NewCustomer{Customer: crm.Customer{Name: name}}
}

// expectDuplicate wants a refusal with exactly these words.
func expectDuplicate(t *testing.T, what string, err error, zh, en string) {
	t.Helper()
	var e *crm.Error
	if !errors.As(err, &e) || !errors.Is(err, crm.Duplicate("", "")) || e.Message != zh || e.English != en {
		t.Errorf("%s: %v; want %q, %q", what, err, zh, en)
	}
}

func TestDuplicatesAreRefused(t *testing.T) {
	w := newWorld(t, settings())
	w.checking(orgA, "customer", "contact")
	w.rule(orgA, 1, "customer", "name", crm.RuleActive)
	w.rule(orgA, 2, "customer", "address.phone", crm.RuleActive)
	w.rule(orgA, 3, "contact", "address.phone", crm.RuleActive)
	w.rule(orgA, 4, "customer", "text_asset_000002", crm.RuleActive)
	o := w.as(orgA, owner)
	first := company("上海示例有限公司")
	first.Address.Phone, first.Custom = crm.T("138 0000 4444"), crm.Values(`{"text_asset_000002":"13800007777"}`)
	id, err := w.create(w.as(orgA, boss), first, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.create(w.as(orgB, owner), company("上海示例有限公司"), ""); err != nil {
		t.Errorf("another organization: %v", err)
	}
	before := w.rows(orgA)
	for what, name := range map[string]string{"same": "上海示例有限公司", "with blanks": " 上海示例有限公司\u3000"} {
		_, err := w.create(o, company(name), "ticket")
		expectDuplicate(t, what, err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
	}
	phone := company("另一家")
	phone.Address.Phone = crm.T("+86 13800004444")
	_, err = w.create(o, phone, "")
	expectDuplicate(t, "phone", err, "你已经有相同手机的客户", "There is a customer with the same Mobile phone already")
	hot := company("另一家")
	hot.Custom = crm.Values(`{"text_asset_000002":"138-0000-7777"}`)
	_, err = w.create(o, hot, "")
	expectDuplicate(t, "own field", err, "你已经有相同phone的客户", "There is a customer with the same phone already")
	// Two contacts of one create are duplicates of each other.
	twins := company("双生")
	twins.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "甲", Address: crm.Address{Phone: crm.T("13800005555")}}},
		{Contact: crm.Contact{Name: "乙", Address: crm.Address{Phone: crm.T("13800005555")}}}}
	_, err = w.create(o, twins, "")
	expectDuplicate(t, "contacts", err, "你已经有相同手机的联系人", "There is a contact with the same Mobile phone already")
	if w.rows(orgA) != before {
		t.Errorf("there was %s, there is %s", before, w.rows(orgA))
	}
	// An update is checked in what it changes, and only in that.
	second, err := w.create(o, company("另一家"), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.update(o, second, func(d *crm.CustomerDraft) { d.Name = "上海示例有限公司" })
	expectDuplicate(t, "update", err, "你已经有相同客户名称的客户", "There is a customer with the same Customer name already")
	if _, err := w.update(o, second, func(d *crm.CustomerDraft) { d.Name = "另一家 " }); err != nil {
		t.Errorf("its own name: %v", err)
	}
	// A value that is given up is free, a new one is taken.
	if _, err := w.update(w.as(orgA, boss), id, func(d *crm.CustomerDraft) { d.Name = "改名的" }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.update(o, second, func(d *crm.CustomerDraft) { d.Name = "上海示例有限公司" }); err != nil {
		t.Errorf("the name that is free again: %v", err)
	}
	if got := w.keys(1, "上海示例有限公司"); !slices.Equal(got, []int64{second}) {
		t.Errorf("%v have the name", got)
	}
	if _, err := w.create(o, company("改名的"), ""); !errors.Is(err, crm.Duplicate("", "")) {
		t.Errorf("the new name: %v", err)
	}
	// What is empty equals nothing.
	for range 2 {
		if _, err := w.create(o, company("无号码"+string(rune('a'+w.version(orgA)%20))), ""); err != nil {
			t.Error(err)
		}
	}
}

// TestStatesOfRules: a rule that is being built keeps keys and refuses nobody, one
// that goes does neither. A check that is switched off keeps its keys.
func TestStatesOfRules(t *testing.T) {
	for _, x := range []struct {
		name, state string
		on          bool
		refused     bool
		keys        int
	}{
		{"active", crm.RuleActive, true, true, 1}, {"building", crm.RuleBuilding, true, false, 2},
		{"removing", crm.RuleRemoving, true, false, 0}, {"switched off", crm.RuleActive, false, false, 2},
	} {
		w := newWorld(t, settings())
		if x.on {
			w.checking(orgA, "customer")
		}
		w.rule(orgA, 1, "customer", "name", x.state)
		o := w.as(orgA, owner)
		if _, err := w.create(o, company("甲"), ""); err != nil {
			t.Fatal(err)
		}
		second, err := w.create(o, company("甲"), "")
		if errors.Is(err, crm.Duplicate("", "")) != x.refused || err != nil && !x.refused {
			t.Errorf("%s: %v", x.name, err)
		}
		if got := w.keys(1, "甲"); len(got) != x.keys {
			t.Errorf("%s: %v have the key", x.name, got)
		}
		if x.refused {
			continue
		}
		if _, err := w.remove(w.as(orgA, admin), second); err != nil {
			t.Error(err)
		}
		if got := w.keys(1, "甲"); len(got) != max(0, x.keys-1) {
			t.Errorf("%s, after the deletion: %v have the key", x.name, got)
		}
	}
}

// TestDuplicatesThatWereThereStay: who had the same before the rule came may be
// changed otherwise, and a customer that waits for approval or lies in a pool
// counts like any other.
func TestDuplicatesThatWereThereStay(t *testing.T) {
	w := newWorld(t, settings())
	w.checking(orgA, "customer")
	w.rule(orgA, 1, "customer", "name", crm.RuleActive)
	w.amend(orgA, func(tx *store.Write) error { // all three customers have one name: in a pool, pending, and the owner's
		return errors.Join(tx.AddKey(1, customerName, 1), tx.AddKey(1, customerName, 2), tx.AddKey(1, customerName, 3))
	})
	o := w.as(orgA, owner)
	if _, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "改" }); err != nil {
		t.Errorf("another field: %v", err)
	}
	for _, gone := range []int64{1, 2} {
		if _, err := w.create(o, company(customerName), ""); !errors.Is(err, crm.Duplicate("", "")) {
			t.Errorf("while %d is there: %v", gone, err)
		}
		if _, err := w.remove(w.as(orgA, admin), gone); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.create(o, company(customerName), ""); !errors.Is(err, crm.Duplicate("", "")) {
		t.Errorf("of one that waits for approval: %v", err)
	}
	if _, err := w.remove(w.as(orgA, admin), 3); err != nil {
		t.Fatal(err)
	}
	if _, err := w.create(o, company(customerName), ""); err != nil {
		t.Errorf("when all are gone: %v", err)
	}
}

// TestLeadsAreLookedForAcross: a lead's company is a customer's name, its name a
// contact's, its numbers are both's.
func TestLeadsAreLookedForAcross(t *testing.T) {
	w := newWorld(t, settings())
	w.checking(orgA, "lead")
	for i, r := range [][2]string{{"lead", "company_name"}, {"lead", "address.phone"}, {"lead", "name"}, {"customer", "name"}, {"customer", "address.phone"},
		{"contact", "address.phone"}, {"contact", "name"}} {
		w.rule(orgA, int64(i+1), r[0], r[1], crm.RuleActive)
	}
	in := company("上海示例有限公司")
	in.Address.Phone = crm.T("13800004444")
	in.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "张三", Address: crm.Address{Phone: crm.T("13800005555")}}}}
	if _, err := w.create(w.as(orgA, boss), in, ""); err != nil {
		t.Fatal(err)
	}
	check := func(r record) error {
		caller := w.as(orgA, owner)
		return w.store.Update(t.Context(), orgA, func(tx *store.Write) error {
			if err := w.checkDuplicates(tx, caller, "lead", 50, nil, r); err != nil {
				return err
			}
			return errors.New("nothing found")
		})
	}
	for what, x := range map[string]struct {
		r      record
		zh, en string
	}{
		"company":        {record{"company_name": "上海示例有限公司"}, "你已经有相同公司名称的客户", "There is a customer with the same Company name already"},
		"customer's":     {record{"address.phone": "13800004444"}, "你已经有相同手机的客户", "There is a customer with the same Mobile phone already"},
		"contact's":      {record{"address.phone": "13800005555"}, "你已经有相同手机的联系人", "There is a contact with the same Mobile phone already"},
		"contact's name": {record{"name": "张三"}, "你已经有相同姓名的联系人", "There is a contact with the same Lead name already"},
	} {
		expectDuplicate(t, what, check(x.r), x.zh, x.en)
	}
	for what, r := range map[string]record{"a person is no customer": {"name": "上海示例有限公司"}, "a company is no contact": {"company_name": "张三"}} {
		if err := check(r); err == nil || err.Error() != "nothing found" {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.set(orgA, func(s *crm.Settings) { s.Duplicates = map[string]crm.DuplicateSettings{"lead": {Enabled: true}} })
	if err := check(record{"address.phone": "13800004444"}); err == nil || err.Error() != "nothing found" {
		t.Errorf("not across: %v", err)
	}
}

// TestOneOfManyIsMade: of 64 that come at the same time with one name, whoever
// sends them, exactly one is written.
func TestOneOfManyIsMade(t *testing.T) {
	w := newWorld(t, settings())
	w.checking(orgA, "customer")
	w.rule(orgA, 1, "customer", "name", crm.RuleActive)
	callers := []*Caller{w.as(orgA, owner), w.as(orgA, boss), w.as(orgA, wholeFirm), w.as(orgA, admin)}
	var made [64]int64
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			id, err := w.create(callers[i%len(callers)], company("同名公司"), "")
			if err != nil && !errors.Is(err, crm.Duplicate("", "")) {
				t.Error(err)
			}
			made[i] = id
		})
	}
	all.Wait()
	ids := slices.DeleteFunc(made[:], func(id int64) bool { return id == 0 })
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND name = '同名公司'", orgA); len(ids) != 1 || n != "1" {
		t.Errorf("%v were made, %s are there", ids, n)
	}
	if got := w.keys(1, "同名公司"); !slices.Equal(got, ids) {
		t.Errorf("%v have the key, %v were made", got, ids)
	}
}
