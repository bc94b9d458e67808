package service

import (
	"errors"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestUpdateContact(t *testing.T) {
	w := newWorld(t, settings())
	o := w.as(orgA, owner)
	w.clock.advance(1e9)
	later := crm.At(w.clock.Now())
	before, err := w.ContactDetail(t.Context(), o, 1)
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.updateContact(o, 1, func(k *crm.Contact) {
		k.Name, k.Job, k.Category, k.Gender, k.BirthDate = " 单先生 ", "经理", 3, "male", "1990-06-01"
		k.Address.Phone, k.Custom = crm.T("13800001234"), nil
	})
	if err != nil || k.Name != "单先生" || k.NamePinyin != "shanxiansheng" || k.Job != "经理" || k.Category != 3 || k.UpdatedAt != later ||
		k.Address.Phone.Value != "13800001234" || k.Address.UpdatedAt != later || len(k.Custom) != 0 {
		t.Fatalf("got %+v, %v", k, err)
	}
	if k.CustomerID != 1 || k.CreatorID != before.CreatorID || k.CreatedAt != before.CreatedAt || k.Address.Tel != before.Address.Tel || k.Address.ID != before.Address.ID {
		t.Errorf("got %+v, was %+v", k, before)
	}
	w.logged("contact", 1, "update", "name: 联系人1 → 单先生", "job: <nil> → 经理", "category: <nil> → 3", "gender: <nil> → male",
		"birth_date: <nil> → 1990-06-01", "address.phone: 13800008001 → 13800001234", "text_asset_000001: 13800007001 → <nil>")
	rows := w.rows(orgA)
	w.clock.advance(1e9)
	if k, err := w.updateContact(o, 1, func(k *crm.Contact) { k.Name = "单先生" }); err != nil || k.UpdatedAt != later || w.rows(orgA) != rows {
		t.Errorf("got %+v, %v", k, err)
	}
}

func TestWhoUpdatesContacts(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetPool(&crm.Pool{ID: 1, Name: "公司公海", PoolSettings: crm.PoolSettings{Managers: []int64{colleague}, Members: []int64{helper}}})
	})
	invalid := crm.Invalid("", "")
	patch := func(k *crm.Contact) { k.Note = "改" }
	for _, x := range []struct {
		name       string
		caller, id int64
		patch      func(*crm.Contact)
		want       error
	}{
		{"owner", owner, 1, patch, nil}, {"superior", boss, 2, patch, nil}, {"collaborator", helper, 1, func(k *crm.Contact) { k.Note = "协作" }, nil},
		{"manager of the pool", colleague, 3, patch, nil}, {"member of the pool", helper, 3, patch, crm.ErrForbidden},
		{"pool, seen by scope only", wholeFirm, 3, patch, crm.ErrForbidden}, {"out of scope", colleague, 1, patch, crm.ErrNotFound},
		{"without the right", powerless, 1, patch, crm.ErrForbidden}, {"no such contact", admin, 99, patch, crm.ErrNotFound},
		{"no name", owner, 1, func(k *crm.Contact) { k.Name = " " }, invalid}, {"gender", owner, 1, func(k *crm.Contact) { k.Gender = "x" }, invalid},
		{"birthday", owner, 1, func(k *crm.Contact) { k.BirthDate = "1990-13-01" }, invalid}, {"option", owner, 1, func(k *crm.Contact) { k.Category = 1 }, invalid},
		{"no customer", owner, 1, func(k *crm.Contact) { k.CustomerID = 0 }, invalid},
		{"to a customer that is not seen", owner, 1, func(k *crm.Contact) { k.CustomerID = 3 }, crm.ErrNotFound},
		{"to a customer that is not there", owner, 1, func(k *crm.Contact) { k.CustomerID = 99 }, crm.ErrNotFound},
		{"to a customer that may not be edited", wholeFirm, 1, func(k *crm.Contact) { k.CustomerID = 2 }, crm.ErrForbidden},
		{"to another customer", boss, 1, func(k *crm.Contact) { k.CustomerID = 3 }, nil},
	} {
		caller, before := w.as(orgA, x.caller), w.rows(orgA)
		k, err := w.updateContact(caller, x.id, x.patch)
		if !errors.Is(err, x.want) || (w.rows(orgA) == before) != (x.want != nil) {
			t.Errorf("%s: %+v, %v", x.name, k, err)
		}
	}
	if k, err := w.ContactDetail(t.Context(), w.as(orgA, boss), 1); err != nil || k.Customer.ID != 3 || len(k.Siblings) != 1 {
		t.Errorf("got %+v, %v", k, err)
	}
	w.logged("contact", 1, "update", "customer_id: 1 → 3")
}

func TestCustomerContacts(t *testing.T) {
	w := newWorld(t, settings())
	for _, x := range []struct {
		caller, customer int64
		want             int
		err              error
	}{
		{owner, 1, 2, nil}, {helper, 1, 2, nil}, {admin, 2, 1, nil}, {boss, 3, 0, nil}, {colleague, 1, 0, crm.ErrNotFound},
		{owner, 2, 0, crm.ErrNotFound}, {admin, 99, 0, crm.ErrNotFound}, {masked, 1, 2, nil}, {blinded, 1, 2, nil},
	} {
		found, err := w.CustomerContacts(t.Context(), w.as(orgA, x.caller), x.customer)
		if !errors.Is(err, x.err) || len(found) != x.want {
			t.Errorf("%d of customer %d: %+v, %v", x.caller, x.customer, found, err)
		}
		if x.want == 2 && (found[0].ID != 1 || found[1].ID != 2 || found[0].CustomerOf.Name != customerName ||
			found[0].Own != (x.caller == owner) || found[0].Self != (x.caller == owner) || found[0].Hidden != (x.caller == masked)) {
			t.Errorf("%d sees %+v", x.caller, found)
		}
		if leak := search(found, "13800008001"); (leak != "") != (x.caller == owner || x.caller == helper || x.caller == admin) && x.want == 2 {
			t.Errorf("%d sees %q", x.caller, leak)
		}
		if x.caller == masked && search(found, "138****8001") == "" {
			t.Errorf("no mask in %+v", found)
		}
	}
}
