package service

import (
	"errors"
	"maps"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func (w *world) newRole(c *Caller, from int64, patch func(*crm.Role)) (made *RoleItem, err error) {
	err = w.CreateRole(w.t.Context(), c, from, func(r *crm.Role) error {
		patch(r)
		return nil
	}, func(r *RoleItem) error {
		made = r
		return nil
	})
	return made, err
}

func (w *world) changeRole(c *Caller, id int64, patch func(*crm.Role)) error {
	return w.UpdateRole(w.t.Context(), c, id, func(r *crm.Role) error {
		patch(r)
		return nil
	}, func(*RoleItem) error { return nil })
}

func (w *world) dropRole(c *Caller, id int64) error {
	return w.DeleteRole(w.t.Context(), c, id, func(*RoleItem) error { return nil })
}

func TestRoles(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	all, err := w.Roles(c)
	if err != nil || len(all) != 6 || all[0].ID != 1 || all[1].Users != 4 || all[3].Users != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	made, err := w.newRole(c, 0, func(r *crm.Role) {
		r.Name, r.Scope, r.Rights = " 电销 ", crm.ScopeDepartments, map[string]bool{crm.RightEditCustomer: true}
		r.Hidden = map[string]crm.Hiding{"customer.address.phone": crm.HideOthers, "customer.text_asset_000002": crm.HideAll}
	})
	if err != nil || made.Name != "电销" {
		t.Fatalf("%+v, %v", made, err)
	}
	w.logged("role", made.ID, "create", "entity_grant_scope: <nil> → departments", "field_permissions.customer.address.phone: <nil> → others",
		"field_permissions.customer.text_asset_000002: <nil> → all", "name: <nil> → 电销", "permissions.customer.edit: <nil> → true")
	copied, err := w.newRole(c, made.ID, func(r *crm.Role) { r.Name = "电销二组" })
	if err != nil || copied.ID == made.ID || copied.Scope != made.Scope || !maps.Equal(copied.Rights, made.Rights) || !maps.Equal(copied.Hidden, made.Hidden) {
		t.Errorf("copied: %+v, %v", copied, err)
	}
	if super, err := w.newRole(c, 1, func(r *crm.Role) { r.Name = "像超管" }); err != nil || super.Super || !super.May(crm.RightManagePeople) {
		t.Errorf("copied of the super administrators': %+v, %v", super, err)
	}
	if err := w.changeRole(c, made.ID, func(r *crm.Role) { r.Hidden, r.Rights = nil, map[string]bool{crm.RightCreateLead: true} }); err != nil {
		t.Fatal(err)
	}
	got := w.directory().Roles[made.ID]
	if len(got.Hidden) != 0 || !maps.Equal(got.Rights, map[string]bool{crm.RightCreateLead: true}) {
		t.Errorf("changed to %+v", got)
	}
	before := w.rows(orgA)
	if err := w.changeRole(c, made.ID, func(*crm.Role) {}); err != nil || w.rows(orgA) != before {
		t.Errorf("changing nothing: %v; there was %s, there is %s", err, before, w.rows(orgA))
	}
	if err := w.dropRole(c, made.ID); err != nil || w.directory().Roles[made.ID] != nil {
		t.Errorf("deleted: %v", err)
	}
	if one, err := w.RoleDetail(c, copied.ID); err != nil || one.Name != "电销二组" {
		t.Errorf("%+v, %v", one, err)
	}
}

func TestRolesThatCannotBe(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	free, err := w.newRole(c, 0, func(r *crm.Role) { r.Name = "没人" })
	if err != nil {
		t.Fatal(err)
	}
	named, err := w.newRole(c, 0, func(r *crm.Role) { r.Name = "业务" })
	if err != nil {
		t.Fatal(err)
	}
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddTemplate(&crm.Template{ID: 1, Entity: "customer", Name: "类型", Enabled: true, Roles: []int64{named.ID}}, 1)
	})
	invalid, super := crm.Invalid("", ""), w.as(orgA, admin)
	before := w.rows(orgA)
	for name, one := range map[string]struct {
		do   func() error
		want error
	}{
		"no name":              {func() error { _, err := w.newRole(c, 0, func(*crm.Role) {}); return err }, invalid},
		"a name that is there": {func() error { _, err := w.newRole(c, 0, func(r *crm.Role) { r.Name = "没人" }); return err }, invalid},
		"unknown scope": {func() error {
			_, err := w.newRole(c, 0, func(r *crm.Role) { r.Name, r.Scope = "新", "x" })
			return err
		}, invalid},
		"unknown right": {func() error {
			_, err := w.newRole(c, 0, func(r *crm.Role) { r.Name, r.Rights = "新", map[string]bool{"x.y": true} })
			return err
		}, invalid},
		"unknown field": {func() error {
			_, err := w.newRole(c, 0, func(r *crm.Role) {
				r.Name, r.Hidden = "新", map[string]crm.Hiding{"customer.text_asset_ffffff": crm.HideAll}
			})
			return err
		}, invalid},
		"unknown hiding": {func() error {
			_, err := w.newRole(c, 0, func(r *crm.Role) { r.Name, r.Hidden = "新", map[string]crm.Hiding{"contact.address.tel": "x"} })
			return err
		}, invalid},
		"a copy of nothing":          {func() error { _, err := w.newRole(c, 99, func(r *crm.Role) { r.Name = "新" }); return err }, crm.ErrNotFound},
		"the super's changed":        {func() error { return w.changeRole(c, 1, func(r *crm.Role) { r.Name = "x" }) }, invalid},
		"the super's changed by one": {func() error { return w.changeRole(super, 1, func(r *crm.Role) { r.Name = "x" }) }, invalid},
		"the super's deleted":        {func() error { return w.dropRole(c, 1) }, invalid},
		"one that is not there":      {func() error { return w.changeRole(c, 99, func(r *crm.Role) { r.Name = "x" }) }, crm.ErrNotFound},
		"deleted with users":         {func() error { return w.dropRole(c, 2) }, invalid},
		"deleted with a template":    {func() error { return w.dropRole(c, named.ID) }, invalid},
		"deleted though gone":        {func() error { return w.dropRole(c, 99) }, crm.ErrNotFound},
		"seen before a change":       {func() error { return w.changeRole(seenAt(c, 1), free.ID, func(r *crm.Role) { r.Name = "x" }) }, crm.Conflict},
	} {
		if err := one.do(); !errors.Is(err, one.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
	for name, do := range map[string]func(c *Caller) error{
		"list":   func(c *Caller) error { _, err := w.Roles(c); return err },
		"detail": func(c *Caller) error { _, err := w.RoleDetail(c, 2); return err },
		"create": func(c *Caller) error { _, err := w.newRole(c, 0, func(r *crm.Role) { r.Name = "新" }); return err },
		"change": func(c *Caller) error { return w.changeRole(c, free.ID, func(r *crm.Role) { r.Name = "x" }) },
		"delete": func(c *Caller) error { return w.dropRole(c, free.ID) },
	} {
		w.forbidden(name, do)
	}
}

// A role that only deleted users have goes, and they keep one.
func TestRoleOfDeletedUsers(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	if err := errors.Join(w.disable(c, powerless), w.fire(c, powerless), w.dropRole(c, 6)); err != nil {
		t.Fatal(err)
	}
	if u := w.directory().Users[powerless]; u.RoleID == 6 || w.directory().Roles[u.RoleID] == nil {
		t.Errorf("the deleted user has the role %d", u.RoleID)
	}
}

// What a changed role hides is gone from the next call on.
func TestRolesCountWithTheNextCall(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	token := w.token(orgA, owner, "web")
	before, err := w.Authenticate(t.Context(), token)
	if err != nil || !before.Viewer.Role.May(crm.RightEditCustomer) {
		t.Fatal(err)
	}
	if err := w.changeRole(manager, 2, func(r *crm.Role) {
		r.Rights, r.Hidden = map[string]bool{}, map[string]crm.Hiding{"customer.address.phone": crm.HideAll}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.update(before, 1, func(k *crm.CustomerDraft) { k.Note = "x" }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a call under way writes with rights that are gone: %v", err)
	}
	after, err := w.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.CustomerDetail(t.Context(), after, 1)
	if err != nil || k.Address.Phone.Set || after.Viewer.Role.May(crm.RightEditCustomer) {
		t.Errorf("the phone is %+v, %v", k.Address.Phone, err)
	}
}
