package service

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// refused checks how a token is answered; nil for one that is valid.
func (w *world) refused(s *Service, name, token string, want error) {
	w.t.Helper()
	c, err := s.Authenticate(w.t.Context(), token)
	if want == nil {
		if err != nil || c == nil {
			w.t.Errorf("%s: %v", name, err)
		}
		return
	}
	if !errors.Is(err, want) || c != nil {
		w.t.Errorf("%s: %v, %v; want %v", name, c, err, want)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t, settings())
	token := w.token(orgA, owner, "web")
	for _, bad := range []string{"", "x", nobodysToken, token[:31], token + "0", strings.ToUpper(token) + " ", strings.Repeat("'", 32), tokenHash(token)[:32]} {
		w.refused(w.Service, "garbage "+bad, bad, crm.ErrUnauthenticated)
	}
	caller, err := w.Authenticate(t.Context(), token)
	if err != nil || caller.Org() != orgA || caller.Viewer.User.ID != owner || caller.Session.State != crm.SessionLive {
		t.Errorf("%+v, %v", caller, err)
	}
	if n := w.query("SELECT count(*) FROM tokens WHERE token_hash = $1", token); n != "0" {
		t.Error("the token is kept in clear")
	}
	other := w.token(orgB, owner, "web")
	w.refused(w.Service, "the same user id in another organization replaces nothing", token, nil)
	if c, err := w.Authenticate(t.Context(), other); err != nil || c.Org() != orgB {
		t.Errorf("%+v, %v", c, err)
	}
	w.refused(w.again(settings()), "a token in a process that has not seen it", token, nil)
}

func TestExpiry(t *testing.T) {
	w := newWorld(t, settings())
	idle := w.token(orgA, owner, "web")
	busy := w.token(orgA, boss, "web")
	w.clock.advance(time.Hour - time.Millisecond)
	w.refused(w.Service, "just before the idle life", busy, nil)
	w.clock.advance(time.Millisecond)
	w.refused(w.Service, "idle", idle, crm.ErrUnauthenticated)
	w.refused(w.Service, "used within the idle life", busy, nil)
	for range 46 {
		w.clock.advance(29 * time.Minute)
		w.refused(w.Service, "busy", busy, nil)
	}
	if err := w.FlushSessions(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refused(w.again(settings()), "busy, after a restart", busy, nil)
	w.refused(w.again(settings()), "idle, after a restart", idle, crm.ErrUnauthenticated)
	w.clock.advance(24*time.Hour - w.clock.Now().Sub(time.UnixMilli(startOfClock)) - time.Millisecond)
	w.refused(w.Service, "just before the absolute life", busy, nil)
	w.clock.advance(time.Millisecond)
	w.refused(w.Service, "after the absolute life", busy, crm.ErrUnauthenticated)
}

func TestOneSessionPerKindOfDevice(t *testing.T) {
	w := newWorld(t, settings())
	first := w.token(orgA, owner, "ios")
	web := w.token(orgA, owner, "web")
	colleagues := w.token(orgA, boss, "ios")
	others := w.token(orgB, owner, "ios")
	w.refused(w.Service, "another kind of device", first, nil)
	second := w.token(orgA, owner, "android") // the same kind
	w.refused(w.Service, "replaced", first, crm.ErrReplaced)
	w.refused(w.Service, "replaced, asked again", first, crm.ErrReplaced)
	w.refused(w.again(settings()), "replaced, after a restart", first, crm.ErrReplaced)
	for name, token := range map[string]string{"new": second, "web": web, "another user's": colleagues, "another organization's": others} {
		w.refused(w.Service, name, token, nil)
	}
	if _, err := w.Authenticate(t.Context(), first); *err.(*crm.Error) != *crm.ErrReplaced {
		t.Errorf("replaced with %#v", err)
	}
	// Long after, a replaced token is forgotten and answered as unknown.
	w.clock.advance(25 * time.Hour)
	if err := w.ForgetSessions(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refused(w.again(settings()), "forgotten", first, crm.ErrUnauthenticated)
}

func TestTwoSessionsPerKindOfDevice(t *testing.T) {
	s := settings()
	s.SessionsPerDevice = 2
	w := newWorld(t, s)
	var tokens []string
	for range 4 {
		tokens = append(tokens, w.token(orgA, owner, "web"))
	}
	for i, want := range []error{crm.ErrReplaced, crm.ErrReplaced, nil, nil} {
		w.refused(w.Service, "session "+string(rune('1'+i)), tokens[i], want)
	}
	// A stricter setting ends as many as are too many at the next sign-in.
	strict := w.again(settings())
	d, err := strict.Organization(t.Context(), orgA)
	if err != nil {
		t.Fatal(err)
	}
	last, err := strict.openSession(t.Context(), d, d.Viewer(owner), w.hash(orgA, owner), Credentials{Device: "web"})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		w.refused(strict, "before the setting", token, crm.ErrReplaced)
	}
	w.refused(strict, "after the setting", last, nil)
}

func TestConcurrentSessionsLeaveOne(t *testing.T) {
	w := newWorld(t, settings())
	d, err := w.Organization(t.Context(), orgA)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20
	tokens := make([]string, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			token, err := w.openSession(t.Context(), d, d.Viewer(owner), w.hash(orgA, owner), Credentials{Device: "web"})
			if err != nil {
				t.Error(err)
				return
			}
			tokens[i] = token
			if _, err := w.Authenticate(t.Context(), token); err != nil && !errors.Is(err, crm.ErrReplaced) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for name, s := range map[string]*Service{"this process": w.Service, "another": w.again(settings())} {
		live := 0
		for _, token := range tokens {
			if _, err := s.Authenticate(t.Context(), token); err == nil {
				live++
			} else if !errors.Is(err, crm.ErrReplaced) {
				t.Error(err)
			}
		}
		if live != 1 {
			t.Errorf("%s: %d live sessions", name, live)
		}
	}
	if rows := w.query("SELECT count(*) FROM sessions WHERE organization_id = $1", orgA); rows != "1" {
		t.Errorf("%s rows of sessions", rows)
	}
}

func TestDisabledUsersAreOut(t *testing.T) {
	w := newWorld(t, settings())
	token, boss1 := w.token(orgA, owner, "web"), w.token(orgA, boss, "web")
	w.refused(w.Service, "before", token, nil)
	if err := w.SetUserState(t.Context(), orgA, owner, crm.UserDisabled); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "disabled", token, crm.ErrUnauthenticated)
	w.refused(w.Service, "somebody else", boss1, nil)
	if err := w.SetUserState(t.Context(), orgA, owner, crm.UserActive); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "enabled again, old token", token, crm.ErrUnauthenticated)
	w.refused(w.Service, "enabled again, new token", w.token(orgA, owner, "web"), nil)
	if err := w.SetUserState(t.Context(), orgA, 99, crm.UserDisabled); !errors.Is(err, store.ErrNoRow) {
		t.Errorf("a user that is not there: %v", err)
	}
}

func TestWatch(t *testing.T) {
	w := newWorld(t, settings())
	token := w.token(orgA, owner, "web")
	outside := w.again(settings())
	for _, watched := range []bool{true, false} { // whether the service has looked before
		server := w.again(settings())
		if watched {
			if err := server.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.refused(server, "before", token, nil)
		if err := outside.SetUserState(t.Context(), orgA, owner, crm.UserDisabled); err != nil {
			t.Fatal(err)
		}
		if err := server.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.refused(server, "disabled from outside", token, crm.ErrUnauthenticated)
		if err := outside.SetUserState(t.Context(), orgA, owner, crm.UserActive); err != nil {
			t.Fatal(err)
		}
		if err := server.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.refused(server, "its session has ended", token, crm.ErrUnauthenticated)
		token = w.token(orgA, owner, "web")
		if err := server.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.refused(server, "a new session", token, nil)
	}
}

// A password that was changed between the check and the session opens nothing.
func TestPasswordChangedMeanwhile(t *testing.T) {
	w := newWorld(t, settings())
	d, err := w.Organization(t.Context(), orgA)
	if err != nil {
		t.Fatal(err)
	}
	old := w.hash(orgA, owner)
	if _, err := w.ResetPassword(t.Context(), "13800000002", "another password"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.openSession(t.Context(), d, d.Viewer(owner), old, Credentials{Device: "web"}); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("got %v", err)
	}
}

// A user that another process has added signs in at once, though this one knows
// the organization as it was.
func TestSignInOfANewUser(t *testing.T) {
	w := newWorld(t, settings())
	w.token(orgA, owner, "web")
	beside := w.again(settings())
	_, password, err := beside.AddUser(t.Context(), orgA, NewUser{Name: "新人", Login: "13800009999"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.SignIn(t.Context(), Credentials{Login: "13800009999", Password: password, Device: "web"}); err != nil {
		t.Error(err)
	}
}
