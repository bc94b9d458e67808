package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// SignIn is what a sign-in gives: the token in clear, which is shown once and
// kept nowhere, and who it stands for.
type SignIn struct {
	Token     string
	User      *crm.User
	Directory *crm.Directory
}

// Credentials are what a person signs in with.
type Credentials struct {
	Login, Password, Device, VersionCode string
	RemoteAddress, RequestID             string
}

// SignIn checks a password and opens a session. Former sessions on the same
// kind of device end when there are more than the setting allows; their next
// call is answered with ErrReplaced.
//
// A wrong password, an unknown login and a disabled user give ErrBadLogin
// after the same work; too many failures give ErrLocked.
func (s *Service) SignIn(ctx context.Context, c Credentials) (*SignIn, error) {
	key := LoginKey(c.Login)
	if key == "" {
		return nil, crm.BadParam("登录帐号不能为空", "Login must not be blank")
	}
	if len(key) > maxLogin {
		return nil, crm.BadParam("登录帐号过长", "Login is too long")
	}
	if c.Password == "" {
		return nil, crm.BadParam("密码不能为空", "Password must not be blank")
	}
	if _, err := s.failures.check(ctx, key, c.RemoteAddress); err != nil {
		return nil, err
	}
	var org, user int64
	var hash string
	err := s.store.Latest(ctx, store.NoOrganization, func(r *store.Read) (err error) {
		org, user, err = r.Identity(key)
		return err
	})
	if err == nil {
		// Not on a replica: a new password moves no version.
		err = s.store.Latest(ctx, org, func(r *store.Read) (err error) {
			hash, err = r.PasswordHash(org, user)
			return err
		})
	}
	if err != nil && !errors.Is(err, store.ErrNoRow) {
		return nil, err
	}
	failed, err := s.checkPassword(ctx, key, hash, c)
	if err != nil {
		if errors.Is(err, crm.ErrBadLogin) {
			s.noteFailure(ctx, org, user, c)
		}
		return nil, err
	}
	// Another process may have added the user a moment ago.
	v, err := s.store.FreshVersion(ctx, org)
	if err != nil {
		return nil, err
	}
	d, err := s.directory(ctx, org, v)
	if err != nil {
		return nil, err
	}
	viewer := d.Viewer(user)
	if viewer == nil {
		if err := s.failures.fail(ctx, key, c.RemoteAddress); err != nil {
			return nil, err
		}
		s.noteFailure(ctx, org, user, c)
		return nil, crm.ErrBadLogin.With("the user is not active")
	}
	if failed > 0 {
		if err := s.failures.succeed(ctx, key); err != nil {
			return nil, err
		}
	}
	token, err := s.openSession(ctx, d, viewer, hash, c)
	if err != nil {
		return nil, err
	}
	return &SignIn{Token: token, User: viewer.User, Directory: d}, nil
}

// checkPassword waits for a free hasher, compares, and counts a failure; it
// tells how many failures of the login there were before. The lock is looked at
// once more when the turn has come, so that of many parallel guesses only a
// handful more than the limit are ever compared: as many as all processes hash
// at once.
func (s *Service) checkPassword(ctx context.Context, key, hash string, c Credentials) (failed int64, err error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if failed, err = s.failures.check(ctx, key, c.RemoteAddress); err != nil {
		return 0, err
	}
	if PasswordFits(hash, c.Password) {
		return failed, nil
	}
	if err := s.failures.fail(ctx, key, c.RemoteAddress); err != nil {
		return 0, err
	}
	return 0, crm.ErrBadLogin
}

// openSession opens a session for a user whose password fitted hash. A password
// that was changed in the meantime is refused.
func (s *Service) openSession(ctx context.Context, d *crm.Directory, viewer *crm.Viewer, hash string, c Credentials) (string, error) {
	org, user := d.Organization.ID, viewer.User.ID
	id, err := s.store.TakeIDs(ctx, org, store.Sessions, 1)
	if err != nil {
		return "", err
	}
	logID, err := s.store.TakeIDs(ctx, org, store.Logs, 1)
	if err != nil {
		return "", err
	}
	raw := make([]byte, 16)
	rand.Read(raw)
	token := hex.EncodeToString(raw)
	now := crm.At(s.now())
	t := &crm.Session{
		ID: id, OrganizationID: org, UserID: user, TokenHash: tokenHash(token), DeviceKind: crm.DeviceKind(c.Device),
		Device: cut(c.Device, 64), VersionCode: cut(c.VersionCode, 32), State: crm.SessionLive, CreatedAt: now, LastUsedAt: now,
	}
	err = s.store.Update(ctx, org, func(w *store.Write) error {
		w.Quiet()
		present, err := w.PasswordHash(org, user)
		if err != nil && !errors.Is(err, store.ErrNoRow) {
			return err
		}
		if present != hash {
			return crm.ErrBadLogin
		}
		former, err := w.Sessions(org, user, t.DeviceKind)
		if err != nil {
			return err
		}
		ended := former[:max(0, len(former)-max(1, s.settings.SessionsPerDevice)+1)]
		for i := range ended {
			if err := w.EndSession(&ended[i], crm.SessionReplaced); err != nil {
				return err
			}
		}
		if err := w.AddSession(t); err != nil {
			return err
		}
		return w.Log(logID, crm.LogEntry{UserID: user, Entity: "session", EntityID: id, Action: crm.LogSignIn, Changes: deviceOf(t),
			RequestID: c.RequestID, RemoteAddress: c.RemoteAddress, At: now})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Authenticate tells who a token stands for. ErrReplaced for a token that a
// newer sign-in has ended; ErrUnauthenticated for every other token that is
// not valid, also of a disabled user.
func (s *Service) Authenticate(ctx context.Context, token string) (*Caller, error) {
	if len(token) != 32 {
		return nil, crm.ErrUnauthenticated
	}
	hash := tokenHash(token)
	epoch := s.store.Epoch()
	t, err := s.session(ctx, hash)
	if err != nil {
		return nil, err
	}
	v, err := s.store.Version(ctx, t.OrganizationID)
	if err != nil {
		return nil, err
	}
	if known := (asOf{epoch, v.Sessions}); !t.read.covers(known) {
		// Sessions of the organization have ended since this one was read.
		if t, err = s.readSession(ctx, hash, known); err != nil {
			return nil, err
		}
	}
	now := s.now()
	if s.idle(t, now) && s.store.Shared() {
		// It may have been used through another server.
		if err := s.lookForUse(ctx, t); err != nil {
			return nil, err
		}
	}
	switch {
	case t.State == crm.SessionReplaced:
		return nil, crm.ErrReplaced
	case t.State != crm.SessionLive, s.expired(t, now):
		return nil, crm.ErrUnauthenticated
	}
	d, err := s.directory(ctx, t.OrganizationID, v)
	if err != nil {
		return nil, err
	}
	viewer := d.Viewer(t.UserID)
	if viewer == nil {
		return nil, crm.ErrUnauthenticated
	}
	s.sessions.touch(t, crm.At(now))
	return &Caller{Directory: d, Viewer: viewer, Session: &t.Session, Version: v.All, Epoch: epoch, version: v}, nil
}

func (s *Service) expired(t *liveSession, now time.Time) bool {
	return now.Sub(t.CreatedAt.Std()) >= s.settings.AbsoluteLife || s.idle(t, now)
}

func (s *Service) idle(t *liveSession, now time.Time) bool {
	return now.Sub(crm.Time(t.lastUsed.Load()).Std()) >= s.settings.IdleLife
}

// lookForUse learns when a session was last used through any server.
func (s *Service) lookForUse(ctx context.Context, t *liveSession) error {
	var row *crm.Session
	err := s.store.View(ctx, store.NoOrganization, func(r *store.Read) (err error) {
		row, err = r.Token(t.TokenHash)
		return err
	})
	if errors.Is(err, store.ErrNoRow) {
		return nil
	}
	if err == nil && int64(row.LastUsedAt) > t.lastUsed.Load() {
		t.lastUsed.Store(int64(row.LastUsedAt))
	}
	return err
}

// session reads a token's session from memory or from the database. Only known
// tokens are kept.
func (s *Service) session(ctx context.Context, hash string) (*liveSession, error) {
	if t := s.sessions.get(hash); t != nil {
		return t, nil
	}
	return s.readSession(ctx, hash, asOf{epoch: s.store.Epoch()})
}

// readSession reads a token's session. known is what was known before.
func (s *Service) readSession(ctx context.Context, hash string, known asOf) (*liveSession, error) {
	var t *crm.Session
	err := s.store.View(ctx, store.NoOrganization, func(r *store.Read) (err error) {
		t, err = r.Token(hash)
		return err
	})
	if errors.Is(err, store.ErrNoRow) {
		s.sessions.drop(hash)
		return nil, crm.ErrUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	return s.sessions.put(t, known), nil
}

// FlushSessions writes down when tokens were last used. It is called now and
// then and before the end; a crash loses at most what happened since, which
// only makes a session look idle for a little longer.
func (s *Service) FlushSessions(ctx context.Context) error {
	return s.store.TouchTokens(ctx, s.sessions.used())
}

// ForgetSessions deletes ended tokens that nobody has used for longer than any
// token lives.
func (s *Service) ForgetSessions(ctx context.Context) error {
	return s.store.ForgetTokens(ctx, crm.At(s.now().Add(-s.settings.AbsoluteLife)))
}

// maxLogin is the longest login key in bytes; failures are counted by it.
const maxLogin = 256

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// LoginKey is the form in which a login is kept and looked up: a phone number
// without +86, blanks and dashes, an e-mail address or a name in lower case.
// Empty where nothing is left.
func LoginKey(login string) string {
	login = strings.ToLower(strings.TrimSpace(login))
	if login == "" {
		return ""
	}
	if strings.Contains(login, "@") {
		return "email:" + login
	}
	digits := strings.NewReplacer(" ", "", "-", "", "+", "").Replace(login)
	for _, r := range digits {
		if r < '0' || r > '9' {
			return "name:" + login
		}
	}
	if digits == "" {
		return ""
	}
	if len(digits) == 13 && strings.HasPrefix(digits, "86") {
		digits = digits[2:]
	}
	return "phone:" + digits
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
