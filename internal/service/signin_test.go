package service

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store/dbtest"
)

func (w *world) signIn(login, password string) (*SignIn, error) {
	return w.SignIn(w.t.Context(), Credentials{Login: login, Password: password, Device: "web", RemoteAddress: "127.0.0.1", RequestID: "r"})
}

func TestSignIn(t *testing.T) {
	w := newWorld(t, settings())
	for _, login := range []string{"13800000002", " +86 138-0000-0002 ", "8613800000002"} {
		in, err := w.signIn(login, password)
		if err != nil || in.User.ID != owner || in.Directory.Organization.ID != orgA {
			t.Fatalf("%q: %+v, %v", login, in, err)
		}
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(in.Token) {
			t.Errorf("the token is %q", in.Token)
		}
		w.refused(w.Service, login, in.Token, nil)
	}
	if in, err := w.signIn("13900000002", password); err != nil || in.Directory.Organization.ID != orgB {
		t.Errorf("%+v, %v", in, err)
	}
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action = 'sign_in' AND user_id = 2", orgA); n != "3" {
		t.Errorf("%s rows of signing in", n)
	}
	if v := w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA); v != "1" {
		t.Errorf("signing in moved the version to %s", v)
	}
	if leak := w.query("SELECT count(*) FROM operation_logs WHERE changes LIKE '%' || $1 || '%'", password); leak != "0" {
		t.Error("the password is in the log")
	}
}

func TestRefusedSignInsLookAlike(t *testing.T) {
	w := newWorld(t, settings())
	for name, c := range map[string][2]string{
		"wrong password":               {"13800000002", "wrong"},
		"unknown login":                {"13800000099", password},
		"disabled user":                {"13800000011", password},
		"disabled user, wrong":         {"13800000011", "wrong"},
		"password with other case":     {"13800000002", strings.ToUpper(password)},
		"name of the user":             {"用户2", password},
		"empty hash looked for by SQL": {"' OR 1=1 --", password},
	} {
		in, err := w.signIn(c[0], c[1])
		var e *crm.Error
		if in != nil || !errors.As(err, &e) || e.Code != crm.ErrBadLogin.Code || e.Message != crm.ErrBadLogin.Message || e.Kind != crm.ErrBadLogin.Kind || e.Bare {
			t.Errorf("%s: %v, %v", name, in, err)
		}
	}
	for name, c := range map[string][2]string{
		"no login": {"", password}, "blank login": {" \u3000", password}, "nothing but signs": {"+-", password},
		"no password": {"13800000002", ""}, "endless login": {strings.Repeat("x", 300), password},
	} {
		if in, err := w.signIn(c[0], c[1]); in != nil || !errors.Is(err, crm.BadParam("", "")) {
			t.Errorf("%s: %v, %v", name, in, err)
		}
	}
	if n := w.query("SELECT count(*) FROM sessions"); n != "0" {
		t.Errorf("%s sessions", n)
	}
}

func TestLocks(t *testing.T) {
	w := newWorld(t, settings())
	n := settings().SignInFailures
	for range n {
		if _, err := w.signIn("13800000002", "wrong"); !errors.Is(err, crm.ErrBadLogin) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := w.signIn("13800000002", password); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if _, err := w.signIn("+86 13800000002", password); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("locked in another spelling: %v", err)
	}
	if _, err := w.signIn("13800000003", password); err != nil {
		t.Errorf("another login from the same address: %v", err)
	}
	w.clock.advance(15*time.Minute - time.Millisecond)
	if _, err := w.signIn("13800000002", password); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("just before the end of the lock: %v", err)
	}
	w.clock.advance(time.Millisecond)
	if _, err := w.signIn("13800000002", password); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	// Success resets: n-1 failures, twice, never lock.
	for range 2 {
		for range n - 1 {
			if _, err := w.signIn("13800000002", "wrong"); !errors.Is(err, crm.ErrBadLogin) {
				t.Errorf("got %v", err)
			}
		}
		if _, err := w.signIn("13800000002", password); err != nil {
			t.Errorf("got %v", err)
		}
	}
}

func TestUnknownLoginsLockToo(t *testing.T) {
	s := settings()
	s.SignInFailures = 1 // hashing for an unknown login costs what it should
	w := newWorld(t, s)
	if _, err := w.signIn("nobody@example.com", "x"); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("got %v", err)
	}
	if _, err := w.signIn("Nobody@Example.com", "x"); !errors.Is(err, crm.ErrLocked) {
		t.Errorf("got %v", err)
	}
}

// locked tells whether signing in is locked, without an attempt.
func (w *world) locked(f *failures, login, address string) bool {
	w.t.Helper()
	_, err := f.check(w.t.Context(), login, address)
	if err != nil && !errors.Is(err, crm.ErrLocked) {
		w.t.Fatal(err)
	}
	return err != nil
}

func (w *world) fail(f *failures, login, address string) {
	w.t.Helper()
	if err := f.fail(w.t.Context(), login, address); err != nil {
		w.t.Fatal(err)
	}
}

func TestAddressLocksAtTenTimes(t *testing.T) {
	w := newWorld(t, settings())
	f := w.failures
	limit := 10 * settings().SignInFailures
	for i := range limit {
		if w.locked(f, fmt.Sprint("login", i), "address") {
			t.Fatalf("locked after %d", i)
		}
		w.fail(f, fmt.Sprint("login", i), "address")
	}
	rows := func() string { return w.query("SELECT count(*) || ' ' || sum(failures) FROM signin_failures") }
	before := rows()
	for i := range 100 {
		if !w.locked(f, fmt.Sprint("another", i), "address") {
			t.Fatal("the address is not locked")
		}
	}
	if after := rows(); after != before {
		t.Errorf("refused attempts were noted: %s, was %s", after, before)
	}
	if w.locked(f, "login0", "elsewhere") {
		t.Error("another address is locked")
	}
	if err := f.succeed(t.Context(), "login0"); err != nil {
		t.Fatal(err)
	}
	if !w.locked(f, "login1", "address") {
		t.Error("a success elsewhere opened the address")
	}
	w.clock.advance(settings().SignInLock)
	if w.locked(f, "login1", "address") {
		t.Error("the lock did not end")
	}
}

func TestNoLocks(t *testing.T) {
	none := settings()
	none.SignInFailures = 0
	w := newWorld(t, none)
	for range 1000 {
		if w.fail(w.failures, "login", "address"); w.locked(w.failures, "login", "address") {
			t.Fatal("locked though locking is off")
		}
	}
	if n := w.query("SELECT count(*) FROM signin_failures"); n != "0" {
		t.Errorf("%s rows though locking is off", n)
	}
}

// What is noted of failures tells nobody who has failed, and goes when it no
// longer counts.
func TestNotesOfFailures(t *testing.T) {
	w := newWorld(t, settings())
	forget := func() string {
		t.Helper()
		if err := w.ForgetFailures(t.Context()); err != nil {
			t.Fatal(err)
		}
		return w.query("SELECT count(*) FROM signin_failures")
	}
	if _, err := w.signIn("13800000002", "wrong"); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("got %v", err)
	}
	plain := tokenHash("l:" + LoginKey("13800000002"))
	if n := w.query("SELECT count(*) FROM signin_failures WHERE failure_key LIKE '%13800000002%' OR failure_key LIKE '%127.0.0.1%' OR failure_key = $1", plain); n != "0" {
		t.Error("the login or the address can be read")
	}
	w.clock.advance(settings().SignInLock - time.Millisecond)
	if n := forget(); n != "2" {
		t.Errorf("%s rows while they count", n)
	}
	w.clock.advance(time.Millisecond)
	if n := forget(); n != "0" {
		t.Errorf("%s rows when they no longer count", n)
	}
}

// The failures of a login count together, whichever process they came to, and
// outlive it.
func TestLocksOfSeveral(t *testing.T) {
	w := newWorld(t, settings())
	signIn := func(s *Service, password string, want error) {
		t.Helper()
		other := *w
		other.Service = s
		// An embedded database shows what another process has committed after a
		// moment, and at once after this question.
		if _, err := s.store.FreshVersion(t.Context(), orgA); err != nil {
			t.Fatal(err)
		}
		if _, err := other.signIn("13800000002", password); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	other := w.again(settings())
	for i := range settings().SignInFailures {
		signIn([]*Service{w.Service, other}[i%2], "wrong", crm.ErrBadLogin)
	}
	for _, s := range []*Service{w.Service, other, w.again(settings())} {
		signIn(s, password, crm.ErrLocked)
	}
	w.clock.advance(settings().SignInLock)
	signIn(other, "wrong", crm.ErrBadLogin)
	signIn(w.Service, password, nil)
	if n := w.query("SELECT count(*) FROM signin_failures"); n != "1" {
		t.Errorf("%s rows after a success, want the address's", n)
	}
}

// Many guesses at once are compared only as long as the limit is not reached,
// however many processes they come to. An embedded database has one.
func TestParallelGuessesLock(t *testing.T) {
	s := settings()
	s.SignInFailures = 3
	w := newWorld(t, s)
	services := []*Service{w.Service}
	if dbtest.Present() != dbtest.SQLite {
		services = append(services, w.again(s))
	}
	var compared atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		other := *w
		other.Service = services[i%len(services)]
		all.Go(func() {
			if _, err := other.signIn("nobody@example.com", "x"); errors.Is(err, crm.ErrBadLogin) {
				compared.Add(1)
			}
		})
	}
	all.Wait()
	if n, most := int(compared.Load()), s.SignInFailures+len(services)*hashers()-1; n < s.SignInFailures || n > most {
		t.Errorf("%d guesses were compared, want %d to %d", n, s.SignInFailures, most)
	}
}

// A program that signs in from many places at once with the right password is
// never taken for a guesser.
func TestParallelSignInsDoNotLock(t *testing.T) {
	s := settings()
	s.SignInFailures = 2
	w := newWorld(t, s)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := w.signIn("13800000002", password); err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
}

func TestPasswordHash(t *testing.T) {
	hash := HashPassword("密码 12345678")
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
		t.Errorf("the hash is %q", hash)
	}
	check := func(hash, password string) bool {
		return PasswordFits(hash, password)
	}
	if !check(hash, "密码 12345678") || check(hash, "密码 12345679") {
		t.Error("the password is not told from another")
	}
	cheap := cheapHash(password)
	if !check(cheap, password) || check(cheap, password+" ") {
		t.Error("a hash with its own cost")
	}
	if check("", "") || check("!", "!") {
		t.Error("somebody without a password signs in")
	}
	parts := strings.Split(cheap, "$")
	for i, bad := range []string{1: "argon2i", 2: "v=18", 3: "m=8,t=0,p=1", 4: "!", 5: ""} {
		broken := append([]string{}, parts...)
		if broken[i] = bad; i == 0 {
			broken = append(broken, "x")
		}
		if _, ok := parseHash(strings.Join(broken, "$")); ok {
			t.Errorf("%q is a hash", broken)
		}
	}
	for _, bad := range []string{"", "$", "$argon2id$$$$", password, strings.Replace(cheap, "p=1", "p=0", 1)} {
		if _, ok := parseHash(bad); ok {
			t.Errorf("%q is a hash", bad)
		}
	}
	seen := map[string]bool{}
	for range 100 {
		p := NewPassword()
		if len(p) != 16 || strings.ContainsAny(p, "0O1lI") || seen[p] {
			t.Errorf("the password %q", p)
		}
		seen[p] = true
	}
}

func TestLoginKey(t *testing.T) {
	for login, want := range map[string]string{
		"": "", "  ": "", "\u3000": "", "-": "", "+": "", "+ -": "",
		"13800000000": "phone:13800000000", " 138 0000 0000 ": "phone:13800000000", "138-0000-0000": "phone:13800000000",
		"+8613800000000": "phone:13800000000", "+86 138-0000-0000": "phone:13800000000", "8613800000000": "phone:13800000000",
		"86138000000": "phone:86138000000", "+85212345678": "phone:85212345678", "10086": "phone:10086",
		"Zhang@Example.COM ": "email:zhang@example.com", "Admin": "name:admin", "张三": "name:张三", "user-1": "name:user-1",
		"138000x": "name:138000x", "phone:1": "name:phone:1",
	} {
		if got := LoginKey(login); got != want {
			t.Errorf("LoginKey(%q) = %q, want %q", login, got, want)
		}
	}
}

func TestResetPassword(t *testing.T) {
	w := newWorld(t, settings())
	token := w.token(orgA, owner, "web")
	if _, err := w.ResetPassword(t.Context(), "13800000002", "short"); err == nil {
		t.Error("a short password was taken")
	}
	if _, err := w.ResetPassword(t.Context(), "13800000099", "long enough"); err == nil {
		t.Error("the password of nobody was set")
	}
	w.refused(w.Service, "after refusals", token, nil)
	if _, err := w.ResetPassword(t.Context(), "138 0000 0002", "new password"); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "after a new password", token, crm.ErrUnauthenticated)
	if _, err := w.signIn("13800000002", password); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := w.signIn("13800000002", "new password"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := w.signIn("13900000002", password); err != nil {
		t.Errorf("the same user id in another organization: %v", err)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"客户", 4, "客"}, {"客户", 2, ""}, {"", 0, ""}} {
		if got := cut(c.in, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q", c.in, c.n, got)
		}
	}
}
