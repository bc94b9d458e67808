package service

import (
	"errors"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TestDirectoryMovesUnderTheWrite: what a caller may do is decided by what holds
// when it is written, whatever held when the caller was recognised.
func TestDirectoryMovesUnderTheWrite(t *testing.T) {
	full := func(scope crm.Scope) *crm.Role {
		rights := crm.RightsOfNormal()
		return &crm.Role{ID: 2, Scope: scope, Rights: rights}
	}
	without := func(right string) *crm.Role {
		r := full(crm.ScopeOwn)
		delete(r.Rights, right)
		return r
	}
	write := func(w *world, c *Caller) error {
		_, err := w.update(c, 1, func(d *crm.CustomerDraft) { d.Note = "改" })
		return err
	}
	for name, x := range map[string]struct {
		caller int64
		moves  func(tx *store.Write) error
		write  func(w *world, c *Caller) error
		want   error
	}{
		"the right is withdrawn": {owner, func(tx *store.Write) error { return tx.SetRole(without(crm.RightEditCustomer), startOfClock) }, write, crm.ErrForbidden},
		"the right to create is withdrawn": {owner, func(tx *store.Write) error { return tx.SetRole(without(crm.RightCreateCustomer), startOfClock) },
			func(w *world, c *Caller) error { _, err := w.create(c, simpleCustomer(), ""); return err }, crm.ErrForbidden},
		"the scope is narrowed": {inSales, func(tx *store.Write) error {
			r := full(crm.ScopeOwn)
			r.ID = 3
			return tx.SetRole(r, startOfClock)
		}, write, crm.ErrNotFound},
		"the user is disabled": {owner, func(tx *store.Write) error {
			return tx.SetUser(&crm.User{ID: owner, RoleID: 2, DepartmentID: 2, State: crm.UserDisabled, Name: "停用"})
		}, write, crm.ErrUnauthenticated},
		"the right is given": {powerless, func(tx *store.Write) error {
			r := full(crm.ScopeOrganization)
			r.ID = 6
			return tx.SetRole(r, startOfClock)
		}, write, nil},
		"a field is hidden": {owner, func(tx *store.Write) error {
			r := full(crm.ScopeOwn)
			r.Hidden = map[string]crm.Hiding{"customer.address.phone": crm.HideAll}
			return tx.SetRole(r, startOfClock)
		}, func(w *world, c *Caller) error {
			_, err := w.update(c, 1, func(d *crm.CustomerDraft) { d.Address.Phone = crm.T("1") })
			return err
		}, crm.ErrForbidden},
		"an option is there now": {owner, func(tx *store.Write) error {
			return tx.AddOption(&crm.Option{ID: 70, Entity: "customer", Field: "status", Label: "新", Enabled: true})
		}, func(w *world, c *Caller) error {
			_, err := w.update(c, 1, func(d *crm.CustomerDraft) { d.Status = 70 })
			return err
		}, nil},
		"a rule is there now": {owner, func(tx *store.Write) error {
			return errors.Join(tx.AddRule(&crm.DuplicateRule{ID: 1, Entity: "customer", Field: "name", State: crm.RuleActive}, 1, startOfClock),
				tx.AddKey(1, "票据公司", 3), tx.SetSettings(crm.Settings{Duplicates: map[string]crm.DuplicateSettings{"customer": {Enabled: true}}}))
		}, func(w *world, c *Caller) error { _, err := w.create(c, simpleCustomer(), ""); return err }, crm.Duplicate("", "")},
	} {
		w := newWorld(t, settings())
		caller := w.as(orgA, x.caller)
		w.amend(orgA, x.moves) // between authentication and the write
		before := w.rows(orgA)
		if err := x.write(w, caller); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
		if after := w.rows(orgA); (after == before) != (x.want != nil) {
			t.Errorf("%s: there was %s, there is %s", name, before, after)
		}
	}
}
