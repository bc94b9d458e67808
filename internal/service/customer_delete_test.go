package service

import (
	"errors"
	"slices"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// remove is DeleteCustomer for tests, which gives what the answer shows.
func (w *world) remove(c *Caller, id int64) (out *crm.CustomerDetail, err error) {
	one, _ := acting(c, "")
	err = w.DeleteCustomer(w.t.Context(), one, id, func(k *crm.CustomerDetail) error {
		out = k
		return nil
	})
	return out, err
}

func TestDeleteCustomer(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(
			tx.AddRule(&crm.DuplicateRule{ID: 1, Entity: "customer", Field: "address.phone", State: crm.RuleActive}, 1, startOfClock),
			tx.AddRule(&crm.DuplicateRule{ID: 2, Entity: "contact", Field: "address.phone", State: crm.RuleBuilding}, 1, startOfClock),
			tx.AddKey(1, "13800006001", 1), tx.AddKey(1, "13800006002", 2), tx.AddKey(2, "13800008001", 1), tx.AddKey(2, "13800008003", 3),
			tx.AddAttachment(&crm.Attachment{ID: 1, OwnerType: "Customer", OwnerID: 1, UserID: owner, Key: "49/1"}),
			tx.AddAttachment(&crm.Attachment{ID: 2, OwnerType: "Contact", OwnerID: 1, UserID: owner, Key: "49/2"}),
			tx.AddAttachment(&crm.Attachment{ID: 3, OwnerType: "Contact", OwnerID: 3, UserID: owner, Key: "49/3"}))
	})
	other := w.rows(orgB)
	k, err := w.remove(w.as(orgA, boss), 1)
	if err != nil || k.ID != 1 || k.Name != customerName || len(k.Contacts) != 2 || len(k.Labels) != 2 {
		t.Fatalf("got %+v, %v", k, err)
	}
	for table, want := range map[string]string{
		"customers WHERE organization_id = 49 AND id = 1":                             "0",
		"customers WHERE organization_id = 49":                                        "2",
		"contacts WHERE organization_id = 49 AND customer_id = 1":                     "0",
		"contacts WHERE organization_id = 49":                                         "1",
		"customer_labels WHERE organization_id = 49 AND customer_id = 1":              "0",
		"customer_assistants WHERE organization_id = 49 AND customer_id = 1":          "0",
		"attachments WHERE organization_id = 49":                                      "1",
		"attachments WHERE organization_id = 49 AND id = 3":                           "1",
		"duplicate_keys WHERE organization_id = 49":                                   "2",
		"duplicate_keys WHERE organization_id = 49 AND rule_id = 1 AND record_id = 2": "1",
	} {
		if n := w.query("SELECT count(*) FROM " + table); n != want {
			t.Errorf("%s rows of %s, want %s", n, table, want)
		}
	}
	if after := w.rows(orgB); after != other {
		t.Errorf("the other organization had %s and has %s", other, after)
	}
	action, changes := w.lastLog("customer", 1)
	if action != "destroy" || !slices.Contains(changes, "name: "+customerName+" → <nil>") || !slices.Contains(changes, "labels: [1 2] → <nil>") {
		t.Errorf("the log says %s %q", action, changes)
	}
	w.logged("contact", 2, "destroy", "name: 联系人2 → <nil>", "customer_id: 1 → <nil>", "address.phone: 13800008002 → <nil>",
		"address.tel: 02100008002 → <nil>", "text_asset_000001: 13800007002 → <nil>")
	if told := w.told(orgA, owner); !slices.Equal(told, []string{"deleted customer 1: " + customerName}) {
		t.Errorf("the owner is told %q", told)
	}
	if told := w.told(orgA, boss); len(told) != 0 {
		t.Errorf("who does it is told %q", told)
	}
	if _, err := w.remove(w.as(orgA, boss), 1); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("once more: %v", err)
	}
	if _, err := w.ContactDetail(t.Context(), w.as(orgA, admin), 1); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("its contact: %v", err)
	}
	// The value that it had is free again.
	if _, err := w.create(w.as(orgA, owner), &crm.NewCustomer{Customer: crm.Customer{Name: "新", Address: crm.Address{Phone: crm.T("13800006001")}}}, ""); err != nil {
		t.Error(err)
	}
}

func TestWhoDeletes(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		all, less := crm.RightsOfNormal(), crm.RightsOfNormal()
		all[crm.RightDeleteCustomer] = true
		var errs []error
		for id := int64(10); id < 20; id++ {
			errs = append(errs, tx.AddCustomer(&crm.Customer{ID: id, OwnerID: owner, DepartmentID: 2, Name: "待删", Approval: crm.Approved, Address: crm.Address{ID: 50 + id}}),
				tx.AddAssistant(id, helper))
		}
		return errors.Join(append(errs, tx.AddRole(&crm.Role{ID: 8, Scope: crm.ScopeOrganization, Rights: less}, startOfClock),
			tx.AddUser(&crm.User{ID: 13, RoleID: 8, State: crm.UserActive, Name: "不能删"}, cheapHash(password)))...)
	})
	for i, x := range []struct {
		name   string
		org    int64
		caller int64
		want   error
	}{
		{"owner", orgA, owner, nil}, {"superior", orgA, boss, nil}, {"super administrator", orgA, admin, nil}, {"department's scope", orgA, inSales, nil},
		{"whole organization", orgA, wholeFirm, nil}, {"collaborator", orgA, helper, crm.ErrForbidden}, {"out of scope", orgA, colleague, crm.ErrNotFound},
		{"without any right", orgA, powerless, crm.ErrForbidden}, {"without this right", orgA, 13, crm.ErrForbidden},
		{"another organization", orgB, admin, crm.ErrNotFound},
	} {
		caller, before := w.as(x.org, x.caller), w.rows(x.org)
		_, err := w.remove(caller, int64(10+i))
		if !errors.Is(err, x.want) || err != nil && w.rows(x.org) != before {
			t.Errorf("%s: %v; there was %s, there is %s", x.name, err, before, w.rows(x.org))
		}
	}
}

func TestCustomersInUseStay(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddCustomer(&crm.Customer{ID: 4, OwnerID: boss, ParentID: 1, Name: "下级", Approval: crm.Approved, Address: crm.Address{ID: 20}})
	})
	caller, before := w.as(orgA, owner), w.rows(orgA)
	var e *crm.Error
	if _, err := w.remove(caller, 1); !errors.As(err, &e) || e.Message != "该客户有下级客户,不能删除" || w.rows(orgA) != before {
		t.Errorf("with one below: %v", err)
	}
	if _, err := w.remove(w.as(orgA, boss), 4); err != nil {
		t.Fatal(err)
	}
	if _, err := w.remove(caller, 1); err != nil {
		t.Error(err)
	}
}

func TestDeleteContact(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddAttachment(&crm.Attachment{ID: 2, OwnerType: "Contact", OwnerID: 1, UserID: owner, Key: "49/2"})
	})
	remove := func(caller *Caller, id int64) error {
		c, _ := acting(caller, "")
		return w.DeleteContact(t.Context(), c, id, func(k *crm.ContactDetail) error {
			if k.ID != id {
				t.Errorf("it shows %d", k.ID)
			}
			return nil
		})
	}
	for _, x := range []struct {
		name            string
		org, caller, id int64
		want            error
	}{
		{"out of scope", orgA, colleague, 1, crm.ErrNotFound}, {"without the right", orgA, powerless, 1, crm.ErrForbidden},
		{"no such contact", orgA, admin, 99, crm.ErrNotFound}, {"of a pool customer, seen by scope only", orgA, wholeFirm, 3, crm.ErrForbidden},
		{"collaborator", orgA, helper, 1, nil}, {"owner", orgA, owner, 2, nil}, {"owner, again", orgA, owner, 2, crm.ErrNotFound},
		{"super administrator, pool", orgA, admin, 3, nil},
	} {
		caller, before := w.as(x.org, x.caller), w.rows(x.org)
		if err := remove(caller, x.id); !errors.Is(err, x.want) || err != nil && w.rows(x.org) != before {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	if n := w.query("SELECT count(*) FROM attachments WHERE organization_id = $1", orgA); n != "0" {
		t.Errorf("%s files are left", n)
	}
	if n := w.query("SELECT count(*) FROM contacts WHERE organization_id = $1", orgB); n != "3" {
		t.Errorf("the other organization has %s contacts", n)
	}
}
