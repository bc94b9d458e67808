package v2

import (
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// SignIn answers /api/v2/auth/login. corp_id is accepted and not looked at: a
// login belongs to one organization.
func SignIn(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	in, err := c.Service.SignIn(c.Context(), service.Credentials{
		Login: strings.Clone(p.String("login")), Password: p.String("password"), Device: strings.Clone(p.String("device")),
		VersionCode: strings.Clone(p.String("version_code")), RemoteAddress: c.Remote, RequestID: c.ID,
	})
	if err != nil {
		return err
	}
	s := &shape{Call: c, d: in.Directory}
	s.Object("")
	s.Int("code", 0)
	s.Object("data")
	s.String("user_token", in.Token)
	s.Int("user_id", in.User.ID)
	s.avatar("avatar_url", in.User)
	s.account(in.User)
	s.Int("uid", in.User.ID)
	s.End()
	s.End()
	return nil
}

// account is what a sign-in says about the account.
func (s *shape) account(u *crm.User) {
	s.Bool("is_expired", false)
	s.Bool("confirmed_phone", u.Phone != "")
	s.Bool("set_password", true)
	s.Bool("fill_user_info", u.Name != "")
	s.String("corp_id", "")
}

// SignOut answers POST and DELETE /api/v2/auth/logout.
func SignOut(c *call.Call) error {
	if err := c.Service.SignOut(c.Context(), c.Caller); err != nil {
		return err
	}
	shapes(c).data(func() {})
	return nil
}

// UserInfo answers GET /api/v2/user/info: the caller, with what signing in says.
func UserInfo(c *call.Call) error {
	u := c.Caller.Viewer.User
	s := shapes(c)
	s.data(func() {
		s.person(u)
		s.Int("user_id", u.ID)
		s.account(u)
	})
	return nil
}

// ChangePassword answers PUT /api/v2/user/password. A ticket is not looked at:
// nothing that could tell a password is kept.
func ChangePassword(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	password := p.String("new_password")
	if password == "" {
		password = p.String("password")
	}
	if again := p.String("password_confirmation"); again != "" && again != password {
		return crm.Invalid("两次输入的密码不一致", "The two passwords differ")
	}
	if err := c.Service.ChangePassword(c.Context(), c.Caller, p.String("old_password"), password); err != nil {
		return err
	}
	shapes(c).data(func() {})
	return nil
}

// Sessions answers GET /api/v2/user/sessions: the caller's own, newest first.
func Sessions(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	all, err := c.Service.OwnSessions(c.Context(), c.Caller)
	if err != nil {
		return err
	}
	first, last, page, err := pageOf(p, len(all))
	if err != nil {
		return err
	}
	all = all[first:last]
	s := shapes(c)
	s.page("sessions", page, len(all), func(i int) {
		one := &all[i]
		s.Object("")
		s.Int("id", one.ID)
		s.String("device", one.Device)
		s.String("device_kind", one.DeviceKind)
		s.String("version_code", one.VersionCode)
		s.String("remote_address", one.Address)
		s.iso("created_at", one.CreatedAt)
		s.iso("last_used_at", one.LastUsedAt)
		s.Bool("is_current", one.Current)
		s.End()
	})
	return nil
}

// EndSession answers DELETE /api/v2/user/sessions/:id.
func EndSession(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	if err := c.Service.EndOwnSession(c.Context(), c.Caller, id); err != nil {
		return err
	}
	shapes(c).data(func() { c.Int("id", id) })
	return nil
}
