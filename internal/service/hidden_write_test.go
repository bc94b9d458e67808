package service

import (
	"errors"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TestHiddenFieldsCannotBeChanged: what the caller does not see is not
// overwritten, whatever it is overwritten with.
func TestHiddenFieldsCannotBeChanged(t *testing.T) {
	w := newWorld(t, settings())
	b := w.as(orgA, blinded)
	for name, patch := range map[string]func(*crm.CustomerDraft){
		"phone, hidden on others'": func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("13800001111") },
		"emptied":                  func(d *crm.CustomerDraft) { d.Address.Phone = crm.Text{} },
		"tel, hidden on all":       func(d *crm.CustomerDraft) { d.Address.Tel = crm.T("02111111111") },
		"own field":                func(d *crm.CustomerDraft) { d.Custom = crm.Values(`{"text_asset_000002":"13800001111"}`) },
		"own field emptied":        func(d *crm.CustomerDraft) { d.Custom = nil },
	} {
		before := w.rows(orgA)
		if _, err := w.update(b, 1, patch); !errors.Is(err, crm.ErrForbidden) || w.rows(orgA) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.updateContact(b, 1, func(k *crm.Contact) { k.Address.Phone = crm.T("1") }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a contact's phone: %v", err)
	}
	if _, err := w.updateContact(b, 1, func(k *crm.Contact) { k.Custom = nil }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a contact's own field: %v", err)
	}
	// What is seen beside it changes, and what is hidden stays as it was.
	k, err := w.update(b, 1, func(d *crm.CustomerDraft) { d.Address.Email, d.Note = crm.T("a@example.com"), "改" })
	if err != nil || k.Note != "改" || k.Address.Phone.Set || search(k, "13800006001", "0210006001", "13800005001") != "" {
		t.Errorf("got %+v, %v", k, err)
	}
	whole, err := w.CustomerDetail(t.Context(), w.as(orgA, admin), 1)
	if err != nil || whole.Address.Phone.Value != "13800006001" || whole.Address.Tel.Value != "0210000" && whole.Address.Tel.Value == "" ||
		whole.Address.Email.Value != "a@example.com" || search(whole, "13800005001") == "" {
		t.Errorf("got %+v, %v", whole, err)
	}
	// One's own phone is seen and changed; tel is hidden on one's own too.
	made, err := w.create(b, &crm.NewCustomer{Customer: crm.Customer{Name: "自己的"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if k, err := w.update(b, made, func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("13800001111") }); err != nil || k.Address.Phone.Value != "13800001111" {
		t.Errorf("got %+v, %v", k, err)
	}
	if _, err := w.update(b, made, func(d *crm.CustomerDraft) { d.Address.Tel = crm.T("1") }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a tel that is hidden on all: %v", err)
	}
	// Where the detail of the address is hidden, so is the position.
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddRole(&crm.Role{ID: 7, Scope: crm.ScopeOrganization, Rights: crm.RightsOfNormal(),
			Hidden: map[string]crm.Hiding{"customer.address.detail_address": crm.HideAll}}, startOfClock)
	})
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddUser(&crm.User{ID: 12, RoleID: 7, State: crm.UserActive, Name: "无地址"}, cheapHash(password))
	})
	if _, err := w.update(w.as(orgA, 12), 1, func(d *crm.CustomerDraft) { d.Address.Lat, d.Address.Lng, d.Address.HasPosition = 31, 121, true }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a hidden position: %v", err)
	}
}

// TestMaskedNumbersCannotBeOverwritten: a number that is shown as a mask stays;
// where there is none, one can be written.
func TestMaskedNumbersCannotBeOverwritten(t *testing.T) {
	w := newWorld(t, settings())
	m := w.as(orgA, masked)
	for name, patch := range map[string]func(*crm.CustomerDraft){
		"phone":     func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("13800001111") },
		"its mask":  func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("138****6001") },
		"emptied":   func(d *crm.CustomerDraft) { d.Address.Tel = crm.T("") },
		"own field": func(d *crm.CustomerDraft) { d.Custom = crm.Values(`{"text_asset_000002":"13800001111"}`) },
	} {
		before := w.rows(orgA)
		if _, err := w.update(m, 1, patch); !errors.Is(err, crm.ErrForbidden) || w.rows(orgA) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.updateContact(m, 1, func(k *crm.Contact) { k.Address.Phone = crm.T("1") }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a contact's: %v", err)
	}
	k, err := w.update(m, 1, func(d *crm.CustomerDraft) { d.Note, d.Address.QQ = "改", crm.T("10000") })
	if err != nil || k.Address.Phone.Value != "138****6001" || k.Note != "改" {
		t.Errorf("got %+v, %v", k, err)
	}
	// One's own is plain, and a record without a number gets one.
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(tx.AddCustomer(&crm.Customer{ID: 4, OwnerID: masked, Name: "自己的", Approval: crm.Approved,
			Address: crm.Address{ID: 20, Phone: crm.T("13800002222")}}),
			tx.AddCustomer(&crm.Customer{ID: 5, OwnerID: owner, Name: "无号码", Approval: crm.Approved, Address: crm.Address{ID: 21}}))
	})
	for _, id := range []int64{4, 5} {
		if _, err := w.update(m, id, func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("13800001111") }); err != nil {
			t.Errorf("customer %d: %v", id, err)
		}
	}
	if k, err := w.CustomerDetail(t.Context(), m, 5); err != nil || k.Address.Phone.Value != "138****1111" {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestRowsWithMaskedNumbers: a row of a sub-form that holds a number counts as one.
func TestRowsWithMaskedNumbers(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return errors.Join(tx.AddCustomField(&crm.CustomField{ID: 90, Entity: "customer", Name: "subform_asset_000001", Label: "往来", Kind: "subform", Enabled: true,
			Options: crm.FieldOptions{Columns: []*crm.CustomField{{Name: "text_asset_p00001", Label: "电话", Kind: "phone", Enabled: true}}}}, startOfClock),
			tx.AddCustomer(&crm.Customer{ID: 4, OwnerID: owner, Name: "有子表", Approval: crm.Approved, Address: crm.Address{ID: 20},
				Custom: crm.Values(`{"subform_asset_000001":[{"text_asset_p00001":"13800003333"}]}`)}))
	})
	m := w.as(orgA, masked)
	k, err := w.CustomerDetail(t.Context(), m, 4)
	if err != nil || search(k, "13800003333") != "" || search(k, "138****3333") == "" {
		t.Errorf("got %s, %v", k.Custom, err)
	}
	if _, err := w.update(m, 4, func(d *crm.CustomerDraft) { d.Custom = k.Custom }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("the masks of rows: %v", err)
	}
	if _, err := w.update(w.as(orgA, owner), 4, func(d *crm.CustomerDraft) { d.Custom = nil }); err != nil {
		t.Errorf("the owner: %v", err)
	}
}
