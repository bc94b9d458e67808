package service

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
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
		if in, err := w.signIn(c[0], c[1]); in != nil || !errors.Is(err, crm.BadParam("")) {
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

func TestAddressLocksAtTenTimes(t *testing.T) {
	c := &clock{now: time.UnixMilli(startOfClock)}
	f := newFailures(settings(), c.Now)
	limit := 10 * settings().SignInFailures
	for i := range limit {
		if f.locked(fmt.Sprint("login", i), "address") {
			t.Fatalf("locked after %d", i)
		}
		f.fail(fmt.Sprint("login", i), "address")
	}
	keys := len(f.counts)
	for i := range 1000 {
		if !f.locked(fmt.Sprint("another", i), "address") {
			t.Fatal("the address is not locked")
		}
	}
	if len(f.counts) != keys {
		t.Errorf("refused attempts were noted: %d keys, were %d", len(f.counts), keys)
	}
	if f.locked("login0", "elsewhere") {
		t.Error("another address is locked")
	}
	f.succeed("login0")
	if !f.locked("login1", "address") {
		t.Error("a success elsewhere opened the address")
	}
	c.advance(settings().SignInLock)
	if f.locked("login1", "address") {
		t.Error("the lock did not end")
	}
	none := settings()
	none.SignInFailures = 0
	f = newFailures(none, c.Now)
	for range 1000 {
		if f.fail("login", "address"); f.locked("login", "address") {
			t.Fatal("locked though locking is off")
		}
	}
}

// Many guesses at once are compared only as long as the limit is not reached.
func TestParallelGuessesLock(t *testing.T) {
	s := settings()
	s.SignInFailures = 3
	w := newWorld(t, s)
	var mu sync.Mutex
	compared := 0
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := w.signIn("nobody@example.com", "x"); errors.Is(err, crm.ErrBadLogin) {
				mu.Lock()
				compared++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if most := s.SignInFailures + hashers() - 1; compared < s.SignInFailures || compared > most {
		t.Errorf("%d guesses were compared, want %d to %d", compared, s.SignInFailures, most)
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
