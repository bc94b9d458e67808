package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// replaced is what a session is told that a newer one has ended.
const replaced = "你的帐号已在其他地方登录"

// anything is a call that needs a token.
const anything = "/api/v2/duplicates/matching_name?name=x"

// signIn signs in through one process, or any where i is negative, until it is
// answered. It gives the token and when the answer had come.
func (f *fleet) signIn(ctx context.Context, r *rand.Rand, i int, login, password string) (token string, at time.Time, err error) {
	a, _, err := f.insist(ctx, r, i, "", "POST", "/api/v2/auth/login", credentials(login, password))
	if err != nil {
		return "", at, err
	}
	at = time.Now()
	token, err = tokenOf(a)
	return token, at, err
}

func credentials(login, password string) string {
	return url.Values{"login": {login}, "password": {password}, "device": {"open_api"}}.Encode()
}

func tokenOf(a *answer) (string, error) {
	var data struct {
		Token string `json:"user_token"`
	}
	err := a.decode(&data)
	return data.Token, err
}

// ended waits until every process refuses a token, with these words.
func (f *fleet) ended(ctx context.Context, token string, since time.Time, words string) error {
	return f.everywhere(func(i int) error {
		return f.seen(ctx, i, since, token, "GET", anything, "", func(a *answer) (bool, error) {
			if a.code() != 0 && (a.code() != 100401 || !strings.Contains(a.Message, words)) {
				return false, fmt.Errorf("an ended session is answered HTTP %d %s", a.Status, a.Body)
			}
			return a.code() != 0, nil
		})
	})
}

// lives wants every process to take a token at once.
func (f *fleet) lives(ctx context.Context, token string) error {
	return f.everywhere(func(i int) error {
		a, _, err := f.insist(ctx, nil, i, token, "GET", anything, "")
		if err == nil && a.code() != 0 {
			err = fmt.Errorf("process %d does not take a new token: HTTP %d %s", i, a.Status, a.Body)
		}
		return err
	})
}

// session is one user after the other who signs in again and again.
type session struct {
	f       *fleet
	org     *tenant
	workers atomic.Int64
	mu      sync.Mutex
	of      map[*rand.Rand]*signedUser // each worker has its own
	users   []*signedUser
}

type signedUser struct{ login, password, token string }

func beginSession(f *fleet, org *tenant) behaviour {
	s := &session{f: f, org: org, of: map[*rand.Rand]*signedUser{}}
	for i := range 2 {
		login := fmt.Sprintf("user%d-%d@example.com", org.id, i)
		password := addUser(f.t, f.data, org.id, login)
		f.known(login, password)
		s.users = append(s.users, &signedUser{login: login, password: password})
	}
	return s
}

func addUser(t *testing.T, data string, org int, login string) (password string) {
	t.Helper()
	return printedPassword(t, must(t, "user", "add", login, "--org", fmt.Sprint(org), "--login", login, "--data", data))
}

func (s *session) user(r *rand.Rand) *signedUser {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[r] == nil {
		s.of[r] = s.users[s.workers.Add(1)-1]
	}
	return s.of[r]
}

func (s *session) do(ctx context.Context, r *rand.Rand) error {
	u := s.user(r)
	token, at, err := s.f.signIn(ctx, r, -1, u.login, u.password)
	if err != nil {
		return err
	}
	former := u.token
	u.token = token
	if err := s.f.lives(ctx, token); err != nil || former == "" {
		return err
	}
	return s.f.ended(ctx, former, at, replaced)
}

// check finds one session for each user.
func (s *session) check(t *testing.T) { s.f.oneSessionEach(t, s.org) }

func (f *fleet) oneSessionEach(t *testing.T, org *tenant) {
	db := openDatabase(t, f.data)
	defer db.Close()
	err := report(db, fmt.Sprintf(`SELECT 'user ' || user_id || ' has ' || count(*) FROM sessions WHERE organization_id = %d
		GROUP BY user_id HAVING count(*) > 1`, org.id), func(row string) { t.Errorf("live sessions: %s", row) })
	if err != nil {
		t.Error(err)
	}
}

// sessions is one user who signs in through all processes at once.
type sessions struct {
	f   *fleet
	org *tenant
}

func beginSessions(f *fleet, org *tenant) behaviour { return &sessions{f, org} }

func (s *sessions) do(ctx context.Context, _ *rand.Rand) error {
	const each = 2
	tokens := make([]string, each*len(s.f.urls))
	errs := make([]error, len(tokens))
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			a, err := s.f.ask(ctx, i/each, "", "POST", "/api/v2/auth/login", credentials(s.org.login, s.org.password))
			if err == nil {
				tokens[i], errs[i] = tokenOf(a)
			}
		})
	}
	all.Wait()
	at := time.Now()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if slices.Contains(tokens, "") {
		// Whether the sign-in that was cut off has ended the others nobody knows.
		return nil
	}
	survivors := make([]string, len(s.f.urls))
	err := s.f.everywhere(func(i int) error {
		var live []string
		for _, token := range tokens {
			err := s.f.seen(ctx, i, at, token, "GET", anything, "", func(a *answer) (bool, error) {
				if a.code() == 0 && !slices.Contains(live, token) {
					live = append(live, token)
				}
				if a.code() != 0 {
					live = slices.DeleteFunc(live, func(l string) bool { return l == token })
				}
				// One may live; of two, this one must not for long.
				return len(live) <= 1, nil
			})
			if err != nil {
				return err
			}
		}
		// What seemed to live at first may have been known from before.
		for _, token := range tokens {
			if err := s.f.seen(ctx, i, at, token, "GET", anything, "", func(a *answer) (bool, error) {
				if a.code() != 0 && slices.Contains(live, token) {
					return false, fmt.Errorf("process %d ends all of %d sessions", i, len(tokens))
				}
				return (a.code() == 0) == slices.Contains(live, token), nil
			}); err != nil {
				return err
			}
		}
		if len(live) != 1 {
			return fmt.Errorf("process %d takes %d of %d tokens", i, len(live), len(tokens))
		}
		survivors[i] = live[0]
		return nil
	})
	if err == nil && len(slices.Compact(survivors)) > 1 {
		err = fmt.Errorf("processes take different tokens of one user")
	}
	return err
}

func (s *sessions) check(t *testing.T) { s.f.oneSessionEach(t, s.org) }

// commands is the operator, who changes users beside the processes.
type commands struct {
	f      *fleet
	org    *tenant
	serial int
}

func beginCommands(f *fleet, org *tenant) behaviour { return &commands{f: f, org: org} }

// do adds a user, who signs in everywhere, and gives a new password, which ends
// the last session everywhere.
func (c *commands) do(ctx context.Context, r *rand.Rand) error {
	c.serial++
	login := fmt.Sprintf("new%d@example.com", c.serial)
	password := addUser(c.f.t, c.f.data, c.org.id, login)
	at := time.Now()
	err := c.f.everywhere(func(i int) error {
		return c.f.seen(ctx, i, at, "", "POST", "/api/v2/auth/login", credentials(login, password), func(a *answer) (bool, error) {
			if a.code() != 0 && a.code() != 100400 {
				return false, fmt.Errorf("HTTP %d %s", a.Status, a.Body)
			}
			return a.code() == 0, nil
		})
	})
	if err != nil {
		return fmt.Errorf("a new user: %w", err)
	}
	token, _, err := c.f.signIn(ctx, r, -1, login, password)
	if err != nil {
		return err
	}
	if err := c.f.lives(ctx, token); err != nil {
		return err
	}
	must(c.f.t, "GUANXI_NEW_PASSWORD=another password", "user", "password", login, "--data", c.f.data)
	at = time.Now()
	a, _, err := c.f.insist(ctx, r, -1, "", "POST", "/api/v2/auth/login", credentials(login, password))
	if err == nil && a.code() != 100400 {
		err = fmt.Errorf("the former password: HTTP %d %s", a.Status, a.Body)
	}
	if err != nil {
		return err
	}
	if err := c.f.ended(ctx, token, at, ""); err != nil {
		return fmt.Errorf("a new password: %w", err)
	}
	_, _, err = c.f.signIn(ctx, r, -1, login, "another password")
	return err
}

func (c *commands) check(t *testing.T) {
	if c.serial == 0 {
		t.Error("nobody was added")
	}
}
