package v2

import (
	"strings"

	"guanxi/internal/api/call"
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
	s.Bool("is_expired", false)
	s.Bool("confirmed_phone", in.User.Phone != "")
	s.Bool("set_password", true)
	s.Bool("fill_user_info", in.User.Name != "")
	s.String("corp_id", "")
	s.Int("uid", in.User.ID)
	s.End()
	s.End()
	return nil
}
