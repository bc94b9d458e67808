package service

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
)

func TestChangePassword(t *testing.T) {
	w := newWorld(t, settings())
	current, other, elsewhere := w.token(orgA, owner, "web"), w.token(orgA, owner, "ios"), w.token(orgB, owner, "web")
	caller, err := w.Authenticate(t.Context(), current)
	if err != nil {
		t.Fatal(err)
	}
	version := w.version(orgA)
	for name, c := range map[string]struct{ old, new string }{
		"wrong": {"wrong", "a new password"}, "none": {"", "a new password"}, "short": {password, "1234567"}, "empty": {password, ""},
		"endless": {password, strings.Repeat("p", MaxPassword+1)},
	} {
		if err := w.ChangePassword(t.Context(), caller, c.old, c.new); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.refused(w.Service, "after refusals", other, nil)
	if err := w.ChangePassword(t.Context(), caller, password, "八个字符的新密码"); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "the session that changed it", current, nil)
	w.refused(w.Service, "the other session", other, crm.ErrUnauthenticated)
	w.refused(w.Service, "the other session in another process", other, crm.ErrUnauthenticated)
	w.refused(w.Service, "the same user id elsewhere", elsewhere, nil)
	if _, err := w.signIn("13800000002", password); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("with the old one: %v", err)
	}
	if _, err := w.signIn("13800000002", "八个字符的新密码"); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	if v := w.version(orgA); v != version {
		t.Errorf("the version moved from %d to %d", version, v)
	}
	w.logged("user", owner, "password")
}

// Guessing the old password is locked like guessing at the sign-in.
func TestOldPasswordsAreNotGuessed(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	for i := range 5 {
		if err := w.ChangePassword(t.Context(), caller, fmt.Sprint("guess ", i), "a new password"); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("guess %d: %v", i, err)
		}
	}
	if err := w.ChangePassword(t.Context(), caller, password, "a new password"); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("the right one while locked: %v", err)
	}
	if _, err := w.signIn("13800000002", password); err != nil {
		t.Errorf("signing in is locked too: %v", err)
	}
	w.clock.advance(15 * time.Minute)
	if err := w.ChangePassword(t.Context(), w.as(orgA, owner), password, "a new password"); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestResetUserPassword(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	tokens := []string{w.token(orgA, owner, "web"), w.token(orgA, owner, "ios")}
	reset := func(c *Caller, id int64, password string) (generated string, err error) {
		_, err = asUser(func(show func(*crm.User) error) (err error) {
			generated, err = w.ResetUserPassword(t.Context(), c, id, password, show)
			return err
		})
		return generated, err
	}
	w.forbidden("reset", func(c *Caller) error {
		_, err := reset(c, owner, "")
		return err
	})
	for name, c := range map[string]struct {
		id       int64
		password string
		want     error
	}{
		"a super by somebody else": {admin, "", crm.ErrForbidden}, "nobody": {99, "", crm.ErrNotFound}, "short": {owner, "1234567", crm.Invalid("", "")},
	} {
		if _, err := reset(manager, c.id, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tokens = append(tokens, w.token(orgA, owner, "android"))
	generated, err := reset(manager, owner, "")
	if err != nil || len(generated) != 16 {
		t.Fatalf("%q, %v", generated, err)
	}
	for _, token := range tokens[1:] {
		if _, err := w.Authenticate(t.Context(), token); err == nil {
			t.Error("a session goes on")
		}
	}
	if _, err := w.signIn("13800000002", generated); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	if given, err := reset(manager, owner, "a good password"); err != nil || given != "" {
		t.Errorf("%q, %v", given, err)
	}
}

func TestOwnSessions(t *testing.T) {
	w := newWorld(t, settings())
	web := w.token(orgA, owner, "web")
	w.clock.advance(time.Minute)
	phone := w.token(orgA, owner, "ios")
	w.token(orgA, boss, "web")
	w.token(orgB, owner, "web")
	caller, err := w.Authenticate(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	list := func() (all []OwnSession) {
		all, err := w.OwnSessions(t.Context(), caller)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	all := list()
	if len(all) != 2 || all[0].DeviceKind != "mobile" || !all[0].Current || all[1].DeviceKind != "web" || all[1].Current ||
		all[1].Address != "127.0.0.1" || all[1].CreatedAt != startOfClock || all[1].LastUsedAt != startOfClock {
		t.Errorf("the sessions are %+v", all)
	}
	for _, id := range []int64{0, 99, all[0].ID + 1} { // the boss's is the next one
		if err := w.EndOwnSession(t.Context(), caller, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("session %d: %v", id, err)
		}
	}
	if err := w.EndOwnSession(t.Context(), caller, all[1].ID); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "the one that was ended", web, crm.ErrUnauthenticated)
	w.refused(w.Service, "the other one", phone, nil)
	w.logged("session", all[1].ID, "end", "device: <nil> → web", "device_kind: <nil> → web")
	if err := w.EndOwnSession(t.Context(), caller, all[1].ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	if len(list()) != 1 {
		t.Errorf("left are %+v", list())
	}
	w.clock.advance(time.Hour)
	fresh, err := w.Authenticate(t.Context(), w.token(orgA, owner, "web"))
	if err != nil {
		t.Fatal(err)
	}
	caller = fresh
	if all := list(); len(all) != 1 || !all[0].Current {
		t.Errorf("an expired one is listed: %+v", all)
	}
}

func TestSignOut(t *testing.T) {
	w := newWorld(t, settings())
	token := w.token(orgA, owner, "web")
	beside := w.again(settings())
	w.refused(beside, "before", token, nil)
	caller, err := w.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SignOut(t.Context(), caller); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "signed out", token, crm.ErrUnauthenticated)
	if err := beside.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refused(beside, "signed out, elsewhere", token, crm.ErrUnauthenticated)
	w.logged("session", caller.Session.ID, crm.LogSignOut, "device: <nil> → web", "device_kind: <nil> → web")
	if err := w.SignOut(t.Context(), caller); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
}

// Sign-ins of somebody are noted with device and address, whether they succeed
// or not; what is nobody's, and who is locked out, leaves no row.
func TestSignInsAreNoted(t *testing.T) {
	w := newWorld(t, settings())
	version := w.version(orgA)
	try := func(login, password string) {
		_, _ = w.SignIn(t.Context(), Credentials{Login: login, Password: password, Device: "wxwork", VersionCode: "9.9.9", RemoteAddress: "203.0.113.7", RequestID: "r1"})
	}
	count := func() string {
		return w.query("SELECT count(*) FROM operation_logs WHERE organization_id IN ($1, $2) AND entity = 'session'", orgA, orgB)
	}
	try("13800000099", password)
	try("nobody@example.com", password)
	if n := count(); n != "0" {
		t.Errorf("nobody's login left %s rows", n)
	}
	try("13800000002", password)
	try("13800000002", "wrong")
	try("13800000011", password) // disabled
	if n := count(); n != "3" {
		t.Errorf("%s rows", n)
	}
	for range 10 {
		try("13800000003", "wrong")
	}
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND user_id = $2 AND action = 'sign_in_failed'", orgA, boss); n != "5" {
		t.Errorf("%s rows of a login that is locked after 5", n)
	}
	caller := w.as(orgA, admin)
	found, err := w.SignInLogs(t.Context(), caller, &LogFilter{UserID: owner})
	if err != nil || found.Total != 2 || len(found.Items) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	for i, action := range []string{crm.LogSignInFailed, crm.LogSignIn} {
		e := found.Items[i]
		values := map[string]string{}
		for _, v := range e.Values {
			values[v.Field] = v.AfterText
		}
		if e.Action != action || e.RemoteAddress != "203.0.113.7" || values["device"] != "wxwork" || values["version_code"] != "9.9.9" ||
			(e.EntityID == 0) != (action == crm.LogSignInFailed) {
			t.Errorf("row %d is %+v", i, e)
		}
	}
	if leak := w.query("SELECT count(*) FROM operation_logs WHERE changes LIKE '%wrong%' OR changes LIKE '%' || $1 || '%'", password); leak != "0" {
		t.Error("a password is in the log")
	}
	if v := w.version(orgA); v != version {
		t.Errorf("the version moved from %d to %d", version, v)
	}
}
