package service

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// MaxPassword is the longest password in bytes: hashing must not become work
// that somebody else decides on.
const MaxPassword = 256

// checkNewPassword refuses a password that nobody may choose.
func checkNewPassword(password string) error {
	least := strconv.Itoa(MinPassword)
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return crm.Invalid("密码至少"+least+"个字符", "A password needs at least "+least+" characters")
	case len(password) > MaxPassword:
		return crm.Invalid("密码过长", "The password is too long")
	}
	return nil
}

// newPassword checks a password and hashes it; without one it generates one,
// which it answers.
func (s *Service) newPassword(ctx context.Context, password string) (generated, hash string, err error) {
	if password == "" {
		generated = NewPassword()
		password = generated
	} else if err := checkNewPassword(password); err != nil {
		return "", "", err
	}
	err = s.hasher(ctx, func() { hash = HashPassword(password) })
	return generated, hash, err
}

// hasher runs fn when there is a free hasher.
func (s *Service) hasher(ctx context.Context, fn func()) error {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		fn()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ChangePassword gives the caller another password; all other sessions of the
// caller end. Guessing the old one is counted like failed sign-ins.
//
// ErrLocked after too many wrong ones; an entity_validation_error for a wrong
// old password and for a new one that is too short. Nothing changes then.
func (s *Service) ChangePassword(ctx context.Context, c *Caller, old, password string) error {
	if old == "" {
		return crm.Required("原密码", "Old password")
	}
	if err := checkNewPassword(password); err != nil {
		return err
	}
	org, user := c.Org(), c.Viewer.User.ID
	key := fmt.Sprint("password:", org, ":", user)
	failed, err := s.failures.check(ctx, key, c.RemoteAddress)
	if err != nil {
		return err
	}
	var present, hash string
	err = s.store.Latest(ctx, org, func(r *store.Read) (err error) {
		present, err = r.PasswordHash(org, user)
		return err
	})
	if err != nil {
		return err
	}
	var fits bool
	if err := s.hasher(ctx, func() { fits = PasswordFits(present, old) }); err != nil {
		return err
	}
	if !fits {
		if err := s.failures.fail(ctx, key, c.RemoteAddress); err != nil {
			return err
		}
		return crm.Invalid("原密码错误", "The old password is wrong")
	}
	if failed > 0 {
		if err := s.failures.succeed(ctx, key); err != nil {
			return err
		}
	}
	if err := s.hasher(ctx, func() { hash = HashPassword(password) }); err != nil {
		return err
	}
	return s.store.Update(ctx, org, func(w *store.Write) error {
		w.Quiet() // no answer shows it
		now, err := w.PasswordHash(org, user)
		if err != nil {
			return err
		}
		if now != present {
			return crm.Conflict // somebody else has changed it in the meantime
		}
		return s.setPassword(w, c, user, hash, c.Session.ID)
	})
}

// setPassword writes a password and ends all sessions of the user but one.
func (s *Service) setPassword(w *store.Write, c *Caller, user int64, hash string, but int64) error {
	if err := w.SetPassword(user, hash, crm.At(s.now())); err != nil {
		return notFound(err)
	}
	if err := endSessions(w, c.Org(), user, but); err != nil {
		return err
	}
	return s.note(w, c, "user", user, "password", nil, nil)
}

// ResetUserPassword gives a user another password, a generated one where none is
// given, which it answers; all sessions of the user end.
//
// ErrForbidden and ErrNotFound as UpdateUser; an entity_validation_error for a
// password that is too short.
func (s *Service) ResetUserPassword(ctx context.Context, c *Caller, id int64, password string, show func(*crm.User) error) (
	generated string, err error) {
	if err := manages(c, c.Directory.Users[id], id); err != nil {
		return "", err
	}
	generated, hash, err := s.newPassword(ctx, password)
	if err != nil {
		return "", err
	}
	return generated, s.write(ctx, c, func(w *store.Write) error {
		u := c.Directory.Users[id]
		if err := manages(c, u, id); err != nil {
			return err
		}
		w.Quiet()
		if err := s.setPassword(w, c, id, hash, 0); err != nil {
			return err
		}
		return show(u)
	})
}
