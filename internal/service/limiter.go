package service

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// failures counts failed sign-ins per login and per address and locks both for
// a while. They are counted in the database: all processes count together, and
// a restart forgets nothing. What stands there are hashes with a key of the
// installation, since people type their passwords where the login belongs.
type failures struct {
	store    *store.Store
	settings Settings
	now      func() time.Time
	secret   []byte
}

func newFailures(st *store.Store, settings Settings, now func() time.Time) *failures {
	f := &failures{store: st, settings: settings, now: now}
	f.secret = keyed([]byte(st.Fact(store.FactSigningKey)), "guanxi/failures/1")
	return f
}

func keyed(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func (f *failures) key(text string) string { return hex.EncodeToString(keyed(f.secret, text)) }

func (f *failures) keys(login, address string) []string {
	return []string{f.key("l:" + login), f.key("a:" + address)}
}

// after is the moment after which a first failure must have come to count.
func (f *failures) after() crm.Time { return crm.At(f.now().Add(-f.settings.SignInLock)) }

// check gives ErrLocked where the login or the address has failed too often,
// and otherwise how often the login has. It writes nothing: who is locked out
// could fill the database.
func (f *failures) check(ctx context.Context, login, address string) (failed int64, err error) {
	limit := int64(f.settings.SignInFailures)
	if limit <= 0 {
		return 0, nil
	}
	n, err := f.store.Failures(ctx, f.after(), f.keys(login, address)...)
	if err != nil {
		return 0, err
	}
	if n[0] >= limit || n[1] >= 10*limit {
		return n[0], crm.ErrLocked
	}
	return n[0], nil
}

// fail counts one failure of a login and of an address.
func (f *failures) fail(ctx context.Context, login, address string) error {
	if f.settings.SignInFailures <= 0 {
		return nil
	}
	// A client that hangs up has guessed all the same.
	return f.store.AddFailures(context.WithoutCancel(ctx), crm.At(f.now()), f.after(), f.keys(login, address)...)
}

// succeed forgets the failures of a login; the address keeps them.
func (f *failures) succeed(ctx context.Context, login string) error {
	return f.store.ForgetFailures(ctx, f.key("l:"+login))
}

// ForgetFailures deletes failed sign-ins that no longer count. It is called now
// and then.
func (s *Service) ForgetFailures(ctx context.Context) error {
	return s.store.ForgetOldFailures(ctx, s.failures.after())
}
