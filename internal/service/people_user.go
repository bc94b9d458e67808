package service

import (
	"context"
	"errors"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Users are managed by whoever has the right user.manage; super administrators
// by super administrators only, and one of them always stays.

var (
	errLoginTaken = crm.Invalid("该登录帐号已被使用", "This login belongs to somebody already")
	errLastSuper  = crm.Invalid("至少要有一个启用的超级管理员", "There must be an active super administrator")
	errOneself    = crm.Invalid("不能停用或删除自己的帐号", "Nobody can disable or delete the own account")
)

// manages refuses whoever may not manage a user, nil for one that is still to be
// made: ErrForbidden without the right and for a super administrator who is
// managed by somebody else, ErrNotFound where there is no such user.
func manages(c *Caller, u *crm.User, id int64) error {
	switch {
	case !c.Viewer.Role.May(crm.RightManagePeople):
		return crm.ErrForbidden
	case u == nil && id == 0:
		return nil
	case !u.Present():
		return crm.ErrNotFound
	case isSuper(c.Directory, u) && !c.Viewer.Role.Super:
		return crm.ErrForbidden
	}
	return nil
}

func isSuper(d *crm.Directory, u *crm.User) bool {
	role := d.Roles[u.RoleID]
	return role != nil && role.Super
}

// onlySuper reports whether a user is the last super administrator who can sign
// in.
func onlySuper(d *crm.Directory, u *crm.User) bool {
	if !u.Active() || !isSuper(d, u) {
		return false
	}
	for _, other := range d.Users {
		if other.ID != u.ID && other.Active() && isSuper(d, other) {
			return false
		}
	}
	return true
}

// CreateUser makes a user who can sign in at once, with the phone number, the
// e-mail address and the login name, and shows it. Without a password one is
// generated and answered; it is kept nowhere in clear.
//
// ErrForbidden without the right, and for a super administrator made by somebody
// else; an entity_validation_error for what no user may be, a password that is
// too short, a login that is taken, an unknown role, department or superior.
// Nothing is written then.
func (s *Service) CreateUser(ctx context.Context, c *Caller, in *crm.User, password string, show func(*crm.User) error) (
	generated string, err error) {
	if err := manages(c, nil, 0); err != nil {
		return "", err
	}
	generated, hash, err := s.newPassword(ctx, password)
	if err != nil {
		return "", err
	}
	return generated, s.write(ctx, c, func(w *store.Write) error {
		if err := manages(c, nil, 0); err != nil {
			return err
		}
		u := *in
		u.State = crm.UserActive
		if u.DepartmentID == 0 {
			u.DepartmentID = mainDepartment(c.Directory)
		}
		if err := checkUser(c, &u, &crm.User{}); err != nil {
			return err
		}
		if u.ID, err = w.TakeIDs(store.Users, 1); err != nil {
			return err
		}
		now := crm.At(s.now())
		u.CreatedAt, u.UpdatedAt = now, now
		if err := w.AddUser(&u, hash); err != nil {
			return err
		}
		if err := s.setIdentities(w, c, u.ID, nil, loginKeys(&u)); err != nil {
			return err
		}
		if err := s.note(w, c, "user", u.ID, "create", nil, userRecord(&u)); err != nil {
			return err
		}
		return show(&u)
	})
}

// mainDepartment is where people sit of whom nothing else is said: the first
// department without a parent.
func mainDepartment(d *crm.Directory) (id int64) {
	for _, x := range d.Departments {
		if x.ParentID == 0 && (id == 0 || x.ID < id) {
			id = x.ID
		}
	}
	return id
}

// checkUser refuses what no user may be, as far as it differs from before.
func checkUser(c *Caller, u, before *crm.User) error {
	d := c.Directory
	if err := u.Validate(); err != nil {
		return err
	}
	role := d.Roles[u.RoleID]
	switch {
	case u.RoleID == 0:
		return crm.Required(crm.FieldLabel("user", "role_id"))
	case role == nil:
		return crm.Invalid("角色不存在", "The role does not exist")
	case role.Super && u.RoleID != before.RoleID && !c.Viewer.Role.Super:
		return crm.ErrForbidden
	case u.RoleID != before.RoleID && before.ID != 0 && !role.Super && onlySuper(d, before):
		return errLastSuper
	}
	u.FurtherDepartments = slices.DeleteFunc(sortedSet(u.FurtherDepartments), func(id int64) bool { return id == u.DepartmentID })
	for _, id := range append([]int64{u.DepartmentID}, u.FurtherDepartments...) {
		if id != 0 && d.Departments[id] == nil {
			return crm.Invalid("部门不存在", "The department does not exist")
		}
	}
	if u.SuperiorID != before.SuperiorID {
		if err := checkSuperior(d, u); err != nil {
			return err
		}
	}
	keys := loginKeys(u)
	if len(keys) == 0 && (before.ID == 0 || len(loginKeys(before)) > 0) {
		return crm.Invalid("手机、邮箱和登录名至少填写一项", "A user needs a phone number, an e-mail address or a login name")
	}
	for _, key := range keys {
		if len(key) > maxLogin {
			return crm.Invalid("登录帐号过长", "Login is too long")
		}
	}
	return nil
}

// checkSuperior refuses a superior who is not there, and circles.
func checkSuperior(d *crm.Directory, u *crm.User) error {
	if u.SuperiorID != 0 && !d.Users[u.SuperiorID].Present() {
		return crm.Invalid("直属上级不存在", "The superior does not exist")
	}
	seen := map[int64]bool{}
	for id := u.SuperiorID; id != 0 && !seen[id]; id = d.Users[id].SuperiorID {
		if id == u.ID {
			return crm.Invalid("直属上级不能是自己或自己的下属", "Nobody can be below oneself")
		}
		seen[id] = true
	}
	return nil
}

// setIdentities lets a user sign in with the login keys of now and no longer
// with those of before.
func (s *Service) setIdentities(w *store.Write, c *Caller, user int64, before, now []string) error {
	for _, key := range before {
		if !slices.Contains(now, key) {
			if err := w.DeleteIdentity(key, user); err != nil {
				return err
			}
		}
	}
	for _, key := range now {
		if !slices.Contains(before, key) {
			if err := s.addIdentity(w, c, user, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// addIdentity lets a user sign in with a login key. The user may have it already,
// from before names to sign in with were kept with the user; and somebody deleted
// may.
func (s *Service) addIdentity(w *store.Write, c *Caller, user int64, key string) error {
	org, has, err := w.Identity(key)
	switch {
	case errors.Is(err, store.ErrNoRow):
	case err != nil:
		return err
	case org == c.Org() && has == user:
		return nil
	case org == c.Org() && !c.Directory.Users[has].Present():
		if err := w.DeleteIdentity(key, has); err != nil {
			return err
		}
	default:
		return errLoginTaken
	}
	err = w.AddIdentity(key, user, crm.At(s.now()))
	if errors.Is(err, store.ErrLoginTaken) {
		return errLoginTaken
	}
	return err
}

// changeUser changes a user: change changes a copy, and says what is done.
// What has not changed is not written. also is what else belongs to the
// transaction, with the user as it was and is.
func (s *Service) changeUser(ctx context.Context, c *Caller, id int64, action string, change func(*crm.User) error,
	also func(w *store.Write, before, now *crm.User) error, show func(*crm.User) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before := c.Directory.Users[id]
		if err := manages(c, before, id); err != nil {
			return err
		}
		if err := s.unmodified(w, c, "user", id); err != nil {
			return err
		}
		u := *before
		u.FurtherDepartments = slices.Clone(before.FurtherDepartments)
		if err := change(&u); err != nil {
			return err
		}
		was, is := userRecord(before), userRecord(&u)
		if len(changedFields(was, is)) == 0 {
			w.Nothing()
			return show(&u)
		}
		u.UpdatedAt = crm.At(s.now())
		if err := w.SetUser(&u); err != nil {
			return err
		}
		if also != nil {
			if err := also(w, before, &u); err != nil {
				return err
			}
		}
		if err := s.note(w, c, "user", id, action, was, is); err != nil {
			return err
		}
		return show(&u)
	})
}

// UpdateUser changes a user: patch changes the draft, and only that. A changed
// role counts from the user's next call on. State and password have calls of
// their own.
//
// ErrForbidden without the right, and where one super administrator is changed,
// or made, by somebody else; ErrNotFound where there is no such user; Conflict
// where somebody else was faster; otherwise the refusals of CreateUser, and of a
// change that leaves no super administrator.
func (s *Service) UpdateUser(ctx context.Context, c *Caller, id int64, patch func(*crm.User) error, show func(*crm.User) error) error {
	return s.changeUser(ctx, c, id, "update", func(u *crm.User) error {
		before := c.Directory.Users[id]
		if err := patch(u); err != nil {
			return err
		}
		return checkUser(c, u, before)
	}, func(w *store.Write, before, now *crm.User) error {
		return s.setIdentities(w, c, id, loginKeys(before), loginKeys(now))
	}, show)
}

// DisableUser keeps a user from working with the system: all sessions end at
// once. What the user owns stays where it is.
//
// ErrForbidden, ErrNotFound and Conflict as UpdateUser; an
// entity_validation_error for oneself and for the last super administrator.
func (s *Service) DisableUser(ctx context.Context, c *Caller, id int64, show func(*crm.User) error) error {
	return s.changeUser(ctx, c, id, "disable", func(u *crm.User) error {
		switch {
		case id == c.Viewer.User.ID:
			return errOneself
		case onlySuper(c.Directory, u):
			return errLastSuper
		}
		u.State = crm.UserDisabled
		return nil
	}, func(w *store.Write, _, _ *crm.User) error { return endSessions(w, c.Org(), id, 0) }, show)
}

// EnableUser lets a user work with the system again.
func (s *Service) EnableUser(ctx context.Context, c *Caller, id int64, show func(*crm.User) error) error {
	return s.changeUser(ctx, c, id, "enable", func(u *crm.User) error {
		u.State = crm.UserActive
		return nil
	}, nil, show)
}

// endSessions ends all sessions of a user but one, 0 for none.
func endSessions(w *store.Write, org, user, but int64) error {
	all, err := w.Sessions(org, user, "")
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].ID == but {
			continue
		}
		if err := w.EndSession(&all[i], crm.SessionEnded); err != nil {
			return err
		}
	}
	return nil
}
