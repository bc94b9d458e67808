package service

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"guanxi/internal/crm"
)

func simpleCustomer() *crm.NewCustomer {
	return &crm.NewCustomer{Customer: crm.Customer{Name: "票据公司"}, Contacts: []crm.NewContact{{Contact: crm.Contact{Name: "张三"}}}}
}

func simpleContact(customer int64) *crm.NewContact {
	return &crm.NewContact{Contact: crm.Contact{Name: "李四", CustomerID: customer}}
}

func TestTickets(t *testing.T) {
	w := newWorld(t, settings())
	caller, second, elsewhere := w.as(orgA, owner), w.as(orgA, boss), w.as(orgB, owner)
	const ticket = "0e2f6e1c-0000-4000-8000-000000000001"
	first, err := w.create(caller, simpleCustomer(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	before := w.rows(orgA)
	for range 3 {
		if id, err := w.create(caller, simpleCustomer(), ticket); err != nil || id != first {
			t.Errorf("again: %d, %v; want %d", id, err, first)
		}
	}
	if _, err := w.createContact(caller, simpleContact(1), ticket); !errors.Is(err, crm.BadParam("", "")) {
		t.Errorf("for another entity: %v", err)
	}
	if _, err := w.create(caller, simpleCustomer(), strings.Repeat("x", 129)); !errors.Is(err, crm.BadParam("", "")) {
		t.Errorf("endless: %v", err)
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
	if id, err := w.create(second, simpleCustomer(), ticket); err != nil || id == first {
		t.Errorf("another user's: %d, %v", id, err)
	}
	if _, err := w.create(elsewhere, simpleCustomer(), ticket); err != nil {
		t.Errorf("another organization's: %v", err)
	}
	if id, err := w.create(caller, simpleCustomer(), "another"); err != nil || id == first {
		t.Errorf("another ticket: %d, %v", id, err)
	}
	// A ticket of a refused create is not used up.
	bad := simpleCustomer()
	bad.ParentID = 99
	if _, err := w.create(caller, bad, "third"); err == nil {
		t.Error("made with a parent that is not there")
	}
	if id, err := w.create(caller, simpleCustomer(), "third"); err != nil || id == first {
		t.Errorf("after a refusal: %d, %v", id, err)
	}
	k1, err := w.createContact(caller, simpleContact(1), "contact")
	if err != nil {
		t.Fatal(err)
	}
	if k2, err := w.createContact(caller, simpleContact(1), "contact"); err != nil || k2 != k1 {
		t.Errorf("a contact again: %d, %v; want %d", k2, err, k1)
	}
	if _, err := w.create(caller, simpleCustomer(), "contact"); !errors.Is(err, crm.BadParam("", "")) {
		t.Errorf("a contact's for a customer: %v", err)
	}
}

func TestParallelTickets(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	version := func() string { return w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA) }
	var ids [8]int64
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			id, err := w.create(caller, simpleCustomer(), "same")
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == 0 {
			t.Errorf("the ids are %v", ids)
		}
	}
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND name = '票据公司'", orgA); n != "1" || version() != "2" {
		t.Errorf("%s customers at version %s", n, version())
	}
}

func TestCreateContact(t *testing.T) {
	w := newWorld(t, settings())
	for _, c := range []struct {
		name   string
		caller int64
		in     *crm.NewContact
		want   error
	}{
		{"owner", owner, simpleContact(1), nil},
		{"superior", boss, simpleContact(1), nil},
		{"collaborator", helper, simpleContact(1), nil},
		{"department's scope", inSales, simpleContact(1), nil},
		{"super administrator, pool", admin, simpleContact(2), nil},
		{"out of scope", colleague, simpleContact(1), crm.ErrNotFound},
		{"pool customer, scope own", owner, simpleContact(2), crm.ErrNotFound},
		{"no such customer", admin, simpleContact(99), crm.ErrNotFound},
		{"no customer", admin, simpleContact(0), crm.Invalid("", "")},
		{"without the right", powerless, simpleContact(1), crm.ErrForbidden},
		{"no name", owner, &crm.NewContact{Contact: crm.Contact{CustomerID: 1, Name: " "}}, crm.Invalid("", "")},
		{"customer's option", owner, &crm.NewContact{Contact: crm.Contact{CustomerID: 1, Name: "甲", Category: 4}}, crm.Invalid("", "")},
		{"bad region", owner, &crm.NewContact{Contact: crm.Contact{CustomerID: 1, Name: "甲", Address: crm.Address{ProvinceID: 1, CityID: 124}}}, crm.Invalid("", "")},
	} {
		caller := w.as(orgA, c.caller)
		before := w.rows(orgA)
		id, err := w.createContact(caller, c.in, "")
		if c.want != nil {
			if !errors.Is(err, c.want) || w.rows(orgA) != before {
				t.Errorf("%s: %d, %v; there was %s, there is %s", c.name, id, err, before, w.rows(orgA))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		k, err := w.ContactDetail(t.Context(), caller, id)
		if err != nil || k.Name != "李四" || k.NamePinyin != "lisi" || k.CreatorID != c.caller || k.Customer.ID != c.in.CustomerID || k.Address.ID == 0 {
			t.Errorf("%s: %+v, %v", c.name, k, err)
		}
	}
}
