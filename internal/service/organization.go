package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// AddOrganization makes an organization with the standard roles, one
// department, the standard options and one super administrator, and answers
// the administrator's password, which is kept nowhere in clear.
// store.ErrLoginTaken where somebody signs in with the login already.
func (s *Service) AddOrganization(ctx context.Context, name, admin, login string) (org int64, password string, err error) {
	name, admin = strings.TrimSpace(name), strings.TrimSpace(admin)
	if name == "" || admin == "" || LoginKey(login) == "" {
		return 0, "", errors.New("an organization needs a name, and its administrator a name and a login")
	}
	if org, err = s.store.NextOrganization(ctx); err != nil {
		return 0, "", err
	}
	password = NewPassword()
	hash := HashPassword(password)
	now := crm.At(s.now())
	err = s.store.Update(ctx, org, func(w *store.Write) error {
		if err := w.AddOrganization(name, now); err != nil {
			return err
		}
		if err := AddStandards(w, name, now); err != nil {
			return err
		}
		if err := AddStandardDuplicates(w, crm.Settings{}, crm.RuleActive, now); err != nil {
			return err
		}
		if err := s.addPeriodicJobs(w, org, now); err != nil {
			return err
		}
		u := &crm.User{ID: 1, Name: admin, RoleID: RoleSuper, DepartmentID: 1, State: crm.UserActive, CreatedAt: now, UpdatedAt: now}
		setLogin(u, login)
		if err := w.AddUser(u, hash); err != nil {
			return err
		}
		if err := w.SkipIDs(store.Users, 1); err != nil {
			return err
		}
		if err := w.AddIdentity(LoginKey(login), 1, now); err != nil {
			return err
		}
		if err := w.SkipIDs(store.Logs, 1); err != nil {
			return err
		}
		return w.Log(1, crm.LogEntry{Entity: "organization", EntityID: org, Action: "create", Changes: "{}", At: now})
	})
	return org, password, err
}

// setLogin puts a login where people look for it.
func setLogin(u *crm.User, login string) {
	kind, value, _ := strings.Cut(LoginKey(login), ":")
	switch kind {
	case "phone":
		u.Phone = value
	case "email":
		u.Email = value
	case "name":
		u.Login = value
	}
}

// The standard roles of a new organization.
const (
	RoleSuper  int64 = 1
	RoleAdmin  int64 = 2
	RoleNormal int64 = 3
)

// AddStandards writes what every new organization starts with.
func AddStandards(w *store.Write, organization string, now crm.Time) error {
	if err := w.AddDepartment(&crm.Department{ID: 1, Name: organization, Position: 1}, now); err != nil {
		return err
	}
	for _, r := range []*crm.Role{
		{ID: RoleSuper, Name: "超级管理员", Scope: crm.ScopeOrganization, Super: true, Rights: crm.RightsOfAdmin()},
		{ID: RoleAdmin, Name: "普通管理员", Scope: crm.ScopeOrganization, Rights: crm.RightsOfAdmin()},
		{ID: RoleNormal, Name: "普通用户", Scope: crm.ScopeOwn, Rights: crm.RightsOfNormal()},
	} {
		if err := w.AddRole(r, now); err != nil {
			return err
		}
	}
	id := int64(0)
	for _, f := range []struct {
		entity, field string
		labels        []string
	}{
		{"customer", "status", []string{"待联系", "初访", "意向", "报价", "成交", "暂时搁置", "未成交"}},
		{"customer", "category", []string{"重要客户", "普通客户", "低价值客户"}},
		{"customer", "source", []string{"广告", "研讨会", "搜索引擎", "客户介绍", "代理商", "其他"}},
		{"customer", "industry", []string{"制造业", "信息技术", "批发零售", "建筑房产", "金融", "教育", "医疗", "其他"}},
		{"customer", "staff_size", []string{"10人以下", "10-50人", "50-200人", "200-500人", "500人以上"}},
		{"contact", "category", []string{"决策人", "商务", "技术", "财务", "其他"}},
		{"lead", "status", []string{"未处理", "已联系", "跟进中", "暂时搁置", "无效"}},
		{"lead", "source", []string{"广告", "研讨会", "搜索引擎", "客户介绍", "代理商", "其他"}},
	} {
		for i, label := range f.labels {
			id++
			meaning := ""
			if label == "成交" {
				meaning = crm.MeaningWon
			}
			if err := w.AddOption(&crm.Option{ID: id, Entity: f.entity, Field: f.field, Label: label, Position: i + 1,
				Enabled: true, Meaning: meaning}); err != nil {
				return err
			}
		}
	}
	for kind, last := range map[store.Kind]int64{store.Departments: 1, store.Roles: RoleNormal, store.Options: id} {
		if err := w.SkipIDs(kind, last); err != nil {
			return err
		}
	}
	return nil
}

// NewUser is what an operator says of a new user.
type NewUser struct {
	Name, Login string
	RoleID      int64 // 0 for the standard role 普通用户
	SuperiorID  int64
}

// AddUser makes a user with a generated password, which is answered once.
// store.ErrLoginTaken where somebody signs in with the login already.
func (s *Service) AddUser(ctx context.Context, org int64, in NewUser) (id int64, password string, err error) {
	if strings.TrimSpace(in.Name) == "" || LoginKey(in.Login) == "" {
		return 0, "", errors.New("a user needs a name and a login")
	}
	d, err := s.Organization(ctx, org)
	if err != nil {
		return 0, "", err
	}
	if in.RoleID == 0 {
		in.RoleID = RoleNormal
	}
	if d.Roles[in.RoleID] == nil {
		return 0, "", fmt.Errorf("organization %d has no role %d", org, in.RoleID)
	}
	if in.SuperiorID != 0 && d.Users[in.SuperiorID] == nil {
		return 0, "", fmt.Errorf("organization %d has no user %d", org, in.SuperiorID)
	}
	ids, err := s.take(ctx, org, want{store.Users, 1}, want{store.Logs, 1})
	if err != nil {
		return 0, "", err
	}
	password = NewPassword()
	hash := HashPassword(password)
	now := crm.At(s.now())
	u := &crm.User{ID: ids[0], Name: strings.TrimSpace(in.Name), RoleID: in.RoleID, SuperiorID: in.SuperiorID,
		State: crm.UserActive, CreatedAt: now, UpdatedAt: now}
	if d.Departments[1] != nil {
		u.DepartmentID = 1
	}
	setLogin(u, in.Login)
	err = s.store.Update(ctx, org, func(w *store.Write) error {
		if err := w.AddUser(u, hash); err != nil {
			return err
		}
		if err := w.AddIdentity(LoginKey(in.Login), u.ID, now); err != nil {
			return err
		}
		return w.Log(ids[1], crm.LogEntry{Entity: "user", EntityID: u.ID, Action: "create", Changes: "{}", At: now})
	})
	return u.ID, password, err
}

// ResetPassword gives a user a new password, generated where none is given,
// and ends all sessions of the user.
func (s *Service) ResetPassword(ctx context.Context, login, password string) (string, error) {
	if password == "" {
		password = NewPassword()
	}
	if len(password) < MinPassword {
		return "", fmt.Errorf("a password needs at least %d characters", MinPassword)
	}
	var org, user int64
	err := s.store.View(ctx, store.NoOrganization, func(r *store.Read) (err error) {
		org, user, err = r.Identity(LoginKey(login))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("no user signs in as %q: %w", login, err)
	}
	logID, err := s.store.TakeIDs(ctx, org, store.Logs, 1)
	if err != nil {
		return "", err
	}
	hash := HashPassword(password)
	now := crm.At(s.now())
	return password, s.endAll(ctx, org, user, func(w *store.Write) error {
		w.Quiet()
		if err := w.SetPassword(user, hash, now); err != nil {
			return err
		}
		return w.Log(logID, crm.LogEntry{Entity: "user", EntityID: user, Action: "password", Changes: "{}", At: now})
	})
}

// SetUserState enables or disables a user; a disabled one is signed out
// everywhere.
func (s *Service) SetUserState(ctx context.Context, org, user int64, state string) error {
	logID, err := s.store.TakeIDs(ctx, org, store.Logs, 1)
	if err != nil {
		return err
	}
	now := crm.At(s.now())
	return s.endAll(ctx, org, user, func(w *store.Write) error {
		if err := w.SetUserState(user, state, now); err != nil {
			return err
		}
		return w.Log(logID, crm.LogEntry{Entity: "user", EntityID: user, Action: "state", Changes: "{}", At: now})
	})
}

// endAll runs a change and ends all sessions of the user in one transaction.
func (s *Service) endAll(ctx context.Context, org, user int64, change func(*store.Write) error) error {
	return s.store.Update(ctx, org, func(w *store.Write) error {
		if err := change(w); err != nil {
			return err
		}
		ended, err := w.Sessions(org, user, "")
		if err != nil {
			return err
		}
		for i := range ended {
			if err := w.EndSession(&ended[i], crm.SessionEnded); err != nil {
				return err
			}
		}
		return nil
	})
}

// Organization gives the directory of an organization, for the operator's
// commands and for tests.
func (s *Service) Organization(ctx context.Context, org int64) (*crm.Directory, error) {
	v, err := s.store.Version(ctx, org)
	if errors.Is(err, store.ErrNoRow) {
		return nil, fmt.Errorf("there is no organization %d: %w", org, err)
	}
	if err != nil {
		return nil, err
	}
	return s.directory(ctx, org, v)
}

// Organizations lists all organizations, for the operator's commands.
func (s *Service) Organizations(ctx context.Context) ([]crm.Organization, error) {
	return s.store.Organizations(ctx)
}
