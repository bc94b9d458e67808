package service

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// Roles are managed by whoever has the right user.manage. The role of the super
// administrators stays as it is.

// RoleItem is a role with how many users, disabled ones too, have it.
type RoleItem struct {
	*crm.Role
	Users int
}

// Roles gives the organization's roles in the order of their ids. ErrForbidden
// without the right.
func (s *Service) Roles(c *Caller) ([]RoleItem, error) {
	if !c.Viewer.Role.May(crm.RightManagePeople) {
		return nil, crm.ErrForbidden
	}
	users := map[int64]int{}
	for _, u := range c.Directory.Users {
		if u.Present() {
			users[u.RoleID]++
		}
	}
	all := make([]RoleItem, 0, len(c.Directory.Roles))
	for _, r := range c.Directory.Roles {
		all = append(all, RoleItem{r, users[r.ID]})
	}
	slices.SortFunc(all, func(a, b RoleItem) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// RoleDetail gives one role. ErrForbidden without the right, ErrNotFound where
// there is none.
func (s *Service) RoleDetail(c *Caller, id int64) (*RoleItem, error) {
	all, err := s.Roles(c)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == id {
			return &all[i], nil
		}
	}
	return nil, crm.ErrNotFound
}

// HideableFields are the fields that a role can keep from its people, as
// "entity.field" in the order in which a screen lists them: what reaches a
// person, and the organization's own fields.
func HideableFields(d *crm.Directory) []string {
	var names []string
	for _, entity := range []string{"customer", "contact", "lead"} {
		for _, name := range []string{"tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "url", "zip", "detail_address"} {
			names = append(names, entity+".address."+name)
		}
		for _, f := range d.Fields[entity] {
			if k := field.Find(f.Kind); k != nil && !k.NoValue {
				names = append(names, entity+"."+f.Name)
			}
		}
	}
	return names
}

// checkRole refuses what no role may be, as far as it differs from before.
func checkRole(d *crm.Directory, r, before *crm.Role) error {
	if err := r.Validate(); err != nil {
		return err
	}
	for _, other := range d.Roles {
		if r.Name != before.Name && other.ID != before.ID && other.Name == r.Name {
			return crm.Invalid("角色名称已存在", "A role of this name is there already")
		}
	}
	known := HideableFields(d)
	for name := range r.Hidden {
		if _, had := before.Hidden[name]; !had && !slices.Contains(known, name) {
			return crm.Invalid("字段权限"+name+"不存在", "There is no field "+name+" that can be hidden")
		}
	}
	return nil
}

// CreateRole makes a role and shows it. from is the role that it copies where the
// draft says nothing else, 0 for none.
//
// ErrForbidden without the right; ErrNotFound for an unknown role to copy; an
// entity_validation_error for a name that is missing or taken, an unknown scope,
// right or field.
func (s *Service) CreateRole(ctx context.Context, c *Caller, from int64, patch func(*crm.Role) error, show func(*RoleItem) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if !c.Viewer.Role.May(crm.RightManagePeople) {
			return crm.ErrForbidden
		}
		r := crm.Role{Scope: crm.ScopeOwn, Rights: map[string]bool{}, Hidden: map[string]crm.Hiding{}}
		if from != 0 {
			source := c.Directory.Roles[from]
			if source == nil {
				return crm.ErrNotFound
			}
			r = draftOf(source)
			if source.Super {
				r.Rights = crm.RightsOfAdmin()
			}
		}
		r.ID, r.Super, r.Name = 0, false, ""
		if err := patch(&r); err != nil {
			return err
		}
		if err := checkRole(c.Directory, &r, &crm.Role{}); err != nil {
			return err
		}
		id, err := w.TakeIDs(store.Roles, 1)
		if err != nil {
			return err
		}
		r.ID = id
		if err := w.AddRole(&r, crm.At(s.now())); err != nil {
			return err
		}
		if err := s.note(w, c, "role", r.ID, "create", nil, roleRecord(&r)); err != nil {
			return err
		}
		return show(&RoleItem{Role: &r})
	})
}

// draftOf is a copy of a role that may be changed.
func draftOf(r *crm.Role) crm.Role {
	out := *r
	out.Rights, out.Hidden = maps.Clone(r.Rights), maps.Clone(r.Hidden)
	return out
}

// roleFor finds a role for a change. The super administrators' is not changed.
func (s *Service) roleFor(w *store.Write, c *Caller, id int64) (*RoleItem, error) {
	r, err := s.RoleDetail(c, id)
	if err != nil {
		return nil, err
	}
	if r.Super {
		return nil, crm.Invalid("超级管理员角色不能修改", "The role of the super administrators cannot be changed")
	}
	return r, s.unmodified(w, c, "role", id)
}

// UpdateRole changes a role: patch changes the draft, and only that. It counts
// from the next call of its people on.
//
// ErrForbidden without the right; ErrNotFound where there is none; Conflict
// where somebody else was faster; the refusals of CreateRole, and of the super
// administrators' role.
func (s *Service) UpdateRole(ctx context.Context, c *Caller, id int64, patch func(*crm.Role) error, show func(*RoleItem) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.roleFor(w, c, id)
		if err != nil {
			return err
		}
		r := draftOf(before.Role)
		if err := patch(&r); err != nil {
			return err
		}
		if err := checkRole(c.Directory, &r, before.Role); err != nil {
			return err
		}
		was, is := roleRecord(before.Role), roleRecord(&r)
		if len(changedFields(was, is)) == 0 {
			w.Nothing()
			return show(before)
		}
		if err := w.SetRole(&r, crm.At(s.now())); err != nil {
			return err
		}
		if err := s.note(w, c, "role", id, "update", was, is); err != nil {
			return err
		}
		return show(&RoleItem{&r, before.Users})
	})
}

// DeleteRole deletes a role that nobody has and that no kind of business names.
//
// ErrForbidden, ErrNotFound and Conflict as UpdateRole; an
// entity_validation_error while it is in use, and for the super
// administrators' role.
func (s *Service) DeleteRole(ctx context.Context, c *Caller, id int64, show func(*RoleItem) error) error {
	inUse := crm.Invalid("角色正被使用,不能删除", "The role is in use and cannot be deleted")
	return s.write(ctx, c, func(w *store.Write) error {
		r, err := s.roleFor(w, c, id)
		if err != nil {
			return err
		}
		if r.Users > 0 {
			return inUse
		}
		for _, t := range c.Directory.Templates {
			if slices.Contains(t.Roles, id) {
				return inUse
			}
		}
		if err := w.DeleteRole(id, anotherRole(c.Directory, id)); err != nil {
			if errors.Is(err, store.ErrConstraint) {
				return inUse
			}
			return err
		}
		if err := s.note(w, c, "role", id, "destroy", roleRecord(r.Role), nil); err != nil {
			return err
		}
		return show(r)
	})
}

// anotherRole is one that deleted users may have: they cannot sign in, so it
// does not matter which.
func anotherRole(d *crm.Directory, but int64) (id int64) {
	for _, r := range d.Roles {
		if r.ID != but && (id == 0 || r.ID < id) {
			id = r.ID
		}
	}
	return id
}
